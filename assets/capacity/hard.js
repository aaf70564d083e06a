// Hard: label ten points, try every pair of half-planes, and let a hundred descents look for the same thing.
import "./style.js";
import { View, bounded, show } from "../drawn/view.js";
import { normals } from "./teacher_math.js";
import { canvasIn } from "./teacher_pictures.js";
import { Descents, cover, dichotomies, search, side } from "./hard_math.js";

const BETAS = [1, 2, 5, 10, 20, 50, 100], LENGTH = 600, STRIDE = 12;
const DIMENSIONS = [1, 2, 3, 5, 10, 20];
const NAMES = { 2: "three nodes", 4: "five nodes" };
const count = (n) => (n < 1e9 ? Math.round(n).toLocaleString("en") : show(n, 2));

export default class Hard extends View {
  build(parent) {
    super.build(parent);
    this.root.addEventListener("keydown", (event) => {
      const name = event.target.dataset?.handle;
      if (!name || ![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      this.flip(name);
    });
  }

  get points() { return this.values.points.split(";").map((pair) => pair.split(",").map(Number)); }

  get wanted() { return this.values.labels % 2 ** this.points.length; }

  last() { return this.found ? this.found.first || this.found.pairs.length : this.data.options.tried.high; }

  written(points) { return points.map(([x, y]) => `${Number(x.toFixed(2))},${Number(y.toFixed(2))}`).join(";"); }

  begin(name, chart, event) {
    this.hasMoved = false;
    super.begin(name, chart, event);
  }

  grab(handle, x, y) {
    this.hasMoved = true;
    const k = Number(handle.slice(1)), place = [bounded(x, -1, 1), bounded(y, -1, 1)];
    this.set({ points: this.written(this.points.map((point, i) => (i === k ? place : point))), tried: 0 });
  }

  drop() {
    if (this.dragging && !this.hasMoved) {
      const { name } = this.dragging;
      this.dragging = null;
      this.flip(name);
    } else super.drop();
  }

  flip(name) {
    const bit = 2 ** Number(name.slice(1)), { wanted } = this;
    this.set({ labels: Math.floor(wanted / bit) % 2 ? wanted - bit : wanted + bit, tried: 0 });
    this.commit();
  }

  press(name) {
    const { points, wanted } = this, all = 2 ** points.length, { defaults } = this.data;
    const draw = () => normals(Math.floor(performance.now() * 1000) % 2 ** 31, 4).map((v) => Math.max(-0.9, Math.min(0.9, v / 2)));
    const changes = {
      random: () => ({ labels: Math.floor(Math.random() * all) }),
      band: () => ({ points: defaults.points, labels: defaults.labels }),
      line: () => ({ points: this.written(points.map((_, k) => [-0.9 + (1.8 * k) / Math.max(points.length - 1, 1), 0])) }),
      more: () => (points.length < 10 ? { points: this.written([...points, [...draw().slice(0, 2)]]) } : {}),
      fewer: () => (points.length > 1 ? { points: this.written(points.slice(0, -1)), labels: wanted % (all / 2) } : {}),
    };
    this.set({ ...changes[name](), tried: 0 });
    this.commit();
  }

  play(on) {
    this.ticked = performance.now();
    super.play(on);
  }

  // While it plays, five hundred pairs are tried in a second.
  stepBy(by, quiet = false) {
    if (quiet && by === 1) {
      const now = performance.now();
      by = Math.min(Math.max(1, Math.round(Math.min(now - this.ticked, 500) / 2)), this.last() - this.values.tried);
      this.ticked = now;
    }
    super.stepBy(by, quiet);
  }

  // --- working out ----------------------------------------------------------------------------------------

  work() {
    const { points, values } = this, key = [values.points, values.labels].join("|");
    if (this.workedFor !== key) {
      this.workedFor = key;
      this.lines = dichotomies(points);
      this.found = search(this.lines.map(([label]) => label), this.wanted);
    }
    const runs = [key, values.seed].join("|");
    if (this.runsFor !== runs) {
      this.runsFor = runs;
      this.runs = [2, 4].flatMap((hidden) => BETAS.map((beta) => new Descents(points, this.wanted, hidden, beta, values.seed)));
    }
    if (!this.dragging && !this.playing) this.descend();
  }

  // Descents go on a little with each frame.
  descend() {
    const until = performance.now() + 20, open = this.runs.filter((run) => run.t < LENGTH);
    for (let k = 0; k < open.length && performance.now() < until; k++) for (let t = 0; t < STRIDE && open[k].t < LENGTH; t++) open[k].step();
    this.runs.sort((a, b) => a.t - b.t);
    if (open.length) this.redraw();
  }

  // --- drawing --------------------------------------------------------------------------------------------

  draw() {
    this.work();
    this.inputs.tried.max = this.last();
    const tried = Math.min(this.values.tried, this.last()), pair = tried ? this.found.pairs[tried - 1] : null;
    this.drawPoints(pair);
    this.drawLines(pair);
    this.drawGrowth();
    this.drawDescents();
    this.showWords(tried);
  }

  drawPoints(pair) {
    const { plot, field, body } = this.charts.points, { points, wanted } = this, { colors } = this.data;
    const { width, height } = body.getBoundingClientRect(), key = [width, height, JSON.stringify(this.data.layouts.points)].join();
    if (this.axesFor !== key && this.loaded) {
      this.axesFor = key;
      const ratio = Math.max(width - 50, 1) / Math.max(height - 45, 1);
      this.react("points", [], { xaxis: { range: [-1.1 * Math.max(1, ratio), 1.1 * Math.max(1, ratio)] }, yaxis: { range: [-1.1 * Math.max(1,
        1 / ratio), 1.1 * Math.max(1, 1 / ratio)] } });
    }
    if (!plot._fullLayout) return;
    const isAnswer = pair && this.found.first && this.found.pairs.indexOf(pair) === this.found.first - 1;
    drawHalfPlanes(field, plot, pair ? pair.map((k) => this.lines[k][1]) : [], isAnswer, colors);
    this.place("points", points.map(([x, y], k) => {
      const label = Math.floor(wanted / 2 ** k) % 2;
      return { name: `p${k}`, label: `Point ${k + 1}, label ${label}, Enter changes it,`, x, y, kind: label ? "small yes" : "small no" };
    }));
    this.caption("points", "click: other label · drag: other place");
  }

  // Every labelling that a line makes, as a small picture.
  drawLines(pair) {
    const { field } = this.charts.lines, { pen, width, height } = canvasIn(field), { points, lines } = this, { colors } = this.data;
    let columns = 1;
    while ((width / columns) * Math.ceil(lines.length / columns) > height && columns < lines.length) columns += 1;
    const step = Math.min(width / columns, 64), half = step / 2 - 2;
    lines.forEach(([label], k) => {
      const x = (k % columns) * step + step / 2, y = Math.floor(k / columns) * step + step / 2, isTried = pair?.includes(k);
      pen.lineWidth = isTried ? 3 : 0.7;
      pen.strokeStyle = isTried ? colors.ink : colors.faint;
      pen.strokeRect(x - half, y - half, 2 * half, 2 * half);
      points.forEach(([a, b], n) => {
        const isIn = Math.floor(label / 2 ** n) % 2, size = Math.max(1.2, half / 7), at = [x + a * half * 0.85, y - b * half * 0.85];
        pen.fillStyle = isIn ? colors.first : colors.second;
        if (isIn) { pen.beginPath(); pen.arc(...at, size, 0, 2 * Math.PI); pen.fill(); } else pen.fillRect(at[0] - size, at[1] - size, 2 * size, 2 * size);
      });
    });
    this.caption("lines", `${lines.length} of ${count(2 ** points.length)} labellings`);
  }

  drawGrowth() {
    const { dims, many } = this.values, { colors } = this.data, x = Array.from({ length: 60 }, (_, k) => k + 1);
    const lines = [...new Set([...DIMENSIONS, dims])].sort((a, b) => a - b);
    const line = (d, k) => ({ x, y: x.map((n) => cover(n, d)), mode: "lines", name: `d = ${d}`, line: { color: d === dims ? colors.second : colors.first, width: d === dims ? 3 : 1 + 0.15 * k },
      opacity: d === dims ? 1 : 0.75, hovertemplate: `d = ${d}<br>N = %{x}<br>%{y:.4g} labellings<extra></extra>` });
    this.react("growth", [{ x, y: x.map((n) => 2 ** n), mode: "lines", name: "all, 2<sup>N</sup>", line: { color: colors.ink, width: 1.5,
      dash: "dot" }, hoverinfo: "skip" }, ...lines.map(line),
      { x: [many], y: [cover(many, dims)], mode: "markers", marker: { size: 11, color: colors.second, line: { width: 2, color: colors.surface } },
        hoverinfo: "skip" }],
    { xaxis: { range: [0, 60] }, yaxis: { range: [0, 12], dtick: 3 },
      annotations: lines.map((d) => ({ x: 60, y: Math.min(11.6, Math.log10(cover(60, d))), xanchor: "right", yanchor: "bottom", text: `d ${d}`, showarrow: false, font: { size: 12 } })).filter(({ y }) => y < 11.5) });
    this.caption("growth", `${count(cover(many, dims))} for N = ${many}, d = ${dims}`);
  }

  drawDescents() {
    const { colors } = this.data, lines = [2, 4].map((hidden) => {
      const own = this.runs.filter((run) => run.hidden === hidden).sort((a, b) => a.beta - b.beta);
      return { x: BETAS, y: own.map((run) => run.answers()), mode: "lines+markers", name: NAMES[hidden],
        line: { color: hidden === 2 ? colors.second : colors.first, width: 2 },
        marker: { size: 8, symbol: hidden === 2 ? "square" : "circle" }, hovertemplate: `${NAMES[hidden]}, β = %{x}<br>%{y} of 100<extra></extra>` };
    });
    const done = this.runs.reduce((sum, run) => sum + run.t, 0) / this.runs.length;
    this.react("descents", lines, { xaxis: { range: [-0.1, 2.1], tickvals: BETAS, ticktext: BETAS.map(String) }, yaxis: { range: [-3, 105] } });
    this.caption("descents", done < LENGTH ? `after ${Math.round(done)} of ${LENGTH} updates` : `after ${LENGTH} updates`);
    this.byBeta = lines;
  }

  showWords(tried) {
    const { found, lines, points } = this, { many, dims } = this.values, N = points.length, { first, pairs, reachable } = found;
    const isFound = first && tried >= first, isOver = tried >= pairs.length;
    const state = isFound ? `<b>Pair ${count(first)} fits.</b> To check it takes ${2 * N} signs; to find it took ${count(first)} trials.`
      : isOver ? `<b>None of the ${count(pairs.length)} pairs fits:</b> no network of three such nodes has these labels.`
        : tried ? `<b>${count(tried)} of ${count(pairs.length)} pairs tried,</b> none fits so far.` : `<b>Are the round points all that lie on the right side of two lines?</b> Press Play to try every pair.`;
    const [three, five] = this.byBeta, [from, to] = [0, BETAS.length - 1], done = this.runs.every((run) => run.t >= LENGTH);
    this.verdict(`${state} ${count(reachable)} of the ${count(2 ** N)} labellings have an answer.${done ? ` Of 100 descents, ${three.y[from]} find one with soft nodes (β = 1), ${three.y[to]} with hard ones (β = 100); with five nodes ${five.y[from]} and ${five.y[to]}.` : ""}`);
    const general = cover(N, 2);
    this.formula("here", `${N} points: ${lines.length} labellings by one line${lines.length < general ? `; in general position ${general}. Some points lie on one line or at one place` : ""}. Pairs: ${lines.length} · ${lines.length + 1} / 2 = ${count(pairs.length)}`);
    const terms = Array.from({ length: Math.min(dims, many - 1, 3) + 1 }, (_, k) => count((cover(many, k) - (k ? cover(many, k - 1) : 0)) / 2));
    this.formula("cover", `2 Σ C(N − 1, k), k ≤ d<br>= 2 (${terms.join(" + ")}${Math.min(dims, many - 1) > 3 ? " + …" : ""}) = ${count(cover(many, dims))}`);
    this.formula("net", "hidden node σ(β(w·x + b)), descent on the cross-entropy; an answer counts with steps in place of σ");
  }
}

// Where both sides are positive is shaded; the lines are drawn, the second one dashed.
function drawHalfPlanes(box, plot, lines, isAnswer, colors) {
  const { pen } = canvasIn(box), { _size: margin, xaxis, yaxis } = plot._fullLayout;
  if (!lines.length) return;
  const at = ([x, y]) => [margin.l + xaxis.d2p(x), margin.t + yaxis.d2p(y)], [left, right] = xaxis.range, [low, high] = yaxis.range;
  let region = [[left, low], [right, low], [right, high], [left, high]];
  for (const line of lines) region = clipped(region, line);
  pen.save();
  pen.beginPath();
  pen.rect(margin.l, margin.t, margin.w, margin.h);
  pen.clip();
  pen.fillStyle = colors.first;
  pen.globalAlpha = isAnswer ? 0.3 : 0.13;
  pen.beginPath();
  region.forEach((corner, k) => (k ? pen.lineTo(...at(corner)) : pen.moveTo(...at(corner))));
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = isAnswer ? colors.first : colors.ink;
  pen.lineWidth = isAnswer ? 2.5 : 1.5;
  lines.forEach(([a, b, c], k) => {
    const size = a * a + b * b;
    if (!size) return;
    const foot = [(-a * c) / size, (-b * c) / size], length = Math.sqrt(size);
    pen.setLineDash(k ? [7, 4] : []);
    pen.beginPath();
    pen.moveTo(...at([foot[0] + (9 * b) / length, foot[1] - (9 * a) / length]));
    pen.lineTo(...at([foot[0] - (9 * b) / length, foot[1] + (9 * a) / length]));
    pen.stroke();
  });
  pen.restore();
}

// The part of a polygon on the positive side of a line.
function clipped(polygon, line) {
  const kept = [];
  polygon.forEach((one, k) => {
    const next = polygon[(k + 1) % polygon.length], s = side(line, one), t = side(line, next);
    if (s > 0) kept.push(one);
    if (s > 0 !== t > 0) kept.push([0, 1].map((d) => one[d] + (s / (s - t)) * (next[d] - one[d])));
  });
  return kept;
}
