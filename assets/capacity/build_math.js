// One hidden layer made by hand: the neurons that give a function its pieces, each with what it adds. Held to engine/network/pieces.py.
const relu = (z) => Math.max(z, 0), step = (z) => (z >= 0 ? 1 : 0);
const hill = (x, at, width, height) => height * Math.exp(-(((x - at) / width) ** 2));

// The targets of engine/data/curves.py, with their intervals.
export const TARGETS = {
  sine: { low: 0, high: 1, value: (x) => Math.sin(2 * Math.PI * x) },
  step: { low: 0, high: 1, value: (x) => step(x - 0.5) },
  tent: { low: 0, high: 1, value: (x) => 1 - Math.abs(2 * x - 1) },
  abs: { low: -1, high: 1, value: Math.abs },
  bumps: { low: 0, high: 1, value: (x) => hill(x, 0.2, 0.06, 1) + hill(x, 0.55, 0.1, -0.7) + hill(x, 0.85, 0.05, 0.8) },
};

const grid = ({ low, high }, count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

// Evenly spaced points on the target: the ends of m pieces.
export const onTarget = (target, pieces) => grid(target, pieces + 1).map((x) => [x, target.value(x)]);

// The network: a constant and what each neuron (or pair) adds. `neurons` counts them.
export function build(kind, points, target, biases) {
  if (kind === "squares") return fitted(target, biases ? [() => 1, (x) => x, (x) => x * x] : [(x) => x * x], points.length - 1);
  if (!biases) return withoutBiases(kind, target, points.length - 1);
  const x = points.map(([a]) => a), y = points.map(([, b]) => b), last = x.length - 1;
  if (kind === "kinks") {
    const slopes = x.slice(1).map((right, k) => (y[k + 1] - y[k]) / (right - x[k]));
    const parts = slopes.map((slope, k) => { const bend = slope - (slopes[k - 1] ?? 0); return (at) => bend * relu(at - x[k]); });
    return { constant: y[0], parts, neurons: last };
  }
  const heights = x.slice(1).map((_, k) => (y[k] + y[k + 1]) / 2);
  if (kind === "bumps") {
    const box = (at, k) => step(at - x[k]) - (k === last - 1 ? 0 : step(at - x[k + 1]));
    return { constant: 0, neurons: 2 * last, parts: heights.map((h, k) => (at) => h * box(at, k)) };
  }
  const rise = kind === "steps" ? step : (z) => (1 + Math.tanh((3 * last * z) / (x[last] - x[0]))) / 2;
  const parts = heights.slice(1).map((h, k) => (at) => (h - heights[k]) * rise(at - x[k + 1]));
  return { constant: heights[0], neurons: last - 1, parts };
}

export const value = (network, x) => network.parts.reduce((sum, part) => sum + part(x), network.constant);

// The largest error on the target's interval.
export function largestError(network, target, count = 2001) {
  return grid(target, count).reduce((worst, x) => Math.max(worst, Math.abs(value(network, x) - target.value(x))), 0);
}

// Every kink sits at 0: the best that such neurons can do, in squares.
function withoutBiases(kind, target, neurons) {
  if (kind === "kinks") return fitted(target, [relu, (x) => relu(-x)], neurons);
  if (kind === "tanh") {
    return fitted(target, Array.from({ length: Math.min(neurons, 8) }, (_, k) => (x) => Math.tanh((k + 1) * x)), neurons);
  }
  return fitted(target, [step], neurons);
}

// Least squares over the interval, by the normal equations with a trace of ridge.
function fitted(target, basis, neurons) {
  const x = grid(target, 401), rows = basis.map((f) => x.map(f)), goal = x.map(target.value);
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const system = rows.map((row, i) => [...rows.map((other, j) => dot(row, other) + (i === j ? 1e-9 : 0)), dot(row, goal)]);
  for (let i = 0; i < basis.length; i++) {
    for (let j = 0; j < basis.length; j++) {
      if (i === j) continue;
      const factor = system[j][i] / system[i][i];
      for (let k = i; k <= basis.length; k++) system[j][k] -= factor * system[i][k];
    }
  }
  const weights = system.map((row, i) => row[basis.length] / row[i]);
  return { constant: 0, neurons, parts: basis.map((f, k) => (at) => weights[k] * f(at)) };
}
