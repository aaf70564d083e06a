// Losses: one sigmoid unit that is wrong, with two losses at once; losses in place of the error; surfaces of each.
import { sigmoid } from "./functions.js";
import { View, bounded, show } from "../drawn/view.js";

export const slopes = {
  quadratic: (z) => sigmoid(z) ** 2 * sigmoid(-z),
  cross_entropy: (z) => sigmoid(z),
};
export const surrogates = {
  error: (m) => (m < 0 ? 1 : 0),
  ln: (m) => Math.max(0, -m) + Math.log1p(Math.exp(-Math.abs(m))),
  log2: (m) => surrogates.ln(m) / Math.LN2,
  hinge: (m) => Math.max(0, 1 - m),
  square: (m) => (1 - m) ** 2,
};
const NAMES = { error: "error", ln: "−ln p", log2: "−log₂ p", hinge: "hinge", square: "square" };

// z = w + b before each update and after the last: one sample x = 1 with label 0.
export function train(loss, weight, bias, rate, updates) {
  let w = weight, b = bias;
  const z = [w + b];
  for (let t = 0; t < updates; t++) {
    const slope = slopes[loss](w + b);
    w -= rate * slope;
    b -= rate * slope;
    z.push(w + b);
  }
  return z;
}

export default class Losses extends View {
  grab(handle, x) {
    const z = bounded(x, -12, 12), by = (z - this.values.weight - this.values.bias) / 2;
    this.set({ weight: bounded(this.values.weight + by, -6, 6), bias: bounded(this.values.bias + by, -6, 6) });
  }

  press(name) {
    this.set(name === "sure" ? { weight: 6, bias: 6 } : { weight: 2, bias: 2, eta: 0.15 });
    this.commit();
  }

  draw() {
    const { weight, bias, eta, step } = this.values, most = this.last();
    const z = { quadratic: train("quadratic", weight, bias, eta, most), cross_entropy: train("cross_entropy", weight, bias, eta, most) };
    this.numbers = { outputs: Object.fromEntries(Object.entries(z).map(([name, path]) => [name, path.map(sigmoid)])) };
    this.showWords(z, step);
    this.drawOutputs(z, step);
    this.drawSlopes(z, step);
    this.drawMargin();
    this.drawSurface();
  }

  showWords(z, step) {
    const q = z.quadratic[step], c = z.cross_entropy[step], p = sigmoid(q);
    this.formula("quadratic", `½(p − y)²: dJ/dz = (p − y)·p(1 − p) = ${show(p)}·${show(p)}·${show(sigmoid(-q))} = <b>${show(slopes.quadratic(q))}</b>`);
    this.formula("entropy", `−ln(1 − p): dJ/dz = p − y = <b>${show(sigmoid(c))}</b>`);
    this.formula("unit", `p = σ(w·1 + b), label y = 0; at the start z = ${show(z.quadratic[0])}, p = ${show(sigmoid(z.quadratic[0]))}`);
    const half = (path) => { const t = path.findIndex((v) => v < 0); return t < 0 ? `not within ${this.last()} updates` : `after ${t} updates`; };
    this.verdict(`<b>Update ${step}: output ${p.toFixed(3)} with the quadratic loss, ${sigmoid(c).toFixed(3)} with cross-entropy.</b> Right (p &lt; ½): quadratic ${half(z.quadratic)}, cross-entropy ${half(z.cross_entropy)}. At the start its slope is ${show(slopes.cross_entropy(z.quadratic[0]) / slopes.quadratic(z.quadratic[0]))} times the quadratic one.`);
  }

  drawOutputs(z, step) {
    const { colors } = this.data, { outputs } = this.numbers, t = outputs.quadratic.map((_, k) => k);
    const line = (key, name, color, dash) => [
      { x: t, y: outputs[key], mode: "lines", name, line: { color, width: 2.5, dash }, hovertemplate: `${name}<br>update %{x}<br>output %{y:.4f}<extra></extra>` },
      { x: t, y: z[key].map(slopes[key]), mode: "lines", name: "its dJ/dz", showlegend: key === "quadratic", line: { color, width: 1, dash: "dot" },
        hovertemplate: `${name}<br>update %{x}<br>dJ/dz %{y:.4f}<extra></extra>` },
      { x: [step], y: [outputs[key][step]], mode: "markers", showlegend: false, hoverinfo: "skip",
        marker: { size: 11, color, line: { width: 2, color: colors.surface } } }];
    this.react("outputs", [...line("quadratic", "quadratic", colors.second, "dash"), ...line("cross_entropy", "cross-entropy", colors.first, "solid")],
      { xaxis: { range: [0, t.length - 1] }, yaxis: { range: [-0.02, 1.08] } });
    this.caption("outputs", "the label is 0 · Play");
  }

  drawSlopes(z, step) {
    const { colors } = this.data, grid = Array.from({ length: 241 }, (_, k) => -12 + k / 10);
    const line = (key, name, color, dash) => [{ x: grid, y: grid.map(slopes[key]), mode: "lines", name, line: { color, width: 2.5, dash }, hovertemplate: `${name}<br>z %{x:.3g}<br>dJ/dz %{y:.3g}<extra></extra>` },
      { x: [z[key][step]], y: [slopes[key](z[key][step])], mode: "markers", showlegend: false, hoverinfo: "skip", marker: { size: 11, color,
        line: { width: 2, color: colors.surface } } }];
    this.react("slopes", [...line("quadratic", "(p − y)p(1 − p)", colors.second, "dash"), ...line("cross_entropy", "p − y", colors.first, "solid")],
      { xaxis: { range: [-12, 12] }, yaxis: { range: [-0.05, 1.15] } });
    this.place("slopes", [{ name: "start", label: "Start z = w + b", x: z.quadratic[0], y: 0 }]);
    this.grabbable("slopes", "start");
    this.caption("slopes", "right is wrong: the label is 0 · drag the start");
  }

  drawMargin() {
    const { colors } = this.data, { chosen } = this.values, grid = Array.from({ length: 401 }, (_, k) => -4 + k / 50), at = Math.log(0.45 / 0.55);
    const line = (key, index) => ({ x: grid, y: grid.map(surrogates[key]), mode: "lines", name: NAMES[key], line: { color: colors.lanes[index], width: key === chosen ? 4 : 2, dash: ["solid", "dash", "solid", "dot", "dashdot"][index], shape: key === "error" ? "hv" : "linear" }, hovertemplate: `${NAMES[key]}<br>margin %{x:.2f}<br>%{y:.3f}<extra></extra>` });
    const mark = { x: [at, at], y: [surrogates.ln(at), 1], mode: "lines+markers", showlegend: false, line: { color: colors.ink, width: 1 },
      marker: { size: 7, color: colors.ink }, hovertemplate: "p = 0.45<br>%{y:.3f}<extra></extra>" };
    this.react("margin", [...Object.keys(surrogates).map(line), mark], { xaxis: { range: [-4, 4] }, yaxis: { range: [-0.05, 4] } });
    this.caption("margin", `at p = 0.45: error 1, −ln p ${show(surrogates.ln(at))} below it, −log₂ p ${show(surrogates.log2(at))}`);
  }

  drawSurface() {
    const { surface, colors } = this.data;
    if (!this.loaded || this.surfaceKey === `${surface.loss} ${colors.ink} ${this.charts.surface.body.clientWidth}`) return;
    this.surfaceKey = `${surface.loss} ${colors.ink} ${this.charts.surface.body.clientWidth}`;
    const raw = Uint8Array.from(atob(surface.cells), (c) => c.charCodeAt(0)), cells = new Uint16Array(raw.buffer), n = surface.places.length;
    const z = surface.places.map((_, j) => Array.from(cells.subarray(j * n, (j + 1) * n),
      (c) => surface.low + ((surface.high - surface.low) * c) / 65535));
    this.react("surface", [{ type: "surface", x: surface.places, y: surface.places, z, colorscale: colors.scale, showscale: false, hovertemplate: `w₁ %{x:.2f}<br>w₂ %{y:.2f}<br>${NAMES[surface.loss]} %{z:.3f}<extra></extra>` }]);
    this.caption("surface", `${NAMES[surface.loss]}: ${surface.words}`);
  }
}
