// The Boxes view: a network's flow graph, its values over and its derivatives under each box, stepped forwards and back.
import { el, sheet, show } from "../stepper/dom.js";
import { Boundary } from "./boundary.js";
import { Detail } from "./detail.js";
import { Graph } from "./graph.js";
import { derivativeName, nameOf } from "./formula.js";
import { run } from "./network_math.js";

sheet(new URL("backpropagation.css", import.meta.url));
sheet(new URL("boxes.css", import.meta.url));
const FLASH = 1500; // milliseconds that a change of a weight stays lit

export default class Boxes {
  constructor(stage, stepper) {
    this.stepper = stepper;
    const toggle = (name, text) => {
      const input = el("input", {
        type: "checkbox",
        onchange: () => {
          stepper.set({ [name]: input.checked, ...(name === "stop" ? { step: 0 } : {}) });
          stepper.commit();
        },
      });
      stepper.fields.push(() => {
        input.checked = stepper.values[name];
        return true;
      });
      return el("label", { className: "bp-toggle", data: { option: name } }, input, text);
    };
    this.sample = stepper.field({
      name: "sample",
      label: "Sample",
      step: 1,
      low: 1,
      high: 5000,
      set: (n) => stepper.set({ sample: Math.min(Math.round(n), this.trace.X.length), all: false }),
    });
    this.batch = toggle("all", "all samples at once");
    stage.append(
      el(
        "div",
        { className: "stp-controls" },
        this.sample,
        this.batch,
        stepper.choice({
          name: "symbols",
          label: "Symbols of",
          choices: [
            ["B", "lecture 9"],
            ["D", "the training chapter"],
            ["ours", "this app"],
          ],
        }),
        stepper.choice({
          name: "by",
          label: "Formulas for",
          choices: [
            ["matrices", "whole boxes"],
            ["unit", "one unit"],
          ],
        }),
        toggle("stop", "stop at the parameters"),
      ),
    );
    this.graph = new Graph(this);
    this.detail = new Detail(this);
    this.boundary = new Boundary(this);
    stage.append(el("div", { className: "bp-parts" }, this.graph.root, this.detail.root, this.boundary.root));
  }

  receive(trace) {
    this.trace = trace;
    this.boxes = Object.fromEntries(trace.boxes.map((box) => [box.key, box]));
    this.number = (this.number ?? 0) + 1; // of the trace, for what is built once per trace
    this.before = null;
    const single = trace.X.length < 2;
    this.sample.hidden = this.batch.hidden = single;
    this.sample.querySelector("input").max = trace.X.length;
    this.boundary.receive(trace);
  }

  // The order of both passes: [{key, back}]. Forwards what is computed, backwards all but the label.
  get order() {
    const { boxes } = this.trace,
      { stop } = this.stepper.values;
    const back = [...boxes].reverse().filter(({ key }) => key !== "y" && !(stop && key === "x"));
    return [
      ...boxes.filter(({ kind }) => kind !== "input").map(({ key }) => ({ key, back: false })),
      ...back.map(({ key }) => ({ key, back: true })),
    ];
  }

  count() {
    return this.order.length;
  }

  get weights() {
    return this.stepper.values.weights ?? this.trace.theta;
  }

  get rows() {
    const { values } = this.stepper,
      { X, T } = this.trace;
    const at = Math.min(values.sample, X.length) - 1;
    return values.all && X.length > 1 ? [X, T] : [[X[at]], [T[at]]];
  }

  // One number of a box, a derivative of it, or a slope: those of the sample, or of all of them (values as means, the
  // derivatives of the mean loss as their sum).
  number_(what, key, at) {
    const box = this.now[key],
      array = { "": box.value, "∂": box.gradient, "slope ": box.slope }[what];
    if (typeof array === "number") return array;
    if (this.boxes[key].parameter) return at.reduce((part, n) => part[n], array);
    const all = array.map((row) => row[at[0]]),
      sum = all.reduce((a, b) => a + b, 0);
    return what === "∂" ? sum : sum / all.length;
  }

  // A box's array as rows for the screen: weights as they are named, all else as one column.
  array(what, key) {
    const { size, parameter } = this.boxes[key],
      turned = this.names[key].turned;
    if (size.length === 0) return [[{ at: [], value: this.number_(what, key, []) }]];
    if (size.length === 1) return Array.from({ length: size[0] }, (_, j) => [{ at: [j], value: this.number_(what, key, [j]) }]);
    const [n, m] = parameter ? size : [size[1], 1];
    return Array.from({ length: turned ? m : n }, (_, r) =>
      Array.from({ length: turned ? n : m }, (_2, c) => {
        const at = turned ? [c, r] : [r, c];
        return { at, value: this.number_(what, key, at) };
      }),
    );
  }

  get names() {
    return this.trace.names[this.stepper.values.symbols];
  }

  // Numbers stand only where there are several units.
  name(key, at = []) {
    return nameOf(
      this.names,
      key,
      at.filter((_, k) => this.boxes[key].size[k] > 1),
    );
  }

  derivative(key, at) {
    return derivativeName(this.trace.marks[this.stepper.values.symbols], this.name(key, at));
  }

  // The box whose formulas are shown: the chosen one, else that of the step.
  get chosen() {
    const [key, at] = String(this.stepper.values.open ?? "").split(":");
    const { step } = this.stepper,
      now = this.order[step - 1],
      size = this.boxes[key]?.size;
    const numbers = (at ?? "").split(",").filter(Boolean).map(Number);
    if (size && numbers.every((n, k) => n < size[k])) return { key, at: numbers.length === size.length ? numbers : null, byHand: true };
    return { key: now?.key ?? "x", at: null, byHand: false };
  }

  open(key, at) {
    this.stepper.set({ open: at ? `${key}:${at.join(",")}` : key });
    this.stepper.commit();
  }

  draw(step, last) {
    const { values } = this.stepper;
    if (last !== undefined && last !== step && values.open) values.open = "";
    this.compute();
    this.isBatch = this.rows[0].length > 1;
    const order = this.order,
      known = new Set(this.trace.boxes.filter(({ kind }) => kind === "input").map(({ key }) => key)),
      back = new Set();
    order.slice(0, step).forEach(({ key, back: isBack }) => (isBack ? back : known).add(key));
    this.state = { known, back, now: order[step - 1], stop: values.stop };
    this.graph.draw();
    this.detail.draw();
    this.boundary.draw();
    const gradient = this.trace.boxes.filter(({ parameter }) => parameter).flatMap(({ key }) => this.now[key].gradient.flat());
    Object.assign(this.stepper.root.dataset, { loss: this.now.L.value, gradient: JSON.stringify(gradient.map(String)), open: this.chosen.key });
  }

  // Both passes, unless they are those of the last drawing.
  compute() {
    const { sample, all } = this.stepper.values,
      subject = [this.trace, this.weights, sample, all];
    if (this.subject?.every((part, k) => part === subject[k])) return;
    this.subject = subject;
    this.now = run(this.trace.net, this.weights, ...this.rows);
  }

  // --- weights under the hand -----------------------------------------------------------------------------

  place(key, at) {
    // where in theta a parameter stands
    const layer = Number(key.slice(1)),
      { sizes } = this.trace.net;
    let start = 0;
    for (let k = 1; k < layer; k++) start += (sizes[k - 1] + 1) * sizes[k];
    return start + (key[0] === "W" ? at[0] * sizes[layer] + at[1] : sizes[layer - 1] * sizes[layer] + at[0]);
  }

  edit(key, at, value) {
    this.before ??= this.now;
    clearTimeout(this.flashing);
    this.flashing = setTimeout(() => {
      this.before = null;
      this.stepper.redraw();
    }, FLASH);
    const weights = [...this.weights];
    weights[this.place(key, at)] = value;
    this.stepper.set({ weights });
  }

  // Whether a box's value or derivative has changed by the edit: null where nothing is being edited.
  changed(what, key) {
    if (!this.before?.[key]) return null;
    const of = (box) => JSON.stringify({ "": box.value, "∂": box.gradient }[what]);
    return of(this.before[key]) !== of(this.now[key]);
  }

  text(step) {
    const { values } = this.stepper,
      now = this.order[step - 1],
      { boxes } = this.trace;
    if (!now) return "Known from the start: the sample, its label, the weights and biases. All other boxes wait for those that they use.";
    const box = this.boxes[now.key],
      list = (keys) => keys.map((key) => this.name(key)).join(", ");
    const all = this.isBatch ? ` (all ${this.rows[0].length} samples: values are means)` : "";
    if (!now.back) return `Forward: <b>${this.name(now.key)}</b> uses only ${list(box.inputs)}${all}.`;
    if (now.key === boxes.at(-1).key)
      return `Backward starts at the loss: its derivative by itself is 1. <b>L = ${show(this.now[now.key].value, 6)}</b>`;
    const end = step === this.count() ? (values.stop ? " Done: the weights and biases have all they need." : " Done.") : "";
    return `Backward: <b>${this.derivative(now.key)}</b> needs only what came back to ${list(box.outputs)}${all}.${end}`;
  }

  close() {
    clearTimeout(this.flashing);
    this.boundary.close();
  }
}
