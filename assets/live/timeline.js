// @ts-check
// The timeline below the cards: drag back, and every card shows that moment; fork there, or go back to the newest.

/** @typedef {import("./protocol.js").Replay} Replay */

const MARKUP = `
  <label><span class="dl-timeline-name">Replay</span> <input type="range" min="0" step="1" class="dl-scrub" aria-label="Replay"></label>
  <output class="dl-scrub-text"></output>
  <button class="dl-toggle" type="button" data-timeline="fork" title="Let training go on from this moment, with the optimizer's state of then; what came after it goes">Fork from here</button>
  <button class="dl-toggle" type="button" data-timeline="end" title="Show the newest again">To the end</button>`;

export class Timeline {
  /**
   * @param {HTMLElement} root
   * @param {{go: (moment: number) => void, fork: () => void, isFree: () => boolean}} commands
   */
  constructor(root, commands) {
    this.commands = commands;
    this.line = Object.assign(document.createElement("div"), { className: "dl-timeline", hidden: true, innerHTML: MARKUP });
    this.line.dataset.option = "timeline";
    /** @type {<T extends HTMLElement>(selector: string) => T} */
    const find = (selector) => /** @type {any} */ (this.line.querySelector(selector));
    /** @type {HTMLInputElement} */
    this.input = find("input");
    this.output = find("output");
    /** @type {HTMLButtonElement} */
    this.fork = find("[data-timeline=fork]");
    /** @type {HTMLButtonElement} */
    this.end = find("[data-timeline=end]");
    /** @type {number | null} */
    this.wanted = null; // the moment that was dragged to, while another is on its way
    this.input.oninput = () => this.ask(Number(this.input.value));
    this.end.onclick = () => this.ask(Number(this.input.max));
    this.fork.onclick = () => commands.fork();
    root.append(this.line);
  }

  /** One request at a time: the newest place goes when the last was answered. @param {number} moment */
  ask(moment) {
    this.wanted = moment;
    this.sendWanted();
  }

  sendWanted() {
    if (this.wanted === null || !this.commands.isFree()) return;
    const moment = this.wanted;
    this.wanted = null;
    this.commands.go(moment);
  }

  /** While it plays, frames wait to be drawn, and the newest moment is not the one that is seen. @param {Replay | null} replay @param {boolean} isPlaying */
  show(replay, isPlaying) {
    this.line.hidden = !replay;
    if (!replay) return;
    this.sendWanted();
    const isLast = replay.at === replay.count - 1;
    this.input.max = String(replay.count - 1);
    this.input.disabled = replay.count < 2;
    this.fork.disabled = this.end.disabled = isLast;
    this.line.dataset.at = String(replay.at);
    this.line.dataset.count = String(replay.count);
    this.output.textContent = isPlaying ? "" : replay.text;
    this.input.setAttribute("aria-valuetext", replay.text);
    if (this.wanted === null && this.commands.isFree()) this.input.value = String(replay.at);
  }
}
