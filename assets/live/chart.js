// @ts-check
// One Plotly chart of the live panel: a card with a title, a figure made in Python, and frames drawn into it.
//
// While playing only the cheap things are touched: lines through Plotly.animate without a redraw, and fields
// (boundary, landscape) on a canvas that lies behind the transparent plot area. At rest the server sends the
// exact figure, with heatmap and hover, and Plotly.react shows it.
import { Card } from "./card.js";
import { Drawing } from "./draw.js";
import { bytes, decode, decodeImage, ends, horizontal, loadPlotly, logTicks, paint, plotly, thin, vertical, withWords } from "./drawing.js";
import { enlarge, enlargement } from "./enlarge.js";
import { decodeMesh, paintMesh } from "./mesh.js";
import { raisePowers } from "./powers.js";

/** @typedef {import("./protocol.js").Spec} Spec */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {import("./protocol.js").Image} Image */
/** @typedef {import("./protocol.js").PlotFigure} PlotFigure */
/** @typedef {import("./drawing.js").Line} Line */

const MOST_POINTS = 1500;
// Nothing leaves the room: no button that uploads a chart.
const CONFIG = {
  displaylogo: false, responsive: false, showSendToCloud: false, plotlyServerURL: "",
  modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "resetCameraLastSave3d", "tableRotation", "sendChartToCloud"],
};
// A finger scrolls the page and pinches to zoom; the buttons over a chart come when its ⋯ is pressed.
const TOUCH = window.matchMedia("(hover: none)").matches;

export class Chart extends Card {
  /** @param {string} name @param {import("./panel.js").Panel} panel */
  constructor(name, panel) {
    super(name, panel);
    this.canvas = document.createElement("canvas");
    this.canvas.className = "dl-field";
    /** @type {any} */
    this.plot = document.createElement("div");
    this.plot.className = "dl-plot";
    this.body.append(this.canvas, this.plot);
    /** @type {Record<string, boolean>} */
    this.logAxes = {};
    /** @type {Record<string, number[]>} */
    this.range = {};
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Uint8Array | null} */
    this.palette = null;
    /** @type {PlotFigure | null} */
    this.figure = null; // that frames are drawn into
    /** @type {PlotFigure | null} */
    this.restFigure = null;
    /** @type {PlotFigure | null} */
    this.coming = null; // waits until a moving line stands still
    /** @type {Image | null} */
    this.image = null;
    /** @type {import("./mesh.js").Sheet | null} */
    this.sheet = null;
    /** @type {Image | null} */
    this.shownOverlay = null;
    /** @type {any} */
    this.config = null;
    this.enlarged = 1;
    this.resting = false;
    this.mounted = false;
    this.closed = false;
    this.loaded = false;
    this.animation = Promise.resolve();
    this.drawing = Promise.resolve();
    this.ready = loadPlotly().then(() => { this.loaded = true; });
    this.ready.catch((error) => { this.caption.textContent = error.message; });
  }

  /** Plotly draws in steps: what it still draws must not be purged. @param {any} promise */
  busy(promise) {
    const before = this.drawing;
    this.drawing = Promise.allSettled([before, promise]).then(() => {});
  }

  /** @param {Spec} spec */
  mount(spec) {
    this.head(spec);
    this.palette = spec.palette ? bytes(spec.palette) : null;
    const figure = /** @type {PlotFigure} */ (spec.figure);
    this.figure = figure;
    this.lines = figure.data.map((trace) => ({ x: decode(trace.x), y: decode(trace.y) }));
    const scales = (spec.log_axes ?? []).map((axis) => this.logButton(axis));
    this.tools.replaceChildren(...scales, ...this.switchButton(), ...this.drawButton(), ...this.openButton(), ...this.moreButton());
    this.place(enlarge({ margin: spec.figure.layout.margin }, enlargement()).margin);
    this.canvas.hidden = !this.palette;
    this.resting = false;
    this.range = {};
    this.ready.then(() => {
      if (this.spec_ !== spec || this.closed) return; // not the figure: a frame of the same answer may have changed its layout
      this.react(this.figure);
      this.showImage();
    });
  }

  /** A line that still moves would be drawn over the new figure, or into traces that it has not: wait for it. @param {PlotFigure | null} figure */
  react(figure) {
    if (!figure) return;
    this.coming = figure;
    this.animation.then(() => {
      if (this.coming !== figure || this.closed) return;
      this.coming = null;
      this.show(figure);
    });
  }

  /** @param {PlotFigure} figure */
  show(figure) {
    const times = enlargement();
    const layout = enlarge(structuredClone(figure.layout), times);
    this.place(layout.margin);
    this.enlarged = times;
    for (const [axis, isLog] of Object.entries(this.logAxes)) {
      layout[axis].type = isLog ? "log" : "linear";
    }
    if (TOUCH) layout.dragmode = false;
    if (this.spec.grow) this.growRanges(layout);
    const data = enlarge(figure.data, times).map((/** @type {any} */ trace, /** @type {number} */ index) =>
      this.spec.streams?.includes(index) ? { ...trace, x: this.lines[index].x, y: this.lines[index].y } : withWords(trace));
    const { width, height } = this.body.getBoundingClientRect();
    if (width < 20 || height < 20) return;
    this.config ??= { ...CONFIG, modeBarButtonsToAdd: this.downloads() }; // made once: another one would build the plot again
    this.fade(data);
    this.busy(plotly().react(this.plot, data, { ...layout, width, height }, this.config));
    if (!this.mounted) this.listen();
    this.mounted = true;
  }

  /** The painted field lies just behind the plot area. @param {{l: number, r: number, t: number, b: number}} margin */
  place(margin) {
    Object.assign(this.canvas.style, {
      left: `${margin.l}px`, top: `${margin.t}px`,
      width: `calc(100% - ${margin.l + margin.r}px)`, height: `calc(100% - ${margin.t + margin.b}px)`,
    });
  }

  downloads() {
    return ["png", "svg"].map((format) => ({
      name: `Download as ${format.toUpperCase()}`,
      icon: format === "png" ? plotly().Icons.camera : plotly().Icons.disk,
      click: () => this.download(format),
    }));
  }

  /** The chart as it is seen, the painted field included, on a ground of its own. @param {string} format */
  download(format) {
    const { data, layout } = this.plot;
    const field = !this.canvas.hidden && this.canvas.width && {
      source: this.canvas.toDataURL(), xref: "paper", yref: "paper", x: 0, y: 1, sizex: 1, sizey: 1, sizing: "stretch", layer: "below",
    };
    const ground = getComputedStyle(this.element).backgroundColor;
    const { width, height } = this.body.getBoundingClientRect();
    const title = { text: this.title.textContent, font: { size: 14 }, x: 0.5, y: 1, yref: "container", yanchor: "top", pad: { t: 8 } };
    const margin = { ...layout.margin, t: (layout.margin?.t ?? 0) + 26 };
    const picture = { data, layout: { ...layout, width, height: height + 26, paper_bgcolor: ground, title, margin, images: field ? [field] : [] } };
    return plotly().downloadImage(picture, { format, width, height: height + 26, scale: format === "png" ? 2 : 1, filename: `descent-lab-${this.spec.name.replace(":", "-")}` });
  }

  listen() {
    raisePowers(this.plot);
    this.plot.on("plotly_hover", (/** @type {any} */ { points }) => {
      const lane = this.spec.lanes?.[points[0].curveNumber];
      if (lane != null) this.panel.board.point(lane);
    });
    this.plot.on("plotly_unhover", () => { if (this.spec.lanes) this.panel.board.point(null); });
    this.plot.on("plotly_click", (/** @type {any} */ { points }) => {
      const lane = this.spec.lanes?.[points[0].curveNumber];
      if (this.spec.clicks) this.panel.click(this.spec.name, points[0].x, points[0].y);
      else if (lane != null) this.panel.board.isolate(lane);
    });
  }

  /** All lanes but the one set off are faint. @param {any[]} data */
  fade(data) {
    const { lane } = this.panel.board;
    data.forEach((trace, index) => {
      const own = this.spec.lanes?.[index];
      if (own != null && lane !== null && own !== lane) trace.opacity = 0.12;
    });
    for (const index of this.spec.per_lane ?? []) data[index].marker = { ...data[index].marker, opacity: this.shares(data[index].x.length) };
  }

  /** How strong the points of a trace are that has one for each lane. @param {number} count */
  shares(count) {
    const { lane } = this.panel.board;
    return Array.from({ length: count }, (_, index) => lane === null || lane === String(index) ? 1 : 0.12);
  }

  /** @param {string | null} lane @param {string | null} isolated */
  setOff(lane, isolated) {
    super.setOff(lane, isolated);
    const lanes = this.spec_?.lanes;
    if (!lanes || !this.mounted) return;
    const opacity = this.plot.data.map((/** @type {any} */ _, /** @type {number} */ index) => {
      const own = lanes[index];
      const usual = (this.resting ? this.restFigure : this.figure)?.data[index]?.opacity ?? 1;
      return own == null || lane === null || own === lane ? usual : 0.12;
    });
    this.busy(plotly().restyle(this.plot, { opacity }));
    for (const index of this.spec.per_lane ?? []) {
      this.busy(plotly().restyle(this.plot, { "marker.opacity": [this.shares(this.plot.data[index].x.length)] }, [index]));
    }
  }

  /** The exact figure, when nothing moves: values can be read by hovering. @param {Part} part */
  rest(part) {
    const figure = /** @type {PlotFigure} */ (part.figure);
    this.ready.then(() => {
      if (this.panel.playing || this.closed) return;
      if (part.caption !== undefined) this.say(part.caption);
      this.restFigure = figure;
      this.showField(part);
      this.lines = figure.data.map((trace) => ({ x: decode(trace.x), y: decode(trace.y) }));
      this.resting = true;
      if (!this.shownOverlay) this.react(figure);
    });
  }

  /** @param {Part[]} parts */
  draw(parts) {
    const traces = this.moveLines(parts);
    /** @type {Part} */
    const { image, mesh, figure, caption, scrub } = Object.assign({}, ...parts); // the newest of each
    const layout = Object.assign({}, ...parts.map((part) => part.layout));
    this.showField({ image, mesh });
    if (caption !== undefined) this.say(caption);
    if (scrub) this.showScrub(scrub);
    this.figure = figure ?? this.figure;
    if (this.figure) this.figure = { ...this.figure, layout: { ...this.figure.layout, ...layout } };
    if (!this.mounted) return;
    if (figure || this.resting) { // the first movement after a rest, or new axes
      this.resting = false;
      this.atRest = null;
      this.react(this.figure);
    }
    if (this.coming) { this.react(this.figure); return; } // it will be drawn with these lines, and the newest layout
    if (Object.keys(layout).length) this.busy(plotly().relayout(this.plot, enlarge(structuredClone(layout), enlargement())));
    if (traces.length) this.animate(traces);
  }

  /** Adds the points of the frames to the lines; which lines have changed. @param {Part[]} parts */
  moveLines(parts) {
    /** @type {Set<number>} */
    const changed = new Set();
    for (const part of parts) {
      for (const [trace, x, y] of part.extend ?? []) {
        if (x.length) changed.add(trace);
        this.extend(trace, x, y);
      }
      for (const [trace, start, x, y] of part.tail ?? []) {
        changed.add(trace);
        const line = this.lines[trace];
        this.lines[trace] = { x: [...line.x.slice(0, start), ...x], y: [...line.y.slice(0, start), ...y] };
      }
      for (const [trace, x, y, color] of part.set ?? []) {
        changed.add(trace);
        this.lines[trace] = { x, y, ...(color && { marker: { color } }) };
      }
    }
    return [...changed];
  }

  /** @param {number} trace @param {any[]} x @param {any[]} y */
  extend(trace, x, y) {
    const line = this.lines[trace];
    const known = line.x.length ? line.x[line.x.length - 1] : -Infinity; // a new figure may hold some already
    x.forEach((value, index) => { if (value > known) { line.x.push(value); line.y.push(y[index]); } });
    if (line.x.length > MOST_POINTS) { line.x = thin(line.x); line.y = thin(line.y); }
  }

  /** @param {number[]} traces */
  animate(traces) {
    if (this.spec.grow) {
      const change = this.growRanges(null);
      if (change) this.busy(plotly().relayout(this.plot, change));
    }
    this.animation = plotly().animate(this.plot, { data: traces.map((trace) => this.lines[trace]), traces },
      { transition: { duration: 0 }, frame: { duration: 0, redraw: false }, mode: "immediate" }).catch(() => {});
    this.busy(this.animation);
  }

  /** What is painted behind the plot: a field, or a sheet. @param {Part} part */
  showField({ image, mesh }) {
    if (image) this.image = decodeImage(image);
    if (mesh) this.sheet = decodeMesh(mesh);
    if (image || mesh) this.showImage();
  }

  showImage() {
    if (this.sheet && this.palette) paintMesh(this.canvas, this.sheet, this.palette);
    const image = this.shownOverlay ?? this.image;
    const palette = image?.palette ?? this.palette;
    if (image && palette) paint(this.canvas, image.values, image.width, image.height, palette);
  }

  /** @param {Image | null} map */
  overlay(map) {
    if (!this.spec_?.shows_neurons) return;
    this.shownOverlay = map;
    this.title.textContent = map?.title ?? this.spec.title;
    this.showImage();
    if (this.resting) this.react(map ? this.figure : this.restFigure);
  }

  /** Axes are widened in steps, not every frame: a new range costs a redraw. @param {any} layout */
  growRanges(layout) {
    /** @type {Record<string, any>} */
    const change = {};
    const streams = (this.spec.streams ?? []).map((index) => this.lines[index]);
    for (const axis of this.spec.grow === "y" ? ["yaxis"] : ["xaxis", "yaxis"]) {
      const isLog = this.isLog(axis);
      const [low, high] = ends(streams.map((line) => axis === "xaxis" ? line.x : line.y), isLog);
      const wanted = axis === "xaxis" ? horizontal(low, high, isLog, this.spec.start) : vertical(low, high, isLog, this.spec.ceiling);
      const known = this.range[axis];
      if (!known || layout || known[0] !== wanted[0] || known[1] !== wanted[1]) {
        this.range[axis] = wanted;
        change[`${axis}.range`] = wanted;
        const ticks = isLog ? logTicks(wanted[0], wanted[1], this.room(axis)) : {};
        for (const [name, value] of Object.entries(ticks)) change[`${axis}.${name}`] = value;
        if (layout) Object.assign(layout[axis], { range: wanted, ...ticks });
      }
    }
    return Object.keys(change).length ? change : null;
  }

  /** How many tick labels fit along an axis. @param {string} axis */
  room(axis) {
    const { l, r, t, b } = enlarge({ margin: this.figure?.layout.margin }, enlargement()).margin;
    const { width, height } = this.body.getBoundingClientRect();
    return (axis === "xaxis" ? (width - l - r) / 40 : (height - t - b) / 14) / enlargement();
  }

  /** @param {string} axis @returns {boolean} */
  isLog(axis) {
    return this.logAxes[axis] ?? this.figure?.layout[axis].type === "log";
  }

  /** @param {string} axis */
  logButton(axis) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "dl-toggle";
    button.textContent = `log ${axis[0]}`;
    button.title = `Logarithmic ${axis[0] === "x" ? "horizontal" : "vertical"} axis`;
    button.setAttribute("aria-pressed", String(this.isLog(axis)));
    button.onclick = () => {
      this.logAxes[axis] = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(this.logAxes[axis]));
      this.react(this.resting ? this.restFigure : this.figure);
    };
    return button;
  }

  /** Data can be drawn over the chart; what was drawn goes to the page. */
  drawButton() {
    const sketch = this.figure?.layout.meta?.sketch;
    if (!sketch) return [];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", title: "Draw data" });
    button.textContent = "✎"; // the legend needs the room
    button.setAttribute("aria-label", "Draw data");
    button.dataset.option = "draw";
    button.onclick = () => {
      this.panel.pause();
      new Drawing(this, sketch, (drawn) => this.panel.pulls.ask("draw", undefined, { drawn }));
    };
    return [button];
  }

  moreButton() {
    if (!TOUCH) return [];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: "⋯" });
    button.setAttribute("aria-label", "Chart buttons");
    button.setAttribute("aria-pressed", "false");
    button.onclick = () => button.setAttribute("aria-pressed", String(this.element.classList.toggle("dl-more")));
    return [button];
  }

  resize() {
    if (this.mounted && this.enlarged !== enlargement()) this.react(this.resting ? this.restFigure : this.figure);
    else if (this.mounted) {
      const { width, height } = this.body.getBoundingClientRect();
      if (this.sheet) this.showImage();
      if (width > 20 && height > 20) this.animation.then(() => { if (!this.closed) this.busy(plotly().relayout(this.plot, { width, height })); });
    } else if (this.loaded && this.figure) this.react(this.figure);
  }

  close() {
    super.close();
    this.closed = true;
    if (this.mounted) this.drawing.then(() => plotly().purge(this.plot));
  }
}
