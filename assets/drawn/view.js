// What drawn views share: controls, formulas with their numbers, charts, handles to drag, a transport.
//
// Everything is worked out in the browser at every movement of the pointer. Python (pages/shared/drawn.py) gives the
// values to begin with, their ranges, the words and the look of the charts, and hears of values when they are let go.
import { allowed, limit } from "../limits.js";
import { isRecoloured } from "../theme.js";
import { agree, loadPlotly, placeHandle, placeUnder, react, show } from "../picture/plot.js";

const href = new URL("view.css", import.meta.url).href;
if (!document.querySelector(`link[href="${href}"]`)) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
const STEP_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const QUIET = 250; // milliseconds
const KEEPS_ARROWS = "input, textarea, select, [contenteditable], [role=radio], [role=slider], [role=tab], [role=option], [role=menuitem], .stp";
export const bounded = (number, low, high) => Math.min(high, Math.max(low, Number(number.toPrecision(4))));

export class View {
  constructor(parent, data) {
    this.data = data;
    this.charts = {};
    this.handles = {};
    this.fields = {};
    this.build(parent);
    this.ready = loadPlotly().then(() => { this.loaded = true; this.redraw(); });
    this.resizer = new ResizeObserver(() => { this.fields = {}; this.redraw(); });
    this.resizer.observe(this.root);
  }

  // --- what a view says itself ----------------------------------------------------------------------------

  draw() {} // everything, from this.values
  grab(handle, x, y) { void handle; void x; void y; } // a handle is dragged to (x, y) of its chart
  changed(name) { void name; } // another choice was made
  press(button) { void button; } // a button of the view's own
  last() { return this.data.options[this.data.transport].high; } // the transport's last step

  // --- building -------------------------------------------------------------------------------------------

  build(parent) {
    const { data } = this, root = document.createElement("section");
    root.className = `fs fs-${data.view}`;
    root.setAttribute("aria-label", data.label);
    root.innerHTML = `<div class="fs-side"></div><div class="fs-main"><p class="fs-verdict" role="status" aria-live="polite"></p>
      <div class="fs-grid"></div></div>`;
    parent.appendChild(root);
    this.root = root;
    this.inputs = {};
    const side = root.querySelector(".fs-side");
    for (const part of data.controls) side.append(this.control(part));
    const grid = root.querySelector(".fs-grid");
    for (const chart of data.charts) grid.append(this.card(chart));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  control(part) {
    const box = document.createElement("div");
    box.className = "fs-control";
    if (part.formula !== undefined) {
      box.innerHTML = `<p class="fs-formula" data-formula="${part.formula}"></p>`;
    } else if (part.buttons) {
      box.classList.add("fs-buttons");
      for (const [name, label] of part.buttons) box.append(this.button(label, () => this.press(name), name));
    } else if (part.transport) {
      box.append(this.transport());
    } else this.option(box, part.option);
    return box;
  }

  option(box, name) {
    const option = this.data.options[name];
    box.dataset.option = name;
    if (option.choices) return this.choice(box, name, option);
    const input = document.createElement("input");
    if (option.isSwitch) {
      box.innerHTML = `<label class="fs-switch"><span>${option.label}</span></label>`;
      box.firstChild.prepend(input);
      input.type = "checkbox";
      input.onchange = () => { this.set({ [name]: input.checked }); this.commit(); };
    } else {
      box.innerHTML = `<label><span>${option.label}</span><output></output></label>`;
      input.type = "range";
      const log = option.log, end = (v) => (log ? Math.log10(v) : v);
      Object.assign(input, { min: end(option.low), max: end(option.high), step: log ? 0.01 : option.step });
      input.setAttribute("aria-label", option.label);
      input.oninput = () => {
        const position = Number(input.value);
        this.set({ [name]: log ? Number((10 ** position).toPrecision(3)) : position });
      };
      input.onchange = () => this.commit();
      box.append(input);
    }
    input.title = option.help;
    input.dataset.name = name;
    this.inputs[name] = input;
    return box;
  }

  choice(box, name, option) {
    box.innerHTML = `<fieldset class="fs-choice"><legend>${option.label}</legend></fieldset>`;
    for (const [key, label] of Object.entries(option.choices)) {
      const item = document.createElement("label");
      item.innerHTML = `<input type="radio" name="fs-${this.data.view}-${name}" value="${key}"><span>${label}</span>`;
      item.title = option.help;
      item.firstChild.onchange = () => { this.set({ [name]: key }); this.changed(name); this.commit(); };
      box.firstChild.append(item);
    }
    this.inputs[name] = box.firstChild;
    return box;
  }

  button(label, act, name = label) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.dataset.button = name;
    button.onclick = act;
    return button;
  }

  transport() {
    const box = document.createElement("div"), name = this.data.transport;
    box.className = "fs-transport";
    box.dataset.option = name;
    this.playButton = this.button("Play", () => this.play(!this.playing));
    box.append(this.button("Back", () => this.stepBy(-1)), this.playButton);
    box.append(this.button("Step", () => this.stepBy(1)), this.button("Start", () => this.stepBy(-Infinity)));
    this.option(box.appendChild(document.createElement("div")), name);
    return box;
  }

  card({ name, title, alt }) {
    const card = document.createElement("figure");
    card.className = "fs-card";
    card.dataset.chart = name;
    card.innerHTML = `<figcaption><b>${title}</b><span></span></figcaption>
      <div class="fs-body"><div class="fs-field"></div><div class="fs-plot" role="img" aria-label="${alt}"></div></div>`;
    const body = card.querySelector(".fs-body");
    this.charts[name] = { card, body, field: body.children[0], plot: body.children[1], caption: card.querySelector("span") };
    body.addEventListener("pointermove", (event) => { if (this.dragging?.chart === name) this.drag(event); });
    for (const kind of ["pointerup", "pointercancel"]) body.addEventListener(kind, () => this.drop());
    return card;
  }

  // --- values ---------------------------------------------------------------------------------------------

  receive(data) {
    this.sent ??= data.sent;
    const isEcho = data.sent !== this.sent; // of values since when others have been let go
    const isOther = !this.values || (this.data.revision !== data.revision && !isEcho);
    const isTold = agree(this.told, data.values); // what we sent: a hand may have moved on
    const themed = JSON.stringify([this.data.layouts, this.data.limits]) !== JSON.stringify([data.layouts, data.limits]);
    this.data = data;
    if (isOther && !isTold) { this.values = { ...data.values }; this.told = null; }
    if (isOther || themed) { this.fields = {}; this.redraw(); }
    if (isRecoloured(this.root)) this.commit();
  }

  set(changes) {
    Object.assign(this.values, allowed(changes, this.data.limits));
    this.redraw();
  }

  commit() {
    clearTimeout(this.later);
    this.sent += 1;
    this.told = { ...this.values };
    this.send({ ...this.told, sent: this.sent });
  }

  // --- stepping and playing -------------------------------------------------------------------------------

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.data.transport || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.composedPath().some((node) => node.matches?.(KEEPS_ARROWS))) return;
    event.preventDefault();
    this.stepBy(by);
  }

  stepBy(by, quiet = false) {
    const name = this.data.transport, step = Math.min(this.last(), Math.max(0, this.values[name] + by));
    if (!quiet) this.play(false);
    this.set({ [name]: step });
    if (!quiet) this.commitSoon();
  }

  // Python hears of steps and keys when none has come for a while.
  commitSoon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.commit(), QUIET);
  }

  play(on) {
    if (Boolean(this.playing) === on) return;
    clearInterval(this.playing);
    this.playing = null;
    if (on) {
      if (this.values[this.data.transport] >= this.last()) this.set({ [this.data.transport]: 0 });
      this.playing = setInterval(() => {
        this.stepBy(1, true);
        if (this.values[this.data.transport] >= this.last()) this.play(false);
      }, this.data.pace ?? 120);
    } else this.commit();
    this.playButton.textContent = on ? "Pause" : "Play";
    this.root.dataset.playing = String(on);
  }

  // --- handles --------------------------------------------------------------------------------------------

  // Make the chart's handles those of the list [{name, label, x, y, kind}], and put each in its place.
  place(chart, list) {
    const { body, plot } = this.charts[chart], wanted = new Set(list.map(({ name }) => name));
    for (const [name, { element, chart: owner }] of Object.entries(this.handles)) {
      if (owner === chart && !wanted.has(name)) { element.remove(); delete this.handles[name]; }
    }
    for (const { name, label, x, y, kind = "" } of list) {
      const handle = (this.handles[name] ??= { chart, element: body.appendChild(this.handle(name, chart)) });
      Object.assign(handle, { x, y });
      handle.element.className = `fs-handle ${kind}`;
      handle.element.setAttribute("aria-label", `${label} at ${show(x)}, ${show(y)}: drag it, or use the arrow keys`);
      placeHandle(plot, handle.element, x, y);
    }
  }

  handle(name, chart) {
    const element = Object.assign(document.createElement("button"), { type: "button" });
    element.dataset.handle = name;
    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.begin(name, chart, event);
      element.focus();
    });
    element.addEventListener("keydown", (event) => {
      const step = STEP_KEYS[event.key];
      if (!step || !this.charts[chart].plot._fullLayout) return; // there is nothing to move along before the chart is drawn
      event.preventDefault();
      event.stopPropagation();
      const { x, y } = this.handles[name], { xaxis, yaxis } = this.charts[chart].plot._fullLayout, by = event.shiftKey ? 0.1 : 0.02;
      this.grab(name, x + step[0] * by * (xaxis.range[1] - xaxis.range[0]), y + step[1] * by * (yaxis.range[1] - yaxis.range[0]));
      this.redraw();
      this.commitSoon();
    });
    return element;
  }

  // A click beside the handles takes hold of this one.
  grabbable(chart, name) {
    const { plot, body } = this.charts[chart];
    if (body.dataset.grabs) { body.dataset.grabs = name; return; }
    body.dataset.grabs = name;
    plot.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button) return;
      this.begin(body.dataset.grabs, chart, event);
      this.drag(event);
    }, true);
  }

  begin(name, chart, event) {
    if (!this.loaded) return;
    this.dragging = { name, chart };
    this.charts[chart].body.setPointerCapture?.(event.pointerId);
    event.preventDefault();
  }

  drag(event) {
    const { name, chart } = this.dragging, { body, plot } = this.charts[chart];
    this.grab(name, ...placeUnder(event, body, plot));
    this.redraw();
  }

  drop() {
    if (!this.dragging) return;
    this.dragging = null;
    this.redraw();
    this.commit();
  }

  // --- drawing --------------------------------------------------------------------------------------------

  redraw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      if (!this.values || this.closed) return;
      this.showControls();
      this.draw();
      this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
    });
  }

  showControls() {
    limit(this.root, this.data.limits);
    for (const [name, input] of Object.entries(this.inputs)) {
      const option = this.data.options[name], value = this.values[name];
      if (option.choices) {
        for (const radio of input.querySelectorAll("input")) radio.checked = radio.value === value;
      } else if (option.isSwitch) input.checked = value;
      else {
        if (this.root.activeElement !== input) input.value = String(option.log ? Math.log10(value) : value);
        const text = `${option.step === 1 ? value.toLocaleString("en") : show(value)}${option.unit ?? ""}`; // whole numbers in full
        input.closest("div").querySelector("output").textContent = text;
        input.setAttribute("aria-valuetext", text);
      }
    }
  }

  hide(option, hidden) {
    const box = this.root.querySelector(`[data-option="${option}"]`);
    if (box) box.hidden = hidden;
  }

  formula(name, html) {
    const place = this.root.querySelector(`[data-formula="${name}"]`);
    if (place && place.innerHTML !== html) place.innerHTML = html;
  }

  verdict(html) {
    const place = this.root.querySelector(".fs-verdict");
    if (place.innerHTML !== html) place.innerHTML = html;
  }

  caption(chart, text) {
    this.charts[chart].caption.textContent = text;
  }

  react(chart, data, changes = {}) {
    if (!this.loaded) return;
    const { body, plot } = this.charts[chart], layout = this.data.layouts[chart], whole = { ...changes, margin: this.margin(chart) };
    for (const axis of ["xaxis", "yaxis"]) {
      if (layout[axis]?.type === "log" && changes[axis]?.range) whole[axis] = { ...logTicks(changes[axis].range), ...changes[axis] };
    }
    react(body, plot, data, layout, whole);
  }

  // Around a chart and the ground under it alike: where it is narrow, its legend takes more lines.
  margin(chart) {
    const { margin, showlegend } = this.data.layouts[chart];
    return this.charts[chart].body.clientWidth < 420 && showlegend ? { ...margin, t: 62 } : margin;
  }

  // A painted ground under a chart, drawn again only where `key` differs: the contours of a function over its window.
  field(chart, key, ranges, value, low, cells = 61) {
    if (!this.loaded || this.fields[chart] === key) return;
    const { body, field } = this.charts[chart], { colors } = this.data;
    const grid = ([from, to]) => Array.from({ length: cells }, (_, i) => from + ((to - from) * i) / (cells - 1));
    const x = grid(ranges.x), y = grid(ranges.y), z = y.map((b) => x.map((a) => Math.log10(Math.max(value([a, b]) - low, 0) + 1e-3)));
    const axis = { visible: false, fixedrange: true };
    const layout = { margin: this.margin(chart), paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false };
    const drawn = react(body, field, [{ type: "contour", x, y, z, colorscale: colors.scale, showscale: false, hoverinfo: "skip", ncontours: 18,
      line: { width: 0.7, color: colors.contour } }],
      layout, { xaxis: { ...axis, range: ranges.x }, yaxis: { ...axis, range: ranges.y } });
    if (drawn) this.fields[chart] = key;
  }

  // A path on a painted ground: white on dark, with markers.
  path(points, more = {}) {
    const line = { x: points.map((p) => p[0]), y: points.map((p) => p[1]), mode: "lines" };
    return [{ ...line, hoverinfo: "skip", showlegend: false, line: { color: "#10202c", width: 4.5 } },
      { ...line, mode: "lines+markers", line: { color: "#ffffff", width: 2 }, marker: { size: 6, color: "#ffffff", line: { width: 1,
        color: "#10202c" } },
        text: points.map((_, t) => `step ${t}`), hovertemplate: "%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>", ...more }];
  }

  close() {
    this.closed = true;
    clearInterval(this.playing);
    clearTimeout(this.later);
    document.removeEventListener("keydown", this.onKey);
    this.resizer.disconnect();
    if (this.loaded) for (const { plot, field } of Object.values(this.charts)) { window.Plotly.purge(plot); window.Plotly.purge(field); }
    this.root.remove();
  }
}

export { show };
export const vector = (x) => `(${x.map((v) => show(v)).join(", ")})`;
export const reaches = (steps) => (steps === null ? "not yet" : `step ${steps.toLocaleString("en")}`);

// Ticks of a logarithmic axis from 10^low to 10^high: powers of ten, or 1, 2, 5 where there are few.
function logTicks([low, high]) {
  if (high - low >= 2.2) return { dtick: Math.ceil((high - low) / 6) };
  const all = [];
  for (let power = Math.floor(low); power <= high; power++) for (const digit of [1, 2, 5]) all.push(Number(`${digit}e${power}`));
  return { tickvals: all.filter((v) => Math.log10(v) >= low - 0.01 && Math.log10(v) <= high + 0.01), tickformat: "~g" };
}
