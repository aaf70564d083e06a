// The arithmetic of gradient descent on a line fit, for the stepping component: one step a place, from the engine's trace.
import { el, factor, show } from "../stepper/dom.js";

const NAMES = ["w", "b"];

export default class Arithmetic {
  constructor(stage, stepper) {
    this.stepper = stepper;
    this.list = el("ol", { className: "fs-arithmetic" });
    stage.append(this.list);
  }

  receive({ steps }) {
    this.steps = steps;
    this.list.replaceChildren(...steps.slice(1).map((_, t) => el("li", { innerHTML: this.line(t + 1) })));
  }

  count() { return this.steps.length - 1; }

  line(t) {
    const { theta, gradient } = this.steps[t - 1], { eta } = this.stepper.trace, next = this.steps[t];
    const each = theta.map((value, k) => `${NAMES[k]} = ${show(value)} − ${show(eta)}·${factor(gradient[k])} = <b>${show(next.theta[k])}</b>`);
    return `${each.join(", ")}; J = ${show(next.loss)}`;
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
    const { theta, loss, gradient } = this.steps[Math.min(step, this.count())];
    const at = theta.map((value, k) => `${NAMES[k]} = ${show(value)}`).join(", ");
    return step ? this.line(step) : `Start: ${at}, J = ${show(loss)}, ∇J = (${gradient.map((g) => show(g)).join(", ")}).`;
  }
}
