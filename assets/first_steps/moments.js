// Noise in the browser: engine/surfaces/noise.py with the same formulas, and the app's schedules (engine/methods/schedules.py).
import { random } from "./line_fit.js";

const cosine = (t, total) => 0.5 * (1 + Math.cos((Math.PI * Math.min(t - 1, total)) / total));
function oneCycle(t, total) {
  const share = Math.min(t - 1, total) / total;
  if (share < 0.3) return 0.04 + 0.96 * 0.5 * (1 - Math.cos((Math.PI * share) / 0.3));
  return 1e-4 + (1 - 1e-4) * 0.5 * (1 + Math.cos((Math.PI * (share - 0.3)) / 0.7));
}
export const SCHEDULES = { // what multiplies the initial rate at update t ≥ 1
  constant: () => 1,
  inverse_sqrt: (t) => 1 / Math.sqrt(t),
  inverse_time: (t, { delta }) => 1 / (1 + delta * t),
  power: (t, { delta }) => t ** -delta,
  step: (t, { gamma, every }) => gamma ** Math.floor((t - 1) / every),
  exponential: (t, { gamma }) => gamma ** (t - 1),
  cosine: (t, { total }) => cosine(t, total),
  one_cycle: (t, { total }) => oneCycle(t, total),
};

export function rates(schedule, initial, options, updates) {
  return Float64Array.from({ length: updates }, (_, k) => initial * SCHEDULES[schedule](k + 1, options));
}

export function parabolaMoments(alphas, start, curvature = 1, noise = 1) {
  const moments = new Float64Array(alphas.length + 1);
  moments[0] = start * start;
  for (let t = 0; t < alphas.length; t++) moments[t + 1] = (1 - alphas[t] * curvature) ** 2 * moments[t] + (alphas[t] * noise) ** 2;
  return moments;
}

// 400 lanes, a few updates at a time, so that the page stays awake; `record` are the updates whose mean x² is kept.
export class Lanes {
  constructor(alphas, start, record, lanes = 400, seed = 1) {
    Object.assign(this, { alphas, record, t: 0, means: [], highs: [], lows: [], x: new Float64Array(lanes).fill(start), draw: random(seed) });
    this.note();
  }

  get isDone() { return this.t >= this.alphas.length; }

  note() {
    if (this.record[this.means.length] !== this.t) return;
    const squares = this.x.map((v) => v * v), mean = squares.reduce((a, b) => a + b, 0) / squares.length;
    squares.sort();
    this.means.push(mean);
    this.lows.push(squares[Math.floor(0.1 * squares.length)]);
    this.highs.push(squares[Math.floor(0.9 * squares.length)]);
  }

  advance(milliseconds) {
    const until = performance.now() + milliseconds, { x, alphas, draw } = this;
    while (!this.isDone && performance.now() < until) {
      const alpha = alphas[this.t];
      for (let k = 0; k < x.length; k += 2) { // Box and Muller gives two at a time
        const r = Math.sqrt(-2 * Math.log(1 - draw())), turn = 2 * Math.PI * draw();
        x[k] -= alpha * (x[k] + r * Math.cos(turn));
        if (k + 1 < x.length) x[k + 1] -= alpha * (x[k + 1] + r * Math.sin(turn));
      }
      this.t += 1;
      this.note();
    }
  }
}

// E‖ḡ − g‖² of the mean of a batch
export function variance(gradients, batch, replace) {
  const count = gradients.length, mean = gradients[0].map((_, k) => gradients.reduce((sum, g) => sum + g[k], 0) / count);
  const own = gradients.reduce((sum, g) => sum + g.reduce((s, gk, k) => s + (gk - mean[k]) ** 2, 0), 0) / count;
  return (own / batch) * (replace || count === 1 ? 1 : (count - batch) / (count - 1));
}

export function batchMeans(gradients, batch, replace, draws, seed) {
  const draw = random(seed), count = gradients.length, order = gradients.map((_, i) => i);
  return Array.from({ length: draws }, () => {
    const sum = gradients[0].map(() => 0);
    for (let b = 0; b < batch; b++) {
      const pick = replace ? Math.floor(draw() * count) : b + Math.floor(draw() * (count - b));
      if (!replace) [order[b], order[pick]] = [order[pick], order[b]];
      gradients[replace ? pick : order[b]].forEach((g, k) => { sum[k] += g; });
    }
    return sum.map((s) => s / batch);
  });
}

// E J − J* of SGD on a line fit, exactly (see the engine's line_moments for the derivation). The sums over the points are
// taken once: Σxᵏ, Σrxᵏ and Σr²xᵏ, with r the residuals of the best line.
export function lineMoments(fit, start, rate, batch, replace, steps) {
  const { x, y, H, M, best } = fit, count = x.length, r = x.map((xi, i) => y[i] - fit.predict(best, xi));
  const sums = (power) => [0, 1, 2, 3, 4].map((k) => x.reduce((sum, xi, i) => sum + r[i] ** power * xi ** k, 0));
  const [X, R, R2] = [sums(0), sums(1), sums(2)];
  const share = (rate * rate * (replace || count === 1 ? 1 : (count - batch) / (count - 1))) / batch;
  const [[h, k], [, l]] = H, a = 1 - rate * h, b = -rate * k, d = 1 - rate * l;
  let u = start[0] - best[0], v = start[1] - best[1], p = u * u, q = u * v, s = v * v; // m = (u, v), S = [[p, q], [q, s]]
  const squares = (j) => (4 / count) * (p * X[j + 2] + 2 * q * X[j + 1] + s * X[j] - 2 * (u * R[j + 1] + v * R[j]) + R2[j]);
  const around = (A, B, C) => [ // [[A, B], [B, C]] S [[A, B], [B, C]]
    A * A * p + 2 * A * B * q + B * B * s, A * B * p + (A * C + B * B) * q + B * C * s, B * B * p + 2 * B * C * q + C * C * s];
  const gaps = new Float64Array(steps + 1);
  for (let t = 0; t <= steps; t++) {
    gaps[t] = M[0][0] * p + 2 * M[0][1] * q + M[1][1] * s;
    const full = around(h, k, l), kept = around(a, b, d), noise = [squares(2), squares(1), squares(0)];
    [p, q, s] = kept.map((value, i) => value + share * (noise[i] - full[i]));
    [u, v] = [a * u + b * v, b * u + d * v];
  }
  return gaps;
}
