// What passes through wide layers, as engine/network/signal.py has it; and single networks of any width.
import { ACTIVATIONS } from "../backpropagation/activations.js";
import { random } from "../first_steps/line_fit.js";

const PANELS = 24, WIDEST = 9;
// Gauss and Legendre's rule of eight nodes, on the right half
const NODE = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
const WEIGHT = [0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763];
let rule = null;

// Nodes z and weights for E[f(z)], z normal: finer towards 0, where kinks lie.
export function quadrature() {
  if (rule) return rule;
  const z = [], weight = [];
  for (let k = 0; k < PANELS; k++) {
    const from = WIDEST * (k / PANELS) ** 3, half = (WIDEST * ((k + 1) / PANELS) ** 3 - from) / 2;
    for (const [i, node] of NODE.entries()) {
      for (const side of [-1, 1]) {
        const at = from + half * (1 + side * node), w = (half * WEIGHT[i] * Math.exp((-at * at) / 2)) / Math.sqrt(2 * Math.PI);
        z.push(at, -at);
        weight.push(w, w);
      }
    }
  }
  rule = { z, weight };
  return rule;
}

// E[φ(√q z)²] and E[φ′(√q z)²].
export function moments(activation, q) {
  const { value, slope } = ACTIVATIONS[activation], { z, weight } = quadrature(), root = Math.sqrt(q);
  let square = 0, steep = 0;
  for (let k = 0; k < z.length; k++) {
    const at = root * z[k], a = value(at), s = slope(at, a);
    square += weight[k] * a * a;
    steep += weight[k] * s * s;
  }
  return [square, steep];
}

// The theory for every layer: variance q of z, factor χ, and the rms of δ as a share of the last layer's.
export function signal(activation, sigmaW, sigmaB, depth) {
  const q = [], chi = [], back = Array(depth).fill(1);
  let square = 1;
  for (let layer = 0; layer < depth; layer++) {
    q.push(sigmaW ** 2 * square + sigmaB ** 2);
    const [next, steep] = moments(activation, q[layer]);
    chi.push(sigmaW ** 2 * steep);
    square = next;
  }
  for (let layer = depth - 2; layer >= 0; layer--) back[layer] = back[layer + 1] * Math.sqrt(chi[layer]);
  return { q, chi, back };
}

// Standard normal numbers, one after the other.
export class Normals {
  constructor(seed) {
    this.draw = random(seed);
    this.pool = new Float64Array(0);
  }

  // `count` numbers from number `from` on; the same numbers each time.
  take(from, count) {
    if (this.pool.length < from + count) {
      const grown = new Float64Array(Math.max(from + count, 2 * this.pool.length));
      grown.set(this.pool);
      for (let k = this.pool.length; k < grown.length; k += 2) {
        const radius = Math.sqrt(-2 * Math.log(1 - this.draw())), angle = 2 * Math.PI * this.draw();
        grown[k] = radius * Math.cos(angle);
        if (k + 1 < grown.length) grown[k + 1] = radius * Math.sin(angle);
      }
      this.pool = grown;
    }
    return this.pool.subarray(from, from + count);
  }
}

const rms = (x) => {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum / x.length);
};

// One network of n units a layer with random weights, and one sample: the rms of z and of δ by layer, δ as a share of the last
// layer's. For one sample no matrix is needed: W h is normal with variance σ_w²|h|²/n, and given it, Wᵀδ is
// h (Wh·δ)/|h|² plus a normal vector across h. So a layer costs n random numbers and not n².
export function network(activation, sigmaW, sigmaB, depth, n, normals, start = 0) {
  const { value, slope } = ACTIVATIONS[activation], forward = [], layers = [];
  let h = null, at = start;
  const next = () => { at += n; return normals.take(at - n, n); };
  for (let layer = 0; layer < depth; layer++) {
    const spread = sigmaW * (h ? rms(h) : 1), weights = next(), bias = next();
    const u = new Float64Array(n), z = new Float64Array(n), a = new Float64Array(n), s = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      u[k] = spread * weights[k];
      z[k] = u[k] + sigmaB * bias[k];
      a[k] = value(z[k]);
      s[k] = slope(z[k], a[k]);
    }
    layers.push({ h, u, s });
    forward.push(rms(z));
    h = a;
  }
  let delta = Float64Array.from(next());
  const back = Array(depth), last = rms(delta);
  back[depth - 1] = 1;
  for (let layer = depth - 1; layer > 0; layer--) {
    delta = through(layers[layer], layers[layer - 1].s, delta, sigmaW, next());
    back[layer - 1] = rms(delta) / last;
  }
  return { forward, back };
}

// δ one layer further down: φ′ ⊙ Wᵀδ, for W given that it takes h to u.
function through({ h, u }, s, delta, sigmaW, g) {
  const n = h.length, spread = (sigmaW / Math.sqrt(n)) * rms(delta) * Math.sqrt(n), down = new Float64Array(n);
  let hh = 0, hg = 0, ud = 0;
  for (let k = 0; k < n; k++) {
    hh += h[k] * h[k];
    hg += h[k] * g[k];
    ud += u[k] * delta[k];
  }
  for (let k = 0; k < n; k++) down[k] = s[k] * (spread * g[k] + (hh ? (h[k] * (ud - spread * hg)) / hh : 0));
  return down;
}

// Numbers of random networks side by side, and what of them lies at a share of their order.
export const NETWORKS = 16;
export function networks(activation, sigmaW, sigmaB, depth, n, normals) {
  return Array.from({ length: NETWORKS }, (_, k) => network(activation, sigmaW, sigmaB, depth, n, normals, k * (3 * depth + 1) * n));
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b), at = share * (sorted.length - 1), below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
