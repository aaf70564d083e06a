// Streamlit draws a component again when the page's theme changes, with what it had. Texts and lines of Plotly charts have
// their colours from Python, so the component has to ask for them.
/** @type {WeakMap<Element, string>} */
const grounds = new WeakMap();

/** Whether the page's ground has another colour than at the last call. @param {Element} element */
export function isRecoloured(element) {
  const ground = getComputedStyle(element).getPropertyValue("--st-background-color"), before = grounds.get(element);
  grounds.set(element, ground);
  return before !== undefined && before !== ground;
}
