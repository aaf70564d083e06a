// Gradient descent on a quadratic bowl in the browser, so that a picture follows the pointer at once.
// The same recurrences as engine/surfaces/bowl.py; a test holds the two to the same numbers.

export function axes(curvatures, angle) { // columns are the bowl's axes
  if (curvatures.length !== 2) return curvatures.map((_, i) => curvatures.map((_, j) => (i === j ? 1 : 0)));
  const c = Math.cos(angle), s = Math.sin(angle);
  return [[c, -s], [s, c]];
}

// f at a point: ½ Σ λᵢ cᵢ², c = Qᵀx
export function value(curvatures, angle, x) {
  const Q = axes(curvatures, angle);
  return 0.5 * curvatures.reduce((sum, curvature, i) => {
    const c = x.reduce((total, xj, j) => total + Q[j][i] * xj, 0);
    return sum + curvature * c * c;
  }, 0);
}

// The whole path, from the start to where it has taken all steps or numbers overflow.
export function descend(curvatures, angle, start, rate, steps, momentum) {
  const Q = axes(curvatures, angle), n = curvatures.length;
  let c = curvatures.map((_, i) => start.reduce((total, xj, j) => total + Q[j][i] * xj, 0));
  let v = curvatures.map(() => 0);
  const back = () => start.map((_, j) => c.reduce((total, ci, i) => total + Q[j][i] * ci, 0));
  const path = [[...start]];
  for (let t = 0; t < steps; t++) {
    v = v.map((vi, i) => momentum * vi + curvatures[i] * c[i]);
    c = c.map((ci, i) => ci - rate * v[i]);
    const x = back();
    if (!x.every(Number.isFinite) || !Number.isFinite(value(curvatures, angle, x))) break;
    path.push(x);
  }
  return n ? path : [];
}

// The path of infinitely small steps, at a time: each axis shrinks by e^(−λt).
export function flow(curvatures, angle, start, time) {
  const Q = axes(curvatures, angle);
  const c = curvatures.map((lambda, i) => Math.exp(-lambda * time) * start.reduce((total, xj, j) => total + Q[j][i] * xj, 0));
  return start.map((_, j) => c.reduce((total, ci, i) => total + Q[j][i] * ci, 0));
}

export const straightRate = (curvature, momentum) => (1 - Math.sqrt(momentum)) ** 2 / curvature;
export const edgeRate = (curvature, momentum) => (2 * (1 + momentum)) / curvature;

export function regime(rate, curvature, momentum, tolerance = 1e-6) {
  const product = rate * curvature;
  const straight = straightRate(1, momentum), edge = edgeRate(1, momentum), swing = (1 + Math.sqrt(momentum)) ** 2;
  if (Math.abs(product - edge) <= tolerance * edge) return "edge";
  if (product > edge) return "explosion";
  if (Math.abs(product - straight) <= tolerance * straight) return momentum ? "critical" : "straight";
  if (product < straight) return "creeping";
  return product < swing ? "swinging" : "zigzag";
}

// By what factor the distance along one axis changes per step in the long run.
export function shrinkage(rate, curvature, momentum) {
  const half = (1 + momentum - rate * curvature) / 2, square = half * half - momentum;
  return square < 0 ? Math.sqrt(momentum) : Math.abs(half) + Math.sqrt(square);
}

export function stepsToShrink(factor, by = 100) {
  if (factor >= 1) return Infinity;
  return factor <= 0 ? 1 : Math.max(1, Math.log(by) / -Math.log(factor));
}

// What the two thresholds are called, for each form of momentum.
export function thresholdNames(momentum, form) {
  if (!momentum) return ["1/λ", "2/λ"];
  return form === "ema" ? ["(1−√β)²/((1−β)λ)", "2(1+β)/((1−β)λ)"] : ["(1−√β)²/λ", "2(1+β)/λ"];
}

// The point at angle `turn` of the ellipse where a bowl of two curvatures, with axes Q, has this height.
export function onEllipse([low, high], Q, height, turn) {
  const c = Math.sqrt((2 * height) / low) * Math.cos(turn), d = Math.sqrt((2 * height) / high) * Math.sin(turn);
  return [Q[0][0] * c + Q[0][1] * d, Q[1][0] * c + Q[1][1] * d];
}
