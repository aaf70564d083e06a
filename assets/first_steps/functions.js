// Surfaces and the ways down them in the browser: engine/surfaces/functions.py and downhill.py with the same formulas and the
// same rules, step by step. A browser test holds the two to the same numbers.

export function sigmoid(z) {
  const small = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : small) / (1 + small);
}

const turn = (20 * Math.PI) / 180, C = Math.cos(turn), S = Math.sin(turn);
const RAVINE = [[0.1 * C * C + S * S, (0.1 - 1) * C * S], [(0.1 - 1) * C * S, 0.1 * S * S + C * C]];
const times = (H, x) => H.map((row) => row.reduce((sum, h, i) => sum + h * x[i], 0));

export const FUNCTIONS = {
  ravine: {
    value: (x) => 0.5 * times(RAVINE, x).reduce((sum, g, i) => sum + g * x[i], 0),
    gradient: (x) => times(RAVINE, x),
    hessian: () => RAVINE,
  },
  unit: {
    value: ([w, b]) => 0.5 * sigmoid(w + b) ** 2,
    gradient: ([w, b]) => { const g = sigmoid(w + b) ** 2 * sigmoid(-w - b); return [g, g]; },
    hessian: ([w, b]) => {
      const p = sigmoid(w + b), q = sigmoid(-w - b), h = p * p * q * (2 * q - p);
      return [[h, h], [h, h]];
    },
  },
  rosenbrock: {
    value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    hessian: ([x, y]) => [[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200]],
  },
  saddle: {
    value: ([x, y]) => (x * x) / 2 - (y * y) / 2 + y ** 4 / 4,
    gradient: ([x, y]) => [x, y ** 3 - y],
    hessian: ([, y]) => [[1, 0], [0, 3 * y * y - 1]],
  },
  bumpy: {
    value: ([x]) => 0.05 * x * x + 0.1 * Math.cos(4 * x),
    gradient: ([x]) => [0.1 * x - 0.4 * Math.sin(4 * x)],
    hessian: ([x]) => [[0.1 - 1.6 * Math.cos(4 * x)]],
  },
};

export const norm = (g) => Math.hypot(...g);
const finite = (x) => x.every(Number.isFinite);

export function descend(gradient, start, rate, steps) {
  const path = [[...start]];
  for (let t = 0; t < steps; t++) {
    const g = gradient(path.at(-1)), x = path.at(-1).map((xi, i) => xi - rate * g[i]);
    if (!finite(x)) break;
    path.push(x);
  }
  return path;
}

const MOST_FLOW_STEPS = 20000, TOLERANCE = 1e-9;

// The path of infinitely small steps: Runge and Kutta's rule with steps that its error sets, as in the engine.
export function flow(gradient, start, until) {
  const down = (x) => gradient(x).map((g) => -g);
  const ahead = (x, h, d) => x.map((xi, i) => xi + h * d[i]);
  const rule = (x, h) => {
    const a = down(x), b = down(ahead(x, h / 2, a)), c = down(ahead(x, h / 2, b)), d = down(ahead(x, h, c));
    return x.map((xi, i) => xi + (h / 6) * (a[i] + 2 * b[i] + 2 * c[i] + d[i]));
  };
  let x = [...start], t = 0, h = until / 100;
  const times_ = [0], path = [x];
  for (let k = 0; k < MOST_FLOW_STEPS && t < until; k++) {
    h = Math.min(h, until - t);
    const whole = rule(x, h), halves = rule(rule(x, h / 2), h / 2);
    const error = Math.max(...halves.map((v, i) => Math.abs(v - whole[i]))) / 15;
    const limit = TOLERANCE * (1 + Math.max(...x.map(Math.abs)));
    if (error <= limit) {
      x = halves.map((v, i) => v + (v - whole[i]) / 15);
      t += h;
      times_.push(t);
      path.push(x);
    }
    h *= Number.isFinite(error) ? Math.min(4, Math.max(0.2, 0.9 * (limit / Math.max(error, 1e-300)) ** 0.2)) : 0.2;
  }
  return { times: times_, path };
}

export function firstFlat(path, gradient, epsilon) {
  const t = path.findIndex((x) => norm(gradient(x)) <= epsilon);
  return t < 0 ? null : t;
}

export function firstStall(values, epsilon) {
  const t = values.findIndex((f, k) => k + 1 < values.length && f - values[k + 1] <= epsilon);
  return t < 0 ? null : t;
}
