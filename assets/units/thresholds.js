// Four points, two lines, a gate: which labellings one line gives, and which two.
import { View, bounded, show } from "../drawn/view.js";
import { Guessing, cover, lineThrough, separable, through } from "./lines.js";

const LOW = -0.5, HIGH = 1.5, CELLS = 61, SLICE = 6, PER_XOR = 1319;
const AXIS = Array.from({ length: CELLS }, (_, k) => LOW + ((HIGH - LOW) * k) / (CELLS - 1));
const OR_NAND = { p1x: -0.25, p1y: 0.75, q1x: 0.75, q1y: -0.25, p2x: 1.25, p2y: 0.25, q2x: 0.25, q2y: 1.25 };
const GUESSES = { thousand: 1000, many: 100_000 };
const plus = (value) => (value < 0 ? `− ${show(-value)}` : `+ ${show(value)}`);
const clamp = (value) => bounded(value, LOW, HIGH);

export default class Thresholds extends View {
  get points() {
    if (this.read !== this.values.points) {
      this.read = this.values.points;
      this.list = this.read.split(";").map((pair) => pair.split(",").map(Number));
      this.known = separable(this.list);
    }
    return this.list;
  }

  get labels() { return this.values.labels % 2 ** this.points.length; }
  get lines() {
    const v = this.values;
    return [lineThrough([v.p1x, v.p1y], [v.q1x, v.q1y]), lineThrough([v.p2x, v.p2y], [v.q2x, v.q2y])];
  }

  last() { return 2 ** this.points.length - 1; }

  setPoints(points, more = {}) {
    this.set({ points: points.map(([x, y]) => `${+x.toFixed(2)},${+y.toFixed(2)}`).join(";"), guesses: 0, ...more });
  }

  press(name) {
    const { points } = this;
    if (name === "find") this.find();
    else if (name === "xor") this.set({ ...OR_NAND, gate: "and", points: this.data.defaults.points, labels: 6 });
    else if (name === "square") this.set({ points: this.data.defaults.points, labels: 6, guesses: 0 });
    else if (name === "row") this.setPoints([[0, 0.5], [0.5, 0.5], [1, 0.5]], { labels: 5 });
    else if (name === "add" && points.length < 6) this.setPoints([...points, [[0.5, 0.6], [0.2, 1.2], [1.2, 0.3]][points.length % 3]]);
    else if (name === "less" && points.length > 2) this.setPoints(points.slice(0, -1), { labels: this.labels % 2 ** (points.length - 1) });
    else if (name === "forget") this.set({ guesses: 0, seed: (this.values.seed + 1) % 10_000 });
    else if (GUESSES[name]) this.set({ guesses: Math.min(this.values.guesses + GUESSES[name], this.data.options.guesses.high) });
    this.commit();
  }

  // A line that gives the labelling, as line 1.
  find() {
    const line = this.known.get(this.labels);
    if (!line || !(line.w[0] || line.w[1])) return;
    const foot = [-line.b * line.w[0], -line.b * line.w[1]], centre = (line.w[1] * 0.5 - line.w[0] * 0.5), along = [line.w[1], -line.w[0]];
    const at = (t) => foot.map((value, k) => clamp(value + (centre + t) * along[k]));
    const [p, q] = [at(-0.25), at(0.25)];
    this.set({ p1x: p[0], p1y: p[1], q1x: q[0], q1y: q[1], gate: "one" });
  }

  stepBy(by, quiet) {
    super.stepBy(by, quiet);
    this.find();
  }

  grab(handle, x, y) {
    const [kind, index] = handle.split(" ");
    if (kind === "point") this.setPoints(this.points.map((p, k) => (k === Number(index) ? [clamp(x), clamp(y)] : p)));
    else this.set({ [`${kind}x`]: clamp(x), [`${kind}y`]: clamp(y) });
  }

  handle(name, chart) {
    const element = super.handle(name, chart), [kind, index] = name.split(" ");
    if (kind === "point") {
      const flip = () => { this.set({ labels: this.labels ^ (1 << Number(index)), guesses: 0 }); this.commit(); };
      element.addEventListener("dblclick", flip);
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        flip();
      });
    }
    return element;
  }

  draw() {
    const { points, lines, labels } = this, gate = this.data.gates[this.values.gate];
    this.root.style.setProperty("--fs-point", "transparent"); // the marks below show the labels
    this.inputs.labels.max = String(this.last());
    this.outputs = points.map((x) => through(x, lines, gate));
    this.drawPlane(gate);
    this.drawAll();
    this.guess(labels);
    this.showWords();
  }

  drawPlane(gate) {
    const { points, lines, labels, values } = this, { colors } = this.data, [zero, one] = colors.lanes;
    const z = AXIS.map((y) => AXIS.map((x) => through([x, y], lines, gate).output));
    const field = { type: "heatmap", x: AXIS, y: AXIS, z, zmin: 0, zmax: 1, showscale: false, hoverinfo: "skip",
      opacity: 0.22, colorscale: [[0, zero], [1, one]] };
    const drawn = lines.map((line, k) => {
      const p = [values[`p${k + 1}x`], values[`p${k + 1}y`]], q = [values[`q${k + 1}x`], values[`q${k + 1}y`]], far = (t) => p.map((v, i) => v + t * (q[i] - v));
      const ends = [far(-30), far(30)];
      return { x: ends.map((e) => e[0]), y: ends.map((e) => e[1]), mode: "lines", hoverinfo: "skip", name: `line ${k + 1}`,
        line: { color: colors.ink, width: k && values.gate === "one" ? 1 : 2.5, dash: k ? "dash" : "solid" } };
    });
    const right = this.outputs.map(({ output }, k) => output === ((labels >> k) & 1));
    const marks = { x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "markers", hoverinfo: "skip",
      marker: { size: 30, symbol: points.map((_, k) => ((labels >> k) & 1 ? "square" : "circle")),
        color: points.map((_, k) => ((labels >> k) & 1 ? one : zero)),
        line: { width: right.map((ok) => (ok ? 1 : 4)), color: right.map((ok) => (ok ? colors.surface : colors.ink)) } } };
    this.react("plane", [field, ...drawn, marks], { xaxis: { range: [LOW, HIGH] }, yaxis: { range: [LOW, HIGH] } });
    const ends = ["p1", "q1", "p2", "q2"].map((name) => ({ name, label: `Line ${name[1]}, ${name[0] === "p" ? "one end" : "other end"}`,
      x: values[`${name}x`], y: values[`${name}y`], kind: name[1] === "2" ? "second" : "" }));
    const own = points.map(([x, y], k) => ({ name: `point ${k}`, label: `Point ${k + 1}, label ${(labels >> k) & 1}, Enter changes it,`, x, y, kind: "small" }));
    this.place("plane", [...ends, ...own]);
    this.caption("plane", "blue circles 0, orange squares 1, thick rim: wrong · double-click a point: its label");
  }

  drawAll() {
    const { points, labels } = this, { colors } = this.data, n = points.length, count = 2 ** n, columns = 2 ** Math.ceil(n / 2), [zero, one] = colors.lanes;
    const place = (k) => [k % columns, -Math.floor(k / columns)], all = Array.from({ length: count }, (_, k) => k), rows = count / columns;
    const { width, height } = this.charts.all.body.getBoundingClientRect(), size = Math.max(8, Math.min(width / columns, (height - 20) / rows) * 0.8);
    const ground = { x: all.map((k) => place(k)[0]), y: all.map((k) => place(k)[1]), mode: "markers+text", customdata: all,
      text: all.map((k) => (this.known.has(k) ? "" : "✗")), textfont: { size: Math.min(26, size * 0.5), color: colors.second },
      hovertext: all.map((k) => `labelling ${k}: ${this.known.has(k) ? "one line gives it" : "no line gives it"}`),
      hovertemplate: "%{hovertext}<extra></extra>",
      marker: { symbol: "square", size, color: all.map((k) => (this.known.has(k) ? "rgba(0,158,115,.2)" : "rgba(213,94,0,.2)")),
        line: { width: all.map((k) => (k === labels ? 3 : 0)), color: colors.ink } } };
    const unit = [(0.6 * size * columns) / width, (0.6 * size * rows) / (height - 8)];
    const dots = { x: [], y: [], mode: "markers", hoverinfo: "skip", marker: { size: Math.max(4, size / 6), color: [], symbol: [] } };
    if (n <= 4) {
      for (const k of all) for (const [i, [x, y]] of points.entries()) {
        const [cx, cy] = place(k), label = (k >> i) & 1;
        dots.x.push(cx + ((x - LOW) / (HIGH - LOW) - 0.5) * 2 * 0.55 * unit[0]);
        dots.y.push(cy + ((y - LOW) / (HIGH - LOW) - 0.5) * 2 * 0.55 * unit[1]);
        dots.marker.color.push(label ? one : zero);
        dots.marker.symbol.push(label ? "square" : "circle");
      }
    }
    const axis = { visible: false };
    this.react("all", [ground, dots], { xaxis: { ...axis, range: [-0.6, columns - 0.4] }, yaxis: { ...axis, range: [-rows + 0.4, 0.6] },
      margin: { l: 4, r: 4, t: 4, b: 4 } });
    this.listen();
    this.caption("all", `one line gives ${this.known.size} of ${count}; click one`);
  }

  listen() {
    const { plot } = this.charts.all;
    if (this.listens || !plot.on) return;
    this.listens = true;
    plot.on("plotly_click", ({ points: [point] }) => {
      if (point.curveNumber) return;
      this.set({ labels: point.customdata, guesses: 0 });
      this.find();
      this.commit();
    });
  }

  // --- guessing -------------------------------------------------------------------------------------------

  guess(labels) {
    const { points, seed, guesses } = this.values, key = [points, labels, seed].join();
    if (this.guessKey !== key || this.guessing.tried > guesses) {
      this.guessKey = key;
      this.guessing = new Guessing(this.points, labels, seed);
    }
    this.drawGuesses();
    this.goOn();
  }

  goOn() { // a few milliseconds in each frame, and none when the page is left
    const { guessing } = this;
    if (this.isGuessing || this.closed || guessing.tried >= this.values.guesses) return;
    this.isGuessing = true;
    requestAnimationFrame(() => {
      this.isGuessing = false;
      if (this.closed) return;
      this.guessing.advance(this.values.guesses, SLICE);
      this.drawGuesses();
      this.goOn();
    });
  }

  drawGuesses() {
    const { tried, hits, marks } = this.guessing, { colors } = this.data, far = Math.max(1000, this.values.guesses);
    const isXor = this.values.points === this.data.defaults.points && [6, 9].includes(this.labels);
    const found = { x: marks.map((m) => m[0]), y: marks.map((m) => m[1]), mode: "lines", name: "hits", line: { color: colors.first, width: 2.5 },
      hovertemplate: "%{x:,} networks<br>%{y} hits<extra></extra>" };
    const law = isXor ? [{ x: [0, far], y: [0, far / PER_XOR], mode: "lines", name: "one in 1,319", hoverinfo: "skip",
      line: { color: colors.second, width: 1.5, dash: "dash" } }] : [];
    const top = Math.max(2, hits, isXor ? far / PER_XOR : 0) * 1.15;
    this.react("guess", [...law, found], { xaxis: { range: [0, far] }, yaxis: { range: [-0.03 * top, top] } });
    this.caption("guess", tried ? `${hits.toLocaleString("en")} of ${tried.toLocaleString("en")}${hits ? `: one in ${Math.round(tried / hits).toLocaleString("en")}` : ""}` : "weights and biases uniform in ±2");
    this.root.dataset.guessed = String(tried);
  }

  showWords() {
    const { points, labels, lines } = this, gate = this.data.gates[this.values.gate], n = points.length;
    const rows = points.map((x, k) => {
      const { h, output } = this.outputs[k], label = (labels >> k) & 1;
      return `<tr><td>${show(x[0], 2)}</td><td>${show(x[1], 2)}</td><td>${h[0]}</td><td>${h[1]}</td><td><b>${output}</b></td><td>${label}</td><td>${output === label ? "✓" : "✗"}</td></tr>`;
    });
    this.formula("table", `<table><thead><tr><th>x₁</th><th>x₂</th><th>h₁</th><th>h₂</th><th>ŷ</th><th>y</th><td></td></tr></thead><tbody>${rows.join("")}</tbody></table>`);
    const text = (line, k) => `h${"₁₂"[k]} = [${show(line.w[0])} x₁ ${plus(line.w[1])} x₂ ${plus(line.b)} ≥ 0]`;
    const [v1, v2, c] = gate;
    this.formula("lines", `${lines.map(text).join("<br>")}<br>ŷ = [${show(v1)} h₁ ${plus(v2)} h₂ ${plus(c)} ≥ 0]`);
    const isGeneral = this.known.size === cover(n), law = `2 Σ C(${n - 1}, k) = ${cover(n)}`;
    this.formula("cover", `${law} of 2<sup>${n}</sup> = ${2 ** n} for points in general position${isGeneral ? "" : `; here ${this.known.size}: three lie on a line, or two coincide`}`);
    const right = this.outputs.filter(({ output }, k) => output === ((labels >> k) & 1)).length;
    const can = this.known.has(labels) ? "One line gives this labelling." : "<b>No line gives this labelling.</b> Choose a gate and drag two lines.";
    this.verdict(`${right === n ? "<b>All points are right.</b>" : `${right} of ${n} points are right.`} ${right === n && !this.known.has(labels) ? "No single line could do that." : can}`);
  }
}
