// @ts-check
// Drawn points as a text, as engine/data/drawn.py has it. Points are whole numbers from 0 to `steps` along each axis.

/** What `c` is depends on the kind: a class ("p"), nothing ("c": a curve), or a value in steps ("v"). @typedef {{x: number, y: number, c: number}} Point */
/** @typedef {{kind: "p" | "c" | "v", value: [number, number], shades: string[],
 *   reach: [number, number], steps: number, most: number, window: number[], field: number[], units: [number, number],
 *   text: string, of: number, classes: [string, string, string][], line: [number, number], ink: string}} Sketch */

/** @param {string} text @param {Sketch} sketch @returns {Point[]} */
export function unpack(text, sketch) {
  const raw = Uint8Array.from(atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  let at = 0;
  const counts = [];
  const groups = sketch.kind === "p" ? raw[at++] : 1;
  for (let k = 0; k < groups; k++, at += 2) counts.push((raw[at] << 8) | raw[at + 1]);
  /** @type {Point[]} */
  const points = [];
  const size = sketch.kind === "v" ? 4 : 3;
  counts.forEach((count, c) => {
    for (let n = 0; n < count; n++, at += size) {
      const both = (raw[at] << 16) | (raw[at + 1] << 8) | raw[at + 2];
      points.push({ x: both >> 12, y: both & 4095, c: sketch.kind === "v" ? raw[at + 3] : c });
    }
  });
  return points;
}

/** @param {Point[]} points @param {Sketch} sketch */
export function pack(points, sketch) {
  const groups = sketch.kind === "p" ? Math.max(2, ...points.map((point) => point.c + 1)) : 1;
  const raw = sketch.kind === "p" ? [groups] : [];
  const sorted = Array.from({ length: groups }, (_, c) => points.filter((point) => sketch.kind !== "p" || point.c === c));
  for (const group of sorted) raw.push(group.length >> 8, group.length & 255);
  for (const { x, y, c } of sorted.flat()) raw.push(x >> 4, ((x & 15) << 4) | (y >> 8), y & 255, ...(sketch.kind === "v" ? [c] : []));
  return sketch.kind + btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
