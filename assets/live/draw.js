// @ts-check
// Drawing data over a chart, in a window of its own: points are added, sprayed, moved and erased, with the pointer, with
// a finger or with the keyboard. Nothing is sent before the person says so.

import { pack, unpack } from "./points.js";

/** @typedef {import("./chart.js").Chart} Chart */
/** @typedef {import("./points.js").Point} Point */
/** @typedef {import("./points.js").Sketch} Sketch */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 800, HEIGHT = 560;
const MOST_UNDONE = 200;
const SPRAY_MS = 50, SPRAYED = 2;
const NEAR = 16, WIDE = 42; // how far a point may be to be picked; how wide spray and eraser are
const TOOLS = [["add", "Add"], ["spray", "Spray"], ["move", "Move"], ["erase", "Erase"]];
const HELP =
  "arrow keys move the cross (in large steps with Shift), Space uses the tool there, Delete erases; with Move, Space picks a point up and puts it down.";

/** What was drawn last, so that Undo goes back beyond it. @type {{text: string, before: Point[][]}} */
let last = { text: "", before: [] };

/** @param {number} value @param {number} digits */
const signed = (value, digits) => value.toFixed(digits).replace("-", "−");

/** @param {string} name @param {Record<string, string | number>} attributes */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

export class Drawing {
  /** @param {Chart} chart @param {Sketch} sketch @param {(text: string) => void} use */
  constructor(chart, sketch, use) {
    this.sketch = sketch;
    this.use = use;
    this.points = unpack(sketch.text, sketch);
    /** @type {Point[][]} */
    this.before = sketch.text === last.text ? last.before : [];
    this.tool = "add";
    this.group = 0;
    this.cross = { x: WIDTH / 2, y: HEIGHT / 2 };
    /** @type {Point | null} */
    this.held = null;
    this.plane = /** @type {SVGSVGElement} */ (shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application", class: "dl-draw-plane" }));
    this.dots = shape("g", {});
    this.mark = shape("path", { class: "dl-draw-cross", d: "M-12 0H12M0 -12V12", stroke: sketch.ink });
    this.status = Object.assign(document.createElement("output"), { className: "dl-draw-status" });
    this.undoButton = this.button("Undo", () => this.undo());
    this.clearButton = this.button("Clear", () => this.change(() => { this.points = []; }));
    this.useButton = this.button("Train on these points", () => this.finish());
    this.dialog = document.createElement("dialog");
    this.dialog.className = "dl-draw";
    this.dialog.setAttribute("aria-label", "Draw data");
    this.build(chart);
    chart.panel.root.append(this.dialog);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => { this.stopSpraying(); this.dialog.remove(); });
    this.show();
    this.dialog.showModal();
    this.plane.focus();
  }

  // --- building -------------------------------------------------------------------------------------------

  /** @param {Chart} chart */
  build(chart) {
    const { classes, kind } = this.sketch;
    const groups = classes.map(([name], k) => [String(k), name]);
    const tools = this.choices("Tool", TOOLS, "add", (tool) => { this.tool = tool; this.putDown(); });
    const rows = [tools];
    if (kind === "p") rows.push(this.choices("Class", groups, "0", (group) => { this.group = Number(group); }));
    if (kind === "v") rows.push(this.slider());
    this.plane.setAttribute("aria-label", `${kind === "c" ? "The curve's points" : "The plane"}. ${HELP}`);
    this.ground(chart);
    this.plane.append(this.dots, this.mark);
    this.status.setAttribute("role", "status");
    this.useButton.classList.add("dl-play");
    const last = document.createElement("div");
    last.className = "dl-draw-row";
    last.append(this.undoButton, this.clearButton, this.status, this.button("Cancel", () => this.dialog.close()), this.useButton);
    const head = document.createElement("div");
    head.className = "dl-draw-row";
    head.append(...rows);
    const help = Object.assign(document.createElement("p"), { className: "dl-draw-help", textContent: `By keyboard: ${HELP} Ctrl+Z undoes.` });
    help.setAttribute("aria-hidden", "true"); // the plane says it
    this.dialog.append(head, this.plane, last, help);
    this.listen();
  }

  /** @param {string} name @param {string[][]} choices @param {string} first @param {(value: string) => void} choose */
  choices(name, choices, first, choose) {
    const box = document.createElement("fieldset");
    box.className = "dl-draw-choices";
    box.append(Object.assign(document.createElement("legend"), { textContent: name, className: "dl-visually-hidden" }));
    for (const [value, label] of choices) {
      const entry = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name: `dl-draw-${name}`, value, checked: value === first });
      input.onchange = () => choose(value);
      entry.append(input);
      if (name === "Class") {
        const sign = /** @type {SVGSVGElement} */ (shape("svg", { viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" }));
        sign.append(this.sign(Number(value)));
        entry.append(sign);
      }
      entry.append(label);
      box.append(entry);
    }
    return box;
  }

  /** The value that new points get. */
  slider() {
    const [reach, steps] = this.sketch.value;
    const box = document.createElement("fieldset");
    box.className = "dl-draw-choices";
    const label = document.createElement("label"), output = document.createElement("output");
    const input = Object.assign(document.createElement("input"), { type: "range", min: "-3", max: "3", step: "0.1", value: "1" });
    const take = () => {
      this.group = Math.round(((Number(input.value) / reach + 1) / 2) * steps);
      output.textContent = signed(Number(input.value), 1);
    };
    input.oninput = take;
    take();
    label.append("Value", input, output);
    box.append(label);
    return box;
  }

  /** @param {string} label @param {() => void} press */
  button(label, press) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-button", textContent: label });
    button.onclick = press;
    return button;
  }

  /** What the network says now: its colours, or its curve. @param {Chart} chart */
  ground(chart) {
    const { field, kind, line, units } = this.sketch;
    const [left, top] = this.pixel(field[0], field[3]), [right, bottom] = this.pixel(field[1], field[2]);
    this.plane.append(shape("rect", { width: WIDTH, height: HEIGHT, class: "dl-draw-ground" }));
    if (kind !== "c" && chart.canvas.width) {
      this.plane.append(shape("image", {
        href: chart.canvas.toDataURL(), x: left, y: top, width: right - left, height: bottom - top, preserveAspectRatio: "none", opacity: 0.6,
      }));
    }
    const [x0, y0] = this.pixel(0, 0);
    this.plane.append(shape("path", { d: `M0 ${y0}H${WIDTH}M${x0} 0V${HEIGHT}`, class: "dl-draw-axes" }));
    if (kind === "c") {
      const { x, y } = chart.lines[chart.lines.length - 1];
      const places = x.map((/** @type {number} */ value, /** @type {number} */ k) => this.pixel((value - line[1]) / line[0], y[k]).join(" "));
      this.plane.append(shape("path", { d: `M${places.join("L")}`, class: "dl-draw-curve" }));
    }
    for (const [value, k] of [[this.sketch.window[0], 0], [this.sketch.window[1], 1]]) {
      const text = shape("text", { x: k ? WIDTH - 6 : 6, y: HEIGHT - 6, "text-anchor": k ? "end" : "start", class: "dl-draw-tick" });
      text.textContent = `x ${signed(value * units[0] + units[1], 1)}`;
      this.plane.append(text);
    }
  }

  /** @param {number} group */
  sign(group) {
    const { classes, shades, value, ink, kind } = this.sketch;
    const shade = Math.round((0.5 + (group / value[1] - 0.5) * value[0]) * (shades.length - 1)); // full colour at a value of 1
    const plain = kind === "v" ? shades[Math.min(shades.length - 1, Math.max(0, shade))] : ink;
    const [, color, symbol] = classes[group] ?? ["", plain, "circle"];
    const paths = {
      circle: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z", square: "M-4.5 -4.5H4.5V4.5H-4.5Z", diamond: "M0 -6L6 0L0 6L-6 0Z",
      "triangle-up": "M0 -6L5.5 4.5H-5.5Z", cross: "M-2 -6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
    };
    const d = /** @type {Record<string, string>} */ (paths)[symbol] ?? paths.circle;
    return shape("path", { d, fill: color, stroke: "#fff", "stroke-width": 1 });
  }

  // --- places -----------------------------------------------------------------------------------------------

  /** @param {number} x @param {number} y @returns {[number, number]} */
  pixel(x, y) {
    const [left, right, low, high] = this.sketch.window;
    return [(WIDTH * (x - left)) / (right - left), HEIGHT * (1 - (y - low) / (high - low))];
  }

  /** @param {Point} point */
  seen({ x, y }) {
    const { reach, steps } = this.sketch;
    return this.pixel((2 * x / steps - 1) * reach[0], (2 * y / steps - 1) * reach[1]);
  }

  /** The whole numbers of a place in the picture. @param {number} px @param {number} py */
  kept(px, py) {
    const { reach, steps, window } = this.sketch;
    const [left, right, low, high] = window;
    const whole = (/** @type {number} */ value, /** @type {number} */ end) => Math.round(Math.min(1, Math.max(0, (value / end + 1) / 2)) * steps);
    const inside = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(most, Math.max(0, value)) / most;
    return { x: whole(left + (right - left) * inside(px, WIDTH), reach[0]), y: whole(high - (high - low) * inside(py, HEIGHT), reach[1]) };
  }

  /** The point next to a place, if one is near. @param {number} px @param {number} py @param {number} within */
  nearest(px, py, within = NEAR) {
    let best = null, shortest = within;
    for (const point of this.points) {
      const [x, y] = this.seen(point), away = Math.hypot(x - px, y - py);
      if (away <= shortest) { best = point; shortest = away; }
    }
    return best;
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  under(event) {
    const box = this.plane.getBoundingClientRect();
    const scale = Math.min(box.width / WIDTH, box.height / HEIGHT);
    return [(event.clientX - box.left - (box.width - WIDTH * scale) / 2) / scale, (event.clientY - box.top - (box.height - HEIGHT * scale) / 2) / scale];
  }

  // --- what the person does -----------------------------------------------------------------------------------

  listen() {
    let down = false;
    this.plane.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      this.plane.focus();
      this.plane.setPointerCapture(event.pointerId);
      down = true;
      this.remember();
      this.begin(...this.under(event));
    });
    this.plane.addEventListener("pointermove", (event) => {
      const [x, y] = this.under(event);
      this.cross = { x, y };
      if (down) this.drag(x, y);
      this.show();
    });
    const end = () => { down = false; this.held = null; this.stopSpraying(); this.forgetNothing(); this.show(); };
    this.plane.addEventListener("pointerup", end);
    this.plane.addEventListener("pointercancel", end);
  }

  /** @param {number} x @param {number} y */
  begin(x, y) {
    this.cross = { x, y };
    if (this.tool === "add") this.held = this.add(x, y);
    if (this.tool === "move") this.held = this.nearest(x, y);
    if (this.tool === "erase") this.erase(x, y);
    if (this.tool === "spray") {
      this.spray();
      this.spraying = setInterval(() => this.spray(), SPRAY_MS);
    }
    this.show();
  }

  /** @param {number} x @param {number} y */
  drag(x, y) {
    if (this.held) Object.assign(this.held, this.kept(x, y));
    if (this.tool === "erase") this.erase(x, y);
  }

  /** @param {number} x @param {number} y */
  add(x, y) {
    if (this.points.length >= this.sketch.most) return null;
    const point = { ...this.kept(x, y), c: this.sketch.kind === "c" ? 0 : this.group };
    this.points = [...this.points, point];
    return point;
  }

  spray() {
    for (let n = 0; n < SPRAYED; n++) {
      const turn = 2 * Math.PI * Math.random(), away = WIDE * Math.sqrt(Math.random());
      this.add(this.cross.x + away * Math.cos(turn), this.cross.y + away * Math.sin(turn));
    }
    this.show();
  }

  stopSpraying() {
    clearInterval(this.spraying);
  }

  /** @param {number} x @param {number} y */
  erase(x, y, within = WIDE / 2) {
    this.points = this.points.filter((point) => {
      const [px, py] = this.seen(point);
      return Math.hypot(px - x, py - y) > within;
    });
  }

  putDown() {
    this.held = null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation(); // the panel below has keys of its own
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { this.undo(); event.preventDefault(); return; }
    if (event.target !== this.plane) return;
    const step = event.shiftKey ? 40 : 8;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const digit = Number(event.key) - 1;
    if (moves[event.key]) {
      const [dx, dy] = moves[event.key];
      this.cross = { x: Math.min(WIDTH, Math.max(0, this.cross.x + dx)), y: Math.min(HEIGHT, Math.max(0, this.cross.y + dy)) };
      if (this.held) Object.assign(this.held, this.kept(this.cross.x, this.cross.y));
    } else if (event.key === " " || event.key === "Enter") {
      if (this.tool === "move" && this.held) this.putDown();
      else this.change(() => this.use_(this.cross.x, this.cross.y));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.change(() => this.erase(this.cross.x, this.cross.y));
    } else if (this.sketch.classes[digit]) {
      const input = /** @type {HTMLInputElement} */ (this.dialog.querySelector(`[name=dl-draw-Class][value="${digit}"]`));
      input.click();
      this.plane.focus();
    } else return;
    event.preventDefault();
    this.show();
  }

  /** The tool at the cross, by the keyboard. @param {number} x @param {number} y */
  use_(x, y) {
    if (this.tool === "add") this.add(x, y);
    if (this.tool === "spray") for (let n = 0; n < 3; n++) this.spray();
    if (this.tool === "erase") this.erase(x, y);
    if (this.tool === "move") this.held = this.nearest(x, y, WIDE);
  }

  // --- undo ---------------------------------------------------------------------------------------------------

  remember() {
    this.before = [...this.before.slice(1 - MOST_UNDONE), this.points.map((point) => ({ ...point }))];
  }

  /** A gesture that changed nothing is none to undo. */
  forgetNothing() {
    if (this.before.length && JSON.stringify(this.before[this.before.length - 1]) === JSON.stringify(this.points)) this.before.pop();
  }

  /** @param {() => void} work */
  change(work) {
    this.remember();
    work();
    if (!this.held) this.forgetNothing();
    this.show();
  }

  undo() {
    this.putDown();
    this.points = this.before.pop() ?? this.points;
    this.show();
  }

  // --- what is shown --------------------------------------------------------------------------------------------

  /** Why the points can't be trained on; empty if they can. */
  lacking() {
    if (this.sketch.kind !== "p") return this.points.length < 2 ? "Draw at least two points." : "";
    return new Set(this.points.map((point) => point.c)).size < 2 ? "Draw points of at least two classes." : "";
  }

  show() {
    const shapes = this.points.map((point) => {
      const sign = this.sign(point.c), [x, y] = this.seen(point);
      sign.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      return sign;
    });
    this.dots.replaceChildren(...shapes);
    this.mark.setAttribute("transform", `translate(${this.cross.x} ${this.cross.y})`);
    const { most, of, units } = this.sketch;
    const count = `${this.points.length} point${this.points.length === 1 ? "" : "s"}`;
    const full = this.points.length >= most ? ` · ${most} is the most` : "";
    const chosen = of > this.points.length && !this.before.length ? ` of ${of.toLocaleString("en")}` : "";
    const { x, y } = this.kept(this.cross.x, this.cross.y), { reach, steps } = this.sketch;
    const [px, py] = [(2 * x / steps - 1) * reach[0], (2 * y / steps - 1) * reach[1]];
    const place = `${signed(px * units[0] + units[1], 2)}, ${signed(py, 2)}`;
    this.status.textContent = `${count}${chosen}${full} · ${this.lacking() || `cross at ${place}`}`;
    this.undoButton.disabled = !this.before.length;
    this.clearButton.disabled = !this.points.length;
    this.useButton.disabled = Boolean(this.lacking());
  }

  finish() {
    if (this.lacking()) return;
    const text = pack(this.points, this.sketch);
    last = { text, before: this.before };
    this.dialog.close();
    this.use(text);
  }
}
