// Depth: fold the interval layer by layer, and follow one point through all folds.
import "./style.js";
import { View, bounded, show } from "../drawn/view.js";
import { corners, way } from "./fold.js";

const DRAWN = 10; // layers; beyond, the pieces are narrower than the screen's pixels

export default class Depth extends View {
  grab(handle, x) { this.set({ x: bounded(x, 0, 1) }); }

  press(name) {
    this.play(false);
    this.set({ layers: name === "ten" ? 10 : 20 });
    this.commit();
  }

  draw() {
    const { layers, x } = this.values, places = way(x, layers), pieces = 2 ** layers;
    this.formula("rule", "layer: h = (relu(y), relu(y − ½)), y = 2h₁ − 4h₂");
    this.formula("way", layers ? places.map((y) => show(y, 4)).join(" → ") : `x = ${show(x, 4)}: no layer yet`);
    this.formula("count", `2<sup>k</sup> = ${pieces.toLocaleString("en")} pieces · 6k + 1 = ${(6 * layers + 1).toLocaleString("en")} parameters`);
    this.verdict(layers
      ? `<b>${2 * layers} neurons in ${layers} ${layers === 1 ? "layer" : "layers"} make ${pieces.toLocaleString("en")} straight pieces.</b> `
        + `One hidden layer needs at least ${(pieces - 1).toLocaleString("en")} neurons.`
        + (layers > DRAWN ? " They are too narrow to be drawn; the point's way is exact all the same." : "")
      : "<b>No layer, no fold:</b> one straight piece. Press Step.");
    this.drawFunction(layers, places);
    this.drawPaper(layers, places);
    this.drawNeurons(layers);
  }

  drawFunction(layers, places) {
    const { colors } = this.data, shown = Math.min(layers, DRAWN), data = [];
    const before = corners(Math.max(shown - 1, 0)), now = corners(shown);
    const line = (points, color, width) => ({ x: points.map(([a]) => a), y: points.map(([, b]) => b), mode: "lines", hoverinfo: "skip",
      line: { color, width } });
    if (layers && layers <= DRAWN) data.push(line(before, colors.faint, 1));
    if (layers <= DRAWN) data.push(line(now, colors.first, 2));
    data.push({ x: [places[0]], y: [places.at(-1)], mode: "markers", hovertemplate: "x %{x:.4f}<br>f %{y:.4f}<extra></extra>", marker: { size: 12,
      color: colors.second, line: { width: 2, color: colors.surface } } });
    this.react("function", data, { xaxis: { range: [-0.02, 1.02] }, yaxis: { range: [-0.08, 1.08] } });
    this.place("function", [{ name: "x", label: "Point", x: places[0], y: -0.03 }]);
    this.grabbable("function", "x");
    this.caption("function", layers > 0 && layers <= DRAWN ? "thin: the layer before · drag the point" : "drag the point");
  }

  // The paper lies on itself: piece i runs from one side to the other, and the next one back.
  drawPaper(layers, places) {
    const { colors } = this.data, shown = Math.min(layers, 7), count = 2 ** shown, points = corners(shown);
    const paper = { x: points.map(([, y]) => y), y: points.map(([x]) => x * count), mode: "lines", hoverinfo: "skip",
      line: { color: colors.first, width: 2 } };
    const here = { x: [shown === layers ? places.at(-1) : way(places[0], shown).at(-1)], y: [places[0] * count], mode: "markers", hoverinfo: "skip",
      marker: { size: 12, color: colors.second, line: { width: 2, color: colors.surface } } };
    this.react("paper", [paper, here], { xaxis: { range: [-0.05, 1.05] }, yaxis: { range: [-0.03 * count, 1.03 * count] } });
    this.caption("paper", shown < layers ? `after ${shown} layers` : `${count} ${count === 1 ? "piece" : "pieces"}`);
  }

  drawNeurons(layers) {
    const { colors } = this.data, k = Array.from({ length: this.last() }, (_, i) => i + 1);
    const hovertemplate = "k %{x}<br>%{y:,} neurons<extra></extra>";
    const line = (name, y, color, dash) => ({ x: k, y, mode: "lines", name, line: { color, width: 2, dash }, hovertemplate });
    const data = [line("one layer, at least 2ᵏ − 1", k.map((i) => 2 ** i - 1), colors.second, "dash"),
      line("k layers, 2k", k.map((i) => 2 * i), colors.first, "solid")];
    if (layers) data.push({ x: [layers, layers], y: [2 ** layers - 1, 2 * layers], mode: "markers", showlegend: false, hoverinfo: "skip",
      marker: { size: 10, color: [colors.second, colors.first], line: { width: 2, color: colors.surface } } });
    this.react("neurons", data, { xaxis: { range: [0.5, this.last() + 0.5] }, yaxis: { range: [-0.1, 6.2] } });
    this.caption("neurons", layers ? `${2 * layers} against ${(2 ** layers - 1).toLocaleString("en")}` : "");
  }
}
