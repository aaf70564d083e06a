// @ts-check
// What every card of the live panel has: a head with title and caption, the lane it shows, and what its figure at
// rest may bring along: how far it has come, and a slider through the moments of a path.

/** @typedef {import("./protocol.js").Spec} Spec */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {import("./protocol.js").Scrub} Scrub */
/** @typedef {import("./panel.js").Panel} Panel */

const SAME_WIDTH = 4; // pixels that the cards of a row may differ by

export class Card {
  /** @param {string} name @param {Panel} panel */
  constructor(name, panel) {
    this.name = name;
    this.panel = panel;
    /** @type {string | null} */
    this.revision = null;
    /** @type {number | null} */
    this.atRest = null; // the number of the exact view that is shown
    this.progress = 1;
    /** @type {Spec | null} */
    this.spec_ = null;
    /** @type {number | null} */
    this.wanted = null; // the moment that the slider was moved to
    /** @type {{input: HTMLInputElement, output: HTMLOutputElement} | null} */
    this.slider = null;
    this.element = document.createElement("figure");
    this.element.className = "dl-card";
    this.element.dataset.chart = name.split(":")[0];
    if (name.includes(":")) this.element.dataset.lane = name.split(":")[1];
    this.element.innerHTML = `<figcaption><h2></h2><span class="dl-legend"></span><span class="dl-caption"></span><span class="dl-tools"></span></figcaption><div class="dl-body"></div>`;
    /** @type {<T extends HTMLElement>(selector: string) => T} */
    const find = (selector) => /** @type {any} */ (this.element.querySelector(selector));
    this.title = find("h2");
    this.caption = find(".dl-caption");
    this.legend = find(".dl-legend");
    this.tools = find(".dl-tools");
    this.body = find(".dl-body");
    this.isHeadNew = false;
    this.resizer = new ResizeObserver(() => { this.headChanged(); this.resize(); });
    this.resizer.observe(this.body);
  }

  /** What the card is; there is none before it is mounted. @returns {Spec} */
  get spec() {
    return /** @type {Spec} */ (this.spec_);
  }

  resize() {}

  headChanged() {
    if (this.isHeadNew) return;
    this.isHeadNew = true;
    requestAnimationFrame(() => this.fitHead());
  }

  /** A head that is cut off gets a line more for its caption, and keeps it at this width; lanes get it all together. */
  fitHead() {
    this.isHeadNew = false;
    const group = this.element.dataset.lane ? this.panel.board.grid : this.element;
    const width = this.element.clientWidth;
    if (width > Number(group.dataset.tall) + SAME_WIDTH) delete group.dataset.tall;
    if (group.dataset.tall) return;
    if ([this.title, this.caption].some((text) => text.scrollWidth > text.clientWidth + 1)) group.dataset.tall = String(width);
  }

  /** Hides what would give an answer away. @param {boolean} isCovered */
  cover(isCovered) {
    this.element.classList.toggle("dl-covered", isCovered);
    this.body.inert = isCovered;
  }

  /** @param {Spec} spec */
  head(spec) {
    this.spec_ = spec;
    this.revision = spec.revision;
    this.title.textContent = spec.title;
    if (spec.lane !== undefined) this.showLane(spec);
    this.say(spec.caption ?? "");
    this.showLegend(spec.legend ?? []);
    this.element.style.gridArea = spec.area ?? "auto";
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", spec.alt);
    if (spec.opens) Object.assign(this.body, { onclick: () => this.open() }).style.cursor = "pointer";
  }

  /** Names of what is drawn, each after its mark. @param {[string, string, string][]} keys */
  showLegend(keys) {
    const entries = keys.map(([glyph, color, name]) => {
      const mark = Object.assign(document.createElement("span"), { textContent: glyph });
      mark.style.color = color;
      const entry = document.createElement("span");
      entry.append(mark, ` ${name}`);
      return entry;
    });
    this.legend.replaceChildren(...entries);
    this.legend.title = keys.map(([, , name]) => name).join(", "); // it may be cut off
  }

  // What a card shows can be opened elsewhere: by a click on its picture, or with this button.
  openButton() {
    if (!this.spec.opens) return [];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: "↗", title: this.spec.opens });
    button.setAttribute("aria-label", this.spec.opens);
    button.onclick = () => this.open();
    return [button];
  }

  /** A switch between two pictures, which the run knows. */
  switchButton() {
    const { switch: spec, name } = this.spec;
    if (!spec) return [];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: spec.text, title: spec.title });
    button.setAttribute("aria-pressed", String(spec.on));
    button.onclick = () => this.panel.click(name, 0, 0, false);
    return [button];
  }

  open() {
    this.panel.click(this.spec.name, 0, 0);
  }

  /** @param {string} caption */
  say(caption) {
    if (this.caption.textContent === caption) return;
    this.caption.textContent = caption;
    this.caption.title = caption; // it may be cut off
    this.headChanged();
  }

  /** The card of one lane: its mark and colour before its name, which isolates it. @param {Spec} spec */
  showLane(spec) {
    const lane = spec.lane ?? "";
    const mark = Object.assign(document.createElement("span"), { className: "dl-mark", textContent: spec.glyph ?? "" });
    mark.style.color = spec.color ?? "";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-lane", title: "Isolate this lane in all charts" });
    button.append(mark, ` ${spec.title}`);
    button.onclick = () => this.panel.board.isolate(lane);
    button.setAttribute("aria-pressed", "false");
    this.laneButton = button;
    this.title.replaceChildren(button);
    this.element.onpointerenter = () => this.panel.board.point(lane);
    this.element.onpointerleave = () => this.panel.board.point(null);
  }

  /** What a rest part brings besides its figure: how far it has come, and a slider through a path's moments. @param {Part} part */
  more(part) {
    this.progress = part.progress ?? 1;
    this.element.style.setProperty("--dl-progress", String(this.progress));
    this.element.classList.toggle("dl-unfinished", this.progress < 1);
    if (part.title !== undefined) this.title.textContent = part.title;
    if (part.caption !== undefined) this.say(part.caption);
    if (part.scrub) this.showScrub(part.scrub);
  }

  /** @param {Scrub} scrub */
  showScrub({ label, count, at, text }) {
    this.slider ??= this.makeSlider();
    const { input, output } = this.slider;
    input.setAttribute("aria-label", label);
    input.max = String(count - 1);
    input.disabled = count < 2;
    if (this.wanted !== null && this.wanted !== at) { this.sendScrub(this.wanted); return; }
    this.wanted = null;
    if (this.panel.pulls.outstanding?.action === "click") return; // another place is on its way
    input.value = String(at);
    output.textContent = text;
  }

  makeSlider() {
    const input = Object.assign(document.createElement("input"), { type: "range", min: "0", className: "dl-scrub" });
    const output = Object.assign(document.createElement("output"), { className: "dl-scrub-text" });
    input.oninput = () => { // one request at a time: the newest place goes when the last was answered
      this.wanted = Number(input.value);
      if (!this.panel.pulls.outstanding) this.sendScrub(this.wanted);
    };
    const line = Object.assign(document.createElement("div"), { className: "dl-scrub-line" });
    line.append(input, output);
    this.body.before(line);
    return { input, output };
  }

  /** @param {number} wanted */
  sendScrub(wanted) {
    this.wanted = null;
    this.panel.click(this.spec.name, wanted, 0);
  }

  /** @param {string | null} lane @param {string | null} isolated */
  setOff(lane, isolated) {
    if (this.spec_?.lane === undefined) return;
    this.element.classList.toggle("dl-dim", lane !== null && lane !== this.spec.lane);
    this.laneButton?.setAttribute("aria-pressed", String(isolated === this.spec.lane));
  }

  close() {
    this.resizer.disconnect();
    this.element.remove();
  }
}
