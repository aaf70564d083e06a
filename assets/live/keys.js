// @ts-check
// The panel's keys while a control has the focus: it takes none that the control itself uses.
const TEXT = "textarea, select, [role=combobox], [role=listbox], [contenteditable=true], "
  + "input:not([type=range], [type=checkbox], [type=radio], [type=button])";
const PRESSED = "button, summary, a, [role=button], [role=radio], [role=tab], [role=switch], [role=menuitem], input[type=checkbox], input[type=radio]";
const MOVED = "[role=slider], [role=radio], [role=tab], [role=menuitem], input[type=range], input[type=radio]";

/** Whether the panel may take `key` while `focus` has the focus. @param {string} key @param {Element} focus */
export function isFree(key, focus) {
  if (focus.closest(TEXT) || focus.closest("dialog")) return false;
  if (key === " ") return !focus.closest(PRESSED);
  if (key === "ArrowRight") return !focus.closest(MOVED);
  return true;
}

/** A menu that opens below its button: arrow keys go through its items, Esc closes it and goes back to the button. @param {HTMLDetailsElement} menu */
export function menuKeys(menu) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);
  const button = menu.querySelector("summary");
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 };
    const next = places[event.key];
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      button?.focus();
    } else if (next !== undefined) {
      menu.open = true;
      items[(next + items.length) % items.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
