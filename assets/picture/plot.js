// What every picture that follows the pointer needs of Plotly, and how it writes numbers.
import { loadPlotly } from "../live/drawing.js";
import { raisePowers } from "../live/powers.js";
import { show as written } from "../stepper/dom.js";

export { loadPlotly };
const CONFIG = { displayModeBar: false, responsive: false };

// Draw into `plot`, as large as `body`; `changes` go over the layout, axis by axis. False where there is no room.
export function react(body, plot, data, layout, changes = {}) {
  const { width, height } = body.getBoundingClientRect();
  if (width < 40 || height < 40) return false;
  const whole = structuredClone(layout);
  for (const [part, more] of Object.entries(changes)) whole[part] = Array.isArray(more) ? more : { ...whole[part], ...more };
  window.Plotly.react(plot, data, { ...whole, width, height }, CONFIG);
  raisePowers(plot);
  return true;
}

// Put a handle over the place (x, y) of a plot.
export function placeHandle(plot, handle, x, y) {
  const layout = plot._fullLayout;
  if (!layout?.xaxis) return;
  handle.style.left = `${layout._size.l + layout.xaxis.d2p(x)}px`;
  handle.style.top = `${layout._size.t + layout.yaxis.d2p(y)}px`;
}

// The place in a plot's own numbers that the pointer is over.
export function placeUnder(event, body, plot) {
  const box = body.getBoundingClientRect(), layout = plot._fullLayout;
  return [layout.xaxis.p2d(event.clientX - box.left - layout._size.l), layout.yaxis.p2d(event.clientY - box.top - layout._size.t)];
}

export const show = (number, digits = 3) => (Number.isNaN(number) ? "–" : written(number, digits));

// A path as far as it can be drawn: to its first point far outside.
export function drawable(points, isFar) {
  const end = points.findIndex(isFar);
  return end < 0 ? points : points.slice(0, end + 1);
}

// Whether a path leaves the picture, and when.
export function outside(sizes, limit) {
  const first = sizes.findIndex((size) => size > limit);
  return first < 0 ? "drag the round handle, or click" : `leaves this picture at step ${first}: see Height at each step`;
}

// Whether these are the values that Python was told last.
export const agree = (told, values) => Boolean(told) && Object.entries(values).every(([name, value]) => told[name] === value);
