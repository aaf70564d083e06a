// @ts-check
// A line above the cards that says what to try next. Each is shown until it is dismissed, and then never again in this browser.

/** @typedef {import("./protocol.js").Hint} Hint */

const STORED = "descent-lab.hints";
const MARKUP = `<span></span> <button class="dl-toggle" type="button">Got it</button>`;

/** @returns {string[]} */
function dismissed() {
  try {
    const names = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(names) ? names : [];
  } catch { // nothing may be stored here
    return [];
  }
}

export class Hints {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.line = Object.assign(document.createElement("p"), { className: "dl-hint", hidden: true, innerHTML: MARKUP });
    root.append(this.line);
    /** @type {Hint[]} */
    this.hints = [];
    this.known = dismissed();
    this.step = 0;
    const button = /** @type {HTMLButtonElement} */ (this.line.querySelector("button"));
    button.onclick = () => this.dismiss();
  }

  /** @param {Hint[]} hints */
  offer(hints) {
    this.hints = hints;
    this.show(this.step);
  }

  /** The last hint whose update has come, unless it was dismissed. @param {number} step */
  show(step) {
    this.step = step;
    const hint = this.due().at(-1);
    const text = hint && !this.known.includes(hint.name) ? hint.text : "";
    const words = /** @type {HTMLElement} */ (this.line.firstChild);
    if (words.textContent !== text) words.textContent = text;
    this.line.hidden = !text;
  }

  due() {
    return this.hints.filter((hint) => hint.step <= this.step);
  }

  /** What is shown now, and what came before it. */
  dismiss() {
    this.known.push(...this.due().map((hint) => hint.name));
    try {
      localStorage.setItem(STORED, JSON.stringify([...new Set([...dismissed(), ...this.known])]));
    } catch { /* it is dismissed for as long as this page is open */ }
    this.show(this.step);
  }
}
