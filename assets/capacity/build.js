// Build: a hidden layer by hand. Its points are dragged, its neurons are drawn one by one, its error stands beside the law.
import "./style.js";
import { View, bounded, show } from "../drawn/view.js";
import { TARGETS, build, largestError, onTarget, value } from "./build_math.js";

const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64], BY_HAND = 12;

export default class Build extends View {
  get target() { return TARGETS[this.values.curve]; }

  get points() {
    return this.values.hand ? this.values.knots.split(";").map((pair) => pair.split(",").map(Number)) : onTarget(this.target, this.values.pieces);
  }

  written(points) { return points.map(([x, y]) => `${Number(x.toPrecision(3))},${Number(y.toPrecision(3))}`).join(";"); }

  set(changes) {
    const next = { ...this.values, ...changes };
    const isOther = changes.curve !== undefined || changes.pieces !== undefined || (changes.hand && !this.values.hand);
    if (isOther) {
      next.pieces = next.hand ? Math.min(next.pieces, BY_HAND) : next.pieces;
      if (next.hand) next.knots = this.written(onTarget(TARGETS[next.curve], next.pieces));
    }
    super.set(next);
  }

  press(name) {
    if (name === "build") this.set({ hand: false });
    else this.set({ hand: false, pieces: Math.min(2 * this.values.pieces, this.data.options.pieces.high) });
    this.commit();
  }

  grab(handle, x, y) {
    const k = Number(handle), points = this.points, gap = (this.target.high - this.target.low) / 100;
    const left = points[k - 1]?.[0] + gap, right = points[k + 1]?.[0] - gap;
    points[k] = [k && k < points.length - 1 ? bounded(x, left, right) : points[k][0], bounded(y, -2, 2)];
    this.set({ knots: this.written(points) });
  }

  draw() {
    const { kind, biases, hand, curve } = this.values, { points, target } = this, network = build(kind, points, target, biases);
    const error = largestError(network, target), pieces = points.length - 1;
    this.formula("net", RULES[biases || kind === "squares" ? kind : "none"]);
    this.formula("error", `${network.neurons} neurons · largest error ${show(error)}`);
    const bound = kind === "kinks" && curve === "sine" && biases && !hand ? Math.PI ** 2 / (2 * pieces ** 2) : null;
    this.formula("bound", bound === null ? "" : `bound π²/(2m²) = ${show(bound)}`);
    this.verdict(`<b>${pieces} ${pieces === 1 ? "piece" : "pieces"}, largest error ${show(error)}.</b> ${this.words(kind, biases)}`);
    this.hide("pieces", false);
    this.drawFunction(network, points);
    this.drawParts(network);
    this.drawError(error, pieces);
  }

  words(kind, biases) {
    if (kind === "squares") return biases ? "However many squares are added, the sum is one parabola." : "Without biases it is a parabola with its foot at 0.";
    if (!biases) {
      return { kinks: "Without biases there are two slopes, one on each side of 0, and f(0) = 0.", tanh: "Without biases the network is odd: f(−x) = −f(x).",
      }[kind] ?? "Without biases every step sits at 0.";
    }
    if (this.values.curve === "step" && (kind === "kinks" || kind === "tanh")) return "A continuous function misses a jump by at least half of it.";
    return "Nothing was learned: each neuron was put in its place.";
  }

  drawFunction(network, points) {
    const { target } = this, { colors } = this.data, { beyond, hand, biases, kind } = this.values;
    const width = target.high - target.low, more = beyond ? width / 2 : 0;
    const x = Array.from({ length: 801 }, (_, i) => target.low - more + ((width + 2 * more) * i) / 800);
    const line = (name, y, color, dash) => ({ x, y, name, mode: "lines", line: { color, width: 2, dash },
      hovertemplate: `${name}<br>x %{x:.3g}<br>%{y:.3g}<extra></extra>` });
    const data = [line("target", x.map(target.value), colors.ink, "dot"), line("network", x.map((at) => value(network, at)), colors.first, "solid")];
    const isJoined = biases && kind === "kinks";
    if (isJoined && !hand && points.length <= 33) data.push({ x: points.map(([a]) => a), y: points.map(([, b]) => b), mode: "markers", name: "points",
      hoverinfo: "skip", marker: { size: 6, color: colors.second } });
    this.react("function", data, { xaxis: { range: [x[0] - 0.02 * width, x.at(-1) + 0.02 * width] }, yaxis: { range: [-1.45, 1.45] } });
    this.place("function", hand ? points.map(([a, b], k) => ({ name: String(k), label: `Point ${k + 1}`, x: a, y: b, kind: "small" })) : []);
    this.caption("function", hand ? "drag the points" : beyond ? "outside, it goes on by itself" : "");
  }

  drawParts(network) {
    const { target } = this, { colors } = this.data;
    const x = Array.from({ length: 201 }, (_, i) => target.low + ((target.high - target.low) * i) / 200);
    const data = network.parts.map((part, k) => ({ x, y: x.map(part), mode: "lines",
      line: { width: 1.3, color: colors.lanes[k % colors.lanes.length] }, hovertemplate: `${k + 1}<br>%{y:.3g}<extra></extra>` }));
    const size = Math.max(0.1, ...data.flatMap(({ y }) => y.map(Math.abs)));
    this.react("parts", data, { xaxis: { range: [target.low, target.high] }, yaxis: { range: [-1.05 * size, 1.05 * size] } });
    this.caption("parts", `${network.parts.length} ${network.parts.length === 1 ? "part" : "parts"} and the constant ${show(network.constant)}`);
  }

  drawError(error, pieces) {
    const { curve, kind, biases, hand } = this.values, { colors } = this.data, key = [curve, kind, biases].join();
    if (this.curveFor !== key) {
      this.curveFor = key;
      this.errors = COUNTS.map((m) => Math.max(largestError(build(kind, onTarget(this.target, m), this.target, biases), this.target), 1e-4));
    }
    const data = [{ x: COUNTS, y: this.errors, mode: "lines+markers", name: "built", line: { color: colors.first, width: 2 }, marker: { size: 6 },
      hovertemplate: "m %{x}<br>error %{y:.3g}<extra></extra>" }];
    const power = kind === "kinks" ? 2 : 1, middle = COUNTS.indexOf(16);
    if (biases && kind !== "squares" && curve !== "step" && this.errors[middle] > 2e-4) {
      data.push({ x: COUNTS, y: COUNTS.map((m) => this.errors[middle] * (16 / m) ** power), mode: "lines", name: power === 2 ? "∝ 1/m²" : "∝ 1/m",
        hoverinfo: "skip", line: { color: colors.ink, width: 1, dash: "dot" } });
    }
    data.push({ x: [pieces], y: [Math.max(error, 1e-4)], mode: "markers", name: hand ? "by hand" : "here", hoverinfo: "skip",
      marker: { size: 12, color: colors.second, line: { width: 2, color: colors.surface } } });
    this.react("error", data, { xaxis: { range: [-0.1, 1.9] }, yaxis: { range: [-3.6, 0.6] } });
    this.caption("error", this.errors.some((e) => e <= 1e-4) ? "below 10⁻⁴: exact" : "");
  }
}

const RULES = {
  kinks: "f(x) = y₀ + Σ cₖ relu(x − xₖ)", steps: "f(x) = h₀ + Σ cₖ [x ≥ xₖ]", bumps: "f(x) = Σ hₖ ([x ≥ xₖ] − [x ≥ xₖ₊₁])",
  tanh: "f(x) = h₀ + Σ ½cₖ (1 + tanh s(x − xₖ))", squares: "f(x) = Σ cₖ (wₖx + bₖ)² = a + bx + cx²", none: "f(x) = Σ cₖ φ(wₖx)",
};
