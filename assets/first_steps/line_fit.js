// A line through points in the browser, so that it follows the pointer: engine/surfaces/line_fit.py with the same formulas.
// A browser test holds the two to the same numbers. One or two parameters: θ = (w, b), or (w) without an offset.

// Eigenvalues, rising, and unit directions of a symmetric 2 × 2 matrix [[a, b], [b, d]].
export function eigen2([[a, b], [, d]]) {
  const middle = (a + d) / 2, spread = Math.hypot((a - d) / 2, b), high = middle + spread;
  // from the determinant: middle − spread would cancel where the surface is nearly flat
  const low = high === 0 ? middle - spread : (a * d - b * b) / high;
  const lowSafe = middle > 0 ? low : middle - spread;
  const across = spread === 0 ? [1, 0] : Math.abs(high - a) > Math.abs(high - d) ? [b, high - a] : [high - d, b];
  const length = Math.hypot(...across) || 1, top = [across[0] / length, across[1] / length];
  return { values: [lowSafe, high], vectors: [[-top[1], top[0]], top] };
}

export class LineFit {
  constructor(x, y, offset = true) {
    Object.assign(this, { x, y, offset, size: offset ? 2 : 1 });
    const mean = (f) => x.reduce((sum, xi, i) => sum + f(xi, y[i]), 0) / x.length;
    this.M = offset ? [[mean((a) => a * a), mean((a) => a)], [mean((a) => a), 1]] : [[mean((a) => a * a)]];
    this.H = this.M.map((row) => row.map((m) => 2 * m));
    const { values, vectors } = offset ? eigen2(this.H) : { values: [this.H[0][0]], vectors: [[1]] };
    const top = values.at(-1);
    this.values = values.map((value) => (value <= 1e-12 * Math.max(top, 0) ? 0 : value));
    this.vectors = vectors;
    const slope = this.slope = offset ? [mean((a, b) => 2 * a * b), mean((a, b) => 2 * b)] : [mean((a, b) => 2 * a * b)];
    this.best = this.combine(this.along(slope).map((c, i) => (this.values[i] > 0 ? c / this.values[i] : 0)));
    this.least = this.value(this.best);
    this.isValley = !(this.values[0] > 0);
    this.edge = top > 0 ? 2 / top : Infinity;
  }

  along(theta) { return this.vectors.map((v) => v.reduce((sum, vi, i) => sum + vi * theta[i], 0)); }

  combine(c) { return this.vectors[0].map((_, i) => this.vectors.reduce((sum, v, k) => sum + v[i] * c[k], 0)); }

  predict(theta, x) { return theta[0] * x + (this.offset ? theta[1] : 0); }

  value(theta) {
    let sum = 0;
    for (let i = 0; i < this.x.length; i++) sum += (this.predict(theta, this.x[i]) - this.y[i]) ** 2;
    return sum / this.x.length;
  }

  gradients(theta) {
    return this.x.map((xi, i) => {
      const error = 2 * (this.predict(theta, xi) - this.y[i]);
      return this.offset ? [error * xi, error] : [error * xi];
    });
  }

  gradient(theta) { return this.H.map((row, i) => row.reduce((sum, h, k) => sum + h * theta[k], 0) - this.slope[i]); }

  hessian() { return this.H; }

  flow(start, time) {
    const c = this.along(start.map((s, i) => s - this.best[i]));
    return this.combine(c.map((ci, i) => ci * Math.exp(-this.values[i] * time))).map((d, i) => d + this.best[i]);
  }

  bound(start, rate, step) {
    return start.reduce((sum, s, i) => sum + (s - this.best[i]) ** 2, 0) / (2 * rate * step);
  }

  // P(a guess from [−box, box]ᴾ lands within `within` of the least loss)
  hitProbability(within, box = 2) {
    if (this.isValley) return 0;
    const determinant = this.values.reduce((product, value) => (product * value) / 2, 1);
    const ball = this.size === 2 ? Math.PI * within : 2 * Math.sqrt(within);
    return Math.min(1, ball / Math.sqrt(determinant) / (2 * box) ** this.size);
  }

  isInside(within, box = 2) {
    if (this.isValley) return false;
    const inverse = this.best.map((_, i) => this.vectors.reduce((sum, v, k) => sum + (v[i] * v[i] * 2) / this.values[k], 0));
    return inverse.every((m, i) => Math.abs(this.best[i]) + Math.sqrt(within * m) <= box);
  }

  // The curve of equal loss, J* + level; of a valley a very long one.
  ellipse(level, count = 72) {
    const long = this.values.at(-1);
    return Array.from({ length: count + 1 }, (_, k) => {
      const turn = (2 * Math.PI * k) / count, wave = [Math.cos(turn), Math.sin(turn)];
      const along = wave.map((w, i) => w * Math.sqrt((2 * level) / Math.max(this.values[i], 1e-5 * long || 1e-9)));
      return this.combine(along).map((d, i) => d + this.best[i]);
    });
  }
}

export function guessesNeeded(dimensions, within = 0.1) { // Γ(D/2 + 1) by its recurrence
  let gamma = dimensions % 2 ? Math.sqrt(Math.PI) : 1;
  for (let k = dimensions % 2 ? 0.5 : 1; k <= dimensions / 2; k++) gamma *= k;
  return (gamma / Math.PI ** (dimensions / 2)) * (2 / within) ** dimensions;
}

// A small seeded generator (Mulberry32), even in [0, 1): the same guesses in every browser.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normal(draw) { // Box and Muller
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}
