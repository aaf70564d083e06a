// Labellings by lines, as in engine/studies/dichotomies.py, and descents of small sigmoid networks on the same labels.
import { normals } from "./teacher_math.js";

const ON = 1e-9;
export const side = ([a, b, c], [x, y]) => a * x + b * y + c;

export function labelling(line, points) {
  return points.reduce((sum, point, k) => sum + (side(line, point) > 0 ? 2 ** k : 0), 0);
}

// Every labelling that a line makes, rising: [label, line], with the line of the widest margin that was met.
export function dichotomies(points) {
  const found = new Map();
  for (const line of [[0, 0, 1], [0, 0, -1]]) found.set(labelling(line, points), [0, line]);
  for (let i = 0; i < points.length; i++) for (let j = i + 1; j < points.length; j++) {
    for (const line of turned(points[i], points[j], points)) {
      const label = labelling(line, points), margin = Math.min(...points.map((point) => Math.abs(side(line, point)))) / Math.hypot(line[0], line[1]);
      if (!found.has(label) || margin > found.get(label)[0]) found.set(label, [margin, line]);
    }
  }
  return [...found].map(([label, [, line]]) => [label, line]).sort((a, b) => a[0] - b[0]);
}

function turned(first, second, points) {
  const dx = second[0] - first[0], dy = second[1] - first[1], length = Math.hypot(dx, dy);
  if (length < ON) return [];
  const ux = dx / length, uy = dy / length;
  const along = points.map(([x, y]) => ux * (x - first[0]) + uy * (y - first[1])), across = points.map(([x, y]) => -uy * (x - first[0]) + ux * (y - first[1]));
  const on = along.filter((_, k) => Math.abs(across[k]) <= ON).sort((a, b) => a - b), off = across.map(Math.abs).filter((s) => s > ON);
  const nearest = off.length ? Math.min(...off) : 1, cuts = [on[0] - 1];
  for (let k = 1; k < on.length; k++) if (on[k] - on[k - 1] > ON) cuts.push((on[k] + on[k - 1]) / 2);
  cuts.push(on.at(-1) + 1);
  return cuts.flatMap((cut) => {
    const tilt = nearest / 2 / Math.max(...along.map((t) => Math.abs(t - cut)));
    return [tilt, -tilt].flatMap((turn) => {
      const a = -uy + turn * ux, b = ux + turn * uy, c = -(a * (first[0] + cut * ux) + b * (first[1] + cut * uy));
      return [[a, b, c], [-a, -b, -c]];
    });
  });
}

// All pairs of labellings in order, the first whose AND is `wanted` (its number from 1, or 0), and how many ANDs there are.
export function search(labels, wanted) {
  const pairs = [], ands = new Set();
  let first = 0;
  for (let i = 0; i < labels.length; i++) for (let j = i; j < labels.length; j++) {
    const both = labels[i] & labels[j];
    pairs.push([i, j]);
    ands.add(both);
    if (!first && both === wanted) first = pairs.length;
  }
  return { pairs, first, reachable: ands.size };
}

export function cover(points, dimensions) {
  if (points < 1) return 1;
  let sum = 0, term = 1;
  for (let k = 0; k <= Math.min(dimensions, points - 1); k++) {
    sum += term;
    term = (term * (points - 1 - k)) / (k + 1);
  }
  return 2 * sum;
}

// --- descents -----------------------------------------------------------------------------------------------------

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

// Networks 2-h-1 whose hidden nodes are σ(βz), h of them, from random starts: cross-entropy, full batch, heavy ball.
// Parameters of a network: weights of x (h), of y (h), biases (h), outer weights (h), outer bias.
export class Descents {
  constructor(points, wanted, hidden, beta, seed, starts = 100, rate = 0.3) {
    Object.assign(this, { points, hidden, beta, starts, rate, t: 0, size: 4 * hidden + 1 });
    this.target = points.map((_, k) => Math.floor(wanted / 2 ** k) % 2);
    this.theta = normals(seed * 1000003 + 29, starts * this.size);
    this.m = new Float64Array(this.theta.length);
    this.g = new Float64Array(this.size);
    this.a = new Float64Array(hidden);
  }

  step() {
    const { theta, m, g, size, rate } = this;
    for (let from = 0; from < theta.length; from += size) {
      this.slope(from);
      for (let k = 0; k < size; k++) { m[from + k] = 0.9 * m[from + k] + g[k]; theta[from + k] -= rate * m[from + k]; }
    }
    this.t += 1;
  }

  slope(from) {
    const { points, target, hidden: h, beta, theta, g, a } = this, N = points.length;
    g.fill(0);
    for (let n = 0; n < N; n++) {
      const [x, y] = points[n];
      let z = theta[from + 4 * h];
      for (let j = 0; j < h; j++) {
        a[j] = sigmoid(beta * (theta[from + j] * x + theta[from + h + j] * y + theta[from + 2 * h + j]));
        z += theta[from + 3 * h + j] * a[j];
      }
      const error = (sigmoid(z) - target[n]) / N;
      g[4 * h] += error;
      for (let j = 0; j < h; j++) {
        const back = error * theta[from + 3 * h + j] * a[j] * (1 - a[j]) * beta;
        g[j] += back * x;
        g[h + j] += back * y;
        g[2 * h + j] += back;
        g[3 * h + j] += error * a[j];
      }
    }
  }

  // How many networks have every label right, with steps in place of the sigmoids.
  answers() {
    const { points, target, hidden: h, theta, size } = this;
    let count = 0;
    for (let from = 0; from < theta.length; from += size) {
      const fits = points.every(([x, y], n) => {
        let z = theta[from + 4 * h];
        for (let j = 0; j < h; j++) if (theta[from + j] * x + theta[from + h + j] * y + theta[from + 2 * h + j] > 0) z += theta[from + 3 * h + j];
        return (z > 0 ? 1 : 0) === target[n];
      });
      count += fits ? 1 : 0;
    }
    return count;
  }
}
