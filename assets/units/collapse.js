// The matrices of a network, multiplied one at a time from the left until one row of weights is left.
import { diverging, el, factor, sheet, show } from "../stepper/dom.js";

sheet(new URL("collapse.css", import.meta.url));
const SUB = ["₀", "₁", "₂", "₃", "₄"];
const name = (count) => Array.from({ length: count }, (_, k) => `W${SUB[k + 1]}`).join("");

export default class Collapse {
  constructor(stage, stepper) {
    this.stepper = stepper;
    this.chain = el("div", { className: "col-chain" });
    this.result = el("div", { className: "col-result" });
    this.proof = el("div", { className: "col-proof" });
    stage.append(this.result, this.proof, this.chain);
  }

  receive(trace) {
    this.trace = trace;
  }

  count() { return this.trace.layers.length + 1; } // a step a matrix, and one for the samples

  // A matrix as a table whose colours say sign and size.
  matrix(title, values, isOn = true) {
    const limit = Math.max(1e-12, ...values.flat().map(Math.abs)), { colors } = this.stepper;
    const cell = (value) => el("td", { textContent: show(value, 2), style: { background: isOn ? diverging(value, limit, colors, 55) : "none" } });
    const rows = values.map((row) => el("tr", {}, row.map(cell)));
    const label = `${title}, ${values.length} × ${values[0].length}`;
    const table = el("div", { className: "stp-scroll" }, el("table", { ariaLabel: label }, rows));
    return el("figure", { className: isOn ? "" : "col-used" }, el("figcaption", { textContent: label }), table);
  }

  draw(step) {
    const { layers, products } = this.trace, used = Math.min(step, layers.length);
    this.chain.replaceChildren(...layers.map(({ W }, k) => this.matrix(`W${SUB[k + 1]}`, W, k >= used)));
    const { W, b } = products[Math.max(0, used - 1)];
    this.result.replaceChildren(...(used ? [this.matrix(`Product ${name(used)}`, W), this.matrix("Bias b", [b])] : []));
    this.proof.replaceChildren(...(step > layers.length ? [this.samples()] : []));
  }

  samples() {
    const { samples, products, isLine, g } = this.trace, { W, b } = products.at(-1), [w1, w2] = W.map((row) => row[0]);
    const head = ["x₁", "x₂", "w′·x + b′", "network", "difference"].map((text) => el("th", { textContent: text }));
    const rows = samples.map(({ x, network, line }) => el("tr", {}, [x[0], x[1], line, network, network - line].map((value, k) =>
      el("td", { textContent: show(value, k < 4 ? 6 : 2) }))));
    const said = isLine ? "The network is this line; what is left is rounding." : `With ${g} between the layers the product is not the network.`;
    return el("div", {}, el("p", { innerHTML: `ŷ = ${show(w1, 6)} x₁ + ${factor(w2, 6)} x₂ + ${factor(b[0], 6)}. <b>${said}</b>` }),
      el("div", { className: "stp-scroll" }, el("table", { ariaLabel: "Five samples through the network and through the line" },
        el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))));
  }

  text(step) {
    const { layers, products, loss } = this.trace, count = layers.length;
    if (!step) return `${count} ${count > 1 ? "matrices" : "matrix"} of a network with the train loss ${show(loss, 5)}. Step forward: one more is multiplied each time.`;
    if (step > count) return "Five samples through the network, and through the one line that all its layers make.";
    const { W } = products[step - 1], end = step === count ? " One row of weights is left: that is w′." : "";
    if (step === 1) return `Begin with W₁, ${W.length} × ${W[0].length}.${end}`;
    const inner = layers[step - 1].W.length;
    return `${name(step - 1)} · W${SUB[step]}: ${W.length} × ${inner} times ${inner} × ${W[0].length} is ${W.length} × ${W[0].length}. The bias becomes b W${SUB[step]} + b${SUB[step]}.${end}`;
  }
}
