// Line: points to drag, a line through them, random guesses and gradient descent on the loss of its one or two parameters.
import { descend } from "./functions.js";
import { LineFit, guessesNeeded, random } from "./line_fit.js";
import { View, bounded, show, vector } from "../drawn/view.js";

const BOX = 2, X_RANGE = [-2, 4], Y_RANGE = [-2.5, 4.5];

export const parse = (text) => text.split(";").map((pair) => pair.split(",").map(Number));

export default class Line extends View {
  get points() {
    if (this.read !== this.values.points) { this.read = this.values.points; this.list = parse(this.values.points); }
    return this.list;
  }

  setPoints(points) {
    this.set({ points: points.map(([x, y]) => `${+x.toFixed(2)},${+y.toFixed(2)}`).join(";") });
  }

  get two() { return this.values.parameters === "two"; }
  get start() { return this.two ? [this.values.w, this.values.b] : [this.values.w]; }

  press(name) {
    const { points } = this;
    if (name === "reset") this.set({ points: this.data.defaults.points });
    else if (name === "equal") this.setPoints(points.map(([, y]) => [1, y]));
    else if (name === "outlier") this.setPoints([...points.slice(0, -1), [3, -2]]);
    else if (name === "one") this.setPoints(points.slice(0, 1));
    else if (name === "best") this.set({ eta: bounded(this.fit.edge / 2, this.data.options.eta.low, this.data.options.eta.high) });
    else if (name === "again") this.set({ seed: (this.values.seed + 1) % 10000 });
    this.commit();
  }

  grab(handle, x, y) {
    const [kind, index] = handle.split(" ");
    if (kind === "point") {
      this.setPoints(this.points.map((p, k) => (k === Number(index) ? [bounded(x, ...X_RANGE), bounded(y, ...Y_RANGE)] : p)));
    } else if (kind === "theta") this.set({ w: bounded(x, -BOX, BOX), ...(this.two ? { b: bounded(y, -BOX, BOX) } : {}) });
    else if (!this.two) this.set({ w: bounded(y, -BOX, BOX) }); // the handle is at x = 1; the line goes through 0
    else { // one end of the line is dragged, the other stays
      const [left, right] = kind === "left" ? [y, this.values.w + this.values.b] : [this.values.b - this.values.w, y];
      this.set({ w: bounded((right - left) / 2, -BOX, BOX), b: bounded((right + left) / 2, -BOX, BOX) });
    }
  }

  draw() {
    const { points, two, start } = this, { eta, step, seed, within } = this.values;
    if (this.fitted !== `${this.values.points} ${two}`) {
      this.fitted = `${this.values.points} ${two}`;
      this.fit = new LineFit(points.map((p) => p[0]), points.map((p) => p[1]), two);
      this.guessKey = null;
    }
    const { fit } = this, most = this.last();
    if (this.guessKey !== seed) {
      this.guessKey = seed;
      const draw = random(seed + 1);
      this.guesses = Array.from({ length: most }, () => fit.best.map(() => BOX * (2 * draw() - 1)));
      this.losses = this.guesses.map((theta) => fit.value(theta));
    }
    const path = descend((x) => fit.gradient(x), start, eta, step), values = path.map((x) => fit.value(x));
    let best = 0;
    const record = this.losses.slice(0, step).map((loss, k) => { if (loss < this.losses[best]) best = k; return this.losses[best]; });
    const hits = this.losses.slice(0, step).filter((loss) => loss - fit.least <= within).length;
    this.showWords(path, values, hits, best);
    this.drawData(path, best);
    this.drawContours(path, best);
    this.drawRace(values, record);
    this.drawDimensions();
  }

  showWords(path, values, hits, best) {
    const { fit, values: { eta, step, within }, two } = this, t = path.length - 1;
    const before = path[Math.max(0, t - 1)], g = fit.gradient(before);
    const words = (k, name) => `${name} ← ${show(before[k])} − ${show(eta)}·${g[k] < 0 ? `(${show(g[k])})` : show(g[k])} = <b>${show(path[t][k])}</b>`;
    this.formula("step", t ? `step ${t}: ${words(0, "w")}${two ? `<br>${words(1, "b")}` : ""}` : `w ← w − η ∂J/∂w${two ? ", b ← b − η ∂J/∂b" : ""}`);
    this.formula("loss", `J = 1/${fit.x.length} Σ (y − wx${two ? " − b" : ""})² = ${show(values[t], 4)}; least ${show(fit.least, 4)} at ${vector(fit.best)}`);
    this.formula("edge", `η below 2/λmax = ${show(fit.edge)}`);
    const p = fit.hitProbability(within);
    this.formula("law", fit.isValley ? "a valley: the ellipse has no end, and the law says nothing"
      : `P(hit) = ${two ? "πε/(A√det M)" : "2√(ε/M)/A"} = ${show(p)}, one in ${show(1 / p)}${fit.isInside(within) ? "" : "; part of the ellipse lies outside the box, so it is less"}`);
    if (fit.isValley) return this.verdict(`<b>${fit.x.length === 1 ? "One point" : "All x are equal"}: a whole valley of lines is equally good.</b> Descent ends at the one nearest to its start; least squares takes the shortest θ, ${vector(fit.best)}.`);
    if (!step) return this.verdict("<b>Press Play.</b> Each step is one random guess, and one step of gradient descent.");
    const reached = values.findIndex((v) => v - fit.least <= within);
    const explodes = values.at(-1) > values[0] || values.length <= step;
    this.verdict(`<b>${step} guesses: ${hits} within ${show(within)} of the least loss (the law says ${show(step * p)}); the best is ${show(this.losses[best] - fit.least)} above it.</b> Descent: ${explodes ? "diverges, η is too large" : reached < 0 ? `${show(values.at(-1) - fit.least)} above it` : `within ${show(within)} after ${reached} step${reached === 1 ? "" : "s"}`}.`);
  }

  drawData(path, best) {
    const { points, fit, two, start, data: { colors }, values: { step } } = this;
    const line = (theta, name, color, dash, width = 2.5) => ({ x: X_RANGE, y: X_RANGE.map((x) => fit.predict(theta, x)), mode: "lines", name,
      line: { color, width, dash }, hoverinfo: "skip" });
    const marks = { x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "markers", showlegend: false, marker: { size: 9,
      color: colors.second }, hovertemplate: "x %{x:.2f}, y %{y:.2f}<extra></extra>" };
    const guess = step ? [line(this.guesses[best], "best guess", colors.second, "dot")] : [];
    const now = line(path.at(-1).map((v) => (Math.abs(v) < 1e4 ? v : 1e4)), "descent now", colors.first, "solid");
    this.react("data", [line(fit.best, "least squares", colors.third, "dash"), ...guess, now, line(start, "start", colors.ink, "solid", 1), marks],
      { xaxis: { range: X_RANGE }, yaxis: { range: Y_RANGE } });
    const ends = two ? [{ name: "left", label: "Left end of the starting line", x: -1, y: fit.predict(start, -1) }, { name: "right",
      label: "Right end of the starting line", x: 1, y: fit.predict(start, 1) }]
      : [{ name: "right", label: "End of the starting line", x: 1, y: fit.predict(start, 1) }];
    this.place("data", [...points.map(([x, y], k) => ({ name: `point ${k}`, label: `Point ${k + 1}`, x, y, kind: "small" })), ...ends]);
    this.caption("data", "drag points, and the starting line by its handles");
  }

  drawContours(path, best) {
    const { fit, two, values: { step }, data: { colors } } = this, shown = this.guesses.slice(0, Math.min(step, 2000));
    const inside = path.filter((x) => x.every((v) => Math.abs(v) < 60)), lift = (x) => (two ? x[1] : fit.value(x));
    const dots = { x: shown.map((g) => g[0]), y: shown.map(lift), mode: "markers", name: "guesses", marker: { size: 4,
      color: two ? "rgba(255,255,255,.7)" : colors.second }, hovertemplate: "guess<br>(%{x:.3f}, %{y:.3f})<extra></extra>" };
    const ring = { x: step ? [this.guesses[best][0]] : [], y: step ? [lift(this.guesses[best])] : [], mode: "markers", name: "best guess",
      marker: { size: 15, symbol: "circle-open", color: colors.onField, line: { width: 3 } },
        hovertemplate: "best guess<br>(%{x:.3f}, %{y:.3f})<extra></extra>" };
    const star = { x: [fit.best[0]], y: [lift(fit.best)], mode: "markers", name: "least squares", marker: { size: 14, symbol: "star",
      color: "#ffffff", line: { width: 1.5, color: "#10202c" } }, hovertemplate: "least squares<br>(%{x:.4g}, %{y:.4g})<extra></extra>" };
    const ground = this.ground(), range = [-2.3, 2.3];
    const top = two ? null : Math.max(fit.value([-2.3]), fit.value([2.3]));
    this.react("contours", [...ground, dots, ...this.path(inside.map((x) => [x[0], lift(x)])), ring, star],
      { xaxis: { range }, yaxis: { range: two ? range : [-0.05 * top, top], title: { ...this.data.layouts.contours.yaxis.title,
        text: two ? "b" : "J(w)" } }, plot_bgcolor: two ? colors.levels[0] : "rgba(0,0,0,0)" });
    this.place("contours", [{ name: "theta", label: "Start of descent: w, b", x: this.start[0], y: lift(this.start) }]);
    this.grabbable("contours", "theta");
    this.caption("contours", two ? "ellipses of equal loss; guesses rain, the best is ringed" : "with one parameter the loss is a parabola");
  }

  ground() {
    const { fit, two, data: { colors } } = this;
    if (!two) {
      const w = Array.from({ length: 121 }, (_, k) => -2.3 + (4.6 * k) / 120);
      return [{ x: w, y: w.map((v) => fit.value([v])), mode: "lines", name: "J(w)", hoverinfo: "skip", line: { color: colors.ink, width: 2 } }];
    }
    const far = Math.max(...[[-2.3, -2.3], [-2.3, 2.3], [2.3, -2.3], [2.3, 2.3]].map((c) => fit.value(c))) - fit.least;
    return colors.levels.map((color, k) => {
      const points = fit.ellipse((far || 1) / 2.2 ** k);
      return { x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "lines", fill: "toself", fillcolor: color, hoverinfo: "skip",
        line: { width: 0.7, color: colors.contour } };
    });
  }

  drawRace(values, record) {
    const { fit, data: { colors }, values: { step, within } } = this, until = Math.max(20, step),
      clean = (v) => (v - fit.least > 1e-14 ? v - fit.least : null);
    const guesses = { x: record.map((_, k) => k + 1), y: record.map(clean), mode: "lines", name: "best guess so far", line: { color: colors.second,
      width: 2, shape: "hv", dash: "dot" }, hovertemplate: "%{x} guesses<br>%{y:.3g} above the least<extra></extra>" };
    const descent = { x: values.map((_, k) => k || 0.7), y: values.map((v) => (v < 1e12 ? clean(v) : null)), mode: "lines+markers", name: "descent",
      line: { color: colors.first, width: 2 }, marker: { size: 4 }, hovertemplate: "step %{x}<br>%{y:.3g} above the least<extra></extra>" };
    const level = { x: [0.7, until], y: [within, within], mode: "lines", name: "ε", line: { color: colors.ink, width: 1, dash: "dash" },
      hoverinfo: "skip" };
    this.react("race", [guesses, descent, level], { xaxis: { range: [Math.log10(0.7), Math.log10(until)] }, yaxis: { range: [-9, 2] } });
    this.caption("race", "least squares: one solve, exactly 0");
  }

  drawDimensions() {
    const { data: { colors } } = this, D = Array.from({ length: 20 }, (_, k) => k + 1), needed = D.map((d) => guessesNeeded(d));
    this.react("dimensions", [{ x: D, y: needed, mode: "lines+markers", name: "guesses", line: { color: colors.second, width: 2 },
      marker: { size: 6 }, hovertemplate: "%{x} parameters<br>%{y:.3g} guesses<extra></extra>" }], { xaxis: { range: [0.3, 20.7] },
        yaxis: { range: [0, 29] } });
    this.caption("dimensions", `to land within 0.1 of the middle: ${[2, 5, 20].map((d) => `${show(needed[d - 1])} for ${d}`).join(", ")}`);
  }
}
