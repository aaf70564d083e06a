// One Plotly chart of the live panel: a card with a title, a figure made in Python, and frames drawn into it.
//
// While playing only the cheap things are touched: lines through Plotly.animate without a redraw, and fields
// (boundary, landscape) on a canvas that lies behind the transparent plot area. At rest the server sends the
// exact figure, with heatmap and hover, and Plotly.react shows it.
import { Card } from "./card.js";
import { enlarge, enlargement } from "./enlarge.js";

const MOST_POINTS = 1500;
const CONFIG = { displaylogo: false, responsive: false,
  modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "resetCameraLastSave3d", "tableRotation"] };
// A finger scrolls the page and pinches to zoom; the buttons over a chart come when its ⋯ is pressed.
const TOUCH = window.matchMedia("(hover: none)").matches;
let plotlyLoading = null;

export function loadPlotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("assets/plotly/plotly.min.js", document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("Plotly's script could not be loaded."));
    document.head.appendChild(script);
  });
  return plotlyLoading;
}

export function bytes(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

// values: one byte per cell, first row at the bottom of the plot; palette: 256 RGB triples
export function paint(canvas, values, width, height, palette) {
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = image.data;
  for (let row = 0; row < height; row++) {
    let source = (height - 1 - row) * width;
    let target = row * width * 4;
    for (let column = 0; column < width; column++, target += 4) {
      const entry = values[source++] * 3;
      pixels[target] = palette[entry];
      pixels[target + 1] = palette[entry + 1];
      pixels[target + 2] = palette[entry + 2];
      pixels[target + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

export class Chart extends Card {
  constructor(name, panel) {
    super(name, panel);
    this.canvas = document.createElement("canvas");
    this.canvas.className = "dl-field";
    this.plot = document.createElement("div");
    this.plot.className = "dl-plot";
    this.body.append(this.canvas, this.plot);
    this.logAxes = {};
    this.ready = loadPlotly().then(() => { this.loaded = true; });
    this.ready.catch((error) => { this.caption.textContent = error.message; });
  }

  mount(spec) {
    this.head(spec);
    this.palette = spec.palette ? bytes(spec.palette) : null;
    this.figure = spec.figure;
    this.lines = spec.figure.data.map((trace) => ({ x: decode(trace.x), y: decode(trace.y) }));
    this.tools.replaceChildren(...(spec.log_axes ?? []).map((axis) => this.logButton(axis)), ...this.openButton(), ...this.moreButton());
    this.canvas.hidden = !this.palette;
    this.resting = false;
    this.range = {};
    this.ready.then(() => {
      if (this.figure !== spec.figure) return;
      this.react(this.figure);
      if (this.image) this.showImage();
    });
  }

  // A line that still moves would be drawn over the new figure, or into traces that it has not: wait for it.
  react(figure) {
    this.coming = figure;
    Promise.resolve(this.animation).then(() => {
      if (this.coming !== figure || this.closed) return;
      this.coming = null;
      this.show(figure);
    });
  }

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
    const data = enlarge(figure.data, times).map((trace, index) =>
      this.spec.streams?.includes(index) ? { ...trace, x: this.lines[index].x, y: this.lines[index].y } : trace);
    const { width, height } = this.body.getBoundingClientRect();
    if (width < 20 || height < 20) return;
    this.config ??= { ...CONFIG, modeBarButtonsToAdd: this.downloads() }; // made once: another one would build the plot anew
    this.fade(data);
    Plotly.react(this.plot, data, { ...layout, width, height }, this.config);
    if (!this.mounted) this.listen();
    this.mounted = true;
  }

  // The painted field lies just behind the plot area.
  place(margin) {
    Object.assign(this.canvas.style, {
      left: `${margin.l}px`, top: `${margin.t}px`,
      width: `calc(100% - ${margin.l + margin.r}px)`, height: `calc(100% - ${margin.t + margin.b}px)`,
    });
  }

  downloads() {
    return ["png", "svg"].map((format) => ({
      name: `Download as ${format.toUpperCase()}`,
      icon: format === "png" ? Plotly.Icons.camera : Plotly.Icons.disk,
      click: () => this.download(format),
    }));
  }

  // The chart as it is seen, the painted field included, on a ground of its own.
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
    return Plotly.downloadImage(picture, { format, width, height: height + 26, scale: format === "png" ? 2 : 1, filename: `descent-lab-${this.spec.name.replace(":", "-")}` });
  }

  listen() {
    this.plot.on("plotly_hover", ({ points }) => {
      const lane = this.spec.lanes?.[points[0].curveNumber];
      if (lane != null) this.panel.point(lane);
    });
    this.plot.on("plotly_unhover", () => { if (this.spec.lanes) this.panel.point(null); });
    this.plot.on("plotly_click", ({ points }) => {
      const lane = this.spec.lanes?.[points[0].curveNumber];
      if (this.spec.clicks) this.panel.click(this.spec.name, points[0].x, points[0].y);
      else if (lane != null) this.panel.isolate(lane);
    });
  }

  // All lanes but the one set off are faint.
  fade(data) {
    const lane = this.panel.lane ?? null;
    data.forEach((trace, index) => {
      const own = this.spec.lanes?.[index];
      if (own != null && lane !== null && own !== lane) trace.opacity = 0.12;
    });
  }

  setOff(lane, isolated) {
    super.setOff(lane, isolated);
    if (!this.spec?.lanes || !this.mounted) return;
    const opacity = this.plot.data.map((trace, index) => {
      const own = this.spec.lanes[index];
      const usual = (this.resting ? this.restFigure : this.figure).data[index]?.opacity ?? 1;
      return own == null || lane === null || own === lane ? usual : 0.12;
    });
    Plotly.restyle(this.plot, { opacity });
  }

  // The exact figure, when nothing moves: values can be read by hovering.
  rest(spec) {
    this.ready.then(() => {
      if (this.panel.playing) return;
      if (spec.caption !== undefined) this.say(spec.caption);
      this.restFigure = spec.figure;
      if (spec.image) { this.image = decodeImage(spec.image); this.showImage(); }
      this.lines = spec.figure.data.map((trace) => ({ x: decode(trace.x), y: decode(trace.y) }));
      this.resting = true;
      if (!this.shownOverlay) this.react(spec.figure);
    });
  }

  draw(parts) {
    for (const part of parts) {
      for (const [trace, x, y] of part.extend ?? []) {
        const line = this.lines[trace];
        const known = line.x.length ? line.x[line.x.length - 1] : -Infinity; // a new figure may hold some already
        x.forEach((value, index) => { if (value > known) { line.x.push(value); line.y.push(y[index]); } });
        if (line.x.length > MOST_POINTS) { line.x = thin(line.x); line.y = thin(line.y); }
      }
      for (const [trace, x, y, color] of part.set ?? []) this.lines[trace] = { x, y, ...(color && { marker: { color } }) };
    }
    const image = parts.findLast((part) => part.image)?.image;
    const figure = parts.findLast((part) => part.figure)?.figure;
    const caption = parts.findLast((part) => part.caption !== undefined)?.caption;
    if (image) { this.image = decodeImage(image); this.showImage(); }
    if (caption !== undefined) this.say(caption);
    const scrub = parts.findLast((part) => part.scrub)?.scrub;
    if (scrub) this.showScrub(scrub);
    if (!this.mounted) return;
    if (figure) this.figure = figure;
    if (figure || this.resting) { // the first movement after a rest, or new axes
      this.resting = false;
      this.react(this.figure);
    }
    if (this.coming) return; // it will be drawn with these lines
    const traces = [];
    for (const part of parts) {
      for (const [trace] of [...(part.extend ?? []), ...(part.set ?? [])]) if (!traces.includes(trace)) traces.push(trace);
    }
    if (traces.length) {
      if (this.spec.grow) {
        const change = this.growRanges(null);
        if (change) Plotly.relayout(this.plot, change);
      }
      this.animation = Plotly.animate(this.plot, { data: traces.map((trace) => this.lines[trace]), traces },
        { transition: { duration: 0 }, frame: { duration: 0, redraw: false }, mode: "immediate" }).catch(() => {});
    }
  }

  showImage() {
    const image = this.shownOverlay ?? this.image;
    const palette = image?.palette ?? this.palette;
    if (image && palette) paint(this.canvas, image.values, image.width, image.height, palette);
  }

  overlay(map) {
    if (!this.spec?.shows_neurons) return;
    this.shownOverlay = map;
    this.title.textContent = map ? map.title : this.spec.title;
    this.showImage();
    if (this.resting) this.react(map ? this.figure : this.restFigure);
  }

  // Axes are widened in steps, not every frame: a new range costs a redraw.
  growRanges(layout) {
    const change = {};
    const streams = this.spec.streams.map((index) => this.lines[index]);
    for (const axis of this.spec.grow === "y" ? ["yaxis"] : ["xaxis", "yaxis"]) {
      const isLog = this.logAxes[axis] ?? this.figure.layout[axis].type === "log";
      let low = Infinity, high = -Infinity;
      for (const line of streams) {
        for (const value of line[axis[0]]) {
          if (value === null || !Number.isFinite(value) || (isLog && value <= 0)) continue;
          if (value < low) low = value;
          if (value > high) high = value;
        }
      }
      if (high === -Infinity) { low = isLog ? 0.1 : 0; high = 1; }
      const wanted = axis === "xaxis" ? horizontal(low, high, isLog, this.spec.start) : vertical(low, high, isLog);
      const known = this.range[axis];
      if (!known || layout || known[0] !== wanted[0] || known[1] !== wanted[1]) {
        this.range[axis] = wanted;
        change[`${axis}.range`] = wanted;
        if (isLog) change[`${axis}.dtick`] = logTicks(wanted[1] - wanted[0]);
        if (layout) Object.assign(layout[axis], { range: wanted, ...(isLog && { dtick: logTicks(wanted[1] - wanted[0]) }) });
      }
    }
    return Object.keys(change).length ? change : null;
  }

  logButton(axis) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "dl-toggle";
    button.textContent = `log ${axis[0]}`;
    button.title = `Logarithmic ${axis[0] === "x" ? "horizontal" : "vertical"} axis`;
    const initial = this.logAxes[axis] ?? this.figure.layout[axis].type === "log";
    button.setAttribute("aria-pressed", String(initial));
    button.onclick = () => {
      this.logAxes[axis] = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(this.logAxes[axis]));
      this.react(this.resting ? this.restFigure : this.figure);
    };
    return button;
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
      if (width > 20 && height > 20) Promise.resolve(this.animation).then(() => Plotly.relayout(this.plot, { width, height }));
    } else if (this.loaded && this.figure) this.react(this.figure);
  }

  close() {
    super.close();
    this.closed = true;
    if (this.mounted) Plotly.purge(this.plot);
  }
}

function decodeImage(image) {
  return { values: bytes(image.data), width: image.width, height: image.height };
}

// Plotly's JSON packs number arrays as {dtype, bdata}; the streamed traces must be plain growing arrays.
function decode(values) {
  if (!values) return [];
  if (!values.bdata) return Array.from(values);
  const raw = bytes(values.bdata).buffer;
  const types = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
  return Array.from(new types[values.dtype](raw));
}

function thin(values) {
  const last = values[values.length - 1];
  const kept = values.filter((_, index) => index % 2 === 0);
  if (values.length % 2 === 0) kept.push(last);
  return kept;
}

function logTicks(decades) {
  return decades <= 0.6 ? "D1" : decades <= 3 ? "D2" : Math.ceil(decades / 6);
}

function horizontal(low, high, isLog, start = 50) {
  let right = start;
  while (right < high) right *= 2;
  return isLog ? [Math.log10(Math.max(low, start / 50)) - 0.02, Math.log10(right)] : [0, right];
}

function vertical(low, high, isLog) {
  if (isLog) {
    return [Math.floor(4 * Math.log10(low) - 0.2) / 4, Math.ceil(4 * Math.log10(high) + 0.2) / 4];
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1e-12)));
  const nice = [1, 1.5, 2, 3, 4, 5, 7.5, 10].find((factor) => factor * power >= high * 1.03) ?? 10;
  return [Math.min(0, low), nice * power];
}
