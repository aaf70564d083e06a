// @ts-check
// The live panel: asks the server for frames, plays them out evenly, hands them to the cards on its board.
//
// Python (pages/shared/live) decides what the cards are and fills the frames; nothing here knows what a network or an
// optimizer is. See protocol.js for what is said between the two.
import { isRecoloured } from "../theme.js";
import { Aims } from "./aims.js";
import { Board } from "./board.js";
import { Pulls } from "./pull.js";
import { Runs } from "./runs.js";
import { Timeline } from "./timeline.js";
import { Transport } from "./transport.js";

/** @typedef {import("./protocol.js").Answer} Answer */
/** @typedef {import("./protocol.js").Frame} Frame */
/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").Action} Action */

const PAGE_LINKS = "[data-testid=stTopNavLink], [data-testid=stSidebarNavLink], .st-key-guide_turns button, .st-key-try_this button";
const NARROW = 700; // pixels, below which cards stand one below the other
const SLOWEST_MS = 200; // between two frames, while the next are on their way
const FASTEST_MS = 1000 / 60;
const WORK_SHOWN_MS = 500; // long work shows how far it is from then on

/** Elements of a Streamlit widget, whatever revision its key may end in. @param {string} key */
function keyed(key) {
  return `[class*="st-key-${key.replace(/[^\w-]/g, "-")}"]`;
}

export class Panel {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    /** @type {Frame[]} */
    this.queue = [];
    this.playing = false;
    this.finished = false;
    this.runs = new Runs(this);
    this.playsNext = false; // a reset is under way, after which it plays
    this.lastFrame = -1;
    this.framesDrawn = 0;
    this.nextDue = 0;
    this.reserve = 0;
    /** @type {string | null} */
    this.run = null;
    /** @type {number | null} */
    this.config = null;
    /** @type {number | null} */
    this.interval = null;
    this.leaves = PAGE_LINKS;
    /** @type {number | null} */
    this.workSince = null; // when long work began
    this.root = document.createElement("section");
    this.root.className = "dl-panel";
    this.root.setAttribute("aria-label", "Live training");
    this.transport = new Transport(this.root, {
      toggle: () => this.toggle(),
      again: () => this.again(),
      act: (action) => this.act(action),
      speedChanged: () => { this.queue = this.queue.slice(0, 1); },
    });
    this.board = new Board(this);
    this.root.append(this.board.grid);
    this.aims = new Aims(this);
    this.timeline = new Timeline(this.root, {
      go: (moment) => this.goTo(moment),
      fork: () => { this.pause(); this.pulls.ask("fork"); },
      isFree: () => this.pulls.outstanding?.action !== "moment",
    });
    parent.appendChild(this.root);
    this.pulls = new Pulls(() => this.describe());
    this.listen();
    this.showPlaying();
  }

  listen() {
    this.resizer = new ResizeObserver(() => this.fit()); // the window, and what stands above the panel
    for (const around of [".stMain", ".stMainBlockContainer"].map((name) => this.root.closest(name))) if (around) this.resizer.observe(around);
    this.onVisible = () => { if (!document.hidden) this.nextDue = performance.now(); };
    this.onLeave = (/** @type {MouseEvent} */ { target }) => {
      if (!(target instanceof Element) || !target.closest(this.leaves)) return;
      this.playing = false;
      this.showPlaying();
      this.pulls.leave();
    };
    document.addEventListener("visibilitychange", this.onVisible);
    window.addEventListener("click", this.onLeave, true);
    this.loop = (/** @type {number} */ now) => { this.tick(now); this.aims.place(); this.raf = requestAnimationFrame(this.loop); };
    this.raf = requestAnimationFrame(this.loop);
  }

  // --- what the person does -------------------------------------------------------------------------------

  toggle() {
    if (!this.playing && (this.finished || this.aims.forbids("play"))) return;
    this.playing = !this.playing;
    this.showPlaying();
    if (this.playing) {
      this.nextDue = performance.now();
      this.pulls.ask("play", 1);
    } else {
      this.drawAll(); // the server is already there; show what it has done
      this.pulls.ask("rest");
    }
  }

  /** Reset, and play when that is done. */
  again() {
    this.act("reset");
    this.playsNext = true;
  }

  /** @param {Action} action */
  act(action) {
    if (this.aims.forbids(action)) return;
    this.pause();
    this.playsNext = false;
    this.transport.showNotice();
    this.pulls.ask(action);
  }

  pause() {
    this.playing = false;
    this.showPlaying();
    this.drawAll();
  }

  /**
   * A click at a place in a chart, which the run answers: it may set the network there, open or pick something.
   * @param {string} chart @param {number | string} x @param {number | string} y
   */
  click(chart, x, y, pause = true) {
    if (this.aims.now?.picks === chart) return;
    if (pause) this.pause();
    this.pulls.ask("click", undefined, { click: { chart, x, y } });
  }

  /** Show an earlier moment, or the newest. @param {number} moment */
  goTo(moment) {
    if (this.playing) this.pause();
    this.pulls.ask("moment", undefined, { moment });
  }

  showPlaying() {
    this.transport.showPlaying(this.playing);
    this.root.dataset.playing = String(this.playing);
  }

  // --- talking with the server ----------------------------------------------------------------------------

  describe() {
    return { run: this.run ?? "", ...this.board.held(), seen: this.lastFrame,
      updates: this.aims.updates(this.transport.speed.updates, Number(this.root.dataset.step ?? 0)) };
  }

  frameInterval() {
    return this.transport.speed.interval ?? this.interval;
  }

  /** @param {Uint8Array | null} data */
  receive(data) {
    if (!(data instanceof Uint8Array)) return; // nothing new: the page is about to run
    /** @type {Answer} */
    const answer = JSON.parse(new TextDecoder().decode(data));
    if (isRecoloured(this.root) && !this.playing) this.pulls.ask("rest");
    if (!this.pulls.heard(answer)) return;
    if (answer.run !== this.run) this.meet(answer);
    this.interval = answer.interval;
    this.reserve = answer.reserve;
    this.leaves = [PAGE_LINKS, ...answer.leaves.map(keyed)].join(", ");
    this.fit();
    this.transport.bar.hidden = !answer.transport;
    const isLacking = this.board.lay(answer);
    if (isLacking && !this.playing && !this.pulls.outstanding) this.pulls.ask("rest"); // a panel that was built again has no figures
    const fresh = answer.frames.filter((frame) => frame.id > this.lastFrame);
    if (fresh.length) this.lastFrame = fresh[fresh.length - 1].id;
    if (answer.config !== this.config) { // a rate was changed while playing: show it now, not after the queue
      this.config = answer.config;
      this.drawAll();
    }
    this.queue.push(...fresh);
    if (!this.playing) this.drawAll();
    this.aims.heed(answer.aim);
    this.showState(answer.state);
    this.timeline.show(answer.replay, this.playing);
    this.runs.hear(answer);
    if (!this.playing) {
      this.board.showRests(answer.rest);
      this.refine();
    }
    this.goOn(answer.work);
    this.aims.follow(answer);
  }

  /** Another run: what is left of the last one is forgotten. @param {Answer} answer */
  meet(answer) {
    const isFirst = this.run === null;
    if (this.run !== null && !answer.known.includes(this.run)) this.tellLoss(Number(this.root.dataset.step ?? 0));
    this.queue = [];
    this.lastFrame = -1;
    this.run = answer.run;
    this.root.dataset.run = answer.run;
    if (!isFirst) this.playing = this.playsNext = false;
    this.transport.showWords(answer.words);
    this.transport.suggestSpeed(answer.speed);
    this.transport.hints.offer(answer.hints);
    this.showPlaying();
  }

  /** The server does not know our run: it was started again, or has forgotten this tab. @param {number} step */
  tellLoss(step) {
    const lost = `The server was started again and has lost this run, which was at update ${step.toLocaleString("en")}.`;
    if (!step) return;
    const doubt = this.config ? " Its settings were changed on the way, so the new one may differ." : "";
    this.transport.showNotice(lost + doubt, [
      [`Train it back to update ${step.toLocaleString("en")}`, () => this.pulls.ask("retrain", undefined, { until: step })],
      ["Dismiss", () => {}],
    ]);
  }

  /** Long work: the next slice is asked for at once, unless it waits for a word. @param {Answer["work"]} work */
  goOn(work) {
    if (!work) {
      if (this.workSince !== null) this.transport.showWork();
      this.workSince = null;
      return;
    }
    const now = performance.now();
    this.workSince ??= now;
    if (work.asks) {
      this.transport.showNotice(work.text, [["Go on", () => this.pulls.ask("go on")], ["Stop", () => this.pulls.ask("rest")]]);
    } else if (!this.pulls.outstanding) this.pulls.ask("go on");
    if (now - this.workSince > WORK_SHOWN_MS) this.transport.showWork(work.share, work.text);
  }

  // Pictures that get finer: one slice of the server's work at a time, so that anything else comes in between.
  refine() {
    const { outstanding } = this.pulls;
    if (this.board.isUnfinished && (!outstanding || outstanding.action === "refine")) this.pulls.ask("refine");
  }

  /** @param {State} state */
  showState(state) {
    this.finished = state.finished || this.aims.isDue(state);
    if (this.finished && this.playing && !this.queue.length) this.stopPlaying();
    if (this.playing) return;
    this.transport.showFinished(state.finished);
    this.showCounters(state);
    this.transport.announce(state);
    if (!this.playsNext || state.finished) return;
    this.playsNext = false;
    this.toggle();
  }

  stopPlaying() {
    this.playing = false;
    this.showPlaying();
    this.pulls.ask("rest");
  }

  /** @param {State} state */
  showCounters(state) {
    this.root.dataset.step = String(state.step);
    this.transport.showCounters(state);
  }

  // As high as the window has room below the page's own controls.
  fit() {
    const main = this.root.closest("[data-testid=stMain]");
    const top = this.root.getBoundingClientRect().top + (main?.scrollTop ?? window.scrollY);
    this.root.classList.toggle("dl-narrow", this.root.clientWidth < NARROW);
    this.root.style.setProperty("--dl-least", `${500 - this.reserve}px`);
    this.root.style.setProperty("--dl-height", `${Math.floor(window.innerHeight - top - 12 - this.reserve)}px`);
  }

  // --- drawing --------------------------------------------------------------------------------------------

  /** @param {number} now */
  tick(now) {
    this.transport.showBusy(this.playing && this.pulls.isSlow(now));
    if (!this.playing || document.hidden) return;
    const wanted = this.frameInterval() ? 1 : Math.ceil(this.pulls.frames() * 0.8);
    if (!this.finished && this.queue.length < wanted && this.pulls.isFree(now)) {
      this.pulls.ask("play", this.frameInterval() ? 1 : undefined);
    }
    if (!this.queue.length) {
      if (this.finished && !this.pulls.outstanding) this.stopPlaying();
      return;
    }
    if (now < this.nextDue) return;
    const even = this.pulls.roundTrip / this.pulls.frames();
    this.nextDue = Math.max(this.nextDue + (this.frameInterval() ?? Math.max(FASTEST_MS, Math.min(SLOWEST_MS, even))), now);
    this.draw(this.queue.splice(0, 1));
  }

  drawAll() {
    this.draw(this.queue.splice(0));
  }

  /** @param {Frame[]} frames */
  draw(frames) {
    if (!frames.length) return;
    this.board.draw(frames, this.playing);
    this.showCounters(frames[frames.length - 1].state);
    this.framesDrawn += 1;
    this.root.dataset.frames = String(this.framesDrawn);
  }

  close() {
    cancelAnimationFrame(this.raf ?? 0);
    this.pulls.close();
    this.aims.close();
    this.transport.close();
    this.resizer?.disconnect();
    if (this.onVisible) document.removeEventListener("visibilitychange", this.onVisible);
    if (this.onLeave) window.removeEventListener("click", this.onLeave, true);
    this.board.close();
    this.root.remove();
  }
}
