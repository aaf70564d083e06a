// The flow graph: a card for each box, and the edges between them.
import { diverging, el, show, svg } from "../stepper/dom.js";

const LARGEST = 6; // numbers a column that are written out in a card; more become coloured cells alone
const CELLS = 12; // rows and columns of cells that a card shows

export class Graph {
  constructor(view) {
    this.view = view;
    this.edges = svg("svg", { class: "bp-edges", "aria-hidden": "true" });
    this.grid = el("div", { className: "bp-graph" });
    this.root = el("div", { className: "stp-scroll bp-graph-scroll", tabIndex: 0, ariaLabel: "The flow graph, scrolls sideways" }, this.grid);
    new ResizeObserver(() => this.drawEdges()).observe(this.grid);
  }

  build() {
    const { view } = this,
      { boxes } = view.trace;
    this.cards = {};
    let column = 0;
    const main = boxes.filter(({ parameter, key }) => !parameter && key !== "y" && key !== "R");
    const places = Object.fromEntries(main.map(({ key }) => [key, [++column, 1]]));
    for (const { key } of boxes.filter(({ parameter }) => parameter)) {
      const z = places[`z${key.slice(1)}`][0],
        isBeside = key[0] === "b" && z + 1 < places.L[0];
      places[key] = isBeside ? [z + 1, 2] : [z, key[0] === "b" ? 3 : 2];
    }
    places.y = [places.L[0], 2];
    if (view.boxes.R) places.R = [places.J[0], 2];
    for (const box of boxes) {
      const over = el("span", { className: "bp-over", ariaHidden: "true" }),
        under = el("span", { className: "bp-under", ariaHidden: "true" });
      const title = el("span", { className: "bp-title", ariaHidden: "true" }),
        words = el("span", { className: "bp-words" }); // the name that is read aloud
      const card = el(
        "button",
        {
          type: "button",
          className: `bp-box bp-${box.kind}`,
          data: { box: box.key },
          style: { gridColumn: places[box.key][0], gridRow: places[box.key][1] },
          title: box.words,
          onclick: () => view.open(box.key),
        },
        over,
        title,
        under,
        words,
      );
      this.cards[box.key] = { card, over, under, title, words };
    }
    this.grid.replaceChildren(this.edges, ...boxes.map(({ key }) => this.cards[key].card));
  }

  draw() {
    const { view } = this,
      { state } = view,
      key = `${view.number} ${view.stepper.values.symbols}`;
    if (this.built !== view.number) this.build();
    this.built = view.number;
    for (const box of view.trace.boxes) {
      const { card, over, under, title, words } = this.cards[box.key],
        isKnown = state.known.has(box.key),
        isBack = state.back.has(box.key);
      const classes = {
        "bp-known": isKnown,
        "bp-back": isBack,
        "bp-now": state.now?.key === box.key,
        "bp-chosen": view.chosen.byHand && view.chosen.key === box.key,
        "bp-off": box.key === "x" && state.stop,
        "bp-flash": view.changed("", box.key) || view.changed("∂", box.key),
        "bp-dim": view.changed("", box.key) === false && view.changed("∂", box.key) === false,
      };
      for (const [name, on] of Object.entries(classes)) card.classList.toggle(name, Boolean(on));
      title.textContent = view.name(box.key);
      this.mini(over, isKnown ? view.array("", box.key) : null, box, false);
      this.mini(under, isBack ? view.array("∂", box.key) : null, box, true);
      const told = (what, on) => (on ? this.spoken(view.array(what, box.key)) : "not known yet");
      words.textContent = `${view.name(box.key)}, ${box.words}. Value: ${told("", isKnown)}. Derivative: ${box.key === "y" ? "not needed" : told("∂", isBack)}.`;
      card.ariaPressed = String(classes["bp-chosen"]);
    }
    if (this.edged !== key) this.drawEdges();
    this.edged = key;
    this.lightEdges();
  }

  spoken(rows) {
    const all = rows.flat();
    return all.length > LARGEST ? `${rows.length} by ${rows[0].length} numbers` : all.map(({ value }) => show(value)).join(", ");
  }

  // An array in a card: numbers where they are few, coloured cells for a matrix, dots where it is not known yet.
  mini(place, rows, box, isDerivative) {
    if (box.key === "y" && isDerivative) return place.replaceChildren();
    const { colors } = this.view.stepper;
    if (!rows) return place.replaceChildren(el("span", { className: "bp-unknown", textContent: isDerivative ? "·" : "…" }));
    const limit = Math.max(
      ...rows
        .flat()
        .map(({ value }) => Math.abs(value))
        .filter(Number.isFinite),
      0,
    );
    const isList = rows[0].length === 1 && rows.length <= LARGEST;
    const cell = ({ value }) =>
      el("i", {
        className: isList ? "bp-entry" : "bp-cell",
        textContent: isList ? show(value, 3) : "",
        style: isList ? {} : { background: diverging(value, limit, colors) },
      });
    place.replaceChildren(...rows.slice(0, CELLS).map((row) => el("span", { className: "bp-row" }, row.slice(0, CELLS).map(cell))));
    return undefined;
  }

  drawEdges() {
    if (!this.cards) return;
    const { view } = this,
      box = this.grid.getBoundingClientRect();
    if (!box.width) return;
    const middle = (key) => {
      const r = this.cards[key].card.getBoundingClientRect();
      return {
        left: r.left - box.left,
        right: r.right - box.left,
        top: r.top - box.top,
        bottom: r.bottom - box.top,
        x: r.left - box.left + r.width / 2,
        y: r.top - box.top + r.height / 2,
      };
    };
    this.edges.setAttribute("width", this.grid.scrollWidth);
    this.edges.setAttribute("height", this.grid.scrollHeight);
    this.paths = [];
    for (const { key, inputs } of view.trace.boxes) {
      for (const input of inputs) {
        const from = middle(input),
          to = middle(key);
        const isBelow = from.top >= to.bottom - 2,
          isUnderW = input[0] === "b" && Math.abs(from.x - to.x) < 9;
        const d =
          input[0] === "W" && key === "R"
            ? `M${from.x} ${from.bottom} C${from.x} ${from.bottom + 50} ${to.x} ${to.bottom + 50} ${to.x} ${to.bottom}`
            : isUnderW
              ? `M${from.x + 22} ${from.top} L${from.x + 22} ${to.bottom}`
              : isBelow
                ? `M${from.x} ${from.top} L${Math.max(to.left + 8, Math.min(to.right - 8, from.x))} ${to.bottom}`
                : `M${from.right} ${from.y} L${to.left} ${to.y}`;
        this.paths.push({ input, key, path: svg("path", { d }) });
      }
    }
    this.edges.replaceChildren(...this.paths.map(({ path }) => path));
    this.lightEdges();
  }

  lightEdges() {
    const { state } = this.view;
    if (!state) return;
    for (const { input, key, path } of this.paths ?? []) {
      path.setAttribute("class", state.back.has(input) ? "bp-edge-back" : state.known.has(key) ? "bp-edge-known" : "");
    }
  }
}
