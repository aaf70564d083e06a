// The Chain view: units in a row, values above, derivatives below, and the table of factors that the rows share.
import { el, factor, sheet, show } from "../stepper/dom.js";
import { derivatives, forward, multiplications, multiplied, rows } from "./chain_math.js";

sheet(new URL("backpropagation.css", import.meta.url));

const sub = (letter, k) => `${letter}<sub>${k}</sub>`;
const above = (letter, k) => `${letter}<sup>(${k})</sup>`;
const SYMBOLS = {
  // the pre-activation, the output and the weight of unit k
  B: { a: (k) => sub("a", k), f: (k) => sub("f", k), w: (k) => sub("w", k) },
  D: { a: (k) => above("a", k), f: (k) => above("h", k), w: (k) => above("w", k) },
  ours: { a: (k) => sub("z", k), f: (k) => sub("a", k), w: (k) => sub("w", k) },
};

export default class Chain {
  constructor(stage, stepper) {
    this.stepper = stepper;
    this.controls = el("div", { className: "stp-controls" });
    this.beads = el("div", { className: "bp-beads", role: "list", ariaLabel: "The chain" });
    this.table = el("table", { className: "bp-factors" });
    this.bars = el("div", { className: "bp-work" });
    this.update = el("div", { className: "bp-update" });
    stage.append(
      this.controls,
      el("div", { className: "stp-scroll", tabIndex: 0, ariaLabel: "The chain, scrolls sideways", data: { arrows: "" } }, this.beads),
      this.bars,
      el("div", { className: "stp-scroll", tabIndex: 0, ariaLabel: "Factors, scroll sideways", data: { arrows: "" } }, this.table),
      this.update,
    );
    const { field, choice } = { field: stepper.field.bind(stepper), choice: stepper.choice.bind(stepper) };
    this.controls.append(
      field({ name: "n", label: "Units", step: 1, set: (n) => stepper.set({ n: Math.round(n), step: 0 }) }),
      field({ name: "x", label: "x" }),
      field({ name: "b", label: "b" }),
      field({ name: "y", label: "y" }),
      field({ name: "eta", label: "η", log: true }),
      choice({
        name: "symbols",
        label: "Symbols of",
        choices: [
          ["B", "lecture 9"],
          ["D", "the training chapter"],
          ["ours", "this app"],
        ],
      }),
    );
    this.apply = el("button", { type: "button", textContent: "Update the weights", onclick: () => this.take() });
  }

  receive(trace) {
    this.labels = trace.labels;
    this.built = "";
  }

  count() {
    return 2 * this.stepper.values.n + 3; // n units, the loss, n + 1 rows, the update
  }

  get chain() {
    const { values } = this.stepper,
      numbers = Array.from({ length: values.n }, (_, k) => k + 1);
    return forward({
      x: values.x,
      y: values.y,
      bias: values.b,
      weights: numbers.map((k) => values[`w${k}`]),
      activations: numbers.map((k) => values[`act${k}`]),
    });
  }

  // HTML of a quantity: a3, f2, w1, b, L, as the factors name them.
  name(text) {
    const { n, symbols } = this.stepper.values,
      letter = text[0],
      k = Number(text.slice(1));
    if (letter === "f" && k === n) return "ŷ";
    if (letter === "f" && k === 0) return "x";
    return k ? SYMBOLS[symbols][letter](k) : text;
  }

  draw(step) {
    const { values } = this.stepper,
      { n } = values,
      chain = (this.now = this.chain);
    this.factors = rows(chain);
    this.gradient = Object.fromEntries(this.factors.map(({ name, factors }) => [name, multiplied(factors)]));
    const key = `${n} ${values.symbols}`;
    if (this.built !== key) this.build(n);
    this.built = key;
    Object.assign(this.stepper.root.dataset, { loss: chain.loss, gradient: JSON.stringify(this.gradient) });
    const done = Math.min(n + 1, Math.max(0, step - n - 1));
    this.drawBeads(step, chain, done);
    this.drawTable(done, step === this.count());
    this.drawWork(done);
    this.drawUpdate(step === this.count(), chain);
  }

  build(n) {
    const { stepper } = this,
      parts = [];
    parts.push(el("div", { className: "bp-bead bp-end", role: "listitem" }, el("b", { textContent: "x" }), el("span", { data: { of: "x" } })));
    for (let k = 1; k <= n; k++) {
      parts.push(
        el(
          "div",
          { className: "bp-wire", role: "listitem" },
          stepper.field({ name: `w${k}`, label: this.name(`w${k}`), title: `Weight ${k}` }),
          el("span", { className: "bp-arrow", textContent: "⟶", ariaHidden: "true" }),
          el("span", { className: "bp-slope", data: { of: `dw${k}` } }),
          k === 1 ? el("span", { className: "bp-slope", data: { of: "db" } }) : null,
        ),
      );
      const select = el(
        "select",
        {
          ariaLabel: `Activation of unit ${k}`,
          data: { option: `act${k}` },
          onchange: () => {
            stepper.set({ [`act${k}`]: select.value });
            stepper.commit();
          },
        },
        Object.entries(this.labels).map(([value, textContent]) => el("option", { value, textContent })),
      );
      parts.push(
        el(
          "div",
          { className: "bp-bead", role: "listitem", data: { unit: k } },
          el("span", { data: { of: `f${k}` } }),
          el("span", { data: { of: `a${k}` } }),
          select,
          el("span", { className: "bp-slope", data: { of: `da${k}` } }),
          el("span", { className: "bp-slope", data: { of: `df${k}` } }),
        ),
      );
    }
    parts.push(el("div", { className: "bp-bead bp-end", role: "listitem" }, el("b", { textContent: "L" }), el("span", { data: { of: "L" } })));
    this.beads.replaceChildren(...parts);
    const body = this.factors.map(({ name, factors }) =>
      el(
        "tr",
        { data: { row: name } },
        el("th", { scope: "row", innerHTML: `∂L/∂${this.name(name)}` }),
        factors.map(({ top, bottom }) =>
          el(
            "td",
            {},
            el("span", { className: "bp-symbol", innerHTML: `∂${this.name(top)}/∂${this.name(bottom)}` }),
            el("span", { className: "bp-number" }),
          ),
        ),
        el("td", { className: "bp-result", colSpan: 2 * n + 2 - factors.length }),
      ),
    );
    this.table.replaceChildren(
      el("caption", { textContent: "One row a parameter: its derivative is the product of the row" }),
      el("tbody", {}, body),
    );
  }

  put(name, html) {
    const place = this.beads.querySelector(`[data-of="${name}"]`);
    if (place && place.innerHTML !== html) place.innerHTML = html;
  }

  drawBeads(step, { x, a, f, loss, weights }, done) {
    const n = weights.length,
      { df, da } = derivatives(this.now),
      row = n - done;
    this.put("x", show(x));
    a.forEach((value, k) => {
      const isKnown = step > k,
        bead = this.beads.querySelector(`[data-unit="${k + 1}"]`),
        back = done > 0 && k >= row;
      this.put(`a${k + 1}`, `${this.name(`a${k + 1}`)} = ${isKnown ? show(value) : "…"}`);
      this.put(`f${k + 1}`, `${this.name(`f${k + 1}`)} = ${isKnown ? `<b>${show(f[k])}</b>` : "…"}`);
      this.put(`da${k + 1}`, `∂L/∂${this.name(`a${k + 1}`)} = ${back ? show(da[k]) : "…"}`);
      this.put(`df${k + 1}`, `∂L/∂${this.name(`f${k + 1}`)} = ${back ? show(df[k]) : "…"}`);
      this.put(`dw${k + 1}`, `∂L/∂${this.name(`w${k + 1}`)}<br>${back ? `<b>${show(this.gradient[`w${k + 1}`])}</b>` : "…"}`);
      bead.classList.toggle("bp-now", step === k + 1 || (done > 0 && step < this.count() && k === Math.max(0, row)));
      bead.classList.toggle("bp-known", isKnown);
      bead.querySelector("select").value = this.stepper.values[`act${k + 1}`];
    });
    this.put("L", step > n ? `<b>${show(loss)}</b>` : "…");
    this.put("db", `∂L/∂b<br>${done > n ? `<b>${show(this.gradient.b)}</b>` : "…"}`);
  }

  drawTable(done, isEnd) {
    [...this.table.tBodies[0].rows].forEach((tr, r) => {
      const { name, factors } = this.factors[r],
        shared = r ? this.factors[r - 1].factors.length - 1 : 0,
        isKnown = r < done;
      tr.classList.toggle("bp-now", r === done - 1 && !isEnd);
      tr.classList.toggle("bp-later", !isKnown);
      factors.forEach(({ number }, c) => {
        const cell = tr.cells[c + 1];
        cell.classList.toggle("bp-shared", isKnown && c < shared);
        cell.title = isKnown && c < shared ? "taken from the row above" : "";
        cell.lastChild.textContent = isKnown ? show(number) : "…";
      });
      tr.lastChild.innerHTML = isKnown ? `= <b>${show(this.gradient[name], 7)}</b>` : "";
    });
  }

  drawWork(done) {
    const [without, reuse] = multiplications(this.factors, done),
      [all, least] = multiplications(this.factors, this.factors.length);
    const bar = (text, now, end) =>
      el(
        "div",
        {},
        el("span", { textContent: text }),
        el(
          "span",
          { className: "bp-meter" },
          el("i", { style: { width: `${(100 * now) / all}%` } }),
          el("em", { style: { left: `${(100 * end) / all}%` } }),
        ),
        el("span", { className: "bp-number", textContent: `${now} of ${end} multiplications` }),
      );
    this.bars.replaceChildren(
      bar("every row by itself", without, all),
      bar("with reuse", reuse, least),
      el("b", { textContent: `${without - reuse} saved` }),
    );
    Object.assign(this.stepper.root.dataset, { without, reuse });
  }

  get updated() {
    const { values } = this.stepper,
      moved = {};
    for (let k = 1; k <= values.n; k++) moved[`w${k}`] = values[`w${k}`] - values.eta * this.gradient[`w${k}`];
    return { ...moved, b: values.b - values.eta * this.gradient.b };
  }

  take() {
    this.stepper.set({ ...this.updated, step: 0 });
    this.stepper.commit();
  }

  drawUpdate(isEnd, { weights, activations, x, y }) {
    if (!isEnd) return this.update.replaceChildren(el("p", { innerHTML: "&nbsp;" }));
    const { values } = this.stepper,
      next = this.updated;
    const after = forward({ x, y, activations, bias: next.b, weights: weights.map((_, k) => next[`w${k + 1}`]) });
    const line = (name) =>
      `${this.name(name)} ← ${show(values[name])} − ${show(values.eta)}·${factor(this.gradient[name])} = <b>${show(next[name], 5)}</b>`;
    this.update.replaceChildren(
      el("p", { innerHTML: [...weights.map((_, k) => line(`w${k + 1}`)), line("b")].join(" &emsp; ") }),
      el(
        "p",
        {},
        this.apply,
        ` The loss falls from ${show(this.now.loss, 5)} to ${show(after.loss, 5)}.`.replace("falls", after.loss > this.now.loss ? "rises" : "falls"),
      ),
    );
  }

  text(step) {
    const { n } = this.stepper.values,
      { a, f, x, y, weights, bias, loss } = this.now ?? this.chain,
      name = (text) => this.name(text);
    if (!step) return "Everything on the left is known: x, the weights and b. Step forward, one unit at a time.";
    if (step <= n) {
      const k = step,
        bias_ = k === 1 ? ` + ${factor(bias)}` : "";
      return `Forward: ${name(`a${k}`)} = ${name(`w${k}`)}·${name(`f${k - 1}`)}${k === 1 ? " + b" : ""} = ${show(weights[k - 1])}·${factor(k > 1 ? f[k - 2] : x)}${bias_} = ${show(a[k - 1], 6)}, ${name(`f${k}`)} = ${show(f[k - 1], 6)}.`;
    }
    if (step === n + 1) return `The loss: L = ½(ŷ − y)² = ½(${show(f.at(-1))} − ${factor(y)})² = ${show(loss, 5)}.`;
    if (step === this.count()) return "The update: w ← w − η·∂L/∂w. The rate η enters here. It is no part of a derivative.";
    const row = step - n - 2,
      { name: of, factors } = this.factors[row],
      shared = row ? this.factors[row - 1].factors.length - 1 : 0;
    const start = `Backward: ∂L/∂${name(of)} has ${factors.length} factors.`;
    return shared ? `${start} The first ${shared} are known from the row above; so is their product.` : `${start} None is known yet.`;
  }
}
