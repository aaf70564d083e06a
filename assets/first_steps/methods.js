// Newton, damped Newton and BFGS on two numbers in the browser: the rules of engine/surfaces/curvature.py and of the app's
// own methods (engine/methods/second_order.py, line_search.py). A browser test holds the paths to the engine's.
import { descend } from "./functions.js";
import { eigen2 } from "./line_fit.js";

const dot = (a, b) => a.reduce((sum, ai, i) => sum + ai * b[i], 0);
const finite = (x) => x.every(Number.isFinite);

export function kindOf(H) {
  const [low, high] = eigen2(H).values, largest = Math.max(Math.abs(low), Math.abs(high));
  if (Math.min(Math.abs(low), Math.abs(high)) <= 1e-10 * largest) return "singular";
  return low > 0 ? "bowl" : high < 0 ? "hill" : "saddle";
}

// −H⁻¹g, or null where H is singular
export function newtonStep(H, g) {
  if (kindOf(H) === "singular") return null;
  const [[a, b], [c, d]] = H, determinant = a * d - b * c;
  return [-(d * g[0] - b * g[1]) / determinant, -(a * g[1] - c * g[0]) / determinant];
}

export function walk(f, method, start, steps, rate) {
  if (method === "gd") return descend(f.gradient, start, rate, steps);
  if (method === "newton") return newton(f, start, steps);
  return searched(f, start, steps, method === "damped" ? new Damped(f) : new Bfgs());
}

function newton(f, start, steps) {
  const path = [[...start]];
  for (let t = 0; t < steps; t++) {
    const x = path.at(-1), step = newtonStep(f.hessian(x), f.gradient(x));
    if (!step || !finite(step)) break;
    path.push([x[0] + step[0], x[1] + step[1]]);
  }
  return path;
}

class Damped { // −(|H| + λI)⁻¹g
  constructor(f) { this.f = f; }

  direction(x, g) {
    const { values, vectors } = eigen2(this.f.hessian(x)), sizes = values.map(Math.abs), top = Math.max(...sizes);
    const c = vectors.map((v, i) => dot(v, g) / (Math.max(sizes[i], 1e-8 * top) + 1e-6));
    return { d: [0, 1].map((i) => -(vectors[0][i] * c[0] + vectors[1][i] * c[1])), first: 1 };
  }

  learn() {}

  forget() { return false; }
}

class Bfgs { // −Bg, B an estimate of H⁻¹ from the steps and the changes of the gradient
  direction(x, g) {
    if (!this.B) return { d: g.map((gi) => -gi), first: Math.min(1, 1 / (Math.abs(g[0]) + Math.abs(g[1]))) };
    return { d: this.B.map((row) => -dot(row, g)), first: 1 };
  }

  learn(s, y) {
    const sy = dot(s, y);
    if (!(sy > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
    this.B ??= [[sy / dot(y, y), 0], [0, sy / dot(y, y)]];
    const By = this.B.map((row) => dot(row, y)), k = (sy + dot(y, By)) / (sy * sy);
    this.B = this.B.map((row, i) => row.map((b, j) => b + s[i] * s[j] * k - (By[i] * s[j] + s[i] * By[j]) / sy));
  }

  forget() {
    const known = Boolean(this.B);
    this.B = null;
    return known;
  }
}

function searched(f, start, steps, rule) {
  const path = [[...start]];
  for (let t = 0; t < steps; t++) {
    const x = path.at(-1), value = f.value(x), g = f.gradient(x);
    if (!(g[0] || g[1])) break;
    const attempt = () => {
      const { d, first } = rule.direction(x, g), slope = dot(g, d);
      const phi = (alpha) => {
        const place = [x[0] + alpha * d[0], x[1] + alpha * d[1]];
        return [f.value(place), dot(f.gradient(place), d)];
      };
      const alpha = Number.isFinite(slope) && slope < 0 ? strongWolfe(phi, value, slope, first) : null;
      return alpha === null ? null : [x[0] + alpha * d[0], x[1] + alpha * d[1]];
    };
    const next = attempt() ?? (rule.forget() ? attempt() : null);
    if (!next) break;
    const newG = f.gradient(next);
    rule.learn([next[0] - x[0], next[1] - x[1]], [newG[0] - g[0], newG[1] - g[1]]);
    path.push(next);
  }
  return path;
}

function strongWolfe(phi, value, slope, first) {
  let low = [0, value, slope], high = null, alpha = first;
  for (let k = 0; k < 30; k++) {
    const [f, df] = phi(alpha);
    if (!(f <= value + 1e-4 * alpha * slope && f < low[1]) || !Number.isFinite(df)) high = [alpha, f, df];
    else if (Math.abs(df) <= -0.9 * slope) return alpha;
    else {
      if (df * (high === null ? Infinity : high[0] - low[0]) >= 0) high = low;
      low = [alpha, f, df];
    }
    if (high === null) alpha *= 4;
    else if (Math.abs(high[0] - low[0]) <= 1e-14 * Math.max(high[0], low[0])) break;
    else alpha = between(low, high);
  }
  return low[0] || null;
}

function between([a, fa, da], [b, fb, db]) { // the minimum of the cubic through both ends, kept off the ends
  const width = b - a;
  let place = 0.5;
  if (Number.isFinite(fb) && Number.isFinite(db)) {
    const d1 = da + db - (3 * (fa - fb)) / (a - b), inside = d1 * d1 - da * db;
    if (inside >= 0) {
      const d2 = Math.sqrt(inside) * Math.sign(width), bottom = db - da + 2 * d2;
      if (bottom !== 0) place = 1 - (db + d2 - d1) / bottom;
    }
  }
  return a + width * (Number.isFinite(place) ? Math.min(Math.max(place, 0.1), 0.9) : 0.5);
}
