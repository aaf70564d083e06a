// Two weights in a row that begin alike: how long a small start takes.
import { View, show } from "../drawn/view.js";
import { descend, firstHalf, flow, flowToHalf } from "./two_weights_math.js";

const OTHERS = [0.5, 0.1, 0.01];

export default class TwoWeights extends View {
  draw() {
    const { w0, rate, updates } = this.values;
    this.all = descend(w0, rate, this.last());
    this.half = firstHalf(this.all);
    this.drawProduct(updates);
    this.drawTime();
    this.showWords();
  }

  drawProduct(updates) {
    const { w0, rate } = this.values, { colors } = this.data, at = this.all.map((_, t) => t);
    const line = (start) => ({ x: at, y: descend(start, rate, this.last()), mode: "lines", name: `w₀ = ${start}`, hoverinfo: "skip", showlegend: false,
      line: { color: colors.faint, width: 1, dash: "dot" } });
    const exact = { x: at, y: at.map((t) => flow(w0, rate, t)), mode: "lines", name: "exact flow", line: { color: colors.second, width: 1.5, dash: "dash" },
      hovertemplate: "%{x} updates<br>flow %{y:.3g}<extra></extra>" };
    const made = { x: at.slice(0, updates + 1), y: this.all.slice(0, updates + 1), mode: "lines", name: `w₀ = ${show(w0)}`,
      line: { color: colors.first, width: 3 }, hovertemplate: "%{x} updates<br>w₁w₂ = %{y:.3g}<extra></extra>" };
    this.react("product", [...OTHERS.map(line), exact, made], { xaxis: { range: [0, this.last()] }, yaxis: { range: [-0.05, 1.15] } });
    this.caption("product", `dotted: w₀ = ${OTHERS.join(", ")} · now w₁w₂ = ${show(this.all[updates])}`);
  }

  drawTime() {
    const { w0, rate } = this.values, { colors } = this.data, starts = Array.from({ length: 60 }, (_, k) => 10 ** (-3 + (k / 59) * 2.95));
    const theory = { x: starts, y: starts.map((w) => Math.max(0, flowToHalf(w, rate))), mode: "lines", name: "exact flow",
      line: { color: colors.second, width: 2, dash: "dash" }, hovertemplate: "w₀ = %{x:.3g}<br>%{y:.0f} updates<extra></extra>" };
    const marks = OTHERS.map((w) => firstHalf(descend(w, rate, 2000)));
    const others = { x: OTHERS, y: marks, mode: "markers", name: "descent", marker: { size: 9, color: colors.faint },
      hovertemplate: "w₀ = %{x}<br>%{y} updates<extra></extra>" };
    const here = { x: [w0], y: [firstHalf(descend(w0, rate, 2000))], mode: "markers", name: "this start", marker: { size: 13, color: colors.first },
      hovertemplate: "w₀ = %{x:.3g}<br>%{y} updates<extra></extra>" };
    const top = Math.max(flowToHalf(0.001, rate), 10);
    this.react("time", [theory, others, here], { xaxis: { range: [-3.1, 0] }, yaxis: { range: [-0.05 * top, 1.1 * top] } });
    this.caption("time", OTHERS.map((w, k) => `${w}: ${marks[k]}`).join(" · "));
  }

  showWords() {
    const { w0, rate, updates } = this.values, theory = flowToHalf(w0, rate);
    const g = Math.sqrt(Math.max(this.all[updates], 0));
    this.formula("net", "Two weights learn to copy their input: ŷ = w₁w₂x, J = ½(w₁w₂ − 1)². Each gradient is (w₁w₂ − 1) times the other weight.");
    this.formula("rule", `w ← w − η (w² − 1) w = ${show(g)} − ${show(rate)} · (${show(g * g)} − 1) · ${show(g)}`);
    this.formula("half", `ηt = ½ ln((1 − w₀²)/w₀²): t = ${show(theory)} updates for ½`);
    const reached = this.half === null ? "not within these updates" : `after ${this.half} updates`;
    this.verdict(`From w₀ = ${show(w0)} the product reaches ½ <b>${reached}</b>; the exact flow after ${show(theory)}. Near 0 both gradients are nearly 0.`);
  }
}
