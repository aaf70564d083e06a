// What a box is: its formulas, bare and with numbers, its arrays, and a unit's paths to the loss.
import { diverging, el, factor, show } from "../stepper/dom.js";
import { expand } from "./formula.js";
import { paths } from "./paths.js";

const MOST_CELLS = 16; // rows and columns of an array that are shown
const MOST_PATHS = 24;

export class Detail {
  constructor(view) {
    this.view = view;
    this.root = el("section", { className: "bp-card bp-detail", ariaLabel: "The chosen box" });
  }

  draw() {
    const { view } = this,
      { key, at } = view.chosen,
      { symbols, by } = view.stepper.values;
    const unit = at ?? (by === "unit" ? view.boxes[key].size.map(() => 0) : null);
    const signature = [view.number, key, unit, symbols, view.isBatch, view.state.known.has(key), view.state.back.has(key)].join("|");
    if (signature !== this.signature) this.build(key, unit);
    this.signature = signature;
    this.updates.forEach((update) => update());
  }

  // An element whose text follows the numbers.
  live(tag, properties, html) {
    const element = el(tag, properties);
    this.updates.push(() => {
      const now = html();
      if (element.innerHTML !== now) element.innerHTML = now;
    });
    return element;
  }

  build(key, unit) {
    const { view } = this,
      box = view.boxes[key],
      symbols = view.stepper.values.symbols;
    this.updates = [];
    this.key = key;
    const isKnown = view.state.known.has(key),
      isBack = view.state.back.has(key),
      whole = box.matrix?.[symbols] ?? {};
    const bare = (text) => expand(text, {}, (what, name) => this.word(what, name, []));
    const parts = [el("h2", { innerHTML: `${view.name(key)} <small>${box.words}</small>` })];
    const arrays = [];
    if (unit) parts.push(...this.formulas(box, unit, isKnown, isBack));
    else
      parts.push(
        whole.forward ? el("p", { className: "bp-formula", innerHTML: bare(whole.forward) }) : null,
        whole.backward ? el("p", { className: "bp-formula bp-slope", innerHTML: bare(whole.backward) }) : null,
      );
    if (isKnown) arrays.push(this.array("", key, unit));
    if (isBack) arrays.push(this.array("∂", key, unit));
    const note = box.parameter
      ? "Drag a number to change it. "
      : box.size.length
        ? "Click a number for its own formula and its paths to the loss. "
        : "";
    parts.push(el("div", { className: "bp-arrays" }, arrays), el("p", { className: "bp-note", textContent: note }));
    if (unit && isBack && !view.isBatch && /^[za]|^x/.test(key)) parts.push(this.paths(key, unit));
    this.root.replaceChildren(...parts.filter(Boolean));
  }

  word(what, key, at) {
    const { view } = this;
    if (what === "slope ") return `φ′(${view.name(key, at)})`;
    return what ? view.derivative(key, at) : view.name(key, at);
  }

  formulas(box, unit, isKnown, isBack) {
    const { view } = this,
      { key } = box,
      index = box.parameter && unit.length > 1 ? { i: unit[0], j: unit[1] } : { j: unit[0] ?? 0 };
    const line = (left, template, value, name) =>
      this.live("p", { className: `bp-formula ${name}` }, () => {
        const bare = `${left} = ${expand(template, index, (what, other, at) => this.word(what, other, at))}`;
        if (view.isBatch && !box.parameter) return `${bare} <span class="bp-faint">for each sample; the mean is</span> <b>${show(value(), 6)}</b>`;
        if (view.isBatch) return `${bare} <span class="bp-faint">added up over the samples:</span> <b>${show(value(), 6)}</b>`;
        const numbers = expand(template, index, (what, other, at) => factor(view.number_(what, other, at)));
        return numbers === show(value()) ? `${bare} = <b>${show(value(), 6)}</b>` : `${bare}<br>= ${numbers}<br>= <b>${show(value(), 6)}</b>`;
      });
    const result = [];
    if (box.kind !== "input" && isKnown) result.push(line(view.name(key, unit), box.forward, () => view.number_("", key, unit), ""));
    if (box.backward && isBack) result.push(line(view.derivative(key, unit), box.backward, () => view.number_("∂", key, unit), "bp-slope"));
    if (box.slope && isBack)
      result.push(
        this.live(
          "p",
          { className: "bp-note" },
          () =>
            `φ′ of ${box.function}: ${box.slope.replaceAll("{z}", view.name(key, unit)).replaceAll("{a}", view.name(`a${key.slice(1)}`, unit))} = <b>${show(view.number_("slope ", key, unit), 5)}</b>`,
        ),
      );
    return result;
  }

  // An array as a table of coloured cells. A weight's value can be dragged; ∂W has its two factors beside it.
  array(what, key, unit) {
    const { view } = this,
      box = view.boxes[key],
      rows = view.array(what, key),
      cut = rows.slice(0, MOST_CELLS).map((row) => row.slice(0, MOST_CELLS));
    const canEdit = box.parameter && !what,
      isProduct = what && box.parameter && box.size.length === 2,
      names = view.names[key];
    const caption = `${what ? view.derivative(key) : view.name(key)}${box.size.length ? `, ${rows.length} × ${rows[0].length}` : ""}${view.isBatch && !box.parameter ? (what ? ", summed over samples" : ", mean of samples") : ""}`;
    const outer = (at, isRow) => {
      const isInput = isRow !== Boolean(names.turned),
        [z] = box.outputs,
        input = view.boxes[z].inputs[0];
      return isInput ? { what: "", key: input, at: [at] } : { what: "∂", key: z, at: [at] };
    };
    const header = (at, isRow) => {
      const of = outer(at, isRow);
      return this.live(
        "th",
        { scope: isRow ? "row" : "col" },
        () => `${this.word(of.what, of.key, of.at)}<br>${show(view.number_(of.what, of.key, of.at), 3)}`,
      );
    };
    const cell = ({ at }) => {
      const name = what ? view.derivative(key, at) : view.name(key, at);
      const td = el("td", { className: unit && String(unit) === String(at) ? "bp-chosen" : "" });
      const content = canEdit
        ? view.stepper.field({
            label: "",
            control: "weights",
            title: name,
            low: -1e4,
            high: 1e4,
            step: 0.01,
            get: () => view.number_("", key, at),
            set: (value) => view.edit(key, at, value),
          })
        : el("button", { type: "button", onclick: () => view.open(key, at) });
      td.append(content);
      this.updates.push(() => {
        const value = view.number_(what, key, at),
          limit = this.limit(what, key);
        td.style.background = diverging(value, limit, view.stepper.colors, 55);
        if (canEdit) return;
        content.textContent = show(value, box.size.length ? 4 : 6);
        content.ariaLabel = `${name.replace(/<[^>]*>/g, "")} = ${content.textContent}`;
      });
      return td;
    };
    const head =
      isProduct && !view.isBatch
        ? el(
            "thead",
            {},
            el(
              "tr",
              {},
              el("td", { innerHTML: "×" }),
              cut[0].map((_, c) => header(c, false)),
            ),
          )
        : null;
    const body = el(
      "tbody",
      {},
      cut.map((row, r) => el("tr", {}, head ? header(r, true) : null, row.map(cell))),
    );
    const more = rows.length > MOST_CELLS || rows[0].length > MOST_CELLS ? ` (the first ${MOST_CELLS})` : "";
    return el(
      "div",
      { className: "stp-scroll" },
      el("table", { className: `bp-array ${what ? "bp-of-slope" : ""}` }, el("caption", { innerHTML: caption + more }), head, body),
    );
  }

  limit(what, key) {
    return Math.max(
      ...this.view
        .array(what, key)
        .flat()
        .map(({ value }) => Math.abs(value))
        .filter(Number.isFinite),
      0,
    );
  }

  // All ways from a unit to the loss: the product along each, and their sum.
  paths(key, unit) {
    const { view } = this;
    return this.live("div", { className: "bp-paths" }, () => {
      const { found, count, sum } = paths(view.trace.net, view.now, key, unit[0], MOST_PATHS);
      const line = ({ steps, product }) =>
        `<li>${[...new Set(steps.map(({ key: to, at }) => view.name(to, at)))].join(" → ")} → ${view.name("L")}: ${steps.map(({ number }) => factor(number)).join("·")} = <b>${show(product)}</b></li>`;
      const rest = count > found.length ? `<li>and ${count - found.length} more</li>` : "";
      return `<p>${count === 1 ? "One path" : `${count} paths`} from ${view.name(key, unit)} to the loss. Along each the slopes are multiplied; the paths are added: <b>${show(sum, 6)}</b></p><ul tabindex="0" data-arrows>${found.map(line).join("")}${rest}</ul>`;
    });
  }
}
