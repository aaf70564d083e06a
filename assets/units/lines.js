// Threshold units in the plane, as engine/network/thresholds.py has them.
import { random } from "../first_steps/line_fit.js";

// The line from p to q as w·x + b = 0, positive to its left.
export function lineThrough(p, q) {
  const w = [p[1] - q[1], q[0] - p[0]];
  return { w, b: -(w[0] * p[0] + w[1] * p[1]) };
}

export const sum = ({ w, b }, x) => w[0] * x[0] + w[1] * x[1] + b;

export function through(x, lines, [v1, v2, c]) {
  const z = lines.map((line) => sum(line, x)), h = z.map((value) => Number(value >= 0));
  return { z, h, output: Number(v1 * h[0] + v2 * h[1] + c >= 0) };
}

// 2 Σ C(N − 1, k) for k = 0, 1, 2.
export const cover = (n) => 2 * (1 + (n - 1) + ((n - 1) * (n - 2)) / 2);

// One angle between each two neighbours of those at which two points are level.
function directions(points) {
  const level = new Set([0]);
  for (const [k, one] of points.entries()) {
    for (const other of points.slice(0, k)) {
      const dx = one[0] - other[0], dy = one[1] - other[1];
      if (dx || dy) level.add((((Math.atan2(dy, dx) + Math.PI / 2) % Math.PI) + Math.PI) % Math.PI);
    }
  }
  const turns = [...level].sort((a, b) => a - b);
  return turns.map((a, k) => [a, turns[k + 1] ?? turns[0] + Math.PI]).filter(([a, b]) => b - a > 1e-12).map(([a, b]) => (a + b) / 2);
}

// Every labelling that one line gives, with a line: a Map from the labelling, bit k for point k.
export function separable(points) {
  const everyone = 2 ** points.length - 1;
  const found = new Map([[0, { w: [0, 0], b: -1 }], [everyone, { w: [0, 0], b: 1 }]]);
  const keep = (labelling, line) => { if (!found.has(labelling)) found.set(labelling, line); };
  for (const angle of directions(points)) {
    const w = [Math.cos(angle), Math.sin(angle)], along = points.map((p) => p[0] * w[0] + p[1] * w[1]);
    const order = along.map((_, k) => k).sort((a, b) => along[a] - along[b]);
    for (let cut = 1; cut < order.length; cut++) {
      const low = along[order[cut - 1]], high = along[order[cut]];
      if (high - low < 1e-9) continue;
      const labelling = order.slice(cut).reduce((bits, k) => bits | (1 << k), 0);
      keep(labelling, { w, b: -(low + high) / 2 });
      keep(everyone - labelling, { w: [-w[0], -w[1]], b: (low + high) / 2 });
    }
  }
  return found;
}

// Random 2-2-1 networks, weights and biases uniform in ±2, tried in slices; `marks` are [networks tried, hits] on the way.
export class Guessing {
  constructor(points, labelling, seed) {
    Object.assign(this, { points, labelling, draw: random(seed + 1), tried: 0, hits: 0, marks: [[0, 0]] });
  }

  advance(until, milliseconds) {
    const end = performance.now() + milliseconds, uniform = () => 4 * this.draw() - 2;
    while (this.tried < until && performance.now() < end) {
      for (let k = 0; k < 500 && this.tried < until; k++) this.tryOne(uniform);
      this.marks.push([this.tried, this.hits]);
      if (this.marks.length > 400) this.marks = this.marks.filter((_, k, all) => k % 2 === 0 || k === all.length - 1);
    }
    return this.tried >= until;
  }

  tryOne(uniform) {
    const n = Array.from({ length: 9 }, uniform), { points, labelling } = this;
    let isHit = true;
    for (let k = 0; k < points.length; k++) {
      const [x, y] = points[k], h1 = n[0] * x + n[1] * y + n[2] >= 0 ? 1 : 0, h2 = n[3] * x + n[4] * y + n[5] >= 0 ? 1 : 0;
      if (n[6] * h1 + n[7] * h2 + n[8] >= 0 !== Boolean((labelling >> k) & 1)) { isHit = false; break; }
    }
    this.tried += 1;
    this.hits += isHit;
  }
}
