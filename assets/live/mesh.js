// @ts-check
// The plane as a layer sees it: a sheet of cells in the network's colours, with its grid lines, painted behind a chart.
import { bytes } from "./drawing.js";

/** @typedef {{across: number, x: Float32Array, y: Float32Array, cells: Uint8Array}} Sheet places as shares of the picture; NaN: nowhere */

const NOWHERE = 65535;
const LINES = 11; // each way, about
const OPACITY = 0.85; // the sheet may lie on itself

/** @param {import("./protocol.js").PackedMesh} mesh @returns {Sheet} */
export function decodeMesh({ at, cells, across }) {
  const raw = new Uint16Array(bytes(at).buffer);
  const places = Float32Array.from(raw, (value) => value === NOWHERE ? NaN : 3 * value / (NOWHERE - 1) - 1);
  const count = places.length / 2;
  return { across, x: places.subarray(0, count), y: places.subarray(count), cells: bytes(cells) };
}

/** @param {HTMLCanvasElement} canvas @param {Sheet} sheet @param {Uint8Array} palette */
export function paintMesh(canvas, sheet, palette) {
  const { across, cells } = sheet;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  const context = canvas.getContext("2d");
  if (!context || !width || !height) return;
  Object.assign(canvas, { width, height }); // clears it, too
  const x = sheet.x.map((share) => share * width), y = sheet.y.map((share) => (1 - share) * height);
  const down = x.length / across;
  const corners = (/** @type {number} */ cell) => {
    const first = Math.floor(cell / (across - 1)) * across + (cell % (across - 1));
    return [first, first + 1, first + across + 1, first + across];
  };
  context.globalAlpha = OPACITY;
  for (let cell = 0; cell < cells.length; cell++) {
    const [r, g, b] = palette.subarray(3 * cells[cell], 3 * cells[cell] + 3);
    context.fillStyle = `rgb(${r},${g},${b})`;
    line(context, x, y, corners(cell));
    context.fill();
  }
  context.globalAlpha = down === 1 ? 1 : 0.45;
  context.lineWidth = (down === 1 ? 2.5 : 1) * ratio;
  context.strokeStyle = getComputedStyle(canvas).color;
  for (const numbers of gridLines(across, down)) {
    line(context, x, y, numbers);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The numbers of the corners along each line. @param {number} across @param {number} down */
export function gridLines(across, down) {
  const every = (/** @type {number} */ count) => Math.max(1, Math.round((count - 1) / (LINES - 1)));
  const range = (/** @type {number} */ count) => Array.from({ length: count }, (_, k) => k);
  const chosen = (/** @type {number} */ count) => range(count).filter((k) => k % every(count) === 0 || k === count - 1);
  const rows = chosen(down).map((row) => Array.from({ length: across }, (_, k) => row * across + k));
  if (down === 1) return rows;
  return [...rows, ...chosen(across).map((column) => Array.from({ length: down }, (_, k) => k * across + column))];
}

/**
 * A path through corners; it breaks where one is nowhere.
 * @param {CanvasRenderingContext2D} context @param {Float32Array} x @param {Float32Array} y @param {number[]} numbers
 */
function line(context, x, y, numbers) {
  context.beginPath();
  let isOn = false;
  for (const k of numbers) {
    if (Number.isNaN(x[k])) { isOn = false; continue; }
    if (isOn) context.lineTo(x[k], y[k]);
    else context.moveTo(x[k], y[k]);
    isOn = true;
  }
}
