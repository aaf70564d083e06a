// @ts-check
// What charts and diagrams are drawn with: Plotly's script, bytes, painted fields, lines and the ends of axes.

/** @typedef {{x: any[], y: any[], marker?: any}} Line */

/** @type {Promise<any> | null} */
let plotlyLoading = null;

/** Plotly, as its script makes it known. @returns {any} */
export function plotly() {
  return /** @type {any} */ (window).Plotly;
}

/** @returns {Promise<any>} */
export function loadPlotly() {
  if (plotly()) return Promise.resolve(plotly());
  plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("assets/plotly/plotly.min.js", document.baseURI).href;
    script.onload = () => resolve(plotly());
    script.onerror = () => reject(new Error("Plotly's script could not be loaded."));
    document.head.appendChild(script);
  });
  return plotlyLoading;
}

/** @param {string} base64 */
export function bytes(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** @param {import("./protocol.js").PackedImage} image @returns {import("./protocol.js").Image} */
export function decodeImage(image) {
  return { values: bytes(image.data), width: image.width, height: image.height };
}

/**
 * One byte per cell, the first row at the bottom of the plot; palette: 256 RGB triples.
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} values @param {number} width @param {number} height @param {Uint8Array} palette
 */
export function paint(canvas, values, width, height, palette) {
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(width, height);
  const pixels = image.data;
  for (let row = 0; row < height; row++) {
    let source = (height - 1 - row) * width;
    let target = row * width * 4;
    for (let column = 0; column < width; column++, target += 4) {
      const entry = values[source++] * 3;
      pixels[target] = palette[entry];
      pixels[target + 1] = palette[entry + 1];
      pixels[target + 2] = palette[entry + 2];
      pixels[target + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

/** @type {Record<string, any>} */
const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };

/** Plotly's JSON packs number arrays as {dtype, bdata}; the streamed traces must be plain growing arrays. @param {any} values @returns {any[]} */
export function decode(values) {
  if (!values) return [];
  if (!values.bdata) return Array.from(values);
  return Array.from(new TYPES[values.dtype](bytes(values.bdata).buffer));
}

/** The texts of a heatmap whose `meta` has words: its customdata says which word stands in which cell. @param {any} trace */
export function withWords(trace) {
  const words = trace.meta?.words;
  if (!words) return trace;
  const codes = decode(trace.customdata);
  const across = decode(trace.x).length;
  const text = Array.from({ length: codes.length / across }, (_, row) =>
    codes.slice(row * across, (row + 1) * across).map((code) => words[code]));
  return { ...trace, customdata: undefined, text };
}

/** @param {any[]} values */
export function thin(values) {
  const last = values[values.length - 1];
  const kept = values.filter((_, index) => index % 2 === 0);
  if (values.length % 2 === 0) kept.push(last);
  return kept;
}

/**
 * Over few decades ticks between the powers of ten, written out where there is room; over more the powers alone, as 10ⁿ.
 * @param {number} low @param {number} high powers of ten @param {number} room how many labels fit side by side
 */
export function logTicks(low, high, room) {
  const decades = high - low;
  const tickformat = low < -3.5 || high > 5.9 ? "" : "~g";
  if (decades <= 1 && room * Math.log10(10 / 9) >= decades) return { dtick: "D1", tickformat };
  if (decades <= 3 && room * Math.log10(2) >= decades) return { dtick: "D2", tickformat };
  return { dtick: Math.ceil(decades / Math.min(6, Math.max(1, room))), tickformat: decades <= 3 ? tickformat : "" };
}

/** The lowest and the highest of all values that an axis can show. @param {any[][]} lines @param {boolean} isLog */
export function ends(lines, isLog) {
  let low = Infinity, high = -Infinity;
  for (const values of lines) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value) || (isLog && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return high === -Infinity ? [isLog ? 0.1 : 0, 1] : [low, high];
}

/** The ends of a horizontal axis, which grows by doubling. @param {number} low @param {number} high @param {boolean} isLog */
export function horizontal(low, high, isLog, start = 50) {
  let right = start;
  while (right < high) right *= 2;
  return isLog ? [Math.log10(Math.max(low, start / 50)) - 0.02, Math.log10(right)] : [0, right];
}

/**
 * The ends of a vertical axis, in steps; what is above `ceiling` leaves the chart.
 * @param {number} low @param {number} high @param {boolean} isLog
 */
export function vertical(low, high, isLog, ceiling = Infinity) {
  const leaves = high > ceiling && low < ceiling;
  if (isLog) {
    return [Math.floor(4 * Math.log10(low) - 0.2) / 4, leaves ? Math.log10(ceiling) : Math.ceil(4 * Math.log10(high) + 0.2) / 4];
  }
  if (leaves) return [Math.min(0, low), ceiling];
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1e-12)));
  const nice = [1, 1.5, 2, 3, 4, 5, 7.5, 10].find((factor) => factor * power >= high * 1.03) ?? 10;
  return [Math.min(0, low), nice * power];
}
