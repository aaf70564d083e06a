// What passes through many layers: the theory as a line, random networks as a band, forwards and backwards.
import { View, show } from "../drawn/view.js";
import { Normals, moments, networks, quantile, signal } from "./signal.js";

const PRESETS = {
  sigmoid: { activation: "sigmoid", sigma_w: 1 }, tanh: { activation: "tanh", sigma_w: 1 }, he: { activation: "relu", sigma_w: Math.SQRT2 },
  relu: { activation: "relu", sigma_w: 1 }, chaos: { activation: "tanh", sigma_w: 3 },
};
const drawable = (v) => (v > 1e-300 && v < 1e300 ? v : null);

export default class Depth extends View {
  last() { return this.values.depth; }

  press(name) {
    if (name === "again") this.set({ seed: (this.values.seed + 1) % 10_000 });
    else this.set({ ...PRESETS[name], sigma_b: 0 });
    this.commit();
  }

  draw() {
    const { activation, sigma_w: w, sigma_b: b, depth, width, seed } = this.values;
    if (this.seed !== seed) { this.seed = seed; this.normals = new Normals(seed + 1); }
    const key = [activation, w, b, depth, width, seed].join();
    if (this.computed !== key) {
      this.computed = key;
      this.theory = signal(activation, w, b, depth);
      this.samples = networks(activation, w, b, depth, width, this.normals);
    }
    this.inputs.layer.max = String(depth);
    const layer = Math.min(this.values.layer, depth);
    this.chart("forward", "rms of z", this.theory.q.map(Math.sqrt), (s) => s.forward, layer);
    this.chart("back", "rms of δ", this.theory.back, (s) => s.back, layer && depth + 1 - layer);
    this.drawMap(layer);
    this.showWords(layer);
  }

  chart(name, what, theory, of, layer) {
    const { colors } = this.data, { depth } = this.values, x = theory.map((_, k) => k + 1);
    const at = (share) => x.map((_, k) => drawable(quantile(this.samples.map((sample) => of(sample)[k]), share)));
    const edge = (y, more) => ({ x, y, mode: "lines", line: { width: 0 }, showlegend: false, hoverinfo: "skip", ...more });
    const band = [edge(at(0.1), {}), edge(at(0.9), { fill: "tonexty", fillcolor: colors.band, name: "80 % of 16 networks", showlegend: true })];
    const middle = { x, y: at(0.5), mode: "markers", name: "their median", marker: { size: 5, color: colors.second },
      hovertemplate: `layer %{x}<br>${what} %{y:.3g}<extra>median</extra>` };
    const line = { x, y: theory.map(drawable), mode: "lines", name: "theory", line: { color: colors.first, width: 2.5 },
      hovertemplate: `layer %{x}<br>${what} %{y:.3g}<extra>theory</extra>` };
    const now = layer ? [{ x: [layer], y: [drawable(theory[layer - 1])], mode: "markers", showlegend: false, hoverinfo: "skip",
      marker: { size: 14, symbol: "circle-open", color: colors.ink, line: { width: 2.5 } } }] : [];
    const all = [...theory, ...at(0.1), ...at(0.9)].map(drawable).filter((v) => v !== null).map(Math.log10);
    const low = Math.min(-1, ...all), high = Math.max(1, ...all), rest = 0.05 * (high - low);
    this.react(name, [...band, middle, line, ...now], { xaxis: { range: [0.5, depth + 0.5] }, yaxis: { range: [low - rest, high + rest] } });
    const ends = name === "forward" ? `layer ${depth}: ${show(theory.at(-1))}` : `layer 1: ${show(theory[0])} of the last layer's`;
    this.caption(name, `${what}, ${ends}`);
  }

  drawMap(layer) {
    const { activation, sigma_w: w, sigma_b: b } = this.values, { colors } = this.data, { q } = this.theory;
    const high = 1.15 * Math.max(1e-3, ...q.slice(0, 2).map(Math.sqrt), ...q.filter((v) => v < 1e4).map(Math.sqrt));
    const x = Array.from({ length: 61 }, (_, k) => (high * k) / 60);
    const key = [activation, w, b, high].join();
    if (this.mapKey !== key) { this.mapKey = key; this.mapY = x.map((s) => Math.sqrt(w * w * moments(activation, s * s)[0] + b * b)); }
    const stairsX = [], stairsY = [];
    for (const [k, value] of q.slice(0, layer || q.length).entries()) {
      const s = Math.sqrt(value);
      stairsX.push(s, s);
      stairsY.push(k ? s : 0, Math.sqrt(q[k + 1] ?? w * w * moments(activation, value)[0] + b * b));
    }
    const line = (y, name, color, dash) => ({ x, y, mode: "lines", name, line: { color, width: 2, dash },
      hovertemplate: "%{x:.3g} → %{y:.3g}<extra></extra>" });
    const stairs = { x: stairsX, y: stairsY, mode: "lines", name: "layer by layer", line: { color: colors.second, width: 1.5 }, hoverinfo: "skip" };
    this.react("map", [line(x, "unchanged", colors.faint, "dot"), line(this.mapY, "next layer", colors.first, "solid"), stairs],
      { xaxis: { range: [0, high] }, yaxis: { range: [0, 1.05 * Math.max(high, ...this.mapY.filter((v) => v < 1e4))] } });
    this.caption("map", "where the line crosses the dotted one, z keeps its size");
  }

  showWords(layer) {
    const { activation, sigma_w: w, sigma_b: b, depth, width } = this.values;
    const { q, chi, back } = this.theory, name = this.data.options.activation.choices[activation];
    const k = Math.max(1, layer), down = depth + 1 - k, [square] = moments(activation, q[k - 1]);
    this.formula("forward", `q<sub>${k + 1}</sub> = σ<sub>w</sub>² E φ(√q<sub>${k}</sub> z)² + σ<sub>b</sub>² = ${show(w * w)} · ${show(square)} + ${show(b * b)} = ${show(w * w * square + b * b)}`);
    this.formula("back", `χ<sub>${down}</sub> = σ<sub>w</sub>² E φ′(√q<sub>${down}</sub> z)² = ${show(w * w)} · ${show(w ? chi[down - 1] / (w * w) : 0)} = ${show(chi[down - 1])}`);
    this.formula("length", `rms δ<sub>1</sub> / rms δ<sub>${depth}</sub> = √(χ<sub>1</sub>…χ<sub>${depth - 1}</sub>) = ${show(back[0])}`);
    if (!q[0]) {
      this.verdict("<b>With σ<sub>w</sub> = σ<sub>b</sub> = 0 nothing passes.</b> Every z is 0, and so is every δ below the last layer.");
      return;
    }
    const kept = Math.sqrt(q.at(-1) / q[0]);
    const verdict = back[0] < 1e-2 ? "the gradient vanishes" : back[0] > 1e2 ? "the gradient explodes" : "the gradient gets through";
    this.verdict(`<b>${name}, ${depth} layers: ${verdict}.</b> Forwards z keeps ${show(kept)} of its size; backwards δ arrives at layer 1 as ${show(back[0])} of what it was. ${width < 64 ? "Layers this narrow stray far from the line." : ""}`);
  }
}
