// Two weights in a row, as engine/surfaces/two_weights.py has them.

// The product at every update from w₁ = w₂ = start.
export function descend(start, rate, updates) {
  const found = [];
  for (let t = 0, w = start; t <= updates; t++) {
    found.push(w * w);
    w -= rate * w * (w * w - 1);
  }
  return found;
}

export function flow(start, rate, updates) {
  const u = start * start;
  return u / (u + (1 - u) * Math.exp(-2 * rate * updates));
}

export const flowToHalf = (start, rate) => Math.log((1 - start * start) / (start * start)) / (2 * rate);

export function firstHalf(products) {
  const at = products.findIndex((u) => u >= 0.5);
  return at < 0 ? null : at;
}
