// The picture of the Learning rate page: a parabola and a ravine, the rate on a slider, starts to drag.
//
// Everything is worked out here at every movement of the pointer; Python (pages/learning_rate/picture.py) gives the
// values to begin with, the ranges, the words and the look of the charts, and hears of values when they are let go.
import { allowed, limit } from "../limits.js";
import { isRecoloured } from "../theme.js";
import { heavyRate } from "../first_steps/momentum.js";
import { axes, descend, edgeRate, flow, onEllipse, regime, shrinkage, stepsToShrink, straightRate, thresholdNames, value } from "./bowl.js";
import * as bumps from "./bumps.js";
import { agree, drawable, loadPlotly, outside, placeHandle, placeUnder, react, show } from "./plot.js";

const SMALL = ["curvature", "ratio", "momentum", "angle", "steps"], CHOICES = ["form", "curve"];
const CARDS = ["parabola", "ravine", "descent", "factor"];
const WIDEST = 64; // how many times the start's distance a picture zooms out; the chart of heights shows what is beyond
const FAR = 50; // pictures' widths; beyond, Plotly's numbers would be too long for SVG
const pictures = new WeakMap();

const href = new URL("picture.css", import.meta.url).href;
if (!document.querySelector(`link[href="${href}"]`)) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

export default function render({ data, parentElement, setStateValue }) {
  let picture = pictures.get(parentElement);
  if (!picture) {
    picture = new Picture(parentElement, data);
    pictures.set(parentElement, picture);
  }
  picture.send = (values) => setStateValue("values", values);
  picture.receive(data);
  return () => {
    picture.close();
    pictures.delete(parentElement);
  };
}

class Picture {
  constructor(parent, data) {
    this.data = data;
    this.limits = {};
    this.build(parent);
    this.ready = loadPlotly().then(() => { this.loaded = true; this.redraw(); });
    this.resizer = new ResizeObserver(() => this.redraw());
    this.resizer.observe(this.root);
  }

  build(parent) {
    const { options } = this.data;
    const small = (name) => `<div class="rp-small" data-option="${name}"><label><span>${options[name].label}</span><output></output></label>
      <input type="range" data-name="${name}" aria-label="${options[name].label}" title="${options[name].help}"></div>`;
    const choice = (name) => `<fieldset data-option="${name}" title="${options[name].help}"><legend>${options[name].label}</legend>${Object.entries(options[name].choices)
      .map(([key, label]) => `<label><input type="radio" name="rp-${name}" data-choice="${name}" value="${key}"><span>${label}</span></label>`).join("")}</fieldset>`;
    const cards = CARDS.map((name) => `<figure class="rp-card" data-chart="${name}"><figcaption><b>${this.data.titles[name]}</b><span></span></figcaption>
      <div class="rp-body"><div class="rp-plot"></div>${name === "parabola" || name === "ravine"
        ? `<button type="button" class="rp-handle" aria-label="Start on the ${name}: drag it, or use the arrow keys"></button>` : ""}</div></figure>`);
    const root = document.createElement("section");
    root.className = "rp";
    root.setAttribute("aria-label", "Gradient descent on a parabola and in a ravine");
    root.innerHTML = `
      <div class="rp-top"><div class="rp-rate" data-option="eta"><label><span>${options.eta.label}</span><output></output></label>
        <input type="range" data-name="eta" aria-label="${options.eta.label}">
        <div class="rp-band" aria-hidden="true"></div><div class="rp-ticks"></div></div></div>
      <div class="rp-more">${SMALL.map(small).join("")}</div>
      <div class="rp-choices">${CHOICES.map(choice).join("")}</div>
      <div class="rp-verdicts" role="status" aria-live="polite"><p data-of="parabola"></p><p data-of="ravine"></p></div>
      <div class="rp-grid">${cards.join("")}</div>`;
    parent.appendChild(root);
    this.root = root;
    this.inputs = {};
    for (const input of root.querySelectorAll("input[type=range]")) this.bind(input);
    for (const input of root.querySelectorAll("input[type=radio]")) {
      input.onchange = () => { this.limits = {}; this.set({ [input.dataset.choice]: input.value }); this.commit(); };
    }
    for (const name of ["parabola", "ravine"]) this.bindStart(name);
  }

  // --- values ---------------------------------------------------------------------------------------------

  bind(input) {
    const name = input.dataset.name, option = this.data.options[name];
    const toNumber = (position) => this.fromSlider(option, Number(position));
    Object.assign(input, option.log ? { min: Math.log10(option.low), max: Math.log10(option.high), step: 0.005 }
      : { min: option.low, max: option.high, step: option.step });
    this.inputs[name] = input;
    input.oninput = () => this.set({ [name]: toNumber(input.value) });
    input.onchange = () => this.commit();
  }

  fromSlider(option, position) {
    return option.log ? Number((10 ** position).toPrecision(3)) : position;
  }

  receive(data) {
    this.sent ??= data.sent;
    const isEcho = data.sent !== this.sent; // of values since when others have been let go
    const isOther = (this.data.revision !== data.revision && !isEcho) || !this.values;
    const isTold = agree(this.told, data.values); // what we sent: a hand may have moved on
    const themed = JSON.stringify([this.data.layouts, this.data.limits]) !== JSON.stringify([data.layouts, data.limits]);
    this.data = data;
    if (isOther && !isTold) { this.values = { ...data.values }; this.told = null; }
    if (isOther || themed) { this.limits = {}; this.redraw(); }
    if (isRecoloured(this.root)) this.commit();
  }

  commit() {
    this.send({ ...(this.told = { ...this.values }), sent: ++this.sent });
  }

  set(changes) {
    Object.assign(this.values, allowed(changes, this.data.limits));
    this.redraw();
  }

  get isBumpy() { return this.values.curve === "bumpy"; }

  // The rate at which heavy ball does what the chosen form does; what the chosen form does at heavy ball's `rate` is 1/scale.
  get scale() { return heavyRate(1, this.values.momentum, this.values.form); }
  get rate() { return this.values.eta * this.scale; }

  // Where the first card's start is kept, and how far it may be dragged.
  get start() {
    const { low, high } = this.data.bounds;
    return this.isBumpy ? { name: "bump_start", low: 2 * low, high: 2 * high } : { name: "start", low, high };
  }

  // The height of the first card's curve at x.
  height(x) {
    return this.isBumpy ? bumps.height(x) : 0.5 * this.values.curvature * x * x;
  }

  get ravine() {
    return [this.values.curvature / this.values.ratio, this.values.curvature];
  }

  // --- starts to drag -------------------------------------------------------------------------------------

  bindStart(name) {
    const body = this.body(name), handle = body.querySelector(".rp-handle");
    const move = (event) => {
      const { name: own, low, high } = name === "parabola" ? this.start : { ...this.data.bounds }, [x, y] = placeUnder(event, body, this.plot(name));
      const bounded = (number) => Math.min(high, Math.max(low, Number(number.toPrecision(3))));
      this.set(name === "parabola" ? { [own]: bounded(x) } : { ravine_x: bounded(x), ravine_y: bounded(y) });
    };
    const begin = (event) => {
      if (!this.loaded || event.button) return;
      this.dragging = name;
      body.setPointerCapture?.(event.pointerId);
      move(event);
      event.preventDefault();
    };
    handle.addEventListener("pointerdown", (event) => { begin(event); handle.focus(); });
    this.plot(name).addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") begin(event); }, true);
    body.addEventListener("pointermove", (event) => { if (this.dragging === name) move(event); });
    const end = () => {
      if (this.dragging !== name) return;
      this.dragging = null;
      this.limits = {};
      this.redraw();
      this.commit();
    };
    body.addEventListener("pointerup", end);
    body.addEventListener("pointercancel", end);
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const { name: own, low, high } = name === "parabola" ? this.start : { ...this.data.bounds }, by = 0.1;
      const moved = (number, sign) => Math.min(high, Math.max(low, Number((number + sign * by).toFixed(3))));
      if (name === "parabola") this.set({ [own]: moved(this.values[own], step[0] || step[1]) });
      else this.set({ ravine_x: moved(this.values.ravine_x, step[0]), ravine_y: moved(this.values.ravine_y, step[1]) });
      this.commit();
    });
  }

  body(name) {
    return this.root.querySelector(`[data-chart="${name}"] .rp-body`);
  }

  plot(name) {
    return this.body(name).firstElementChild;
  }

  // --- drawing --------------------------------------------------------------------------------------------

  redraw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => { this.asked = null; this.draw(); });
  }

  draw() {
    if (!this.values) return;
    const { momentum, curvature, angle, steps, start, ravine_x, ravine_y } = this.values, { rate } = this;
    this.paths = {
      parabola: this.isBumpy ? bumps.path(this.values) : descend([curvature], 0, [start], rate, steps, momentum),
      ravine: descend(this.ravine, (angle * Math.PI) / 180, [ravine_x, ravine_y], rate, steps, momentum),
    };
    this.showControls();
    this.showVerdicts();
    this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
    if (!this.loaded) return;
    this.drawParabola();
    this.drawRavine();
    this.drawDescent();
    this.drawFactor();
  }

  showControls() {
    const { values, data: { options } } = this;
    for (const [name, input] of Object.entries(this.inputs)) {
      const option = options[name];
      if (this.root.activeElement !== input) input.value = String(option.log ? Math.log10(values[name]) : values[name]);
      input.closest("div").querySelector("output").textContent = `${show(values[name])}${option.unit ?? ""}`;
      input.setAttribute("aria-valuetext", show(values[name]));
    }
    for (const radio of this.root.querySelectorAll("input[type=radio]")) radio.checked = values[radio.dataset.choice] === radio.value;
    this.showBand();
    limit(this.root, this.data.limits);
  }
  showBand() {
    const { values: { curvature, momentum, form }, data: { options, regimes }, scale } = this;
    const low = Math.log10(options.eta.low), high = Math.log10(options.eta.high);
    const place = (rate) => Math.min(1, Math.max(0, (Math.log10(rate) - low) / (high - low)));
    const straight = straightRate(curvature, momentum) / scale, edge = edgeRate(curvature, momentum) / scale;
    const swing = (1 + Math.sqrt(momentum)) ** 2 / curvature / scale; // from here on to the edge momentum zigzags too
    const key = `${curvature} ${momentum} ${form}`;
    if (this.band === key) return;
    this.band = key;
    const spans = [["creeping", 0, place(straight)], ["swinging", place(straight), place(swing)], ["zigzag", place(swing), place(edge)],
      ["explosion", place(edge), 1]];
    this.root.querySelector(".rp-band").innerHTML = spans.map(([name, from, to]) =>
      `<span style="left:${100 * from}%;width:${100 * (to - from)}%;background:${this.data.colors[name]}">${regimes[name].name}</span>`).join("");
    const ticks = this.root.querySelector(".rp-ticks");
    const names = thresholdNames(momentum, form);
    ticks.replaceChildren(...[straight, edge].map((rate, index) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${names[index]} = ${show(rate)}`,
        title: `Set the rate to exactly ${names[index]}` });
      button.style.left = `${100 * Math.min(0.92, Math.max(0.08, place(rate) + (index ? 0.035 : -0.035)))}%`;
      button.onclick = () => {
        this.set({ eta: Math.min(options.eta.high, Math.max(options.eta.low, rate)) });
        this.commit();
      };
      return button;
    }));
  }

  showVerdicts() {
    const { values: { curvature, momentum, ratio }, data: { regimes, colors }, rate } = this;
    const along = (lambda) => {
      const factor = shrinkage(rate, lambda, momentum), count = stepsToShrink(factor);
      const steps = `${Math.ceil(count).toLocaleString("en")} step${count > 1 ? "s" : ""}`;
      const pace = Number.isFinite(count) ? (momentum ? `In the long run ${steps} divide the distance by 100.` : `After ${steps} at most 1 % of the distance is left.`)
        : factor > 1 + 1e-9 ? `${momentum ? "In the long run each" : "Each"} step multiplies the distance by ${show(factor)}.` : "";
      return { key: regime(rate, lambda, momentum), pace };
    };
    const steep = along(curvature), shallow = along(curvature / ratio);
    const write = (name, key, html) => {
      const place = this.root.querySelector(`[data-of="${name}"]`);
      place.dataset.regime = key;
      place.style.setProperty("--rp-regime", colors[key]);
      if (place.innerHTML !== html) place.innerHTML = html;
    };
    if (this.isBumpy) write("parabola", ...bumps.verdict(this.values));
    else write("parabola", steep.key, `<b>${regimes[steep.key].name}.</b> ${regimes[steep.key].text} <span>${steep.pace}</span>`);
    const whole = ["straight", "critical"].includes(steep.key) && ratio > 1 ? "creeping" : steep.key;
    write("ravine", whole, ratio > 1
      ? `<b>Across the ravine: ${regimes[steep.key].name.toLowerCase()}.</b> <b>Along it: ${regimes[shallow.key].name.toLowerCase()}.</b> ${shallow.pace}
        One rate must serve both.` : `<b>${regimes[steep.key].name}.</b> No ravine: both directions are alike.`);
  }

  // How far a picture reaches: doubled until the start and the path are inside, but no more than WIDEST times.
  reach(name, path, sizes) {
    const start = Math.max(0.5, ...sizes(path[0]));
    const far = Math.max(start, ...path.map((x) => Math.max(...sizes(x))).map((size) => Math.min(size, WIDEST * start)));
    if (this.dragging === name && this.limits[name]) return this.limits[name];
    let limit = 1;
    while (limit < far * 1.2) limit *= 2;
    this.limits[name] = Math.max(limit * (limit / 2 >= far * 1.2 ? 0.5 : 1), 1);
    if (limit * 0.75 >= far * 1.2) this.limits[name] = limit * 0.75;
    return this.limits[name];
  }

  size(name) {
    const { width, height } = this.body(name).getBoundingClientRect();
    return { width, height };
  }

  react(name, data, changes) {
    react(this.body(name), this.plot(name), data, this.data.layouts[name], changes);
  }

  path(points, more) {
    const { colors } = this.data;
    return { x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "lines+markers", cliponaxis: true,
      line: { color: colors.path, width: 2 }, marker: { size: 6, color: colors.path }, ...more };
  }

  placeHandle(name, x, y) {
    placeHandle(this.plot(name), this.body(name).querySelector(".rp-handle"), x, y);
  }

  caption(name, text) {
    this.root.querySelector(`[data-chart="${name}"] figcaption span`).textContent = text;
  }

  drawParabola() {
    const { paths: { parabola }, isBumpy } = this, f = (x) => this.height(x);
    const limit = isBumpy ? 8 : this.reach("parabola", parabola, (x) => [Math.abs(x[0])]), top = isBumpy ? 3.4 : f(limit);
    const shown = drawable(parabola, ([x]) => Math.abs(x) > FAR * limit);
    const grid = Array.from({ length: 241 }, (_, i) => limit * (i / 120 - 1));
    this.root.querySelector('[data-chart="parabola"] figcaption b').textContent = isBumpy ? "Bumpy bowl" : this.data.titles.parabola;
    this.react("parabola", [
      { x: grid, y: grid.map(f), mode: "lines", hoverinfo: "skip", line: { color: this.data.colors.ink, width: 2 } },
      this.path(shown.map(([x]) => [x, f(x)]), { text: parabola.map((_, t) => `step ${t}`), hovertemplate: "%{text}<br>x %{x:.4g}<br>f %{y:.4g}<extra></extra>" }),
    ], { xaxis: { range: [-limit, limit] }, yaxis: { range: [-0.06 * top, top] } });
    this.placeHandle("parabola", parabola[0][0], f(parabola[0][0]));
    this.caption("parabola", outside(parabola.map(([x]) => Math.abs(x)), limit));
  }

  drawRavine() {
    const { paths: { ravine: path }, ravine: [low, high], values: { angle } } = this;
    const { width, height } = this.size("ravine"), margin = this.data.layouts.ravine.margin;
    const aspect = Math.max(0.2, (width - margin.l - margin.r) / Math.max(1, height - margin.t - margin.b));
    const limit = this.reach("ravine", path, (x) => [Math.abs(x[0]) / Math.max(1, aspect), Math.abs(x[1]) * Math.min(1, aspect)]);
    const right = limit * Math.max(1, aspect), top = limit / Math.min(1, aspect);
    const Q = axes([low, high], (angle * Math.PI) / 180), turn = Array.from({ length: 97 }, (_, i) => (i / 48) * Math.PI);
    const highest = value([low, high], (angle * Math.PI) / 180, [right, top]) * 1.2;
    const shown = drawable(path, ([x, y]) => Math.max(Math.abs(x), Math.abs(y)) > FAR * Math.max(right, top));
    const levels = Array.from({ length: 9 }, (_, k) => highest / 3 ** k);
    const line = (points) => ({ x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "lines", hoverinfo: "skip" });
    const contours = levels.map((level, k) => ({ ...line(turn.map((t) => onEllipse([low, high], Q, level, t))), fill: "toself",
      fillcolor: this.data.levels[k], line: { width: 0.7, color: this.data.colors.contour } }));
    const exact = Array.from({ length: 121 }, (_, k) => flow([low, high], (angle * Math.PI) / 180, path[0], (8 / low) * (k / 120) ** 3));
    const smooth = { ...line(exact), line: { color: this.data.colors.flow, width: 3 } };
    this.react("ravine", [...contours, smooth, this.path(shown, { mode: "lines", hoverinfo: "skip", line: { color: "#10202c", width: 4.5 } }),
      this.path(shown, { line: { color: this.data.colors.onField, width: 2 }, marker: { size: 6, color: this.data.colors.onField, line: { width: 1,
        color: "#10202c" } },
      text: shown.map((x, t) => `step ${t}<br>f ${show(value([low, high], (angle * Math.PI) / 180, x))}`), hovertemplate: "%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>" })],
    { xaxis: { range: [-right, right] }, yaxis: { range: [-top, top] } });
    this.placeHandle("ravine", path[0][0], path[0][1]);
    this.caption("ravine", outside(path.map((x) => Math.max(Math.abs(x[0]) / right, Math.abs(x[1]) / top)), 1));
  }

  drawDescent() {
    const { paths, values: { curvature, angle }, ravine, data: { colors } } = this;
    const losses = { parabola: paths.parabola.map((x) => (this.isBumpy ? bumps.above(x[0]) : value([curvature], 0, x))),
      ravine: paths.ravine.map((x) => value(ravine, (angle * Math.PI) / 180, x)) };
    const all = [...losses.parabola, ...losses.ravine].filter((f) => f > 0);
    const highest = Math.max(...all, 1e-3), lowest = Math.max(Math.min(...all), highest * 1e-16, losses.parabola[0] * 1e-9);
    const steps = Math.max(1, this.values.steps), ticks = Math.max(2, Math.floor((this.size("descent").height - 50) / 18));
    const first = this.isBumpy ? "bumpy bowl" : "parabola";
    const line = (key, name, dash, symbol, color) => ({ x: losses[key].map((_, t) => t), y: losses[key].map((f) => (f > 0 ? f : null)),
      mode: "lines+markers",
      name, line: { color, dash, width: 2 }, marker: { symbol, size: 5, color }, hovertemplate: `${name}<br>step %{x}<br>f %{y:.4g}<extra></extra>` });
    this.react("descent", [line("parabola", first, "solid", "circle", colors.path), line("ravine", "ravine", "dot", "square", colors.second)],
      { xaxis: { range: [-0.02 * steps, 1.02 * steps] }, yaxis: { range: [Math.log10(lowest) - 0.3, Math.log10(highest) + 0.3],
        dtick: Math.max(1, Math.ceil((Math.log10(highest) - Math.log10(lowest)) / Math.min(5, ticks))) } });
    const exact = losses.parabola.findIndex((f) => f === 0), last = losses.parabola.at(-1);
    const cut = paths.parabola.length <= this.values.steps ? `, numbers overflow at step ${paths.parabola.length}` : "";
    this.caption("descent", exact >= 0 ? `${first}: exactly 0 from step ${exact}` : `${first}: ${show(last)} after ${paths.parabola.length - 1} steps${cut}`);
  }

  drawFactor() {
    const { values: { eta: rate, curvature, momentum, ratio, form }, data: { options, colors }, scale } = this;
    const names = thresholdNames(momentum, form);
    const low = Math.log10(options.eta.low), high = Math.log10(options.eta.high);
    const rates = Array.from({ length: 161 }, (_, i) => 10 ** (low + ((high - low) * i) / 160));
    const thresholds = (lambda) => [straightRate(lambda, momentum) / scale, edgeRate(lambda, momentum) / scale], special = thresholds(curvature);
    const factor = (r, lambda) => shrinkage(r * scale, lambda, momentum);
    const line = (lambda, name, dash, color) => {
      const x = [...rates, ...thresholds(lambda)].filter((r) => r >= options.eta.low && r <= options.eta.high).sort((a, b) => a - b);
      return { x, y: x.map((r) => factor(r, lambda)), mode: "lines", name, line: { color, dash, width: 2 },
        hovertemplate: `${name}<br>η %{x:.3g}<br>factor %{y:.3g}<extra></extra>` };
    };
    const now = { x: [rate, rate], y: [factor(rate, curvature), factor(rate, curvature / ratio)], mode: "markers", name: "now",
      hoverinfo: "skip", showlegend: false, marker: { size: 11, symbol: ["circle", "square"], color: [colors.path, colors.second], line: { width: 2,
        color: colors.surface } } };
    const shapes = [
      { type: "line", x0: options.eta.low, x1: options.eta.high, y0: 1, y1: 1, line: { color: colors.ink, width: 1 } },
      ...special.map((r) => ({ type: "line", x0: r, x1: r, yref: "paper", y0: 0, y1: 1, line: { color: colors.ink, width: 1, dash: "dash" } })),
      { type: "line", x0: rate, x1: rate, yref: "paper", y0: 0, y1: 1, line: { color: colors.path, width: 1.5 } }];
    const annotations = special.map((r, k) => ({ x: Math.log10(r), y: 1, yref: "paper", text: names[k], showarrow: false, yanchor: "top",
      xanchor: k ? "left" : "right", font: { size: 12 } }));
    const traces = [line(curvature, "steep: λ", "solid", colors.path), line(curvature / ratio, "shallow: λ/κ", "dot", colors.second)];
    const highest = Math.max(1.6, Math.min(8, 1.1 * Math.max(...now.y)));
    const lowest = Math.max(0, Math.min(...traces.flatMap((trace) => trace.y)) - 0.1); // much momentum leaves a narrow band
    this.data.layouts.factor.shapes = shapes;
    this.data.layouts.factor.annotations = annotations;
    this.react("factor", [...traces, now],
      { xaxis: { range: [low, high] }, yaxis: { range: [lowest, lowest > 0.5 ? Math.max(1.1, Math.min(highest,
        1.1 * Math.max(...now.y))) : highest] } });
    this.caption("factor", "below 1: converges · above 1: diverges");
  }

  close() {
    this.resizer.disconnect();
    if (this.loaded) for (const name of CARDS) window.Plotly.purge(this.plot(name));
    this.root.remove();
  }
}
