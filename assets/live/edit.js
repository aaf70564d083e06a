// @ts-check
// A weight or a bias of the diagram on a slider and as a number: what is shown follows while it is dragged.

/** @typedef {import("./network.js").Network} Network */

const WIDEST = 1000; // as the server clamps it
const MARKUP = `
  <label class="dl-edit-of"><span></span> <select aria-label="Weight or bias"></select></label>
  <input type="range" class="dl-scrub" step="any" aria-label="Value">
  <input type="number" class="dl-edit-number" step="any" aria-label="Value as a number">
  <button class="dl-toggle" type="button" aria-label="Close the editor">✕</button>`;

export class Editor {
  /** @param {Network} network */
  constructor(network) {
    this.network = network;
    this.line = Object.assign(document.createElement("div"), { className: "dl-scrub-line dl-edit", hidden: true, innerHTML: MARKUP });
    /** @type {<T extends HTMLElement>(selector: string) => T} */
    const find = (selector) => /** @type {any} */ (this.line.querySelector(selector));
    this.of = find("span");
    /** @type {HTMLSelectElement} */
    this.select = find("select");
    /** @type {HTMLInputElement} */
    this.range = find("input[type=range]");
    /** @type {HTMLInputElement} */
    this.number = find("input[type=number]");
    this.layer = 1;
    this.target = 0;
    /** @type {number | null} */
    this.wanted = null; // the newest value, while another is on its way
    this.select.onchange = () => this.show();
    this.range.oninput = () => this.ask(Number(this.range.value));
    this.number.onchange = () => { if (this.number.value !== "") this.ask(Number(this.number.value)); };
    find("button").onclick = () => { this.line.hidden = true; };
    network.body.before(this.line);
  }

  /**
   * Edit what comes into a neuron: from `source`, or its bias where that is null.
   * @param {number} layer @param {number} target @param {number | null} source
   */
  open(layer, target, source) {
    const { layers } = this.network.figure;
    this.layer = layer;
    this.target = target;
    this.of.textContent = layers[layer][target];
    const sources = layers[layer - 1].map((name, index) => new Option(`weight from ${name}`, String(index)));
    const bias = this.network.biases ? [new Option("bias", String(sources.length))] : [];
    this.select.replaceChildren(...bias, ...sources);
    if (source !== null) this.select.value = String(source);
    this.line.hidden = false;
    this.show();
  }

  /** The value as the diagram holds it. */
  value() {
    const { layers } = this.network.figure;
    const source = Number(this.select.value);
    let weights = 0, biases = 0;
    for (let layer = 1; layer < this.layer; layer++) {
      weights += layers[layer - 1].length * layers[layer].length;
      biases += layers[layer].length;
    }
    return source === layers[this.layer - 1].length
      ? this.network.biases?.[biases + this.target] ?? 0
      : this.network.weights?.[weights + source * layers[this.layer].length + this.target] ?? 0;
  }

  /** The newest value, unless another one was asked for. */
  show() {
    if (this.line.hidden) return;
    if (this.wanted !== null) { this.send(); return; }
    const value = this.value();
    if (this.network.panel.pulls.outstanding?.action === "click") return;
    const reach = Math.max(3, 2 ** Math.ceil(Math.log2(Math.abs(value) + 1e-9)) * 1.5);
    if (Math.abs(value) > Number(this.range.max) || Number(this.range.max) > 4 * reach || !this.range.max) {
      this.range.min = String(-reach);
      this.range.max = String(reach);
    }
    this.range.value = String(value);
    if (document.activeElement !== this.number) this.number.value = value.toPrecision(4);
  }

  /** One request at a time: the newest value goes when the last was answered. @param {number} value */
  ask(value) {
    this.wanted = Math.max(-WIDEST, Math.min(WIDEST, value));
    this.number.value = String(Number(this.wanted.toPrecision(4)));
    this.range.value = String(this.wanted);
    if (this.network.panel.pulls.outstanding?.action !== "click") this.send();
  }

  send() {
    const value = this.wanted;
    this.wanted = null;
    if (value === null || Number.isNaN(value)) return;
    this.network.panel.click(this.network.spec.name, `${this.layer - 1}:${this.select.value}:${this.target}`, value);
  }
}
