// The live panel: asks the server for frames ("pull"), plays them out evenly, draws them.
//
// One panel holds a transport bar and any number of charts. Python (pages/shared/live.py) decides what the
// charts are and fills the frames; nothing here knows what a network or an optimizer is. A frame says, for
// each chart, which points to add, which image to paint, which weights to show. See live.py for the format.
import { Chart } from "./chart.js";
import { isFree, menuKeys } from "./keys.js";
import { Network } from "./network.js";
import { SPEEDS } from "./speeds.js";
import { Table } from "./table.js";

const TARGET_FPS = 40;
const LOST_AFTER_MS = 2500; // a pull that a full rerun has pre-empted is never answered: ask again
const KINDS = { network: Network, table: Table, plotly: Chart };
// Who goes to another page or view stops playing first: a pull that is sent later still has this page's widgets, and
// would set those that the next one shares with it back to what they were, or call Streamlit back to this page.
const LEAVING_MS = 1500;
const LEAVING = "[data-testid=stTopNavLink], [data-testid=stSidebarNavLink], .st-key-view";
const panels = new WeakMap();

function loadStyle() {
  const href = new URL("live.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
loadStyle();

export default function render(component) {
  const { data, parentElement, setTriggerValue } = component;
  let panel = panels.get(parentElement);
  if (!panel) {
    panel = new Panel(parentElement);
    panels.set(parentElement, panel);
  }
  panel.send = (message) => setTriggerValue("pull", message);
  panel.receive(data);
  return () => {
    panel.close();
    panels.delete(parentElement);
  };
}

class Panel {
  constructor(parent) {
    this.charts = new Map();
    this.queue = [];
    this.playing = false;
    this.outstanding = null; // the pull that has not been answered
    this.sequence = 0;
    this.lastBatch = null;
    this.lastFrame = -1;
    this.framesDrawn = 0;
    this.roundTrip = 250;
    this.nextDue = 0;
    this.speed = 2;
    this.build(parent);
    this.onKey = (event) => this.key(event);
    this.onResize = () => this.fit();
    this.onVisible = () => { if (!document.hidden) this.nextDue = performance.now(); };
    window.addEventListener("keydown", this.onKey, true); // before Streamlit, whose own R reruns the app
    window.addEventListener("resize", this.onResize);
    document.addEventListener("visibilitychange", this.onVisible);
    this.leaving = 0; // until when nothing is asked of the server
    this.onLeave = ({ target }) => {
      if (!target.closest?.(LEAVING)) return;
      this.playing = false;
      this.showPlaying();
      this.leaving = performance.now() + LEAVING_MS;
    };
    window.addEventListener("click", this.onLeave, true);
    this.loop = (now) => { this.tick(now); this.raf = requestAnimationFrame(this.loop); };
    this.raf = requestAnimationFrame(this.loop);
  }

  build(parent) {
    const root = document.createElement("section");
    root.className = "dl-panel";
    root.setAttribute("aria-label", "Live training");
    root.innerHTML = `
      <div class="dl-transport" role="toolbar" aria-label="Training controls">
        <button class="dl-button dl-play" type="button"></button>
        <span class="dl-split dl-step"><button class="dl-button" type="button" data-act="step" title="One update (→)">Step</button
          ><details class="dl-menu"><summary class="dl-button" aria-label="More steps">▾</summary><div role="menu">
            <button type="button" role="menuitem" data-act="step">One update</button>
            <button type="button" role="menuitem" data-act="epoch">One epoch</button></div></details></span>
        <span class="dl-split"><button class="dl-button" type="button" data-act="reset" title="Back to the same initial weights (R)">Reset</button
          ><details class="dl-menu"><summary class="dl-button" aria-label="More resets">▾</summary><div role="menu">
            <button type="button" role="menuitem" data-act="reset">Same initial weights</button>
            <button type="button" role="menuitem" data-act="reinit">New initial weights</button></div></details></span>
        <label class="dl-speed"><span class="dl-visually-hidden">Speed</span><select aria-label="Speed"></select></label>
        <progress class="dl-progress" max="1" aria-label="Progress" hidden></progress>
        <dl class="dl-readout" aria-live="off"></dl>
      </div>
      <p class="dl-message" role="status" hidden></p>
      <p class="dl-status dl-visually-hidden" role="status"></p>
      <div class="dl-grid"></div>`;
    parent.appendChild(root);
    this.root = root;
    this.grid = root.querySelector(".dl-grid");
    this.readout = root.querySelector(".dl-readout");
    this.message = root.querySelector(".dl-message");
    this.status = root.querySelector(".dl-status"); // start, pause and end, for screen readers
    this.playButton = root.querySelector(".dl-play");
    this.playButton.onclick = () => this.toggle();
    root.querySelectorAll("[data-act]").forEach((button) => {
      button.onclick = () => {
        button.closest("details")?.removeAttribute("open");
        this.act(button.dataset.act);
      };
    });
    root.querySelectorAll("details").forEach((menu) => {
      menuKeys(menu);
      menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) menu.open = false; });
    });
    const select = root.querySelector("select");
    SPEEDS.forEach((speed, index) => select.add(new Option(speed.label, String(index))));
    select.value = String(this.speed);
    select.onchange = () => { this.speed = Number(select.value); this.queue = this.queue.slice(0, 1); };
    this.showPlaying();
  }

  // --- what the person does -------------------------------------------------------------------------------

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focus = event.composedPath()[0];
    if (focus instanceof Element && !isFree(event.key, focus)) return;
    if (event.key === " ") this.toggle();
    else if (event.key === "ArrowRight") this.act("step");
    else if (event.key === "r" || event.key === "R") this.act("reset");
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  toggle() {
    if (this.finished && !this.playing) return;
    this.playing = !this.playing;
    this.showPlaying();
    if (this.playing) {
      this.nextDue = performance.now();
      this.pull("play", 1);
    } else {
      this.draw(this.queue.splice(0)); // the server is already there; show what it has done
      this.pull("rest");
    }
  }

  act(action) {
    this.playing = false;
    this.showPlaying();
    this.draw(this.queue.splice(0));
    this.pull(action);
  }

  // A click at a place in a chart, which the run answers: it may set the network there, open or pick something.
  click(chart, x, y, pause = true) {
    if (pause) {
      this.playing = false;
      this.showPlaying();
      this.draw(this.queue.splice(0));
    }
    this.pull("click", undefined, { click: { chart, x, y } });
  }

  // A lane that is pointed at is set off in all charts; a click on its name keeps it so.
  point(lane) {
    this.pointed = lane;
    this.setOff();
  }

  isolate(lane) {
    this.isolated = this.isolated === lane ? null : lane;
    this.setOff();
  }

  setOff() {
    const lane = this.pointed ?? this.isolated ?? null;
    if (lane === this.lane) return;
    this.lane = lane;
    for (const chart of this.charts.values()) chart.setOff?.(lane, this.isolated ?? null);
  }

  showPlaying() {
    const word = this.playing ? this.words?.pause ?? "Pause" : this.words?.play ?? "Play";
    this.playButton.textContent = `${this.playing ? "❚❚" : "▶"} ${word}`;
    this.playButton.setAttribute("aria-label", word);
    this.playButton.title = "Space";
    if (this.root.dataset.playing === String(this.playing)) return;
    if (this.playing) this.status.textContent = "Playing";
    this.hasStopped = !this.playing && this.root.dataset.playing === "true";
    this.root.dataset.playing = String(this.playing);
  }

  // --- talking with the server ----------------------------------------------------------------------------

  frameInterval() {
    return SPEEDS[this.speed].interval ?? this.interval;
  }

  framesPerPull() {
    if (this.frameInterval()) return 1;
    return Math.max(3, Math.min(24, Math.ceil((this.roundTrip / 1000) * TARGET_FPS * 1.15)));
  }

  pull(action, frames, more) {
    const now = performance.now();
    if (now < this.leaving) {
      clearTimeout(this.staying);
      this.staying = setTimeout(() => this.pull("rest"), this.leaving - now + 10);
      return;
    }
    const have = {};
    for (const [name, chart] of this.charts) have[name] = chart.revision;
    this.outstanding = { sequence: ++this.sequence, at: now, action };
    this.send({
      sequence: this.sequence, run: this.run ?? "", action, have, seen: this.lastFrame,
      frames: frames ?? this.framesPerPull(), updates: SPEEDS[this.speed].updates, budget_ms: 400, ...more,
    });
  }

  receive(data) {
    if (!data?.charts || data.batch === this.lastBatch) return; // the theme changed or Streamlit drew us again
    this.lastBatch = data.batch;
    const now = performance.now();
    const isNewRun = data.run !== this.run;
    if (isNewRun) {
      this.queue = [];
      this.lastFrame = -1;
      this.run = data.run;
      this.root.dataset.run = data.run;
      if (this.hadRun && !data.keep_playing) { this.playing = false; this.showPlaying(); }
      this.hadRun = true;
    }
    this.interval = data.interval;
    this.reserve = data.reserve;
    this.fit();
    this.syncCharts(data);
    if (isNewRun) this.showWords(data.words);
    const fresh = data.frames.filter((frame) => frame.id > this.lastFrame);
    if (fresh.length) this.lastFrame = fresh[fresh.length - 1].id;
    const answered = this.outstanding && data.sequence >= this.outstanding.sequence;
    if (answered) {
      if (this.outstanding.action === "play") {
        this.roundTrip = 0.7 * this.roundTrip + 0.3 * (now - this.outstanding.at);
      }
      this.outstanding = null;
    }
    if (data.config !== this.config) { // a rate was changed while playing: show it now, not after the queue
      this.config = data.config;
      this.draw(this.queue.splice(0));
    }
    this.queue.push(...fresh);
    if (!this.playing) this.draw(this.queue.splice(0));
    this.showState(data.state);
    if (!this.playing && data.rest) {
      for (const [name, part] of Object.entries(data.rest)) {
        const chart = this.charts.get(name);
        if (!chart || chart.revision === null) continue;
        chart.more(part);
        if (part.figure || part.rows) chart.rest(part);
      }
      if (!Object.keys(data.rest).length) for (const chart of this.charts.values()) chart.progress = 1;
      this.refine();
    }
  }

  // Pictures that get finer: one slice of the server's work at a time, so that anything else comes in between.
  refine() {
    const unfinished = [...this.charts.values()].some((chart) => chart.progress < 1);
    if (unfinished && (!this.outstanding || this.outstanding.action === "refine")) this.pull("refine");
  }

  syncCharts(data) {
    const names = data.charts.map((spec) => spec.name);
    for (const [name, chart] of this.charts) {
      if (!names.includes(name)) { chart.close(); this.charts.delete(name); }
    }
    let isLacking = false;
    for (const spec of data.charts) {
      let chart = this.charts.get(spec.name);
      if (!chart) {
        chart = new KINDS[spec.kind](spec.name, this);
        this.charts.set(spec.name, chart);
        this.grid.appendChild(chart.element);
      }
      if (spec.revision !== chart.revision && spec.figure) chart.mount(spec);
      else if (spec.revision !== chart.revision) isLacking = true;
    }
    if (isLacking && !this.playing && !this.outstanding) this.pull("rest"); // a panel that was drawn anew has no figures
    this.grid.style.setProperty("--dl-areas", data.layout);
    this.grid.style.setProperty("--dl-rows", data.rows);
    this.root.querySelector(".dl-transport").hidden = data.transport === false;
  }

  // A run that is no training run names its buttons itself, and has no step or speed.
  showWords(words) {
    this.words = words ?? null;
    this.root.classList.toggle("dl-plain", Boolean(words));
    this.root.querySelector("[data-act=reset]").textContent = words?.reset ?? "Reset";
    this.showPlaying();
  }

  showState(state) {
    if (!state) return;
    this.finished = state.finished;
    if (state.finished && this.playing && !this.queue.length) this.stopPlaying();
    if (this.playing) return;
    this.showCounters(state);
    if (this.hasStopped) {
      const counters = state.readout.map((pair) => pair.join(" ")).join(", ");
      this.status.textContent = `${state.finished ? "Finished" : "Paused"}: ${counters}`;
      this.hasStopped = false;
    }
  }

  stopPlaying() {
    this.playing = false;
    this.showPlaying();
    this.pull("rest");
  }

  showCounters(state) {
    this.root.dataset.step = String(state.step);
    const items = state.readout;
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
      dd.textContent = value;
    });
    const bar = this.root.querySelector(".dl-progress");
    bar.hidden = state.progress == null;
    bar.value = state.progress ?? 0;
    this.message.hidden = !state.message;
    if (this.message.textContent !== (state.message ?? "")) this.message.textContent = state.message ?? "";
  }

  // As high as the window has room below the page's own controls.
  fit() {
    const main = this.root.closest("[data-testid=stMain]");
    const top = this.root.getBoundingClientRect().top + (main?.scrollTop ?? window.scrollY);
    this.root.style.setProperty("--dl-least", `${500 - (this.reserve ?? 0)}px`);
    this.root.style.setProperty("--dl-height", `${Math.floor(window.innerHeight - top - 12 - (this.reserve ?? 0))}px`);
  }

  // --- drawing --------------------------------------------------------------------------------------------

  tick(now) {
    if (!this.playing || document.hidden) return;
    const limit = this.outstanding ? LOST_AFTER_MS : 0;
    const wanted = this.frameInterval() ? 1 : Math.ceil(this.framesPerPull() * 0.8);
    if (!this.finished && this.queue.length < wanted && (!this.outstanding || now - this.outstanding.at > limit)) {
      this.pull("play");
    }
    if (!this.queue.length) {
      if (this.finished && !this.outstanding) this.stopPlaying();
      return;
    }
    if (now < this.nextDue) return;
    const interval = this.frameInterval()
      ?? Math.max(1000 / 60, Math.min(200, this.roundTrip / this.framesPerPull()));
    this.nextDue = Math.max(this.nextDue + interval, now);
    this.draw([this.queue.shift()]);
  }

  draw(frames) {
    if (!frames.length) return;
    for (const [name, chart] of this.charts) {
      const parts = frames.map((frame) => frame.charts[name]).filter(Boolean);
      if (parts.length && chart.revision !== null) chart.draw(parts);
    }
    this.showCounters(frames[frames.length - 1].state);
    this.framesDrawn += 1;
    this.root.dataset.frames = String(this.framesDrawn);
  }

  // A neuron is pointed at in the network: the boundary chart shows that neuron's map instead of the output's.
  overlay(map) {
    for (const chart of this.charts.values()) chart.overlay?.(map);
  }

  close() {
    cancelAnimationFrame(this.raf);
    clearTimeout(this.staying);
    window.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("resize", this.onResize);
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("click", this.onLeave, true);
    for (const chart of this.charts.values()) chart.close();
    this.root.remove();
  }
}
