// Momentum's three forms in the browser: engine/surfaces/inertia.py with the same recurrences.

// The whole path from `start`; it ends before the first number that is not finite.
export function roll(gradient, start, rate, beta, form, steps) {
  let x = [...start], v = x.map(() => 0);
  const path = [x];
  for (let t = 0; t < steps; t++) {
    const g = gradient(x);
    if (form === "ema") v = v.map((vi, i) => beta * vi + (1 - beta) * g[i]);
    else if (form === "heavy_ball") v = v.map((vi, i) => beta * vi + g[i]);
    else v = v.map((vi, i) => beta * vi - rate * g[i]);
    x = x.map((xi, i) => (form === "velocity" ? xi + v[i] : xi - rate * v[i]));
    if (!x.every(Number.isFinite)) break;
    path.push(x);
  }
  return path;
}

export const edge = (curvature, beta, form) => (2 * (1 + beta)) / curvature / (form === "ema" ? 1 - beta : 1);

// The rate at which heavy ball does what `form` does at `rate`.
export const heavyRate = (rate, beta, form) => (form === "ema" ? (1 - beta) * rate : rate);

// Updates until a plateau of constant slope is crossed, from rest.
export function updatesToCross(width, slope, rate, beta, form) {
  const speed = rate * slope * (form === "ema" ? 1 : 1 / (1 - beta));
  const reached = (t) => speed * (t - (beta * (1 - beta ** t)) / (1 - beta)) >= width * (1 - 1e-12);
  let low = 0, high = Math.max(1, Math.ceil(width / speed + 1 / (1 - beta)) + 1);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reached(middle)) high = middle; else low = middle;
  }
  return high;
}
