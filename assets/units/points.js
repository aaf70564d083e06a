// Points through two lines and a gate, four steps a point: line 1, line 2, the gate, and whether it is right.
import { el, factor, show } from "../stepper/dom.js";

const SUBS = ["₁", "₂"];

export default class Points {
  constructor(stage, stepper) {
    this.stepper = stepper;
    this.list = el("ol", { className: "fs-arithmetic" });
    stage.append(this.list);
  }

  receive(trace) {
    this.trace = trace;
    this.list.replaceChildren(...Array.from({ length: this.count() }, (_, k) => el("li", { innerHTML: this.line(k) })));
  }

  count() { return 4 * this.trace.points.length; }

  line(k) {
    const { points, lines, gate, name } = this.trace, at = Math.floor(k / 4), point = points[at], part = k % 4;
    const x = point.x.map((value) => show(value)).join(", ");
    if (part < 2) {
      const { w, b } = lines[part];
      return `Point ${at + 1} (${x}), line ${part + 1}: z${SUBS[part]} = ${show(w[0])}·${factor(point.x[0])} + ${factor(w[1])}·${factor(point.x[1])} + ${factor(b)} `
        + `= ${show(point.z[part])} ${point.h[part] ? "≥" : "<"} 0, so h${SUBS[part]} = <b>${point.h[part]}</b>`;
    }
    if (part === 2) {
      return `${name}: ${show(gate[0])}·${point.h[0]} + ${factor(gate[1])}·${point.h[1]} + ${factor(gate[2])} = ${show(point.sum)} `
        + `${point.output ? "≥" : "<"} 0, so ŷ = <b>${point.output}</b>`;
    }
    return `The label is ${point.label}: <b>${point.output === point.label ? "right" : "wrong"}</b>`;
  }

  draw(step) {
    [...this.list.children].forEach((item, k) => {
      item.hidden = k >= step;
      item.ariaCurrent = k === step - 1 ? "step" : null;
    });
    const current = this.list.children[step - 1];
    if (current) this.list.scrollTop = current.offsetTop - this.list.clientHeight + current.clientHeight;
  }

  text(step) {
    return step ? this.line(Math.min(step, this.count()) - 1) : "Each point goes through line 1, line 2 and the output unit.";
  }
}
