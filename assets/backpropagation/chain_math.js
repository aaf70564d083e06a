// The engine's chain (engine/network/chain.py): numbers, factors, products.
import { ACTIVATIONS } from "./activations.js";

// Forward pass: a, f and φ′ of each unit, and the loss.
export function forward({ x, y, weights, bias, activations }) {
  const a = [],
    f = [],
    slopes = [];
  weights.forEach((w, k) => {
    const { value, slope } = ACTIVATIONS[activations[k]];
    const z = w * (k ? f[k - 1] : x) + (k ? 0 : bias);
    a.push(z);
    f.push(value(z));
    slopes.push(slope(z, f[k]));
  });
  return { x, y, weights, bias, activations, a, f, slopes, loss: 0.5 * (f.at(-1) - y) ** 2 };
}

// The factors of each parameter's derivative, wₙ first, b last: {name, factors: [{top, bottom, number}]}.
export function rows({ x, y, weights, f, slopes }) {
  const result = [];
  let start = [{ top: "L", bottom: `f${weights.length}`, number: f.at(-1) - y }];
  for (let k = weights.length; k > 0; k--) {
    start = [...start, { top: `f${k}`, bottom: `a${k}`, number: slopes[k - 1] }];
    result.push({ name: `w${k}`, factors: [...start, { top: `a${k}`, bottom: `w${k}`, number: k > 1 ? f[k - 2] : x }] });
    if (k > 1) start = [...start, { top: `a${k}`, bottom: `f${k - 1}`, number: weights[k - 1] }];
  }
  result.push({ name: "b", factors: [...start, { top: "a1", bottom: "b", number: 1 }] });
  return result;
}

export const multiplied = (factors) => factors.reduce((product, { number }) => product * number, 1);

// The running products ∂L/∂fₖ and ∂L/∂aₖ, from the loss to the left: what a backward pass keeps.
export function derivatives(chain) {
  const n = chain.weights.length,
    df = [],
    da = [];
  for (let k = n - 1; k >= 0; k--) {
    df[k] = k === n - 1 ? chain.f[k] - chain.y : da[k + 1] * chain.weights[k + 1];
    da[k] = df[k] * chain.slopes[k];
  }
  return { df, da };
}

// Multiplications done so far when the first `done` rows are multiplied out: [without reuse, with reuse].
export function multiplications(table, done) {
  let without = 0,
    reuse = 0,
    known = 0;
  table.slice(0, done).forEach(({ name, factors }) => {
    without += factors.length - 1;
    reuse += factors.length - 1 - known - (known ? 0 : 1) + (name === "b" ? 0 : 1);
    known = factors.length - 1;
  });
  return [without, reuse];
}
