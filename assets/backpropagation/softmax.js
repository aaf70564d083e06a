// The Softmax view: logits on sliders, the probabilities, the loss, and its gradient derived line by line.
import { el, factor, sheet, show } from "../stepper/dom.js";
import { loadPlotly } from "../live/drawing.js";
import { derivation, sigmoidSlopeAsWritten, softmaxLoss } from "./softmax_math.js";

sheet(new URL("backpropagation.css", import.meta.url));
const CHARTS = ["a", "exponentials", "f", "gradient"];
const LINES = 8;

export default class Softmax {
  constructor(stage, stepper) {
    this.stepper = stepper;
    this.table = el("table", { className: "bp-logits" });
    this.plot = el("div", { className: "bp-bars" });
    this.lines = el("ol", { className: "bp-lines", ariaLabel: "The derivation" });
    this.loss = el("p", { className: "bp-loss" });
    this.breaks = el("p", { className: "bp-breaks" });
    this.written = el("output", {});
    this.switch = el(
      "div",
      { className: "stp-controls" },
      stepper.choice({ name: "classes", label: "Classes", choices: [2, 3, 4, 5].map((n) => [n, String(n)]) }),
      stepper.choice({
        name: "stable",
        label: "Exponentials",
        choices: [
          [true, "computed: e<sup>a − max a</sup>"],
          [false, "as written: e<sup>a</sup>"],
        ],
      }),
    );
    this.breaks.append(
      "The slope of the sigmoid as lecture 9 writes it, e⁻ᵇ/(e⁻ᵇ + 1)², at ",
      stepper.field({ name: "b", label: "b", step: 1 }),
      " is ",
      this.written,
    );
    stage.classList.add("bp-softmax");
    stage.append(
      el("div", { className: "bp-side" }, this.switch, this.table, this.loss, this.breaks),
      el("figure", { className: "bp-card bp-chart", ariaLabel: "Bars of the logits, exponentials, probabilities and gradient" }, this.plot),
      this.lines,
    );
    loadPlotly().then(() => {
      this.loaded = true;
      stepper.redraw();
    });
  }

  receive(trace) {
    this.layout = trace.layout;
  }

  count() {
    return 4 + LINES;
  }

  get logits() {
    return Array.from({ length: this.stepper.values.classes }, (_, k) => this.stepper.values[`a${k + 1}`]);
  }

  // Bounded by the number of classes, which may have become smaller.
  chosen(name) {
    return Math.min(this.stepper.values[name], this.stepper.values.classes) - 1;
  }

  draw(step) {
    const { values } = this.stepper,
      a = this.logits,
      label = this.chosen("label"),
      c = this.chosen("by");
    this.now = softmaxLoss(a, label, values.stable);
    this.stepper.root.dataset.gradient = JSON.stringify(this.now.gradient.map(String));
    if (this.built !== a.length) this.build(a.length);
    this.power.innerHTML = values.stable ? "e<sup>a − max a</sup>" : "e<sup>a</sup>";
    this.cells(step, label, c);
    this.drawLines(step, a, label, c);
    this.loss.innerHTML = step < 3 ? "&nbsp;" : `Loss = −ln f<sub>${label + 1}</sub> = <b>${show(this.now.loss, 6)}</b>`;
    this.written.textContent = `${show(sigmoidSlopeAsWritten(values.b), 6)}. Written as σ(b)(1 − σ(b)) it never breaks.`;
    if (this.loaded) this.bars(step, a, label);
  }

  build(count) {
    const { stepper } = this;
    this.built = count;
    const head = ["label", "logit a", "drag", "", "f", "gradient"].map((text) => el("th", { scope: "col", textContent: text }));
    this.power = head[3];
    const rows = Array.from({ length: count }, (_, k) =>
      el(
        "tr",
        { data: { class: k } },
        el(
          "td",
          {},
          el("input", {
            type: "radio",
            name: "bp-label",
            ariaLabel: `Class ${k + 1} is the label`,
            data: { option: "label" },
            onchange: () => {
              stepper.set({ label: k + 1 });
              stepper.commit();
            },
          }),
        ),
        el("td", {}, stepper.field({ name: `a${k + 1}`, label: `a<sub>${k + 1}</sub>`, step: 0.05 })),
        el("td", {}, this.slider(k)),
        ...["exponentials", "f"].map((name) => el("td", { className: "bp-number", data: { of: name } })),
        el(
          "td",
          {},
          el("button", {
            type: "button",
            className: "bp-number",
            data: { of: "gradient", option: "by" },
            onclick: () => {
              stepper.set({ by: k + 1 });
              stepper.commit();
            },
          }),
        ),
      ),
    );
    this.table.replaceChildren(el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows));
  }

  slider(k) {
    const { stepper } = this,
      name = `a${k + 1}`;
    return el("input", {
      type: "range",
      min: -10,
      max: 10,
      step: 0.05,
      ariaLabel: `Logit of class ${k + 1}`,
      data: { option: name },
      oninput: (event) => stepper.set({ [name]: event.target.valueAsNumber }),
      onchange: () => stepper.commit(),
    });
  }

  cells(step, label, c) {
    const { now, stepper } = this;
    [...this.table.tBodies[0].rows].forEach((row, k) => {
      row.querySelector("[type=radio]").checked = k === label;
      const slider = row.querySelector("[type=range]");
      if (stepper.root.getRootNode().activeElement !== slider) slider.value = stepper.values[`a${k + 1}`];
      const put = (name, text) => {
        row.querySelector(`[data-of=${name}]`).textContent = text;
      };
      put("exponentials", step < 1 ? "…" : show(now.exponentials[k]));
      put("f", step < 2 ? "…" : show(now.f[k], 6));
      const gradient = step < 4 + LINES && !(step >= 4 && k === c) ? "…" : show(now.gradient[k], 6);
      put("gradient", gradient);
      row.querySelector("[data-of=gradient]").ariaLabel = `${gradient === "…" ? "" : `${gradient}: `}Derive for class ${k + 1}`;
      row.classList.toggle("bp-chosen", k === c);
    });
  }

  drawLines(step, a, label, c) {
    const { exponentials: e, f, total } = this.now,
      same = c === label ? 1 : 0,
      y = label + 1,
      k = c + 1;
    const numbers = derivation(a, label, c, this.stepper.values.stable);
    this.stepper.root.dataset.lines = JSON.stringify(numbers.map(String));
    const ay = `a<sub>${y}</sub>`,
      ac = `a<sub>${k}</sub>`,
      fy = `f<sub>${y}</sub>`,
      fc = `f<sub>${k}</sub>`,
      by = `∂/∂${ac}`;
    const ey = show(e[label]),
      ec = show(e[c]),
      sum = show(total),
      g = factor(-1 / f[label]);
    const texts = [
      [`${by} (−ln ${fy})`, "measured"],
      [`−1/${fy} · ${by} ${fy}`, `${g} · measured`],
      [`−1/${fy} · ${by} (e<sup>${ay}</sup> / Σ e<sup>a</sup>)`, `${g} · measured`],
      [`−1/${fy} · (1(y=${k})·e<sup>${ay}</sup>/Σ − e<sup>${ay}</sup>·e<sup>${ac}</sup>/Σ²)`, `${g} · (${same}·${ey}/${sum} − ${ey}·${ec}/${sum}²)`],
      [
        `−1/${fy} · (1(y=${k})·e<sup>${ay}</sup>/Σ − e<sup>${ay}</sup>/Σ · e<sup>${ac}</sup>/Σ)`,
        `${g} · (${same}·${show(f[label])} − ${show(f[label])} · ${show(f[c])})`,
      ],
      [`−1/${fy} · (1(y=${k})·${fy} − ${fy}·${fc})`, `${g} · (${same}·${show(f[label])} − ${show(f[label])}·${show(f[c])})`],
      [`−1/${fy} · ${fy} · (1(y=${k}) − ${fc})`, `${g} · ${show(f[label])} · (${same} − ${show(f[c])})`],
      [`−(1(y=${k}) − ${fc})`, `−(${same} − ${show(f[c])})`],
    ];
    const shown = Math.min(LINES, Math.max(0, step - 3));
    this.lines.replaceChildren(
      ...texts.map(([text, filled], n) =>
        el(
          "li",
          { className: n < shown ? (n === shown - 1 && step < 4 + LINES ? "bp-now" : "") : "bp-later" },
          el("span", { innerHTML: text }),
          el("span", { className: "bp-filled", textContent: n < shown ? `= ${filled} =` : "" }),
          el("b", { textContent: n < shown ? show(numbers[n], 6) : "" }),
        ),
      ),
    );
  }

  bars(step, a, label) {
    const { colors } = this.stepper,
      { now } = this,
      layout = structuredClone(this.layout);
    const names = a.map((_, k) => `${k + 1}`),
      shown = { a: true, exponentials: step >= 1, f: step >= 2, gradient: step >= 4 + LINES };
    const values = { a, exponentials: now.exponentials, f: now.f, gradient: now.gradient };
    const data = CHARTS.map((name, n) => ({
      type: "bar",
      x: names,
      y: values[name].map((value) => (shown[name] && Number.isFinite(value) ? value : null)),
      xaxis: `x${n ? n + 1 : ""}`,
      yaxis: `y${n ? n + 1 : ""}`,
      marker: {
        color: names.map((_, k) => (k === label ? colors.orange : colors.blue)),
        pattern: { shape: names.map((_, k) => (k === label ? "/" : "")) },
      },
      hovertemplate: "class %{x}: %{y:.6g}<extra></extra>",
    }));
    const { width, height } = this.plot.getBoundingClientRect();
    if (width > 40) window.Plotly.react(this.plot, data, { ...layout, width, height }, { displayModeBar: false, responsive: false });
  }

  text(step) {
    const label = this.chosen("label") + 1,
      c = this.chosen("by") + 1;
    if (step === 0) return "Each class has a logit: any number. Drag one, and choose the label.";
    if (step === 1)
      return this.stepper.values.stable
        ? "The largest logit is taken away first, so no exponential is larger than 1."
        : "Exponentials are positive. From a logit of 710 on they overflow.";
    if (step === 2) return "Divided by their sum they are probabilities.";
    if (step === 3) return `The loss looks at the label's probability alone: −ln f<sub>${label}</sub>.`;
    if (step < 4 + LINES)
      return `Line ${step - 3} of ${LINES}: the derivative by the logit of class ${c}. Click a gradient in the table for another class.`;
    return "The gradient is f − e(y): what is said, less what is true. Its bars sum to zero, and only the label's is negative.";
  }

  close() {
    if (this.loaded) window.Plotly.purge(this.plot);
  }
}
