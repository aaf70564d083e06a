// The engine's readable pass (engine/network/trace.py) for a network whose weights are being moved by hand.
//
// net: {sizes, activations (one a layer), loss, l1, l2}; theta: all parameters as the engine orders them, W (row by row)
// then b of each layer; X: samples; T: targets. Arrays come back per sample, [n][unit], as the engine's boxes have them.
import { ACTIVATIONS, sigmoid } from "./activations.js";

export function run(net, theta, X, T) {
  const { boxes, layers, below } = forward(net, theta, X);
  boxes.y = { value: T, gradient: map(T, () => 0) };
  addLoss(net, boxes, below);
  for (const layer of layers.reverse()) goDown(layer, boxes, net);
  if (net.l1 || net.l2) addPenalty(net, boxes);
  return boxes;
}

// What the network says of each sample: probabilities of two classes, logits of more, or values.
export function outputs(net, theta, X) {
  const { boxes, below } = forward(net, theta, X);
  return net.loss === "binary_cross_entropy" ? map(boxes[below].value, (z) => sigmoid(z)) : boxes[below].value;
}

function forward(net, theta, X) {
  const boxes = { x: { value: X } },
    layers = [],
    last = net.sizes.length - 1;
  let at = 0,
    below = "x";
  for (let k = 1; k <= last; k++) {
    const [n, m] = [net.sizes[k - 1], net.sizes[k]],
      name = net.activations[k - 1];
    const W = Array.from({ length: n }, (_, i) => theta.slice(at + i * m, at + (i + 1) * m)),
      b = theta.slice(at + n * m, at + (n + 1) * m);
    at += (n + 1) * m;
    const z = boxes[below].value.map((row) => b.map((bias, j) => row.reduce((total, value, i) => total + value * W[i][j], bias)));
    boxes[`W${k}`] = { value: W };
    boxes[`b${k}`] = { value: b };
    boxes[`z${k}`] = { value: z };
    layers.push({ k, below, W, z });
    below = `z${k}`;
    if (name !== "identity" || k < last) {
      const { value, slope } = ACTIVATIONS[name];
      const a = map(z, value);
      boxes[below].slope = z.map((row, n2) => row.map((number, j) => slope(number, a[n2][j])));
      boxes[`a${k}`] = { value: a };
      below = `a${k}`;
    }
  }
  return { boxes, layers, below };
}

function addLoss(net, boxes, below) {
  const z = boxes[below].value,
    T = boxes.y.value,
    N = z.length,
    C = z[0].length;
  const each = (f) => z.map((row, n) => row.map((value, j) => f(value, T[n][j], n, j)));
  const total = (values) => values.flat().reduce((a, b) => a + b, 0);
  const share = (y, p) => (y ? y / p : 0);
  const size = net.loss === "cross_entropy" ? N : N * C;
  let loss;
  if (net.loss === "binary_cross_entropy") {
    const p = each((value) => sigmoid(value));
    boxes.p = { value: p, gradient: each((value, y, n, j) => (share(1 - y, sigmoid(-value)) - share(y, p[n][j])) / size) };
    boxes[below].gradient = each((value, y) => (0.5 * Math.tanh(0.5 * value) + (0.5 - y)) / size);
    loss = total(each((value, y) => Math.max(value, 0) - value * y + Math.log1p(Math.exp(-Math.abs(value))))) / size;
  } else if (net.loss === "cross_entropy") {
    const tops = z.map((row) => Math.max(...row)),
      e = each((value, y, n) => Math.exp(value - tops[n]));
    const sums = e.map((row) => row.reduce((a, b) => a + b, 0)),
      p = e.map((row, n) => row.map((value) => value / sums[n]));
    boxes.p = { value: p, gradient: each((value, y, n, j) => -share(y, p[n][j]) / size) };
    boxes[below].gradient = each((value, y, n, j) => (p[n][j] - y) / size);
    loss = sums.reduce((all, sum, n) => all + Math.log(sum) - total([z[n].map((value, j) => (value - tops[n]) * T[n][j])]), 0) / size;
  } else {
    const bounded = (d) => Math.min(1, Math.max(-1, d));
    const [value, slope] = {
      mean_squared_error: [(d) => d * d, (d) => 2 * d],
      quadratic: [(d) => 0.5 * d * d, (d) => d],
      huber: [(d) => bounded(d) * (d - 0.5 * bounded(d)), bounded],
    }[net.loss];
    boxes[below].gradient = each((out, y) => slope(out - y) / size);
    loss = total(each((out, y) => value(out - y))) / size;
  }
  boxes.L = { value: loss, gradient: 1 };
}

function goDown({ k, below, W, z }, boxes, { l1, l2 }) {
  const box = boxes[`z${k}`],
    a = boxes[`a${k}`],
    under = boxes[below];
  if (a) box.gradient = a.gradient.map((row, n) => row.map((value, j) => value * box.slope[n][j]));
  const delta = box.gradient;
  boxes[`W${k}`].gradient = W.map((row, i) =>
    row.map((w, j) => z.reduce((all, _, n) => all + under.value[n][i] * delta[n][j], 0) + (l1 ?? 0) * Math.sign(w) + (l2 ?? 0) * w),
  );
  boxes[`b${k}`].gradient = W[0].map((_, j) => z.reduce((all, _2, n) => all + delta[n][j], 0));
  under.gradient = delta.map((row) => W.map((weights) => weights.reduce((all, w, j) => all + w * row[j], 0)));
}

function addPenalty({ l1, l2 }, boxes) {
  const weights = Object.entries(boxes)
    .filter(([key]) => key.startsWith("W"))
    .flatMap(([, box]) => box.value.flat());
  const size = weights.reduce((all, w) => all + l1 * Math.abs(w) + 0.5 * l2 * w * w, 0);
  boxes.R = { value: size, gradient: 1 };
  boxes.J = { value: boxes.L.value + size, gradient: 1 };
}

const map = (rows, f) => rows.map((row) => row.map(f));
