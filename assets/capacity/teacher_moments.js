// The Teacher view's tab Moments: averages over samples, and how near they come to the space that the teacher spans.
import { show } from "../drawn/view.js";
import { exactMoments, sampledMoments, spanAngle } from "./teacher_math.js";
import { shade } from "./teacher_pictures.js";

export function drawMoments(view) {
  const { seed, samples } = view.values, { colors, moments } = view.data, V = moments.teacher, D = V[0].length;
  const counts = Array.from({ length: 31 }, (_, k) => Math.round(10 ** (2 + k / 10)));
  if (view.sampledFor !== seed) {
    view.sampledFor = seed;
    view.sampled = sampledMoments(V, D, seed, counts);
    view.angles = view.sampled.map(({ second }) => spanAngle(second, V));
  }
  const near = counts.reduce((best, n, k) => (Math.abs(Math.log(n / samples)) < Math.abs(Math.log(counts[best] / samples)) ? k : best), 0);
  const exact = exactMoments(V, D), found = view.sampled[near];
  const cell = (value) => `<td style="${shade(value / 0.6, colors)}">${value.toFixed(3)}</td>`;
  const table = (title, rows) => `<table><caption>${title}</caption><tbody>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")}</tbody></table>`;
  const { field } = view.charts.moments, html = `<div class="ca-tables">${table(`E[y(xxᵀ − I)] over ${found.n.toLocaleString("en")} samples`, found.second)}${table("the same worked out: Σ vⱼvⱼᵀ/√2π", exact.second)}
    ${table("E[yx] over the samples", [found.first])}${table("½Σ vⱼ", [exact.first])}</div>`;
  if (field.innerHTML !== html) field.innerHTML = html;
  field.classList.add("ca-live");
  field.tabIndex = 0;
  const guide = { x: counts, y: counts.map((n) => view.angles.at(-1) * Math.sqrt(counts.at(-1) / n)), mode: "lines", name: "∝ 1/√n",
    line: { color: colors.ink, width: 1, dash: "dot" }, hoverinfo: "skip" };
  view.react("angle", [guide, { x: counts, y: view.angles, mode: "lines", name: "angle", line: { color: colors.first, width: 2 },
    hovertemplate: "%{x} samples: %{y:.2f}°<extra></extra>" },
    { x: [found.n], y: [view.angles[near]], mode: "markers", showlegend: false, hoverinfo: "skip", marker: { size: 12, color: colors.first,
      line: { width: 2, color: colors.surface } } }],
  { xaxis: { range: [2, 5] }, yaxis: { range: [-0.3, 2] } });
  view.caption("angle", `${show(view.angles[near])}° at ${found.n.toLocaleString("en")} samples`);
  view.formula("moments", "y = Σ relu(vⱼᵀx), three neurons, five inputs. The three largest eigenvectors of E[y(xxᵀ − I)] span the teacher's neurons.");
  view.verdict(`<b>No descent at all: two averages over ${found.n.toLocaleString("en")} samples find the space that the teacher's three neurons span, within ${show(view.angles[near])}°.</b> It works because x is Gaussian; it says nothing where x is not.`);
}
