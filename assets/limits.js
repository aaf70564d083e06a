// @ts-check
// A worksheet's limits on controls that the browser draws: some are hidden, some are locked. Python gives them (pages/shared/page.py,
// `Page.limits`), and refuses what is locked by itself; here they are kept out of the hand.
//
// A control is an element with `data-option` or `data-button`: the name of the value that it sets, or of the button that it is.

const href = new URL("limits.css", import.meta.url).href;
if (!document.querySelector(`link[href="${href}"]`)) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

/** @typedef {import("./live/protocol.js").Limits} Limits */

/**
 * Those of the changes that are not locked: whatever asks for them, by mouse, key or playing.
 * @param {Record<string, any>} changes @param {Limits | undefined} limits
 */
export function allowed(changes, limits) {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !limits?.locked.includes(name)));
}

/** Hide and lock the controls inside `root`, and show and free those that are no longer. @param {HTMLElement} root @param {Limits | undefined} limits */
export function limit(root, limits) {
  for (const control of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-option], [data-button]"))) {
    const name = control.dataset.option ?? control.dataset.button ?? "";
    control.toggleAttribute("data-kept-away", Boolean(limits?.hidden.includes(name)));
    control.toggleAttribute("data-locked", Boolean(limits?.locked.includes(name)));
  }
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input, button, select"))) {
    const locked = Boolean(input.closest("[data-locked]"));
    if (locked && !input.disabled) { input.disabled = true; input.dataset.limited = ""; }
    else if (!locked && "limited" in input.dataset) { input.disabled = false; delete input.dataset.limited; }
  }
}
