// @ts-check
// The bar above the cards: Play, Step, Reset, speed, counters, the message; and the keys that do the same.

import { Hints } from "./hints.js";
import { isFree, menuKeys } from "./keys.js";
import { SPEEDS } from "./speeds.js";

/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").Words} Words */
/** @typedef {import("./protocol.js").Action} Action */

const USUAL_SPEED = 2;
const MARKUP = `
  <div class="dl-transport" role="toolbar" aria-label="Training controls">
    <button class="dl-button dl-play" type="button" data-option="play"></button>
    <span class="dl-split dl-step" data-option="step"><button class="dl-button" type="button" data-act="step" title="One update (→)">Step</button
      ><details class="dl-menu"><summary class="dl-button" aria-label="More steps">▾</summary><div role="menu">
        <button type="button" role="menuitem" data-act="step">One update</button>
        <button type="button" role="menuitem" data-act="epoch">One epoch</button></div></details></span>
    <span class="dl-split"><button class="dl-button" type="button" data-act="reset" data-option="reset" title="Back to the same initial weights (R)">Reset</button
      ><details class="dl-menu"><summary class="dl-button" aria-label="More resets">▾</summary><div role="menu">
        <button type="button" role="menuitem" data-act="reset" data-option="reset">Same initial weights</button>
        <button type="button" role="menuitem" data-act="reinit" data-option="new_weights">New initial weights</button></div></details></span>
    <label class="dl-speed"><span class="dl-visually-hidden">Speed</span><select aria-label="Speed"></select></label>
    <progress class="dl-progress" max="1" aria-label="Progress" hidden></progress>
    <span class="dl-busy" role="status" hidden>The server is busy: pictures come slower and coarser.</span>
    <dl class="dl-readout" aria-live="off"></dl>
  </div>
  <p class="dl-message dl-words" role="status" hidden><span></span> <button class="dl-button" type="button">Reset and play</button></p>
  <p class="dl-message dl-notice" role="status" hidden><span></span> <button class="dl-button" type="button"></button> <button class="dl-button" type="button"></button></p>
  <p class="dl-status dl-visually-hidden" role="status"></p>`;

export class Transport {
  /**
   * @param {HTMLElement} root
   * @param {{toggle: () => void, again: () => void, act: (action: Action) => void, speedChanged: () => void}} commands
   */
  constructor(root, commands) {
    this.commands = commands;
    this.root = root;
    root.innerHTML = MARKUP;
    /** @type {<T extends HTMLElement>(selector: string) => T} */
    const find = (selector) => /** @type {any} */ (root.querySelector(selector));
    this.bar = find(".dl-transport");
    this.readout = find(".dl-readout");
    this.message = find(".dl-words");
    this.sentence = find(".dl-words span");
    this.again = find(".dl-words button"); // for a run that has stopped by itself
    this.notice = find(".dl-notice"); // what the person has to decide
    this.busy = find(".dl-busy");
    this.status = find(".dl-status"); // start, pause and end, for screen readers
    /** @type {HTMLProgressElement} */
    this.progress = find(".dl-progress");
    /** @type {HTMLButtonElement} */
    this.playButton = find(".dl-play");
    /** @type {HTMLSelectElement} */
    this.select = find("select");
    /** @type {Words | null} */
    this.words = null;
    this.playing = false;
    this.isLocked = false;
    this.isFinished = false;
    this.hasStopped = false;
    this.hints = new Hints(root);
    this.isSpeedChosen = false;
    this.speed = SPEEDS[USUAL_SPEED];
    this.playButton.onclick = () => commands.toggle();
    this.again.onclick = () => commands.again();
    this.listenToButtons();
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true); // before Streamlit, whose own R reruns the app
  }

  listenToButtons() {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-act]"))) {
      button.onclick = () => {
        button.closest("details")?.removeAttribute("open");
        this.commands.act(/** @type {Action} */ (button.dataset.act));
      };
    }
    for (const menu of this.root.querySelectorAll("details")) {
      menuKeys(menu);
      menu.addEventListener("focusout", (event) => {
        if (!menu.contains(/** @type {Node | null} */ (event.relatedTarget))) menu.open = false;
      });
    }
    SPEEDS.forEach((speed, index) => this.select.add(new Option(speed.label, String(index))));
    this.select.value = String(USUAL_SPEED);
    this.select.onchange = () => {
      this.isSpeedChosen = true;
      this.speed = SPEEDS[Number(this.select.value)];
      this.commands.speedChanged();
    };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focus = event.composedPath()[0];
    if (focus instanceof Element && !isFree(event.key, focus)) return;
    if (event.key === " ") this.commands.toggle();
    else if (event.key === "ArrowRight") this.commands.act("step");
    else if (event.key === "r" || event.key === "R") this.commands.act("reset");
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Play can't be pressed when it would do nothing. @param {boolean} isFinished */
  showFinished(isFinished) {
    this.isFinished = isFinished;
    this.showPlaying(this.playing);
  }

  /** Nothing is trained before a question is answered. @param {boolean} isLocked */
  lock(isLocked) {
    if (isLocked === this.isLocked) return;
    this.isLocked = isLocked;
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.root.querySelectorAll("[data-act=step], [data-act=epoch]")))
      button.disabled = isLocked;
    this.showPlaying(this.playing);
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    const word = playing ? this.words?.pause ?? "Pause" : this.words?.play ?? "Play";
    this.playButton.textContent = `${playing ? "❚❚" : "▶"} ${word}`;
    this.playButton.setAttribute("aria-label", word);
    this.playButton.disabled = (this.isFinished || this.isLocked) && !playing;
    this.playButton.title = this.isLocked ? "Answer the question first" : this.playButton.disabled ? "Nothing is left to do" : "Space";
    if (playing === this.playing) return;
    if (playing) this.status.textContent = "Playing";
    this.hasStopped = !playing && this.playing;
    this.playing = playing;
  }

  /** Says once, after playing has stopped, where it has got to. @param {State} state */
  announce(state) {
    if (!this.hasStopped) return;
    const counters = state.readout.map((pair) => pair.join(" ")).join(", ");
    this.status.textContent = `${state.finished ? "Finished" : "Paused"}: ${counters}`;
    this.hasStopped = false;
  }

  /**
   * A sentence with up to two buttons; no text: none. A button's press takes it away.
   * @param {string} text @param {[string, () => void][]} answers
   */
  showNotice(text = "", answers = []) {
    this.notice.hidden = !text;
    /** @type {HTMLElement} */ (this.notice.querySelector("span")).textContent = text;
    this.notice.querySelectorAll("button").forEach((button, index) => {
      const [label, answer] = answers[index] ?? ["", () => {}];
      button.hidden = !label;
      button.textContent = label;
      button.onclick = () => { this.showNotice(); answer(); };
    });
  }

  /** The speed that a run starts with, unless one was chosen. @param {number} updates a frame */
  suggestSpeed(updates) {
    const index = SPEEDS.findIndex((speed) => speed.updates === updates && !speed.interval);
    if (this.isSpeedChosen || index < 0) return;
    this.speed = SPEEDS[index];
    this.select.value = String(index);
  }

  /** @param {boolean} isBusy */
  showBusy(isBusy) {
    if (this.busy.hidden === isBusy) this.busy.hidden = !isBusy;
  }

  /** How far long work is; nothing: there is none. @param {number} [share] @param {string} [text] */
  showWork(share, text = "") {
    this.progress.hidden = share === undefined;
    this.progress.value = share ?? 0;
    this.progress.title = text;
    this.status.textContent = text;
  }

  /** A run that is no training run names its buttons itself, and has no speed. @param {Words | null} words */
  showWords(words) {
    this.words = words;
    this.root.classList.toggle("dl-plain", Boolean(words));
    this.root.classList.toggle("dl-stepless", words?.step === "");
    const step = /** @type {HTMLElement} */ (this.root.querySelector("[data-act=step]"));
    step.textContent = words?.step || "Step";
    step.title = words ? "A little further (→)" : "One update (→)";
    /** @type {HTMLElement} */ (this.root.querySelector("[data-act=reset]")).textContent = words?.reset ?? "Reset";
  }

  /** @param {State} state */
  showCounters(state) {
    const items = state.readout;
    this.hints.show(state.step);
    if (this.readout.childElementCount !== items.length) {
      this.readout.replaceChildren(...items.map(() => {
        const item = document.createElement("div");
        item.append(document.createElement("dt"), document.createElement("dd"));
        return item;
      }));
    }
    items.forEach(([label, value], index) => {
      const [dt, dd] = this.readout.children[index].children;
      if (dt.textContent !== label) dt.textContent = label;
      if (dd.textContent !== value) dd.textContent = value;
    });
    this.progress.hidden = state.progress == null;
    this.progress.value = state.progress ?? 0;
    this.message.hidden = !state.message;
    this.again.hidden = !state.finished || Boolean(this.words);
    if (this.sentence.textContent !== (state.message ?? "")) this.sentence.textContent = state.message ?? "";
  }

  close() {
    window.removeEventListener("keydown", this.onKey, true);
  }
}
