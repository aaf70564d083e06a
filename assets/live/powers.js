// @ts-check
// Plotly writes small numbers under the pointer as 0.00000012 or 1.2e-8, and what is no number as NaN or Infinity.
// Everywhere else on the screen they are 1.2·10⁻⁷, "not a number" and ∞.
const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const POWER = /(\d)(?:\.(\d+))?e([+\-−]?)(\d+)/g;
const SMALL = /(?<![\d.])0\.(000+)([1-9])(\d*)/g;

/** A first digit, those after its point, and a power of ten. @param {string} first @param {string} rest @param {number} power */
function written(first, rest, power) {
  const after = rest.replace(/0+$/, ""), mantissa = after ? `${first}.${after}` : first;
  const exponent = [...String(Math.abs(power))].map((digit) => DIGITS[Number(digit)]).join("");
  return `${mantissa === "1" ? "" : `${mantissa}·`}10${power < 0 ? "⁻" : ""}${exponent}`;
}

/** The text with its very small and large numbers as powers of ten. @param {string} text */
export function raised(text) {
  return text
    .replace(POWER, (_, first, rest, sign, digits) => written(first, rest ?? "", Number(digits) * (sign && sign !== "+" ? -1 : 1)))
    .replace(SMALL, (_, zeros, first, rest) => written(first, rest, -zeros.length - 1))
    .replace(/\bNaN\b/g, "not a number")
    .replace(/\bInfinity\b/g, "∞");
}

/** @param {Element} layer */
function raiseAll(layer) {
  const texts = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = node.nodeValue ?? "", written = raised(text);
    if (written !== text) node.nodeValue = written;
  }
}

/** Has a plot's texts under the pointer written so, from now on. @param {any} plot */
export function raisePowers(plot) {
  if (plot.raises) return;
  plot.raises = new MutationObserver(() => raiseAll(plot.raised)); // Plotly draws them again with each move, and tells of few
  plot.on("plotly_hover", () => {
    const layer = plot.querySelector(".hoverlayer");
    if (plot.raised === layer) return;
    plot.raised = layer;
    plot.raises.disconnect();
    plot.raises.observe(layer, { childList: true, subtree: true });
    raiseAll(layer);
  });
}
