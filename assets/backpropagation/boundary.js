// The data with the sample ringed, over what the network puts out; a click takes another sample.
import { el } from "../stepper/dom.js";
import { loadPlotly } from "../live/drawing.js";
import { outputs } from "./network_math.js";

export class Boundary {
  constructor(view) {
    this.view = view;
    this.plot = el("div", { className: "bp-plot" });
    this.root = el(
      "figure",
      { className: "bp-card bp-boundary", ariaLabel: "The samples, and what the network puts out" },
      (this.caption = el("figcaption", {})),
      this.plot,
    );
    loadPlotly().then(() => {
      this.loaded = true;
      view.stepper.redraw();
    });
  }

  receive(trace) {
    this.map = trace.map;
    this.root.hidden = !this.map;
    const all = this.map?.points[0].length,
      drawn = this.map?.drawn.length;
    this.caption.textContent = `Click a point to take that sample${drawn < all ? ` (${drawn} of ${all} are drawn)` : ""}`;
    this.drawn = null;
  }

  // What the network puts out at each place: over a line its curve, over a plane colours; for classes that of the largest.
  prediction() {
    const { inputs, x, y, line, scale, classes } = this.map;
    const found = outputs(this.view.trace.net, this.view.weights, inputs);
    const values = found.map((row) => (row.length > 1 ? row.indexOf(Math.max(...row)) : row[0]));
    if (!y) return { type: "scatter", mode: "lines", x, y: values, line, hoverinfo: "skip" };
    return {
      type: "heatmap",
      x,
      y,
      z: y.map((_, r) => values.slice(r * x.length, (r + 1) * x.length)),
      showscale: false,
      hoverinfo: "skip",
      opacity: 0.55,
      zsmooth: classes > 2 ? false : "fast",
      ...scale,
    };
  }

  draw() {
    if (!this.loaded || !this.map || !this.plot.isConnected) return;
    const { view } = this,
      { width } = this.plot.getBoundingClientRect();
    if (width < 60) return;
    const { values, colors } = view.stepper,
      { map } = this;
    const at = Math.min(values.sample, map.points[0].length) - 1,
      key = JSON.stringify([width, values.sample, values.all, view.weights, view.stepper.dark, view.number]);
    if (key === this.drawn) return;
    this.drawn = key;
    const points = {
      type: "scatter",
      mode: "markers",
      x: map.drawn.map((n) => map.points[0][n]),
      y: map.drawn.map((n) => map.points[1][n]),
      customdata: map.drawn.map((n) => n + 1),
      marker: map.marker,
      text: map.labels,
      hovertemplate: "sample %{customdata}: %{text}<extra></extra>",
    };
    const ring = {
      type: "scatter",
      mode: "markers",
      x: values.all ? [] : [map.points[0][at]],
      y: values.all ? [] : [map.points[1][at]],
      hoverinfo: "skip",
      marker: { size: 18, symbol: "circle-open", color: colors.ink, line: { width: 3 } },
    };
    const layout = { ...structuredClone(map.layout), width, height: Math.min(340, Math.max(220, width * 0.75)) };
    window.Plotly.react(this.plot, [this.prediction(), points, ring], layout, { displayModeBar: false, responsive: false });
    if (this.listens) return;
    this.listens = true;
    this.plot.on("plotly_click", ({ points: [point] }) => {
      if (point?.customdata === undefined) return;
      view.stepper.set({ sample: point.customdata, all: false });
      view.stepper.commit();
    });
  }

  close() {
    if (this.loaded && this.listens) window.Plotly.purge(this.plot);
  }
}
