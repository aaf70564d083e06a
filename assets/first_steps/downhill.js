// Downhill: arrows, steps and the path of infinitely small steps on one surface; when the two stop tests fire.
import { FUNCTIONS, descend, firstFlat, firstStall, flow, norm } from "./functions.js";
import { LineFit } from "./line_fit.js";
import { View, bounded, reaches, show, vector } from "../drawn/view.js";

const FAR_STEPS = 3000; // how far the stop tests are followed
const FLOW_POINTS = 400;

export default class Downhill extends View {
  surface() {
    const { surface } = this.values, facts = this.data.surfaces[surface];
    if (surface !== "line") return { ...FUNCTIONS[surface], ...facts };
    this.fit ??= new LineFit(this.data.points.x, this.data.points.y);
    const { fit } = this;
    return { ...facts, value: (x) => fit.value(x), gradient: (x) => fit.gradient(x), minima: [fit.best], least: fit.least };
  }

  changed(name) {
    if (name !== "surface") return;
    const { start, rate } = this.data.surfaces[this.values.surface];
    this.set({ start_x: start[0], start_y: start[1], eta: rate, steps: Math.min(this.values.steps, this.last()) });
  }

  press(name) {
    const { fit, data: { surfaces } } = this;
    if (name === "edge") this.set({ eta: Number((2 / this.surface().curvature).toPrecision(12)) });
    else if (name === "minimum") {
      const [x, y] = this.values.surface === "line" ? fit.best : surfaces[this.values.surface].minima[0] ?? [-8, -8];
      this.set({ start_x: x, start_y: y });
    } else this.set({ surface: "unit", start_x: 6, start_y: 6, eta: 0.15 });
    this.commit();
  }

  grab(handle, x, y) {
    const [[left, right], [low, high]] = this.data.surfaces[this.values.surface].box;
    this.set({ start_x: bounded(x, left, right), start_y: bounded(y, low, high) });
  }

  draw() {
    const { start_x, start_y, eta, steps, flat, stall } = this.values, start = [start_x, start_y], f = this.surface();
    const path = descend(f.gradient, start, eta, FAR_STEPS), values = path.map(f.value);
    const shown = path.slice(0, steps + 1), end = shown.at(-1), time = eta * (shown.length - 1);
    const fires = { flat: firstFlat(path, f.gradient, flat), stall: firstStall(values, stall) };
    const smooth = this.smooth(f, start, time, Math.max(time, f.horizon));
    this.numbers = { path: shown, fires, least: f.least, gap: norm(end.map((x, i) => x - this.then[i])), values };
    this.showFormulas(f, path, fires);
    const reached = [0.1, 0.01, 0.001].map((within) => [within, values.findIndex((v) => v - f.least <= within)]);
    this.showVerdict(f, time, reached, start);
    this.drawMap(f, start, shown, smooth);
    this.drawGap(f, start, values);
    this.drawStops(f, path, values, fires);
  }

  // Places along the exact path, on to `until`, and `then`, the place at `time`; of a line fit in closed form.
  smooth(f, start, time, until) {
    if (this.values.surface === "line") {
      this.then = this.fit.flow(start, time);
      return Array.from({ length: FLOW_POINTS + 1 }, (_, k) => ({ x: this.fit.flow(start, until * (k / FLOW_POINTS) ** 3) }));
    }
    const stop = Math.max(time, 1e-9), first = flow(f.gradient, start, stop);
    this.then = first.path.at(-1);
    const rest = until > stop ? flow(f.gradient, this.then, until - stop).path : [];
    const path = [...first.path, ...rest], stride = Math.max(1, Math.floor(path.length / FLOW_POINTS));
    return path.filter((_, k) => k % stride === 0 || k === path.length - 1).map((x) => ({ x }));
  }

  showFormulas(f, path, fires) {
    const { eta, steps, flat, stall } = this.values, t = Math.min(steps, path.length - 1);
    const x = path[Math.max(0, t - 1)], g = f.gradient(x), next = path[Math.max(0, t)];
    this.formula("step", t ? `θ<sub>${t}</sub> = θ<sub>${t - 1}</sub> − η∇J = ${vector(x)} − ${show(eta)}·${vector(g)} = <b>${vector(next)}</b>`
      : `θ ← θ − η∇J, ∇J = ${vector(g)}`);
    const gap = (at) => (at === null ? "" : `, J still ${show(f.value(path[at]) - f.least, 2)} above its least`);
    this.formula("flat", `‖∇J‖ = ${show(norm(f.gradient(path[t])))} ≤ ${show(flat)}: ${fires.flat === null ? `not within ${FAR_STEPS} steps` : reaches(fires.flat)}${gap(fires.flat)}`);
    this.formula("stall", `J<sub>t</sub> − J<sub>t+1</sub> ≤ ${show(stall)}: ${fires.stall === null ? `not within ${FAR_STEPS} steps` : reaches(fires.stall)}${gap(fires.stall)}`);
  }

  showVerdict(f, time, reached, start) {
    const { eta, steps } = this.values, { gap, fires } = this.numbers;
    if (norm(f.gradient(start)) < 1e-12) return this.verdict("<b>Here it is level.</b> The gradient is zero, so neither steps nor the flow move.");
    const parts = [`<b>After ${steps} steps, time ηT = ${show(time)}: the steps are ${show(gap)} away from the flow.</b>`];
    if (f.convex && eta <= 1 / f.curvature + 1e-12) {
      const d2 = start.reduce((sum, s, i) => sum + (s - f.minima[0][i]) ** 2, 0);
      parts.push(`Within 0.1, 0.01, 0.001 of the least loss: ${reached.map(([, t]) => (t < 0 ? `over ${FAR_STEPS}` : t)).join(", ")} steps; the bound promises ${reached.map(([within]) => Math.round(d2 / (2 * eta * within)).toLocaleString("en")).join(", ")}.`);
    } else if (fires.flat === 0) parts.push(`The first stop test fires at once, ${show(f.value(start) - f.least)} above the least loss: a plateau looks like a minimum to it.`);
    this.verdict(parts.join(" "));
  }

  drawMap(f, start, shown, smooth) {
    const [x, y] = f.box, { colors } = this.data;
    this.field("map", `${this.values.surface} ${colors.contour}`, { x, y }, f.value, f.least);
    const inside = shown.filter(([a, b]) => Math.abs(a) < 50 * x[1] && Math.abs(b) < 50 * y[1]);
    const exact = { x: smooth.map((p) => p.x[0]), y: smooth.map((p) => p.x[1]), mode: "lines", name: "flow", line: { color: colors.flow, width: 3 },
      hoverinfo: "skip" };
    const minimum = { x: f.minima.map((m) => m[0]), y: f.minima.map((m) => m[1]), mode: "markers", name: "minimum", marker: { symbol: "star",
      size: 14, color: "#ffffff", line: { color: "#10202c", width: 1.5 } }, hovertemplate: "minimum<br>(%{x:.4g}, %{y:.4g})<extra></extra>" };
    this.react("map", [...this.arrows(f), exact, ...this.path(inside, { name: "steps" }), minimum], { xaxis: { range: x }, yaxis: { range: y } });
    this.place("map", [{ name: "start", label: "Start", x: start[0], y: start[1] }]);
    this.grabbable("map", "start");
    this.caption("map", "green: the flow · white: the steps · drag the handle, or click");
  }

  // The gradient on a grid, each arrow as long as a root of it, so that small ones can still be seen.
  arrows(f) {
    const { arrows } = this.values, [[left, right], [low, high]] = f.box, sign = arrows === "up" ? 1 : -1, size = (right - left) / 15;
    if (arrows === "none") return [];
    const places = [], { plot } = this.charts.map, layout = plot._fullLayout;
    const aspect = layout?.xaxis?._length ? (layout.xaxis._length / (right - left)) / (layout.yaxis._length / (high - low)) : 1;
    for (let i = 0; i < 13; i++) for (let j = 0; j < 9; j++) places.push([left + ((i + 0.5) * (right - left)) / 13,
      low + ((j + 0.5) * (high - low)) / 9]);
    const slopes = places.map(f.gradient), longest = Math.max(...slopes.map(norm));
    const xs = [], ys = [], heads = { x: [], y: [], angle: [] };
    slopes.forEach((g, k) => {
      const length = norm(g);
      if (!(length > 0)) return;
      const by = (size * Math.max(0.25, (length / longest) ** 0.4) * sign) / length, [a, b] = places[k];
      xs.push(a, a + by * g[0], null);
      ys.push(b, b + by * g[1], null);
      heads.x.push(a + by * g[0]);
      heads.y.push(b + by * g[1]);
      heads.angle.push((Math.atan2(sign * g[0] * aspect, sign * g[1]) * 180) / Math.PI);
    });
    const color = "rgba(255,255,255,.75)";
    return [{ x: xs, y: ys, mode: "lines", line: { color, width: 1.2 }, hoverinfo: "skip", name: "arrows" },
      { x: heads.x, y: heads.y, mode: "markers", marker: { symbol: "triangle-up", size: 6, angle: heads.angle, color }, hoverinfo: "skip",
        name: "heads" }];
  }

  drawGap(f, start, values) {
    const { steps, eta } = this.values, { colors } = this.data, until = Math.max(10, steps);
    const gaps = values.slice(0, until + 1).map((v) => v - f.least);
    const traces = [{ x: gaps.map((_, t) => t), y: gaps.map((g) => (g > 0 ? g : null)), mode: "lines", name: "J − J*", line: { color: colors.first,
      width: 2 }, hovertemplate: "step %{x}<br>%{y:.3g} above the least<extra></extra>" },
      { x: [steps], y: [gaps[Math.min(steps, gaps.length - 1)]], mode: "markers", showlegend: false, marker: { size: 9, color: colors.first },
        hoverinfo: "skip" }];
    const holds = f.convex && eta <= 1 / f.curvature + 1e-12;
    if (holds) {
      const d2 = start.reduce((sum, s, i) => sum + (s - f.minima[0][i]) ** 2, 0), t = gaps.map((_, k) => k).slice(1);
      this.numbers.bound = t.map((k) => d2 / (2 * eta * k));
      traces.push({ x: t, y: this.numbers.bound, mode: "lines", name: "bound ‖θ₀ − θ*‖²/(2ηT)", line: { color: colors.second, width: 2,
        dash: "dash" }, hovertemplate: "step %{x}<br>bound %{y:.3g}<extra></extra>" });
    }
    const positive = [...gaps, ...(this.numbers.bound ?? [])].filter((g) => g > 1e-15), low = Math.log10(Math.max(Math.min(...positive, 1), 1e-15)),
      high = Math.log10(Math.max(...positive, 1e-6));
    this.react("gap", traces, { xaxis: { range: [0, until] }, yaxis: { range: [low - 0.2, Math.min(high, low + 20) + 0.3] } });
    const none = f.convex ? "η > 1/λmax: the bound promises nothing" : "no bound: this surface is not convex";
    this.caption("gap", holds ? "the bound holds, and is far above the loss" : none);
  }

  drawStops(f, path, values, fires) {
    const { flat, stall, steps } = this.values, { colors } = this.data;
    const until = Math.min(path.length - 2, Math.max(20, steps, 1.2 * (fires.flat ?? 0), 1.2 * (fires.stall ?? 0)));
    const stride = Math.max(1, Math.floor(until / 400)), t = [];
    for (let k = 0; k <= until; k += stride) t.push(k);
    const line = (y, name, color, dash) => ({ x: t, y, mode: "lines", name, line: { color, width: 2, dash }, hovertemplate: `step %{x}<br>${name} %{y:.3g}<extra></extra>` });
    const slopes = t.map((k) => norm(f.gradient(path[k])) || null), falls = t.map((k) => Math.max(values[k] - values[k + 1], 0) || null);
    const level = (epsilon, color) => ({ x: [0, Math.max(until, 1)], y: [epsilon, epsilon], mode: "lines", showlegend: false, hoverinfo: "skip",
      line: { color, width: 1, dash: "dot" } });
    const fired = [[fires.flat, flat, colors.first, "circle"], [fires.stall, stall, colors.second, "square"]].filter(([k]) => k !== null)
      .map(([k, y, color, symbol]) => ({ x: [k], y: [y], mode: "markers", showlegend: false, marker: { size: 12, color, symbol, line: { width: 2, color: colors.surface } }, hovertemplate: `fires at step ${k}<extra></extra>` }));
    const all = [...slopes, ...falls, flat, stall].filter((v) => v > 1e-15);
    const lines = [line(slopes, "‖∇J‖", colors.first, "solid"), line(falls, "fall of J per step", colors.second, "dash")];
    this.react("stops", [...lines, level(flat, colors.first), level(stall, colors.second), ...fired],
      { xaxis: { range: [0, Math.max(until, 1)] }, yaxis: { range: [Math.log10(Math.min(...all)) - 0.3, Math.log10(Math.max(...all)) + 0.3] } });
    this.caption("stops", "dotted: ε of each test · marked: where it fires");
  }
}
