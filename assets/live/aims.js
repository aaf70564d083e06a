// @ts-check
// What a class is asked about a run: nothing is trained before the answer is given, then it plays to the update that decides.

import { limit } from "../limits.js";

/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").Aim} Aim */
/** @typedef {import("./protocol.js").Place} Place */

/** The controls that some actions belong to, where they are not of the same name. @type {Record<string, string>} */
const CONTROLS = { epoch: "step", reinit: "new_weights", moment: "timeline", fork: "timeline" };
const REVEAL_FRAMES = 150; // at most, of what is left to the update that decides

export class Aims {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    /** @type {Aim | null} */
    this.now = null;
    /** @type {import("./protocol.js").Limits} */
    this.limits = { hidden: [], locked: [] };
    this.revealed = 0; // the last reveal that was played
    /** @type {[Place, HTMLElement][]} */
    this.marks = [];
    /** @type {PointerEvent | null} */
    this.pressed = null;
    panel.board.grid.addEventListener("pointerdown", (event) => { this.pressed = event; }, true);
    this.onUp = (/** @type {PointerEvent} */ event) => this.pick(event);
    window.addEventListener("pointerup", this.onUp, true);
    this.run = ""; // that was followed last
    this.opensAt = 0; // the update up to which the run is to be trained at first
  }

  get isLocked() {
    return Boolean(this.now?.locked);
  }

  /** Whether a question or a worksheet keeps this from being done. @param {string} action */
  forbids(action) {
    return (this.isLocked && ["play", "step", "epoch"].includes(action)) || this.limits.locked.includes(CONTROLS[action] ?? action);
  }

  /** Whether a control is there to be used. @param {string} name */
  offers(name) {
    return !this.limits.locked.includes(name) && !this.limits.hidden.includes(name);
  }

  /** What would give the answer away is covered. @param {Aim | null} aim */
  heed(aim) {
    this.now = aim;
    this.panel.transport.lock(this.isLocked);
    this.panel.root.classList.toggle("dl-secret", Boolean(aim?.covered.length));
    for (const [name, chart] of this.panel.board.cards) {
      chart.cover(Boolean(aim?.covered.includes(name)));
      chart.element.classList.toggle("dl-picks", aim?.picks === name);
    }
    this.mark(aim?.marks ?? []);
  }

  /** @param {Place[]} places */
  mark(places) {
    for (const [, element] of this.marks) element.remove();
    this.marks = [];
    for (const place of places) {
      const element = Object.assign(document.createElement("span"), { className: `dl-place dl-${place.kind}`, textContent: place.kind === "said" ? "✕" : "◎" });
      element.dataset.text = place.text;
      this.panel.board.cards.get(place.card)?.body.append(element);
      this.marks.push([place, element]);
    }
    this.place();
  }

  /** Marks follow their axes, whatever moves them. */
  place() {
    for (const [{ card, x, y }, element] of this.marks) {
      const layout = this.axes(card);
      element.hidden = !layout;
      if (!layout) continue;
      element.style.left = `${layout.xaxis._offset + layout.xaxis.d2p(x)}px`;
      element.style.top = `${layout.yaxis._offset + layout.yaxis.d2p(y)}px`;
    }
  }

  /** Plotly's axes of a card that has two. @param {string} card @returns {any} */
  axes(card) {
    const layout = /** @type {any} */ (this.panel.board.cards.get(card))?.plot?._fullLayout;
    return layout?.xaxis?.d2p && layout.yaxis?.d2p ? layout : null;
  }

  /** A click in the card that takes the answer, wherever in it: Plotly tells only of clicks on points. @param {PointerEvent} up */
  pick(up) {
    const { pressed, now } = this;
    this.pressed = null;
    const body = now?.picks ? this.panel.board.cards.get(now.picks)?.body : null;
    if (!pressed || !now || !body?.contains(/** @type {Node} */ (pressed.target))) return;
    if (Math.hypot(up.clientX - pressed.clientX, up.clientY - pressed.clientY) > 5) return;
    const layout = this.axes(now.picks);
    if (!layout) return;
    const { left, top } = body.getBoundingClientRect();
    const across = up.clientX - left - layout.xaxis._offset, down = up.clientY - top - layout.yaxis._offset;
    if (across < 0 || down < 0 || across > layout.xaxis._length || down > layout.yaxis._length) return;
    this.panel.pulls.ask("click", undefined, { click: { chart: `pick:${now.picks}`, x: layout.xaxis.p2d(across), y: layout.yaxis.p2d(down) } });
  }

  close() {
    window.removeEventListener("pointerup", this.onUp, true);
  }

  /** Whether the run stands at the update that decides, and the page has not been told. @param {State} state */
  isDue(state) {
    return Boolean(this.now?.number && !this.now.reached && state.step >= this.now.until);
  }

  /** @param {import("./protocol.js").Answer} answer */
  follow(answer) {
    if (answer.run !== this.run) this.opensAt = answer.opens_at;
    this.run = answer.run;
    this.limits = answer.limits;
    limit(this.panel.root, this.limits);
    this.open(answer.state);
    this.reveal(answer.state);
  }

  /** Plays when a question is to be revealed, and tells the page when it is there. @param {State} state */
  reveal(state) {
    const { now, panel } = this;
    if (!now?.number || now.reached || panel.playing) return;
    const isThere = this.isDue(state) || state.finished;
    if (isThere && !panel.pulls.outstanding) panel.pulls.ask("rest");
    else if (!isThere && now.number !== this.revealed) panel.toggle();
    this.revealed = now.number;
  }

  /** A worksheet may ask for a run that has been trained for a while. @param {State} state */
  open(state) {
    const { panel, opensAt } = this;
    if (!opensAt || panel.pulls.outstanding || panel.playing) return;
    if (state.step < opensAt) panel.pulls.ask("retrain", undefined, { until: opensAt });
    this.opensAt = 0;
  }

  /** Updates a frame: as the speed says, or as many as bring the update that decides in a few seconds. @param {number} chosen @param {number} step */
  updates(chosen, step) {
    if (!this.now?.number || this.now.reached) return chosen;
    return Math.max(chosen, Math.ceil((this.now.until - step) / REVEAL_FRAMES));
  }
}
