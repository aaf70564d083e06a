// A sigmoid as a soft step: σ(βz), its slope, and the area that is left between it and the step.
import { sigmoid } from "../backpropagation/activations.js";
import { View, bounded, show } from "../drawn/view.js";

const FAR = 4, POINTS = 401, GRID = Array.from({ length: POINTS }, (_, k) => -FAR + (2 * FAR * k) / (POINTS - 1));
const BETAS = { one: 1, ten: 10, hundred: 100 };
export const area = (beta) => (2 * Math.LN2) / beta;
export const slopeAt = (beta, z) => { const s = sigmoid(beta * z); return beta * s * (1 - s); };

export default class Step extends View {
  press(name) {
    this.set({ beta: BETAS[name] });
    this.commit();
  }

  grab(handle, x) {
    this.set({ at: bounded(x, -FAR, FAR) });
  }

  draw() {
    const { beta, at: z } = this.values, { colors } = this.data, y = GRID.map((x) => sigmoid(beta * x)), step = GRID.map((x) => (x >= 0 ? 1 : 0));
    const line = (values, name, color, more = {}) => ({ x: GRID, y: values, mode: "lines", name, line: { color, width: 2.5 },
      hovertemplate: `z %{x:.3g}<br>${name} %{y:.3g}<extra></extra>`, ...more });
    const slope = slopeAt(beta, z), at = sigmoid(beta * z), reach = [z - 0.8, z + 0.8];
    const tangent = { x: reach, y: reach.map((x) => at + slope * (x - z)), mode: "lines", name: "tangent", hoverinfo: "skip",
      line: { color: colors.ink, width: 1.5, dash: "dot" } };
    const filled = { fill: "tonexty", fillcolor: colors.band };
    this.react("curve", [line(step, "step", colors.second), line(y, "σ(βz)", colors.first, filled), tangent],
      { xaxis: { range: [-FAR, FAR] }, yaxis: { range: [-0.15, 1.35] } });
    this.place("curve", [{ name: "z", label: "z and σ(βz)", x: z, y: at }]);
    this.grabbable("curve", "z");
    this.caption("curve", "shaded: the area between them · drag the point");
    const quarter = { x: [-FAR, FAR], y: [beta / 4, beta / 4], mode: "lines", name: "β/4", hoverinfo: "skip",
      line: { color: colors.faint, width: 1.5, dash: "dot" } };
    const here = { x: [z], y: [slope], mode: "markers", showlegend: false, hoverinfo: "skip", marker: { size: 12, color: colors.first } };
    this.react("slope", [quarter, line(GRID.map((x) => slopeAt(beta, x)), "slope", colors.first), here],
      { xaxis: { range: [-FAR, FAR] }, yaxis: { range: [-0.02 * beta, 0.29 * beta] } });
    this.caption("slope", `largest at 0: β/4 = ${show(beta / 4)}`);
    this.drawAreas(beta);
    this.showWords(beta, z, at, slope);
  }

  drawAreas(beta) {
    const { colors } = this.data, betas = Array.from({ length: 30 }, (_, k) => 10 ** (-0.6 + (k / 29) * 2.7));
    const law = { x: betas, y: betas.map(area), mode: "lines", name: "2 ln 2 / β", line: { color: colors.second, width: 2 },
      hovertemplate: "β %{x:.3g}<br>area %{y:.3g}<extra></extra>" };
    const now = { x: [beta], y: [area(beta)], mode: "markers", name: "now", marker: { size: 13, color: colors.first },
      hovertemplate: "β %{x:.3g}<br>area %{y:.4g}<extra></extra>" };
    this.react("areas", [law, now], { xaxis: { range: [-0.6, 2.1] }, yaxis: { range: [-2.1, 0.8] } });
    this.caption("areas", [1, 10, 100].map((b) => `β = ${b}: ${show(area(b))}`).join(" · "));
  }

  showWords(beta, z, at, slope) {
    this.formula("value", "σ(βz) = 1/(1 + e<sup>−βz</sup>)");
    this.formula("area", `area = 2 ln 2 / β = ${show(2 * Math.LN2)} / ${show(beta)} = ${show(area(beta))}`);
    this.formula("slope", `largest slope = β/4 = ${show(beta / 4)}`);
    this.formula("here", `σ(${show(beta)} · ${show(z)}) = ${show(at)}; slope βσ(1 − σ) = ${show(slope)}`);
    const flat = slope < 0.1 ? "Here a gradient hardly gets through." : "Here a gradient gets through.";
    this.verdict(`<b>The steeper the sigmoid, the nearer to a step, and the narrower the strip in which it has a slope at all.</b> At z = ${show(z)} the slope is ${show(slope)}. ${flat}`);
  }
}
