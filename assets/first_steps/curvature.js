// Curvature: the quadratic model at a dragged point, and the methods that trust it.
import { FUNCTIONS } from "./functions.js";
import { eigen2 } from "./line_fit.js";
import { kindOf, newtonStep, walk } from "./methods.js";
import { View, bounded, reaches, show, vector } from "../drawn/view.js";

const METHODS = { newton: "Newton", damped: "damped Newton", bfgs: "BFGS", gd: "gradient descent" };
const KINDS = { bowl: "a bowl: Newton's step leads to its bottom", saddle: "a saddle: Newton's step leads to the saddle's middle",
  hill: "a hill: Newton's step leads to its top", singular: "level along one direction: H is singular, and no Newton step exists" };
const PATCH = 21, GROUND = 41;

export default class Curvature extends View {
  changed(name) {
    if (name !== "surface") return;
    const { start, rate } = this.data.surfaces[this.values.surface];
    this.set({ at_x: start[0], at_y: start[1], eta: rate });
  }

  press(name) {
    if (name === "lecture") this.set({ surface: "saddle", at_x: 1, at_y: 0.3, eta: 0.1, steps: 3 });
    else if (name === "singular") this.set({ surface: "unit", at_x: 1, at_y: 1, eta: 0.15 });
    else this.set({ surface: "ravine", at_x: -2.5, at_y: 0.7, eta: 0.5, steps: 1 });
    this.commit();
  }

  grab(handle, x, y) {
    const [[left, right], [low, high]] = this.data.surfaces[this.values.surface].box;
    this.set({ at_x: bounded(x, left, right), at_y: bounded(y, low, high) });
  }

  draw() {
    const { surface, at_x, at_y, steps, eta } = this.values, f = { ...FUNCTIONS[surface], ...this.data.surfaces[surface] }, at = [at_x, at_y];
    const H = f.hessian(at), g = f.gradient(at), kind = kindOf(H), step = newtonStep(H, g);
    const model = ([x, y]) => {
      const a = x - at_x, b = y - at_y;
      return f.value(at) + g[0] * a + g[1] * b + 0.5 * (H[0][0] * a * a + 2 * H[0][1] * a * b + H[1][1] * b * b);
    };
    const paths = Object.fromEntries(Object.keys(METHODS).map((method) => [method, walk(f, method, at, steps, eta)]));
    this.numbers = { paths, kind, step };
    this.showWords(f, at, H, g, kind, step, paths);
    this.drawMap(f, at, model, paths, H);
    this.drawBowl(f, model);
    this.drawCost();
  }

  showWords(f, at, H, g, kind, step, paths) {
    const { values } = eigen2(H);
    this.formula("model", `H = [${show(H[0][0])}, ${show(H[0][1])}; ${show(H[1][0])}, ${show(H[1][1])}], λ = ${show(values[0])}, ${show(values[1])}: <b>${kind}</b>`);
    this.formula("newton", step ? `d = −H⁻¹g = ${vector(step)}, to <b>${vector(at.map((x, i) => x + step[i]))}</b>` : `g = ${vector(g)}, and H has no inverse: no step`);
    const ends = Object.entries(paths).map(([method, path]) => `${METHODS[method]} ${vector(path.at(-1).map((x) => (Math.abs(x) < 5e-9 ? 0 : x)))}${path.length <= this.values.steps ? ` (ends at ${reaches(path.length - 1)})` : ""}`);
    this.verdict(`<b>Here the model is ${KINDS[kind]}.</b> After ${this.values.steps} steps: ${ends.join(" · ")}.`);
  }

  drawMap(f, at, model, paths, H) {
    const [x, y] = f.box, { colors } = this.data;
    this.field("map", `${this.values.surface} ${colors.contour}`, { x, y }, f.value, f.least);
    const traces = Object.entries(paths).map(([method, path], k) => {
      const shown = path.filter(([a, b]) => Math.abs(a) < 50 && Math.abs(b) < 50);
      return { x: shown.map((p) => p[0]), y: shown.map((p) => p[1]), mode: "lines+markers", name: METHODS[method], line: { color: colors.bright[k],
        width: 2.5, dash: ["solid", "dash", "dashdot", "dot"][k] },
        marker: { size: 8, symbol: ["circle", "square", "diamond", "triangle-up"][k], color: colors.bright[k], line: { width: 1, color: "#10202c" } }, text: shown.map((_, t) => `${METHODS[method]}, step ${t}`), hovertemplate: "%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>" };
    });
    const minimum = { x: f.minima.map((m) => m[0]), y: f.minima.map((m) => m[1]), mode: "markers", showlegend: false, marker: { symbol: "star",
      size: 14, color: "#ffffff", line: { color: "#10202c", width: 1.5 } }, hovertemplate: "minimum<extra></extra>" };
    this.react("map", [this.modelContours(f, at, model, H), minimum, ...traces], { xaxis: { range: x }, yaxis: { range: y } });
    this.place("map", [{ name: "at", label: "Point", x: at[0], y: at[1] }]);
    this.grabbable("map", "at");
    this.caption("map", "dotted white: the model's contours · drag the point");
  }

  // Level curves of the model, as one trace of Plotly's own contours on a coarse grid.
  modelContours(f, at, model) {
    const [[left, right], [low, high]] = f.box, grid = (from, to) => Array.from({ length: 31 }, (_, i) => from + ((to - from) * i) / 30);
    const x = grid(left, right), y = grid(low, high), here = model(at);
    const z = y.map((b) => x.map((a) => { const m = model([a, b]) - here; return Math.sign(m) * Math.log10(1 + Math.abs(m) * 20); }));
    return { type: "contour", x, y, z, ncontours: 10, showscale: false, hoverinfo: "skip", contours: { coloring: "none" }, line: { color: "#ffffff",
      width: 1.3, dash: "dot" }, showlegend: false };
  }

  // The surface, and the model laid over it as a bowl that one can see through.
  drawBowl(f, model) {
    const [[left, right], [low, high]] = f.box, { colors } = this.data, { at_x, at_y, surface } = this.values;
    const grid = (from, to, n) => Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
    if (this.groundKey !== surface) {
      this.groundKey = surface;
      const x = grid(left, right, GROUND), y = grid(low, high, GROUND), z = y.map((b) => x.map((a) => f.value([a, b])));
      this.ground = { x, y, z, low: Math.min(...z.flat()), high: Math.min(Math.max(...z.flat()), f.top) };
    }
    const { low: least, high: most } = this.ground, room = most - least, clip = (v) => (v < least - 0.5 * room || v > most + 0.2 * room ? null : v);
    const px = grid(Math.max(left, at_x - (right - left) * 0.4), Math.min(right, at_x + (right - left) * 0.4), PATCH),
      py = grid(Math.max(low, at_y - (high - low) * 0.4), Math.min(high, at_y + (high - low) * 0.4), PATCH);
    const patch = py.map((b) => px.map((a) => clip(model([a, b]))));
    const step = this.numbers.step, end = step && [at_x + step[0], at_y + step[1]], z = end ? clip(model(end)) : null;
    this.react("bowl", [
      { type: "surface", x: this.ground.x, y: this.ground.y, z: this.ground.z.map((row) => row.map((v) => (v > f.top ? null : v))),
        colorscale: colors.scale, showscale: false, hoverinfo: "skip", contours: { x: { highlight: false }, y: { highlight: false },
          z: { highlight: false } } },
      { type: "surface", x: px, y: py, z: patch, opacity: 0.55, colorscale: [[0, colors.model], [1, colors.model]], showscale: false,
        hoverinfo: "skip", contours: { x: { highlight: false }, y: { highlight: false }, z: { highlight: false } } },
      { type: "scatter3d", mode: "markers+lines", x: [at_x, end?.[0] ?? null], y: [at_y, end?.[1] ?? null], z: [f.value([at_x, at_y]), z],
        marker: { size: [6, 5], color: [colors.second, "#ffffff"], line: { width: 1, color: "#10202c" } }, line: { color: "#ffffff", width: 4 },
          hoverinfo: "skip" },
    ]);
    this.caption("bowl", "see-through: the model at the point · drag to turn");
  }

  drawCost() {
    const { colors } = this.data, { parameters } = this.values, P = Array.from({ length: 41 }, (_, k) => 10 ** (k / 10));
    const line = (law, name, color, dash) => [{ x: P, y: P.map(law), mode: "lines", name, line: { color, width: 2.5, dash }, hovertemplate: `P %{x:.3g}<br>${name} %{y:.3g}<extra></extra>` },
      { x: [parameters], y: [law(parameters)], mode: "markers", showlegend: false, hoverinfo: "skip", marker: { size: 10, color, line: { width: 2,
        color: colors.surface } } }];
    this.formula("cost", `P = ${parameters.toLocaleString("en")}: P³/3 = ${show(parameters ** 3 / 3)} multiplications, P² = ${show(parameters ** 2)} numbers, ${show((parameters ** 2 * 8) / 1e9)} GB; the gradient has ${parameters.toLocaleString("en")}`);
    this.react("cost", [...line((p) => p ** 3 / 3, "P³/3 multiplications", colors.second, "dash"), ...line((p) => p * p, "P² numbers of H",
      colors.first, "solid"), ...line((p) => p, "P numbers of g", colors.third, "dot")], { xaxis: { range: [0, 4] }, yaxis: { range: [0, 12] } });
    this.caption("cost", "one Newton step, to P = 10⁴");
  }
}
