// @ts-check
// The cards of the live panel on their grid: made and taken away as the server says, mounted, drawn, and set off together.
import { Chart } from "./chart.js";
import { Network } from "./network.js";
import { Table } from "./table.js";

/** @typedef {import("./protocol.js").Answer} Answer */
/** @typedef {import("./protocol.js").Frame} Frame */
/** @typedef {import("./protocol.js").Image} Image */

const KINDS = { network: Network, table: Table, plotly: Chart };

export class Board {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    /** @type {Map<string, Chart | Network | Table>} */
    this.cards = new Map();
    /** @type {string | null} */
    this.lane = null; // the lane that is set off, because it is pointed at or isolated
    /** @type {string | null} */
    this.pointed = null;
    /** @type {string | null} */
    this.isolated = null;
    this.grid = Object.assign(document.createElement("div"), { className: "dl-grid" });
  }

  /** Which figures, and which of them at rest, the server need not send again. */
  held() {
    /** @type {Record<string, string>} */
    const have = {};
    /** @type {Record<string, number>} */
    const rests = {};
    for (const [name, card] of this.cards) {
      if (card.revision !== null) have[name] = card.revision;
      if (card.atRest !== null) rests[name] = card.atRest;
    }
    return { have, rests };
  }

  get isUnfinished() {
    return [...this.cards.values()].some((card) => card.progress < 1);
  }

  /** The answer's cards, and no others; whether one lacks its figure. @param {Answer} answer */
  lay(answer) {
    const names = answer.charts.map((spec) => spec.name);
    for (const [name, card] of this.cards) {
      if (!names.includes(name)) { card.close(); this.cards.delete(name); }
    }
    let isLacking = false;
    for (const spec of answer.charts) {
      let card = this.cards.get(spec.name);
      if (!card) {
        card = new KINDS[spec.kind](spec.name, this.panel);
        this.cards.set(spec.name, card);
        card.element.style.gridArea = spec.area ?? "auto"; // also before it has a figure
        this.grid.appendChild(card.element);
      }
      if (spec.revision !== card.revision && spec.figure) { card.atRest = null; card.progress = 1; card.mount(spec); }
      else if (spec.revision !== card.revision) isLacking = true;
    }
    this.grid.style.setProperty("--dl-areas", answer.layout);
    this.grid.style.setProperty("--dl-rows", answer.rows);
    return isLacking;
  }

  /** @param {Frame[]} frames @param {boolean} isMoving then what a card shows is no longer exact */
  draw(frames, isMoving) {
    for (const [name, card] of this.cards) {
      const parts = frames.map((frame) => frame.charts[name]).filter(Boolean);
      if (!parts.length || card.revision === null) continue;
      if (isMoving) card.atRest = null;
      card.draw(parts);
    }
  }

  /** @param {Answer["rest"]} rest */
  showRests(rest) {
    for (const [name, part] of Object.entries(rest)) {
      const card = this.cards.get(name);
      if (!card || card.revision === null) continue;
      if (part.number !== undefined && part.number === card.atRest) continue;
      card.more(part);
      if (part.figure || part.rows || part.maps) card.rest(part);
      if (part.number !== undefined) card.atRest = part.number;
    }
  }

  /** A lane that is pointed at is set off in all cards; a click on its name keeps it so. @param {string | null} lane */
  point(lane) {
    this.pointed = lane;
    this.setOff();
  }

  /** @param {string} lane */
  isolate(lane) {
    this.isolated = this.isolated === lane ? null : lane;
    this.setOff();
  }

  setOff() {
    const lane = this.pointed ?? this.isolated;
    if (lane === this.lane) return;
    this.lane = lane;
    for (const card of this.cards.values()) card.setOff(lane, this.isolated);
  }

  /** A neuron is pointed at: a card that shows neurons shows its map instead of its own. @param {Image | null} map */
  overlay(map) {
    for (const card of this.cards.values()) if (card instanceof Chart) card.overlay(map);
  }

  close() {
    for (const card of this.cards.values()) card.close();
  }
}
