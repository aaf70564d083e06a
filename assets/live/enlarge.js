// A figure for a page whose text is larger than usual: on a projector, texts and margins of the charts grow with it.
const USUAL = 15; // px of the page's text, as .streamlit/config.toml has it

// How much larger than usual the page's text is.
export function enlargement() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;
}

// `part`, a figure's layout or a trace, with every font and margin `times` as large. Numbers to draw are shared, not copied.
export function enlarge(part, times) {
  if (times === 1 || part === null || typeof part !== "object" || ArrayBuffer.isView(part)) return part;
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map((item) => enlarge(item, times)) : part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => {
    if (key === "margin" && value) return [key, scaled(value, ["l", "r", "t", "b"], times)];
    if (/font$/.test(key) && value) return [key, scaled(value, ["size"], times)];
    return [key, enlarge(value, times)];
  }));
}

function scaled(values, keys, times) {
  return { ...values, ...Object.fromEntries(keys.filter((key) => values[key] > 0).map((key) => [key, Math.round(values[key] * times)])) };
}
