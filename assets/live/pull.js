// @ts-check
// Asking the server for frames: one pull at a time, as many frames as the round trip takes, coarser ones where it is slow.

/** @typedef {import("./protocol.js").Request} Request */
/** @typedef {import("./protocol.js").Answer} Answer */
/** @typedef {import("./protocol.js").Action} Action */

const TARGET_FPS = 60;
const MOST_FRAMES = 30;
const LOST_AFTER_MS = 12000; // nothing at all was heard of a pull: ask again
const BUDGET_MS = 150;
// Who goes to another page or view stops playing first: a pull that is sent later still has this page's widgets, and
// would set those that the next one shares with it back to what they were, or call Streamlit back to this page.
const LEAVING_MS = 1500;
const SLOW_MS = [600, 1500]; // round trips from which pictures are coarser, and coarser still

export class Pulls {
  /** @param {() => Pick<Request, "run" | "have" | "rests" | "seen" | "updates">} describe what the panel holds */
  constructor(describe) {
    this.describe = describe;
    /** @type {(request: Request) => void} */
    this.send = () => {};
    /** @type {{sequence: number, at: number, action: Action} | null} */
    this.outstanding = null; // the pull that has not been answered
    this.sequence = 0;
    this.roundTrip = 250;
    this.coarse = 0;
    this.leaving = 0; // until when nothing is asked of the server
    /** @type {string | null} */
    this.batch = null;
  }

  /** How many frames a pull asks for, so that they last until the next answer. */
  frames() {
    return Math.max(3, Math.min(MOST_FRAMES, Math.ceil((this.roundTrip / 1000) * TARGET_FPS * 1.15)));
  }

  /** @param {Action} action @param {number} frames @param {Partial<Request>} more */
  ask(action, frames = this.frames(), more = {}) {
    const now = performance.now();
    if (now < this.leaving) {
      clearTimeout(this.staying);
      this.staying = setTimeout(() => this.ask("rest"), this.leaving - now + 10);
      return;
    }
    this.outstanding = { sequence: ++this.sequence, at: now, action };
    this.send({ ...this.describe(), sequence: this.sequence, action, frames, budget_ms: BUDGET_MS, coarse: this.coarse, ...more });
  }

  /** @param {number} now */
  isFree(now) {
    return !this.outstanding || now - this.outstanding.at > LOST_AFTER_MS;
  }

  /** Takes note of an answer; false if it is known: the theme has changed, or Streamlit drew us again. @param {Answer} answer */
  heard(answer) {
    if (answer.batch === this.batch) return false;
    this.batch = answer.batch;
    if (!this.outstanding) return true;
    if (answer.sequence >= this.outstanding.sequence) {
      if (this.outstanding.action === "play") this.measure(performance.now() - this.outstanding.at);
      this.outstanding = null;
    } else if (this.outstanding.action === "play") {
      this.outstanding = null; // the page was run in place of the pull: ask at once
    }
    return true;
  }

  /** The mean round trip decides how coarse pictures are; a step back needs a good margin. @param {number} took */
  measure(took) {
    this.roundTrip = 0.7 * this.roundTrip + 0.3 * took;
    const level = SLOW_MS.filter((limit) => this.roundTrip > limit).length;
    if (level > this.coarse || this.roundTrip < 0.6 * SLOW_MS[this.coarse - 1]) this.coarse = level;
  }

  /** Whether the person should know that the server has much to do. @param {number} now */
  isSlow(now) {
    const waiting = this.outstanding?.action === "play" ? now - this.outstanding.at : 0;
    return this.coarse === SLOW_MS.length || waiting > 2 * SLOW_MS[SLOW_MS.length - 1];
  }

  leave() {
    this.leaving = performance.now() + LEAVING_MS;
  }

  close() {
    clearTimeout(this.staying);
  }
}
