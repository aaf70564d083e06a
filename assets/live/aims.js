// @ts-check
// What a class is asked about a run: nothing is trained before the answer is given, then it plays to the update that decides.

/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").Aim} Aim */

const REVEAL_FRAMES = 150; // at most, of what is left to the update that decides

export class Aims {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    /** @type {Aim | null} */
    this.now = null;
    this.revealed = 0; // the last reveal that was played
    this.opensAt = 0; // the update up to which the run is to be trained at first
  }

  get isLocked() {
    return Boolean(this.now?.locked);
  }

  /** What would give the answer away is covered. @param {Aim | null} aim */
  heed(aim) {
    this.now = aim;
    this.panel.transport.lock(this.isLocked);
    for (const [name, chart] of this.panel.charts) chart.cover(Boolean(aim?.covered.includes(name)));
  }

  /** Whether the run stands at the update that decides, and the page has not been told. @param {State} state */
  isDue(state) {
    return Boolean(this.now?.number && !this.now.reached && state.step >= this.now.until);
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
