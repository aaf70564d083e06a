// Inertia: one ball on a bumpy bowl in momentum's three forms; where every start ends; a plateau; the range of rates.
import { FUNCTIONS } from "./functions.js";
import { edge, roll, updatesToCross } from "./momentum.js";
import { View, bounded, show } from "../drawn/view.js";

const LONG = 4000, STRIP = 241;
const NAMES = { ema: "EMA", heavy_ball: "heavy ball", velocity: "velocity" };

export default class Inertia extends View {
  grab(handle, x) { this.set({ start: bounded(x, -8, 8) }); }

  press(name) {
    if (name === "edge") this.set({ eta: Math.min(this.data.options.eta.high,
      Number(edge(1.7, this.values.beta, this.values.form).toPrecision(3))) });
    else if (name === "lecture") this.set({ start: 6, eta: 0.05, beta: 0.9, form: this.values.form === "ema" ? "heavy_ball" : "ema" });
    else this.set({ beta: 0.99, eta: 0.05, form: "heavy_ball" });
    this.commit();
  }

  draw() {
    const { start, eta, beta, form, step } = this.values, f = FUNCTIONS.bumpy;
    const key = [start, eta, beta, form].join();
    if (this.rolledFor !== key) {
      this.rolledFor = key;
      const end = (how, b) => rollEnd(start, eta, b, how, LONG);
      this.rolled = roll(f.gradient, [start], eta, beta, form, this.last());
      const forms = Object.fromEntries(Object.keys(NAMES).map((how) => [how, end(how, beta)]));
      this.ends = { here: forms[form], plain: end("heavy_ball", 0), forms };
      this.laterStrip();
    }
    this.showFormulas();
    this.showVerdict();
    this.drawBall(f, step);
    this.drawStrip();
    this.drawPlateau();
  }

  // Where each start ends takes a while for 241 starts: while a finger moves, a quarter of them and fewer steps.
  laterStrip() {
    const { eta, beta, form } = this.values, key = [eta, beta, form].join();
    if (this.strip?.key === key && this.strip.exact) return;
    const work = (count, steps) => {
      const from = Array.from({ length: count }, (_, k) => -8 + (16 * k) / (count - 1));
      return { key, from, ends: from.map((x) => rollEnd(x, eta, beta, form, steps)), exact: count === STRIP };
    };
    if (this.strip?.key !== key) this.strip = work(81, 1000);
    clearTimeout(this.stripTimer);
    this.stripTimer = setTimeout(() => { if (!this.closed) { this.strip = work(STRIP, LONG); this.redraw(); } }, 120);
  }

  showFormulas() {
    const { eta, beta, form, step } = this.values, path = this.rolled, t = Math.min(step, path.length - 1);
    const rule = { ema: `m ← ${show(beta)} m + ${show(1 - beta)} g, x ← x − ${show(eta)} m`, heavy_ball: `v ← ${show(beta)} v + g, x ← x − ${show(eta)} v`, velocity: `v ← ${show(beta)} v − ${show(eta)} g, x ← x + v` };
    this.formula("rule", rule[form]);
    this.formula("rate", form === "ema" ? `the same as heavy ball at (1 − β)η = ${show((1 - beta) * eta)}` : `the same as EMA at η/(1 − β) = ${show(eta / (1 - beta))}`);
    this.formula("edge", `largest rate where it bends most, λ = 1.7: ${form === "ema" ? "2(1+β)/((1−β)λ)" : "2(1+β)/λ"} = ${show(edge(1.7, beta, form))}, ${show(edge(1, beta, form) / 2)} times that without momentum`);
    this.formula("place", `step ${t}: x = ${show(path[t][0], 4)}, f = ${show(FUNCTIONS.bumpy.value(path[t]), 4)}`);
  }

  showVerdict() {
    const { beta, form } = this.values, { here, plain, forms } = this.ends, lowest = Math.abs(Math.abs(here) - 0.7389) < 0.01;
    const others = Object.entries(forms).filter(([how]) => how !== form).map(([how, x]) => `${NAMES[how]}: ${restsAt(x, "")}`).join(", ");
    const where = `${restsAt(here, "stops at ")}${lowest ? ", one of the two lowest places" : ""}`;
    this.verdict(`<b>In the ${NAMES[form]} form with β = ${show(beta)} the ball ${where}.</b> Without momentum: ${restsAt(plain, "")}. Same η and β, ${others}.`);
  }

  drawBall(f, step) {
    const { colors } = this.data, path = this.rolled.slice(0, step + 1);
    const grid = Array.from({ length: 401 }, (_, k) => -8 + k / 25), shown = path.filter(([x]) => Math.abs(x) < 400);
    const tail = { x: shown.map(([x]) => x), y: shown.map((x) => f.value(x)), mode: "lines+markers", name: "path", line: { color: colors.first, width: 1.5 }, marker: { size: 5, color: colors.first }, text: shown.map((_, t) => `step ${t}`), hovertemplate: "%{text}<br>x %{x:.4g}<br>f %{y:.4g}<extra></extra>" };
    const last = shown.at(-1), ball = { x: [last[0]], y: [f.value(last)], mode: "markers", name: "ball", hoverinfo: "skip", marker: { size: 15,
      color: colors.second, line: { width: 2, color: colors.surface } } };
    const lowest = { x: [0.7389, -0.7389], y: [f.value([0.7389]), f.value([0.7389])], mode: "markers", name: "lowest", marker: { symbol: "star",
      size: 11, color: colors.ink }, hovertemplate: "lowest place, x %{x:.3f}<extra></extra>" };
    this.react("ball", [{ x: grid, y: grid.map((x) => f.value([x])), mode: "lines", hoverinfo: "skip", line: { color: colors.ink, width: 2 } },
      tail, lowest, ball], { xaxis: { range: [-8, 8] }, yaxis: { range: [-0.25, 3.4] } });
    this.place("ball", [{ name: "start", label: "Start", x: this.values.start, y: f.value([this.values.start]) }]);
    this.grabbable("ball", "start");
    this.caption("ball", "drag the handle to start elsewhere · Play");
  }

  drawStrip() {
    const { from, ends } = this.strip, { colors } = this.data, fine = ends.map((x) => (Number.isFinite(x) && Math.abs(x) < 9 ? x : null));
    const low = fine.map((x) => x !== null && Math.abs(Math.abs(x) - 0.7389) < 0.01);
    const share = low.filter(Boolean).length / low.length;
    this.react("strip", [{ x: from, y: fine, mode: "markers", name: "end", marker: { size: 5, symbol: low.map((yes) => (yes ? "circle" : "x")),
      color: low.map((yes) => (yes ? colors.first : colors.second)) }, hovertemplate: "from %{x:.3g}<br>ends at %{y:.3g}<extra></extra>" },
      { x: [this.values.start], y: [this.ends.here], mode: "markers", hoverinfo: "skip", marker: { size: 13, symbol: "circle-open",
        color: colors.ink, line: { width: 2 } } }], { xaxis: { range: [-8, 8] }, yaxis: { range: [-8, 8] } });
    this.caption("strip", `● lowest: ${show(100 * share, 2)} % of the starts · × a higher place`);
  }

  drawPlateau() {
    const { eta, beta } = this.values, { colors } = this.data, betas = Array.from({ length: 100 }, (_, k) => k / 100);
    const width = 100 * eta, plain = updatesToCross(width, 0.01, eta, 0, "heavy_ball");
    const speed = (form) => betas.map((b) => plain / updatesToCross(width, 0.01, eta, b, form));
    const line = (form, color, dash) => ({ x: betas, y: speed(form), mode: "lines", name: NAMES[form], line: { color, width: 2, dash }, hovertemplate: `${NAMES[form]}<br>β %{x}<br>%{y:.3g} times as fast<extra></extra>` });
    const law = { x: betas, y: betas.map((b) => 1 / (1 - b)), mode: "lines", name: "1/(1 − β)", line: { color: colors.ink, width: 1, dash: "dot" },
      hoverinfo: "skip" };
    const count = (form) => updatesToCross(width, 0.01, eta, beta, form).toLocaleString("en");
    this.react("plateau", [law, line("heavy_ball", colors.first, "solid"), line("ema", colors.second, "dash"), { x: [beta],
      y: [plain / updatesToCross(width, 0.01, eta, beta, this.values.form)], mode: "markers", showlegend: false, hoverinfo: "skip",
        marker: { size: 11, color: this.values.form === "ema" ? colors.second : colors.first, line: { width: 2, color: colors.surface } } }],
          { xaxis: { range: [0, 1] }, yaxis: { range: [-0.05, 2.05], tickvals: [1, 2, 5, 10, 20, 50, 100] } });
    this.caption("plateau", `slope 0.01, ${show(width)} wide: ${count("heavy_ball")} updates, EMA ${count("ema")}, none ${plain.toLocaleString("en")}`);
  }

  close() {
    clearTimeout(this.stripTimer);
    super.close();
  }
}

// Where a ball is after LONG steps, if it lies still there.
function restsAt(x, words) {
  if (!Number.isFinite(x) || Math.abs(x) > 1e3) return "explodes";
  return Math.abs(FUNCTIONS.bumpy.gradient([x])[0]) < 1e-4 ? `${words}${show(x)}` : "is still moving after 4,000 steps";
}

// The end of a path on the bumpy bowl: the recurrence of momentum.js on plain numbers, for many starts at once.
export function rollEnd(x, rate, beta, form, steps) {
  let v = 0;
  for (let t = 0; t < steps; t++) {
    const g = 0.1 * x - 0.4 * Math.sin(4 * x);
    if (form === "ema") { v = beta * v + (1 - beta) * g; x -= rate * v; }
    else if (form === "heavy_ball") { v = beta * v + g; x -= rate * v; }
    else { v = beta * v - rate * g; x += v; }
  }
  return x;
}
