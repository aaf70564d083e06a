// The stepping component: a trace that came whole, a place in it, and values under the reader's hand.
//
// Python (pages/shared/stepper.py, whose text is the manual) sends the trace, the values with their ranges, and the address of
// a drawer. The drawer is a module of the view. Its default export is a class:
//
//     constructor(stage, stepper)   builds the view inside `stage`, an empty element, once
//     receive(trace)                a trace has come, the first one or another
//     count()                       how many steps there are now; places are 0 (nothing done yet) to count()
//     draw(step, last)              draws everything from stepper.values; `last` is the place that was drawn before
//     text(step)                    one sentence for this place, spoken by screen readers
//     close()                       optional
//
// and it may use of the stepper: values, trace, dark, colors, set(changes), commit(), redraw(), go(step), field(…), and the
// builders of dom.js. `set` changes values and draws in the next frame; `commit` tells Python when the hand lets go.
import { allowed, limit } from "../limits.js";
import { isRecoloured } from "../theme.js";
import { el, show, sheet } from "./dom.js";

const QUIET = 250; // milliseconds without a change until Python hears of a step
const KEEPS_ARROWS =
  "input, textarea, select, [contenteditable], [role=radio], [role=slider], [role=tab], [role=option], [role=menuitem], [data-arrows]";
const steppers = new WeakMap();
sheet(new URL("stepper.css", import.meta.url));

export default function render({ data, parentElement, setStateValue }) {
  let stepper = steppers.get(parentElement);
  if (!stepper) steppers.set(parentElement, (stepper = new Stepper(parentElement, data)));
  stepper.send = (values) => setStateValue("values", values);
  stepper.receive(data);
  return () => {
    stepper.close();
    steppers.delete(parentElement);
  };
}

class Stepper {
  constructor(parent, data) {
    this.fields = [];
    this.build(parent, data);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.resizer = new ResizeObserver(() => this.redraw());
    this.resizer.observe(this.root);
    import(new URL(data.drawer, document.baseURI).href).then(({ default: Drawer }) => {
      if (this.closed) return;
      this.drawer = new Drawer(this.stage, this);
      if (this.trace) this.drawer.receive(this.trace);
      this.redraw();
    });
  }

  build(parent, data) {
    const button = (text, name, act) => el("button", { type: "button", textContent: text, title: name, ariaLabel: name, onclick: act });
    this.buttons = {
      start: button("|◀", "To the start", () => this.go(0)),
      back: button("◀ Back", "Step back", () => this.go(this.step - 1)),
      forward: button("Forward ▶", "Step forward", () => this.go(this.step + 1)),
      end: button("▶|", "To the end", () => this.go(this.drawer.count())),
    };
    this.buttons.forward.classList.add("stp-main");
    this.place = el("span", { className: "stp-place" });
    this.words = el("p", { className: "stp-words", role: "status", ariaLive: "polite" });
    const bar = el("div", { className: "stp-buttons", role: "group", ariaLabel: "Steps", data: { option: "step" } }, Object.values(this.buttons), this.place);
    this.stage = el("div", { className: "stp-stage" });
    this.root = el("section", { className: "stp", ariaLabel: data.title }, el("div", { className: "stp-bar" }, bar, this.words), this.stage);
    parent.append(this.root);
  }

  // --- values ---------------------------------------------------------------------------------------------

  // What Python sends. It changes nothing while the hand is further on: what is not committed yet, or not answered yet, stands.
  receive(data) {
    this.sent ??= data.sent;
    Object.assign(this, { dark: data.dark, colors: data.colors, options: data.options, limits: data.limits });
    this.root.dataset.dark = String(data.dark);
    const isNew = !this.values || data.revision !== this.revision,
      isLate = this.values && (this.isAhead || data.sent !== this.sent);
    if (data.trace) this.held = { revision: data.traceRevision, trace: data.trace };
    if (isNew && !isLate) this.takeOver(data);
    if (isRecoloured(this.root)) this.commit();
    this.redraw();
  }

  takeOver(data) {
    if (this.held?.revision !== data.traceRevision) return this.ask(); // shown again: Python believes that the trace is here
    this.revision = data.revision;
    this.values = { ...data.values };
    if (this.trace === this.held.trace) return undefined;
    this.trace = this.held.trace;
    return this.drawer?.receive(this.trace);
  }

  ask() {
    this.sent += 1;
    this.send({ sent: this.sent, have: "" });
  }

  set(changes) {
    Object.assign(this.values, allowed(changes, this.limits));
    this.isAhead = true;
    this.redraw();
  }

  // Python hears of the values as they are now.
  commit() {
    clearTimeout(this.waiting);
    this.isAhead = false;
    this.sent += 1;
    this.send({ ...this.values, sent: this.sent, have: this.held?.revision });
  }

  // A number to type or to drag sideways. `name` is an option's, or give get, set, low, high, step and which `control` it is.
  field({ name, control, label, title, get, set, low, high, step, log, className = "" }) {
    const option = this.options[name] ?? {};
    const rule = { low: low ?? option.low, high: high ?? option.high, step: step ?? option.step ?? 0.01, log: log ?? option.log };
    const read = get ?? (() => this.values[name]),
      write = set ?? ((value) => this.set({ [name]: value }));
    const bounded = (value) => Math.min(rule.high, Math.max(rule.low, value));
    const words = title ?? option.help ?? "";
    const input = el("input", {
      type: "number",
      min: rule.low,
      max: rule.high,
      step: rule.log ? "any" : rule.step,
      ariaLabel: option.label ?? title ?? label,
      title: `${words} Drag sideways, or type.`.trim(),
    });
    const root = el("label", { className: `stp-field ${className}`, data: named(name, control) }, el("span", { innerHTML: label ?? option.label }), input);
    input.oninput = () => {
      if (input.value !== "" && Number.isFinite(input.valueAsNumber)) write(bounded(input.valueAsNumber));
    };
    input.onchange = () => {
      input.value = plain(read());
      this.commit();
    };
    this.drag(root, {
      begin: () => read(),
      move: (start, dx) => write(bounded(Number((rule.log ? start * 10 ** (dx / 150) : start + Math.round(dx / 3) * rule.step).toPrecision(6)))),
      end: () => this.commit(),
    });
    this.fields.push(() => {
      if (this.root.getRootNode().activeElement !== input || root.dataset.dragging) input.value = plain(read());
      return root.isConnected;
    });
    return root;
  }

  // One of a few: a row of radio buttons, choices [[value, text], …].
  choice({ name, label, choices, changed = {} }) {
    const group = el("fieldset", { className: "stp-choice", data: { option: name } }, el("legend", { textContent: label }));
    const id = `stp-${name}-${Math.random().toString(36).slice(2)}`;
    const inputs = choices.map(([value, text]) => {
      const input = el("input", {
        type: "radio",
        name: id,
        onchange: () => {
          this.set({ [name]: value, ...changed });
          this.commit();
        },
      });
      group.append(el("label", {}, input, el("span", { innerHTML: text })));
      return [input, value];
    });
    this.fields.push(() => {
      for (const [input, value] of inputs) input.checked = this.values[name] === value;
      return group.isConnected;
    });
    return group;
  }

  // Sideways dragging from 3 pixels on; less is a click.
  drag(element, { begin, move, end }) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const from = event.clientX,
        start = begin();
      let moving = false;
      const onMove = (at) => {
        const dx = at.clientX - from;
        if (!moving && Math.abs(dx) < 3) return;
        if (!moving) {
          element.setPointerCapture(event.pointerId);
          element.dataset.dragging = "true";
        }
        moving = true;
        at.preventDefault();
        move(start, dx);
      };
      const onEnd = () => {
        element.removeEventListener("pointermove", onMove);
        if (!moving) return;
        delete element.dataset.dragging;
        element.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
        setTimeout(() => this.redraw());
        end();
      };
      element.addEventListener("pointermove", onMove);
      element.addEventListener("pointerup", onEnd, { once: true });
      element.addEventListener("pointercancel", onEnd, { once: true });
    });
  }

  // --- steps ----------------------------------------------------------------------------------------------

  get step() {
    return Math.min(Math.max(0, Math.round(this.values.step ?? 0)), this.drawer?.count() ?? 0);
  }

  go(step) {
    const to = Math.min(Math.max(0, step), this.drawer.count());
    if (to === this.values.step) return;
    this.set({ step: to });
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.commit(), QUIET);
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.drawer || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.composedPath().some((node) => node.matches?.(KEEPS_ARROWS))) return;
    event.preventDefault();
    this.go(this.step + by);
  }

  // --- drawing --------------------------------------------------------------------------------------------

  redraw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.draw();
    });
  }

  draw() {
    if (!this.drawer || !this.trace || this.closed) return;
    const { step, drawer } = this,
      count = drawer.count();
    drawer.draw(step, this.drawn);
    this.drawn = step;
    this.fields = this.fields.filter((refresh) => refresh());
    limit(this.root, this.limits);
    this.place.textContent = `Step ${step} of ${count}`;
    const words = drawer.text(step);
    if (this.words.innerHTML !== words) this.words.innerHTML = words;
    for (const [name, isEnd] of [
      ["start", step === 0],
      ["back", step === 0],
      ["forward", step === count],
      ["end", step === count],
    ]) {
      this.buttons[name].setAttribute("aria-disabled", String(isEnd));
    }
    this.root.dataset.step = String(step);
    this.root.dataset.count = String(count);
    this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
  }

  close() {
    this.closed = true;
    clearTimeout(this.waiting);
    document.removeEventListener("keydown", this.onKey);
    this.resizer.disconnect();
    this.drawer?.close?.();
    this.root.remove();
  }
}

// How a control says which value it sets, or which control of the view it is (assets/limits.js).
function named(name, control = name) {
  return control ? { option: control } : {};
}

// A number as an input of type number takes it.
function plain(value) {
  return String(Number(Number(value).toPrecision(6)));
}

export { show };
