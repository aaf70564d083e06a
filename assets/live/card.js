// What every card of the live panel has: a head with title and caption, the lane it shows, and what its figure at
// rest may bring along: how far it has come, and a slider through the moments of a path.
export class Card {
  constructor(name, panel) {
    this.panel = panel;
    this.revision = null;
    this.progress = 1;
    this.element = document.createElement("figure");
    this.element.className = "dl-card";
    this.element.dataset.chart = name.split(":")[0];
    if (name.includes(":")) this.element.dataset.lane = name.split(":")[1];
    this.element.innerHTML = `<figcaption><h3></h3><span class="dl-caption"></span><span class="dl-tools"></span></figcaption><div class="dl-body"></div>`;
    this.title = this.element.querySelector("h3");
    this.caption = this.element.querySelector(".dl-caption");
    this.tools = this.element.querySelector(".dl-tools");
    this.body = this.element.querySelector(".dl-body");
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.body);
  }

  head(spec) {
    this.spec = spec;
    this.revision = spec.revision;
    this.title.textContent = spec.title;
    if (spec.lane !== undefined) this.showLane(spec);
    this.say(spec.caption ?? "");
    this.element.style.gridArea = spec.area ?? "auto";
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", spec.alt);
    if (spec.opens) Object.assign(this.body, { onclick: () => this.open() }).style.cursor = "pointer";
  }

  // What a card shows can be opened elsewhere: by a click on its picture, or with this button.
  openButton() {
    if (!this.spec.opens) return [];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: "↗", title: this.spec.opens });
    button.setAttribute("aria-label", this.spec.opens);
    button.onclick = () => this.open();
    return [button];
  }

  open() {
    this.panel.click(this.spec.name, 0, 0);
  }

  say(caption) {
    if (this.caption.textContent === caption) return;
    this.caption.textContent = caption;
    this.caption.title = caption; // it may be cut off
  }

  // The card of one lane: its mark and colour before its name, which isolates it.
  showLane(spec) {
    const mark = Object.assign(document.createElement("span"), { className: "dl-mark", textContent: spec.glyph });
    mark.style.color = spec.color;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-lane", title: "Isolate this lane in all charts" });
    button.append(mark, ` ${spec.title}`);
    button.onclick = () => this.panel.isolate(spec.lane);
    button.setAttribute("aria-pressed", "false");
    this.laneButton = button;
    this.title.replaceChildren(button);
    this.element.onpointerenter = () => this.panel.point(spec.lane);
    this.element.onpointerleave = () => this.panel.point(null);
  }

  // What a rest part brings besides its figure: how far it has come, and a slider through a path's moments.
  more(part) {
    this.progress = part.progress ?? 1;
    this.element.style.setProperty("--dl-progress", this.progress);
    this.element.classList.toggle("dl-unfinished", this.progress < 1);
    if (part.title !== undefined) this.title.textContent = part.title;
    if (part.caption !== undefined) this.caption.textContent = part.caption;
    if (part.scrub) this.showScrub(part.scrub);
  }

  showScrub({ label, count, at, text }) {
    if (!this.scrub) {
      this.scrub = Object.assign(document.createElement("input"), { type: "range", min: 0, className: "dl-scrub" });
      this.scrubText = Object.assign(document.createElement("output"), { className: "dl-scrub-text" });
      this.scrub.oninput = () => { // one request at a time: the newest place goes when the last was answered
        this.wanted = Number(this.scrub.value);
        if (!this.panel.outstanding) this.sendScrub();
      };
      const line = Object.assign(document.createElement("div"), { className: "dl-scrub-line" });
      line.append(this.scrub, this.scrubText);
      this.body.before(line);
    }
    this.scrub.setAttribute("aria-label", label);
    this.scrub.max = count - 1;
    this.scrub.disabled = count < 2;
    if (this.wanted !== undefined && this.wanted !== at) { this.sendScrub(); return; }
    this.wanted = undefined;
    if (this.panel.outstanding?.action === "click") return; // another place is on its way
    this.scrub.value = at;
    this.scrubText.textContent = text;
  }

  sendScrub() {
    this.panel.click(this.spec.name, this.wanted, 0);
    this.wanted = undefined;
  }

  setOff(lane, isolated) {
    if (this.spec?.lane === undefined) return;
    this.element.classList.toggle("dl-dim", lane !== null && lane !== this.spec.lane);
    this.laneButton.setAttribute("aria-pressed", String(isolated === this.spec.lane));
  }

  close() {
    this.resizer.disconnect();
    this.element.remove();
  }
}
