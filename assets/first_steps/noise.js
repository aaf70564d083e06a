// Noise: what a mini-batch does to one update, and to all of them in the long run.
import { LineFit } from "./line_fit.js";
import { Lanes, batchMeans, lineMoments, parabolaMoments, rates, variance } from "./moments.js";
import { View, bounded, show, vector } from "../drawn/view.js";

const DRAWS = 300, SLICE = 8, START = 5; // milliseconds of lanes a frame; where the long run starts
const OPTIONS = { inverse_time: ["delta"], power: ["delta"], step: ["gamma", "every"], exponential: ["gamma"], cosine: ["total_updates"],
  one_cycle: ["total_updates"] };
const LECTURE = { // the five rows of the lecture's table
  constant: ["constant", 0.1, {}], root: ["inverse_sqrt", 0.5, {}], inverse: ["power", 1, { delta: 1 }], small: ["power", 0.3, { delta: 1 }],
    square: ["power", 1, { delta: 2 }],
};

export default class Noise extends View {
  grab(handle, x, y) { this.set({ start_x: bounded(x, -2, 2), start_y: bounded(y, -2, 2) }); }

  press(name) {
    if (name === "again") this.set({ seed: (this.values.seed + 1) % 10000 });
    else if (name === "edge") this.set({ schedule: "constant", alpha: 2 });
    else if (name === "all") this.set({ batch: this.fit.x.length, replace: false });
    else { const [schedule, alpha, more] = LECTURE[name]; this.set({ schedule, alpha, ...more }); }
    this.commit();
  }

  draw() {
    this.fit ??= new LineFit(this.data.points.x, this.data.points.y);
    const { schedule } = this.values, used = OPTIONS[schedule] ?? [];
    for (const name of ["delta", "gamma", "every", "total_updates"]) this.hide(name, !used.includes(name));
    this.drawArrows();
    this.drawSpread();
    this.drawLong();
    this.drawCost();
    this.showWords();
  }

  // --- one update -----------------------------------------------------------------------------------------

  drawArrows() {
    const { start_x, start_y, batch, replace, total, rate, seed } = this.values, { fit, data: { colors } } = this;
    const theta = [start_x, start_y], gradients = fit.gradients(theta), factor = total === "sum" ? batch : 1;
    const means = batchMeans(gradients, batch, replace, DRAWS, seed + 1), full = fit.gradient(theta);
    const tip = (g) => theta.map((t, k) => t - rate * factor * g[k]), tips = means.map(tip), straight = tip(full);
    const spread = means.reduce((sum, g) => sum + (g[0] - full[0]) ** 2 + (g[1] - full[1]) ** 2, 0) / DRAWS;
    this.numbers = { ...this.numbers, full, spread, law: variance(gradients, batch, replace), factor };
    this.field("arrows", colors.contour, { x: [-2, 2], y: [-2, 2] }, (p) => fit.value(p), fit.least);
    const fan = { x: tips.flatMap((p) => [start_x, p[0], null]), y: tips.flatMap((p) => [start_y, p[1], null]), mode: "lines", hoverinfo: "skip",
      line: { color: "rgba(255,255,255,.25)", width: 1 } };
    const ends = { x: tips.map((p) => p[0]), y: tips.map((p) => p[1]), mode: "markers", hovertemplate: "one batch's step<extra></extra>",
      marker: { size: 4, color: "#ffffff" } };
    const whole = { x: [start_x, straight[0]], y: [start_y, straight[1]], mode: "lines+markers",
      hovertemplate: "the full gradient's step<extra></extra>", line: { color: colors.onField, width: 4 }, marker: { size: [0, 10],
        color: colors.onField, line: { width: 1, color: "#10202c" } } };
    const best = { x: [fit.best[0]], y: [fit.best[1]], mode: "markers", marker: { symbol: "star", size: 13, color: "#ffffff",
      line: { color: "#10202c", width: 1.5 } }, hovertemplate: "minimum<extra></extra>" };
    this.react("arrows", [fan, ends, whole, best], { xaxis: { range: [-2, 2] }, yaxis: { range: [-2, 2] } });
    this.place("arrows", [{ name: "start", label: "Parameters w, b", x: start_x, y: start_y }]);
    this.grabbable("arrows", "start");
    this.caption("arrows", `${DRAWS} batches of ${batch}: white · all points: orange · drag the handle`);
  }

  drawSpread() {
    const { batch, replace, start_x, start_y, total } = this.values, { fit, data: { colors } } = this, count = fit.x.length;
    const gradients = fit.gradients([start_x, start_y]), sizes = fit.x.map((_, k) => k + 1), scale = (b) => (total === "sum" ? b * b : 1);
    const law = (how) => sizes.map((b) => scale(b) * variance(gradients, b, how));
    const line = (how, name, color, dash) => ({ x: sizes, y: law(how), mode: "lines+markers", name, line: { color, width: 2, dash }, marker: { size: 4, color }, hovertemplate: `B %{x}<br>${name} %{y:.3g}<extra></extra>` });
    const now = { x: [batch], y: [this.numbers.spread * scale(batch)], mode: "markers", name: "measured", marker: { size: 13, symbol: "circle-open",
      color: colors.ink, line: { width: 2.5 } }, hovertemplate: "measured over 300 batches: %{y:.3g}<extra></extra>" };
    const high = Math.max(...law(true)) * 1.1 || 1;
    this.react("spread", [line(true, "with replacement", colors.second, "dash"), line(false, "without", colors.first, "solid"), now],
      { xaxis: { range: [0.5, count + 0.5] }, yaxis: { range: [-0.03 * high, high] } });
    this.caption("spread", `E‖ḡ − g‖², ${replace ? "with" : "without"} replacement ${show(this.numbers.law * scale(batch))}`);
  }

  drawCost() { // does not depend on where the handle is
    const { batch, replace, rate, total } = this.values, { fit, data: { colors } } = this, count = fit.x.length, most = 2000;
    const key = [batch, replace, rate, total, colors.ink, this.charts.cost.body.clientWidth].join();
    if (!this.loaded || this.costKey === key) return;
    this.costKey = key;
    const series = (b, color, dash, how) => {
      const steps = Math.floor(most / b), eta = rate * (total === "sum" ? b : 1), gaps = lineMoments(fit, [-1.5, 1.5], eta, b, how, steps);
      const stride = Math.max(1, Math.floor(steps / 300)), x = [], y = [];
      for (let t = 0; t <= steps; t += stride) { x.push(t * b || 0.5); y.push(gaps[t] > 1e-12 && gaps[t] < 1e12 ? gaps[t] : null); }
      return { x, y, mode: "lines", name: `B = ${b}`, line: { color, width: b === batch ? 3 : 1.5, dash }, hovertemplate: `B = ${b}<br>%{x} samples<br>E J − J* %{y:.3g}<extra></extra>` };
    };
    const traces = [series(1, colors.second, "dash", replace), series(count, colors.third, "dot", false)];
    if (batch !== 1 && (batch !== count || replace)) traces.push(series(batch, colors.first, "solid", replace));
    this.react("cost", traces, { xaxis: { range: [0, Math.log10(most)] }, yaxis: { range: [-7, 2] } });
    const edge = fit.edge / (total === "sum" ? batch : 1);
    this.caption("cost", `exact, at η = ${show(rate)}; edge of the full batch 2/λmax${total === "sum" ? "/B" : ""} = ${show(edge)}`);
  }

  // --- the long run ---------------------------------------------------------------------------------------

  alphas() {
    const { schedule, alpha, updates, delta, gamma, every, total_updates: total } = this.values;
    return rates(schedule, alpha, { delta, gamma, every, total }, updates);
  }

  drawLong() {
    const { schedule, alpha, updates, delta, gamma, every, total_updates } = this.values, { colors } = this.data;
    const key = [schedule, alpha, updates, delta, gamma, every, total_updates].join();
    if (this.longKey !== key) {
      this.longKey = key;
      this.at = [0, ...new Set(Array.from({ length: 61 }, (_, k) => Math.round(10 ** ((Math.log10(updates) * k) / 60))))];
      const alphas = this.alphas();
      this.exact = parabolaMoments(alphas, START);
      this.lanes = new Lanes(alphas, START, this.at);
      this.drawnMeans = 0;
      this.others ??= {};
      this.continue();
    }
    const drawn = this.at.slice(1), lanes = this.lanes, done = this.at.slice(1, lanes.means.length), fit = (v) => (v > 1e-9 && v < 1e9 ? v : null);
    const faint = Object.entries(LECTURE).map(([name, [how, rate, more]]) => {
      const known = (this.others[`${name} ${updates}`] ??= parabolaMoments(rates(how, rate, more, updates), START));
      return { x: drawn, y: drawn.map((t) => known[t]), mode: "lines", showlegend: false, line: { color: colors.faint, width: 1.2 }, hovertemplate: `${this.data.words[name]}<br>t %{x}<br>E x² %{y:.3g}<extra></extra>` };
    });
    const band = done.length ? [{ x: done, y: lanes.lows.slice(1).map((v) => fit(v) ?? 1e-9), mode: "lines", line: { width: 0 }, showlegend: false,
      hoverinfo: "skip" },
      { x: done, y: lanes.highs.slice(1).map(fit), mode: "lines", line: { width: 0 }, fill: "tonexty", fillcolor: colors.band,
        name: "80 % of 400 lanes", hoverinfo: "skip" },
      { x: done, y: lanes.means.slice(1).map(fit), mode: "markers", name: "their mean", marker: { size: 5, color: colors.second },
        hovertemplate: "t %{x}<br>mean of 400 x² %{y:.3g}<extra></extra>" }] : [];
    const exact = { x: drawn, y: drawn.map((t) => fit(this.exact[t])), mode: "lines", name: "E x², exact", line: { color: colors.first,
      width: 2.5 }, hovertemplate: "t %{x}<br>E x² %{y:.3g}<extra></extra>" };
    this.numbers = { ...this.numbers, exact: this.exact.at(-1), mean: lanes.isDone ? lanes.means.at(-1) : null };
    this.react("long", [...faint, ...band, exact], { xaxis: { range: [0, Math.log10(updates)] }, yaxis: { range: [-5.2, 2] } });
    this.root.dataset.lanes = lanes.isDone ? "done" : "running";
    this.caption("long", `after ${updates.toLocaleString("en")}: E x² = ${show(this.exact.at(-1))}${lanes.isDone ? `, 400 lanes ${show(lanes.means.at(-1))}` : " …"}`);
  }

  continue() { // a few milliseconds of the lanes in each frame, and none when the page is left
    const { lanes } = this;
    if (this.closed || lanes.isDone) return;
    requestAnimationFrame(() => {
      if (this.lanes !== lanes || this.closed) return;
      lanes.advance(SLICE);
      if (lanes.isDone || lanes.means.length > (this.drawnMeans ?? 0) + 5) { this.drawnMeans = lanes.means.length; this.drawLong(); }
      this.continue();
    });
  }

  showWords() {
    const { batch, replace, total, rate, schedule, alpha, updates } = this.values, { full, law, factor } = this.numbers, count = this.fit.x.length;
    this.formula("batch", `ḡ = ${total === "sum" ? "" : `1/${batch} · `}Σ over ${batch} of ${count} points; g = ${vector(full)}`);
    const share = replace ? "" : ` · (${count} − ${batch})/(${count} − 1)`;
    this.formula("variance", `E‖ḡ − g‖² = σ²/${batch}${share}${total === "sum" ? ` · ${batch}²` : ""} = ${show(law * factor * factor)}`);
    this.formula("edge", `a ${total} of ${batch}: η up to ${show(this.fit.edge / factor)}${total === "sum" ? ` = ${show(this.fit.edge)}/${batch}` : ""}; now ${show(rate)}`);
    const rest = schedule === "constant" && alpha < 2 ? `, ends at α/(2 − α) = ${show(alpha / (2 - alpha))}` : "";
    this.formula("long", `m ← (1 − α<sub>t</sub>)² m + α<sub>t</sub>²${rest}`);
    const a = this.alphas(), last = a.at(-1);
    const far = schedule === "constant" && alpha >= 2 ? "beyond 2/λ nothing comes to rest" : `after ${updates.toLocaleString("en")} updates E x² = ${show(this.exact.at(-1))}, and the rate has come down to ${show(last)}`;
    const one = law < 1e-12 ? "All arrows are the same: every batch is all points." : `One update looks at ${batch} sample${batch > 1 ? "s" : ""} and its gradient is off by ${show(Math.sqrt(law) / Math.hypot(...full))} times the full gradient's length.`;
    this.verdict(`<b>${one}</b> Long run: ${far}.`);
  }
}
