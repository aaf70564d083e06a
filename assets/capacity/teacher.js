// Teacher: students that descend at once towards a teacher of the same kind, where they end, and what one neuron more changes.
import "./style.js";
import { View, bounded, show } from "../drawn/view.js";
import { ARRIVED, Descent, Problem, countDirections, eigen, record, settled, split, starts } from "./teacher_math.js";
import { drawMoments } from "./teacher_moments.js";
import { drawMatrices, drawPlane, rowsInOrder, shade } from "./teacher_pictures.js";

const LONG = 3000; // updates before a cut, and after it
const STILL = 1e-5; // a gradient below this moves nothing that can be seen
const APART = 1e-3, FLOOR = -12;
const WIDE = 1.55;
const LOST = 1e6; // a loss above it has diverged
const TEN = Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (_, j) => (i === j ? 1 : 0)));
const level = (x, digits) => show(Math.abs(x) < 1e-9 ? 0 : x, digits);
const power = (x) => (x >= 0.001 ? show(x) : x > 0 ? x.toExponential(0).replace("e-", " · 10⁻").replace(/\d+$/, (d) => d.replace(/\d/g,
  (n) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[n])) : "0");

export default class Teacher extends View {
  build(parent) {
    super.build(parent);
    const { field } = this.charts.arrows;
    field.insertAdjacentHTML("beforeend", '<div class="ca-all"></div><div class="ca-matrix"></div>');
    this.all = field.firstChild;
    this.matrix = field.lastChild;
    this.all.addEventListener("click", (event) => this.pickMatrix(event));
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-split]");
      if (button) this.cut({ cut: "split", neuron: Number(button.dataset.split) + 1 });
    });
  }

  // --- values ---------------------------------------------------------------------------------------------

  get inTen() { return this.values.space === "ten"; }

  get teacher() { return this.inTen ? TEN : this.values.teacher.split(";").map((pair) => pair.split(",").map(Number)); }

  // The updates of the students, and those of the one that was cut.
  get time() { const { cut, step, at } = this.values; return cut === "none" ? Math.min(step, LONG) : at; }

  get after() { const { cut, step, at } = this.values; return cut === "none" ? 0 : Math.max(0, Math.min(step - at, LONG)); }

  get pick() { return Math.min(this.values.pick, this.values.students) - 1; }

  last() { return this.values.cut === "none" ? LONG : this.values.at + LONG; }

  grab(handle, x, y) {
    const size = Math.hypot(x, y), scale = size < 0.05 ? 0.05 / Math.max(size, 1e-9) : 1, place = size > 0 ? [x * scale, y * scale] : [0.05, 0];
    const [a, b] = place.map((v) => bounded(v, -1.6, 1.6));
    if (handle === "new") return this.set({ nx: a, ny: b, ...(this.values.cut === "add" ? { step: this.values.at } : {}) });
    const teacher = this.teacher.map(([u, v], k) => (handle === `v${k}` ? [Number(a.toFixed(2)), Number(b.toFixed(2))] : [u, v]));
    this.set({ teacher: this.written(teacher), ...this.uncut() });
  }

  written(teacher) { return teacher.map(([x, y]) => `${Number(x.toFixed(3))},${Number(y.toFixed(3))}`).join(";"); }

  uncut() { return this.values.cut === "none" ? {} : { cut: "none", step: this.values.at }; }

  changed(name) {
    if (name === "space") this.set({ units: this.teacher.length, students: this.inTen ? 100 : 200, pick: this.inTen ? 2 : 6, step: 0, cut: "none", at: 0 });
  }

  press(name) {
    const { units, at } = this.values, { high } = this.data.options.units;
    if (name === "next") this.nextStuck();
    else if (name === "wider") this.set({ units: Math.min(high, units + 1), step: 0, cut: "none", at: 0 });
    else if (name === "add") this.cut({ cut: "add" });
    else if (name === "undo") this.set({ cut: "none", step: at });
    else this.arrows(name === "more" ? 1 : -1);
    this.commit();
  }

  arrows(by) {
    const { teacher } = this, most = 6;
    if (this.inTen || teacher.length + by < 1 || teacher.length + by > most) return;
    this.set({ teacher: this.written(by < 0 ? teacher.slice(0, -1) : [...teacher, [0.71, 0.71]]), ...this.uncut() });
  }

  cut(how) {
    const at = this.time;
    this.play(false);
    this.set({ ...how, at, step: at });
    this.commit();
  }

  nextStuck() {
    const { losses } = this.now, count = losses.length;
    for (let k = 1; k <= count; k++) {
      const r = (this.pick + k) % count;
      if (losses[r] >= ARRIVED && losses[r] < LOST) { this.set({ pick: r + 1, ...this.uncut() }); return; }
    }
  }

  pickMatrix(event) {
    const box = this.all.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const found = (this.places ?? []).findIndex(([left, top, w, h]) => x >= left && x <= left + w && y >= top && y <= top + h);
    if (found >= 0) { this.set({ pick: found + 1, ...this.uncut() }); this.commit(); }
  }

  play(on) {
    this.ticked = performance.now();
    super.play(on);
  }

  // While it plays, updates come faster the longer it runs, the same on every machine as far as it keeps up: s updates after
  // 2 seconds · ln(1 + s/60).
  stepBy(by, quiet = false) {
    if (quiet && by === 1) {
      if (this.isLate) return;
      const isWhole = this.values.cut === "none", since = isWhole ? this.time : this.after, now = performance.now();
      const wanted = (since + 60) * Math.expm1(Math.min(now - this.ticked, 500) / 2000);
      if (wanted < 0.5) return;
      this.ticked = now;
      by = Math.max(1, Math.min(Math.round(wanted), isWhole ? 4 * (this.affordable ?? 1) : 100, this.last() - this.values.step));
    }
    super.stepBy(by, quiet);
  }

  // --- working out ----------------------------------------------------------------------------------------

  work() {
    const { space, teacher, units, students, seed, eta, beta } = this.values, D = this.inTen ? 10 : 2;
    const key = [space, this.inTen || teacher, units, students, seed, eta, beta].join("|");
    if (this.workedFor !== key) {
      this.workedFor = key;
      this.problem = new Problem(this.teacher, D, units);
      this.swarm = new Descent(this.problem, starts(seed, students, units, D), eta, beta);
      this.single = this.patient = null;
    }
    const before = this.swarm.t, began = performance.now();
    this.isLate = !this.swarm.goTo(this.time, this.playing ? 60 : 40);
    if (this.swarm.t > before) this.affordable = Math.max(1, Math.round(((this.swarm.t - before) * 14) / Math.max(performance.now() - began, 0.1)));
    if (this.isLate) this.redraw();
    // arrows are drawn in every frame, charts a few times a second while anything moves
    this.isSparing = (this.isLate || this.playing) && began - (this.chartedAt ?? 0) < (this.isLate ? 300 : 120);
    if (!this.isSparing) this.chartedAt = began;
    this.now = this.measure();
    this.followOne(key);
  }

  measure() {
    const { problem, swarm } = this, losses = [], slopes = [];
    for (let r = 0; r < swarm.count; r++) {
      losses.push(problem.loss(swarm.W, r * problem.size));
      slopes.push(problem.gradient(swarm.W, swarm.G, r * problem.size));
    }
    return { losses, slopes };
  }

  // The loss of the student that is shown from its start, the place where it would come to rest, and what a cut does to it.
  followOne(key) {
    const { pick, problem, swarm } = this, { cut, neuron, nx, ny, eta, beta } = this.values;
    if (this.single?.key !== `${key}|${pick}`) {
      const from = swarm.kept[0][0].slice(pick * problem.size, (pick + 1) * problem.size);
      this.single = { key: `${key}|${pick}`, descent: new Descent(problem, from, eta, beta), losses: [problem.loss(from)] };
    }
    record(this.single, this.isLate ? swarm.t : this.time);
    const W = swarm.student(pick), restKey = `${this.single.key}|${swarm.t}`;
    const isFree = !this.playing && !this.isLate && !this.dragging && this.now.losses[pick] < LOST;
    if (this.rest?.key !== restKey && isFree) this.rest = { key: restKey, ...settled(problem, W) };
    this.isRest = this.rest?.key === restKey;
    if (cut === "none" || !this.isRest) { this.patient = null; return; }
    const cutKey = [restKey, cut, cut === "split" ? neuron : [nx, ny]].join("|");
    if (this.patient?.key !== cutKey) this.patient = this.operate(cutKey);
    record(this.patient, this.after);
    this.patient.descent.goTo(this.after);
  }

  operate(key) {
    const { problem, rest } = this, { cut, neuron, nx, ny, units, eta, beta } = this.values, { D } = problem;
    const wider = new Problem(this.teacher, D, units + 1);
    let W, still;
    if (cut === "add") W = still = Float64Array.from([...rest.W, nx, ny, ...new Array(D - 2).fill(0)]);
    else {
      const { direction } = problem.splitCurvature(problem.hessian(rest.W), Math.min(neuron, units) - 1);
      W = split(rest.W, D, Math.min(neuron, units) - 1, direction, APART);
      still = split(rest.W, D, Math.min(neuron, units) - 1, direction, 0);
    }
    return { key, problem: wider, still, descent: new Descent(wider, W, eta, beta), losses: [wider.loss(still)] };
  }

  // What the Hessian is taken of: the cut student, the place of rest, or where the student is.
  looked() {
    const { patient, after, isRest, rest, problem, swarm, pick } = this;
    if (patient) return { problem: patient.problem, W: after ? patient.descent.W : patient.still, where: after ? `${after} updates after` : this.values.cut === "split" ? "just split" : "just added" };
    if (isRest && rest.loss >= ARRIVED) return { problem, W: rest.W, where: "where it comes to rest" };
    return { problem, W: swarm.student(pick), where: "here" };
  }

  // --- drawing --------------------------------------------------------------------------------------------

  draw() {
    const isMoments = this.values.tab === "moments";
    for (const name of ["arrows", "ends", "hessian", "path"]) this.charts[name].card.hidden = isMoments;
    for (const name of ["moments", "angle"]) this.charts[name].card.hidden = !isMoments;
    for (const part of this.root.querySelectorAll(".fs-side > .fs-control")) part.hidden = isMoments &&
      !part.matches('[data-option="tab"], [data-option="samples"], [data-option="seed"], :has([data-formula="moments"])');
    this.hide("samples", !isMoments);
    this.root.querySelector('[data-formula="moments"]').parentElement.hidden = !isMoments;
    if (isMoments) { drawMoments(this); return; }
    this.work();
    for (const name of ["more", "fewer", "add"]) this.root.querySelector(`[data-button="${name}"]`).disabled = this.inTen;
    this.root.querySelector('[data-button="undo"]').disabled = this.values.cut === "none";
    this.inputs.step.max = this.last();
    this.inputs.pick.max = this.values.students;
    this.drawStudents();
    if (this.isSparing) return;
    this.drawEnds();
    this.drawHessian();
    this.drawPath();
    this.showWords();
  }

  drawStudents() {
    const { plot, field, body } = this.charts.arrows, { colors } = this.data, { problem, swarm, now, patient } = this;
    const one = patient ? { W: patient.descent.W, loss: patient.losses[this.after] } : { W: swarm.student(this.pick), loss: now.losses[this.pick] };
    plot.hidden = this.inTen;
    this.matrix.hidden = !this.inTen;
    field.classList.toggle("ca-live", this.inTen);
    field.tabIndex = this.inTen ? 0 : -1; // where it scrolls, the keyboard can
    if (this.inTen) {
      this.place("arrows", []);
      this.showMatrix(one);
      this.places = drawMatrices(this.all, { W: swarm.W, K: problem.K, D: problem.D, losses: now.losses, pick: this.pick }, colors);
      this.caption("arrows", "each small square is a student: click one");
      return;
    }
    const { width, height } = body.getBoundingClientRect(), wide = (WIDE * Math.max(width - 50, 1)) / Math.max(height - 45, 1), low = Math.min(1,
      wide / WIDE) < 1;
    const x = low ? WIDE : wide, y = low ? (WIDE * (height - 45)) / Math.max(width - 50, 1) : WIDE;
    const key = [width, height, JSON.stringify(this.data.layouts.arrows)].join();
    if (this.axesFor !== key && this.loaded) {
      this.axesFor = key;
      this.react("arrows", [], { xaxis: { range: [-x, x] }, yaxis: { range: [-y, y] } });
    }
    if (!plot._fullLayout) return;
    const { nx, ny, cut } = this.values;
    drawPlane(this.all, plot, { W: swarm.W, size: problem.size, losses: now.losses, teacher: this.teacher, shown: one,
      newNeuron: cut === "split" ? null : [nx, ny] }, colors);
    const handles = this.teacher.map(([a, b], k) => ({ name: `v${k}`, label: `The teacher's neuron ${k + 1}`, x: a, y: b, kind: "small teacher" }));
    if (cut !== "split") handles.push({ name: "new", label: "The neuron to add", x: nx, y: ny, kind: "small added" });
    this.place("arrows", handles);
    this.caption("arrows", "dashed: the teacher, drag it · ● found it, × not yet");
  }

  showMatrix({ W }) {
    const { D } = this.problem, { colors } = this.data, K = W.length / D;
    const cell = (value) => `<td style="${shade(value, colors)}">${value.toFixed(2)}</td>`;
    const rows = rowsInOrder(W, 0, K, D).map((i) => `<tr><th scope="row">w${i + 1}</th>${Array.from(W.slice(i * D, (i + 1) * D), cell).join("")}</tr>`);
    const html = `<table><caption>Student ${this.pick + 1}: each neuron along the teacher's ten</caption><thead><tr><td></td>${TEN.map((_, j) => `<th scope="col">v${j + 1}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
    if (this.matrix.innerHTML !== html) this.matrix.innerHTML = html;
  }

  drawEnds() {
    const { losses } = this.now, { colors } = this.data, bins = 4, first = FLOOR * bins, count = 13 * bins + 1;
    const found = new Array(count).fill(0), stuck = new Array(count).fill(0);
    this.ofBin = Array.from({ length: count }, () => []);
    losses.forEach((loss, r) => {
      if (!(loss < LOST)) return;
      const bin = Math.max(0, Math.min(count - 1, Math.floor(Math.log10(Math.max(loss, 1e-300)) * bins) - first));
      (loss < ARRIVED ? found : stuck)[bin] += 1;
      this.ofBin[bin].push(r);
    });
    const x = found.map((_, k) => (k + first + 0.5) / bins), most = Math.max(...found, ...stuck);
    let high = losses.length;
    while (high > 8 && most * 1.15 < high / 2) high /= 2;
    const hover = "%{y} students with a loss near 10<sup>%{x:.1f}</sup><extra></extra>";
    const bar = (y, name, color, pattern) => ({ type: "bar", x, y, name, width: 1 / bins, offset: -0.5 / bins, marker: { color,
      pattern: { shape: pattern }, line: { width: 0 } }, hovertemplate: hover });
    const own = Math.min(0.9, Math.max(FLOOR + 0.1, Math.log10(Math.max(losses[this.pick] || LOST, 1e-300))));
    this.react("ends", [bar(found, "found the teacher", colors.first, ""), bar(stuck, "not", colors.second, "/"),
      { x: [own], y: [high * 0.96], mode: "markers", showlegend: false, marker: { symbol: "triangle-down", size: 11, color: colors.ink }, hovertemplate: `student ${this.pick + 1}<extra></extra>` }],
    { xaxis: { range: [FLOOR, 1], tickvals: [-12, -9, -6, -3, 0], ticktext: ["≤10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1"] }, yaxis: { range: [0, high * 1.05] } });
    if (!this.listens && this.loaded && this.charts.ends.plot.on) {
      this.listens = true;
      this.charts.ends.plot.on("plotly_click", ({ points: [point] }) => {
        const students = this.ofBin[point.pointIndex] ?? [], next = students.find((r) => r > this.pick) ?? students[0];
        if (point.data.type === "bar" && next !== undefined) { this.set({ pick: next + 1, ...this.uncut() }); this.commit(); }
      });
    }
    this.caption("ends", `${losses.length} students · click a bar`);
  }

  drawHessian() {
    const { problem, W, where } = this.looked(), { colors } = this.data, key = [where, this.workedFor, this.pick, this.values.cut, this.values.neuron,
      this.values.nx, this.values.ny, this.time, this.after, this.swarm.t].join();
    if (this.curvedFor !== key && !(this.inTen && (this.playing || this.isLate))) {
      this.curvedFor = key;
      this.curvature = W.every((w) => Math.abs(w) < LOST) ? eigen(problem.hessian(W)).values : [];
    }
    const values = this.curvature ?? [], kind = (v) => (v < -1e-6 ? 0 : v <= 1e-6 ? 1 : 2);
    this.react("hessian", [{ x: values.map((_, k) => k + 1), y: values, mode: "markers", marker: { size: values.length > 30 ? 5 : 8,
      color: values.map((v) => [colors.second, colors.ink, colors.first][kind(v)]),
      symbol: values.map((v) => ["x", "circle-open", "circle"][kind(v)]), line: { width: values.length > 30 ? 0 : 1.5 } },
        hovertemplate: "eigenvalue %{x}: %{y:.5f}<extra></extra>" }],
    { xaxis: { range: [0.2, values.length + 0.8] }, yaxis: { range: [Math.min(-0.3, 1.15 * (values[0] ?? 0)), 1.1 * Math.max(0.5, values.at(-1) ?? 0)],
      zeroline: true, zerolinecolor: colors.ink } });
    this.caption("hessian", values.length ? `${where}: smallest ${level(values[0])}` : "");
  }

  drawPath() {
    const { colors } = this.data, { losses } = this.single, { patient } = this, t = Math.min(this.time, losses.length - 1);
    const lines = [{ ...thin(losses, 0, t), mode: "lines", name: "before", line: { color: colors.second, width: 2 },
      hovertemplate: "update %{x}<br>loss %{y:.4g}<extra></extra>" }];
    if (patient) lines.push({ ...thin(patient.losses, t, this.after), mode: "lines", name: "after the cut", line: { color: colors.first, width: 2.5 },
      hovertemplate: "update %{x}<br>loss %{y:.4g}<extra></extra>" });
    const all = lines.flatMap((one) => one.y.filter((v) => v !== null)), low = Math.floor(Math.log10(Math.min(...all)) - 0.1),
      high = Math.log10(Math.max(...all)) + 0.2;
    const end = Math.max(100, t + this.after);
    this.react("path", lines, { xaxis: { range: [0, end] }, yaxis: { range: [Math.min(low, -1), high] },
      shapes: patient ? [{ type: "line", x0: t, x1: t, yref: "paper", y0: 0, y1: 1, line: { color: colors.faint, width: 1, dash: "dot" } }] : [] });
    this.caption("path", `student ${this.pick + 1}: ${power(patient ? patient.losses[this.after] : losses[t])}`);
  }

  // --- words ----------------------------------------------------------------------------------------------

  showWords() {
    const { now, swarm, pick, patient, rest, isRest } = this, { units, eta, beta } = this.values, M = this.teacher.length;
    const arrived = now.losses.filter((loss) => loss < ARRIVED).length, broken = now.losses.filter((loss) => !(loss < LOST)).length;
    const out = now.losses.map((loss, r) => [loss, now.slopes[r]]).filter(([loss]) => loss >= ARRIVED && loss < LOST);
    const moving = out.filter(([, slope]) => slope > STILL).length, isSmall = units < countDirections(this.teacher);
    const share = `<b>${arrived} of ${swarm.count} students have found the teacher</b> (loss below 0.001)`;
    const rests = places(out.filter(([, slope]) => slope <= STILL).map(([loss]) => loss));
    this.verdict(swarm.t === 0 ? `<b>${swarm.count} students start from random weights.</b> Each has ${units} neuron${units > 1 ? "s" : ""}, the teacher ${M}. Press Play: every arrow turns by gradient descent on the exact loss.`
      : `${share}${moving ? `, ${moving} still move` : ""}${rests ? `, ${rests}` : ""}${broken ? `, ${broken} diverged` : ""}.${isSmall ? " A student of this size can't be the teacher." : ""}${this.isLate ? ` <i>Working: update ${swarm.t.toLocaleString("en")} of ${this.time.toLocaleString("en")} …</i>` : ""} ${this.judgement()}`);
    this.formula("loss", "L = ½E(s − t)², x ~ N(0, I)<br>k(w, v) = ‖w‖‖v‖(sin φ + (π − φ) cos φ)/2π");
    this.formula("rule", beta ? `m ← ${show(beta)} m + ∇L, W ← W − ${show(eta)} m` : `W ← W − ${show(eta)} ∇L`);
    const loss = now.losses[pick], slope = now.slopes[pick];
    const name = `Student ${pick + 1}`, about = patient ? `${name} with ${units + 1} neurons, ${this.after} updates after the cut: loss ${power(patient.losses[this.after])}, before it ${power(rest.loss)}.`
      : `${name} after ${swarm.t.toLocaleString("en")} updates: L = ${power(loss)}, largest slope ${power(slope)}.${isRest && loss >= ARRIVED ? ` Followed on alone it rests at L = ${show(rest.loss, 6)}, slope ${power(rest.slope)}.` : ""}`;
    this.formula("one", about);
    this.formula("neurons", this.neurons());
  }

  judgement() {
    const { isRest, rest, patient, curvature } = this, name = `Student ${this.pick + 1}`;
    if (patient) {
      const least = curvature?.[0], isDown = this.after > 50 && patient.losses[this.after] < ARRIVED;
      if (isDown) return `${name} found the way: with one neuron more it goes down to ${power(patient.losses[this.after])}.`;
      if (this.values.cut === "add" && !this.after) return `${name} has a neuron more. Press Play: does it help?`;
      return this.after ? `${name} with one neuron more: ${power(patient.losses[this.after])}.` : `${name} is the same function as before, its slope is 0, and the smallest eigenvalue is now ${level(least)}: ${least < -1e-6 ? "the minimum has become a saddle. Press Play" : "no way down opens here"}.`;
    }
    if (!isRest || !(rest.loss >= ARRIVED) || !curvature || this.time === 0) return "";
    if (rest.slope > 1e-9) return `${name} is on a plateau: not at rest yet.`;
    if (curvature[0] < -1e-6) return `${name} rests on a saddle: smallest eigenvalue ${show(curvature[0])}.`;
    if (curvature[0] <= 1e-6) return `${name} is at the bottom of a valley: slope 0, no way bends down, ${curvature.filter((v) => Math.abs(v) <= 1e-6).length} flat (arrows that point the same way can trade length).`;
    return `${name} is at a true local minimum: slope 0 and every eigenvalue at least ${show(curvature[0])}.`;
  }

  // A button for each neuron of a student that is at rest, with the curvature that its split would open.
  neurons() {
    const { isRest, rest, problem } = this;
    if (this.values.cut !== "none") return "Undo, and split another neuron.";
    if (!isRest || this.time === 0) return "Pause, and the neurons of the student that is shown can be split here.";
    if (rest.loss < ARRIVED) return `Student ${this.pick + 1} is on its way to the teacher: there is nothing to open. “Next stuck one” shows another.`;
    if (this.splitsFor !== rest.key) {
      this.splitsFor = rest.key;
      const H = problem.hessian(rest.W);
      this.splits = Array.from({ length: problem.K }, (_, i) => problem.splitCurvature(H, i).curvature);
    }
    const one = (value, i) => `<button type="button" data-split="${i}" title="Split neuron ${i + 1}">${i + 1}: ${level(value)}</button>`;
    return `Split neuron, and the curvature as its halves part:<span class="ca-splits">${this.splits.map(one).join("")}</span>${this.addition()}`;
  }

  // What the neuron at the green square would do at once, before any descent.
  addition() {
    if (this.inTen) return "";
    const { rest, problem } = this, { nx, ny } = this.values, wider = new Problem(this.teacher, 2, problem.K + 1);
    const change = wider.loss(Float64Array.from([...rest.W, nx, ny])) - rest.loss;
    return `A neuron at the green square changes L by ${show(change)}.`;
  }

  close() { super.close(); this.swarm = null; }
}

// The losses up to number `to`, at most 400 of them, from an update on.
function thin(all, from, to) {
  const by = Math.max(1, Math.floor((to + 1) / 400)), x = [], y = [];
  for (let k = 0; k <= to; k += by) {
    x.push(from + k);
    y.push(all[k] < LOST ? Math.max(all[k], 1e-16) : null);
  }
  return { x, y };
}

// How many stand at which loss, the most first: "28 at 0.0172".
function places(losses) {
  const counts = new Map();
  for (const loss of losses) { const key = show(loss); counts.set(key, (counts.get(key) ?? 0) + 1); }
  const all = [...counts].sort((a, b) => b[1] - a[1]);
  const rest = all.slice(3).reduce((sum, [, count]) => sum + count, 0);
  return all.length ? `at rest: ${all.slice(0, 3).map(([loss, count]) => `${count} at ${loss}`).join(", ")}${rest ? `, ${rest} elsewhere` : ""}` : "";
}
