// Elements, SVG and numbers for the stepping component and its drawers.

const SVG = "http://www.w3.org/2000/svg";

// An HTML element with properties (`data` and `style` are objects) and children, which may be nested lists.
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children, (element, key, value) => {
    element[key] = value;
  });
}

// The same for SVG, whose properties are attributes.
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children, (element, key, value) => {
    if (key === "textContent" || key.startsWith("on")) element[key] = value;
    else element.setAttribute(key, value);
  });
}

function filled(element, properties, children, put) {
  for (const [key, value] of Object.entries(properties)) {
    if (key === "data") Object.assign(element.dataset, value);
    else if (key === "style") Object.assign(element.style, value);
    else if (key === "role") element.setAttribute("role", value);
    else put(element, key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Load a style sheet once.
export function sheet(url) {
  if (!document.querySelector(`link[href="${url.href}"]`)) document.head.append(el("link", { rel: "stylesheet", href: url.href }));
}

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// A number as engine/shown.py writes it: so many digits, plain from 0.001 to 9999, else with a power of ten.
export function show(number, digits = 4) {
  if (number === null || Number.isNaN(number)) return "not a number";
  if (!Number.isFinite(number)) return number < 0 ? "−∞" : "∞";
  if (number === 0) return "0";
  const [mantissa, power] = Math.abs(number)
      .toExponential(digits - 1)
      .split("e"),
    exponent = Number(power);
  const sign = number < 0 ? "−" : "",
    trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -3 && exponent < 4) return sign + trimmed(Number(`${mantissa}e${power}`).toFixed(Math.max(0, digits - 1 - exponent)));
  const ten = `10${[...String(exponent)].map((character) => SUPERSCRIPTS[character]).join("")}`;
  return sign + (trimmed(mantissa) === "1" ? "" : `${trimmed(mantissa)}·`) + ten;
}

// The same in brackets where it is negative, as a factor in a product.
export function factor(number, digits = 4) {
  const text = show(number, digits);
  return text.startsWith("−") ? `(${text})` : text;
}

// A colour between orange (negative), the ground and blue (positive); `limit` is the largest size, and `most` the share of
// the colour there: 55 % leaves text readable on it in both themes.
export function diverging(value, limit, colors, most = 100) {
  if (!Number.isFinite(value) || !limit) return "var(--st-background-color)";
  const share = Math.min(1, Math.abs(value) / limit);
  return `color-mix(in srgb, ${value < 0 ? colors.negative : colors.positive} ${Math.round(most * share ** 0.7)}%, var(--st-background-color))`;
}
