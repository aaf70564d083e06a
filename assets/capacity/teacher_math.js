// A student that learns from a teacher of the same kind, as in engine/surfaces/teacher.py, whose symbols these are:
// neurons w₁ … w_K of a student and v₁ … v_M of the teacher, D inputs, each an array of D numbers within one flat array.
const PI = Math.PI, TWO_PI = 2 * Math.PI;
export const ARRIVED = 1e-3;

// --- the same random numbers as the engine's ----------------------------------------------------------------------

function uniform(state) {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

export function normals(seed, count) {
  const found = new Float64Array(count);
  let state = seed | 0;
  const next = () => { state = (state + 0x6d2b79f5) | 0; return uniform(state); };
  for (let k = 0; k < count; k++) {
    const radius = Math.sqrt(-2 * Math.log1p(-next()));
    found[k] = radius * Math.cos(TWO_PI * next());
  }
  return found;
}

export function starts(seed, students, units, inputs) {
  return normals(seed * 1000003, students * units * inputs).map((x) => x / Math.sqrt(inputs));
}

// --- loss and gradient --------------------------------------------------------------------------------------------

// Teacher and sizes once, with room for what a student's neurons are like: lengths and directions.
export class Problem {
  constructor(teacher, inputs, units) {
    this.D = inputs;
    this.V = Float64Array.from(teacher.flat());
    this.M = teacher.length;
    this.resize(units);
    this.vLength = new Float64Array(this.M);
    this.vUnit = new Float64Array(this.V.length);
    directions(this.V, 0, this.M, inputs, this.vLength, this.vUnit);
    this.own = 0;
    for (let i = 0; i < this.M; i++) for (let j = 0; j < this.M; j++) this.own += kernel(this, this.vUnit, i, this.vLength, this.vUnit, j, this.vLength) / 2;
  }

  resize(units) {
    this.K = units;
    this.size = units * this.D;
    this.length = new Float64Array(units);
    this.unit = new Float64Array(this.size);
  }

  // The loss of the student that begins at `from` in W.
  loss(W, from = 0) {
    const { K, M, length, unit, vLength, vUnit } = this;
    directions(W, from, K, this.D, length, unit);
    let sum = this.own;
    for (let i = 0; i < K; i++) {
      sum += (length[i] * length[i]) / 4;
      for (let j = 0; j < i; j++) sum += kernel(this, unit, i, length, unit, j, length);
      for (let j = 0; j < M; j++) sum -= kernel(this, unit, i, length, vUnit, j, vLength);
    }
    return Math.max(sum, 0);
  }

  // Its gradient, into G at the same place; the largest number in it.
  gradient(W, G, from = 0) {
    const { K, M, D, V, length, unit, vLength, vUnit } = this;
    directions(W, from, K, D, length, unit);
    for (let k = 0; k < this.size; k++) G[from + k] = PI * W[from + k];
    for (let i = 0; i < K; i++) {
      const at = i * D;
      for (let j = 0; j < i; j++) {
        const other = j * D, c = cosine(unit, at, unit, other, D), left = PI - Math.acos(c), sine = Math.sqrt(1 - c * c);
        for (let d = 0; d < D; d++) {
          G[from + at + d] += sine * length[j] * unit[at + d] + left * W[from + other + d];
          G[from + other + d] += sine * length[i] * unit[other + d] + left * W[from + at + d];
        }
      }
      for (let j = 0; j < M; j++) {
        const other = j * D, c = cosine(unit, at, vUnit, other, D), left = PI - Math.acos(c), sine = Math.sqrt(1 - c * c);
        for (let d = 0; d < D; d++) G[from + at + d] -= sine * vLength[j] * unit[at + d] + left * V[other + d];
      }
    }
    let largest = 0;
    for (let k = from; k < from + this.size; k++) {
      G[k] /= TWO_PI;
      const size = Math.abs(G[k]);
      if (!(size <= largest)) largest = size; // NaN too
    }
    return largest;
  }

  // The Hessian at the student W, as rows.
  hessian(W) {
    const { K, M, D, V } = this, size = K * D, H = Array.from({ length: size }, () => new Float64Array(size));
    const row = (A, i) => Array.from(A.slice(i * D, (i + 1) * D));
    const add = (i, j, block, sign) => { for (let a = 0; a < D; a++) for (let b = 0; b < D; b++) H[i * D + a][j * D + b] += sign * block(a, b); };
    for (let i = 0; i < K; i++) {
      const w = row(W, i);
      add(i, i, (a, b) => (a === b ? 0.5 : 0), 1);
      for (let j = 0; j < K; j++) if (i !== j) {
        const pair = between(w, row(W, j));
        add(i, i, twice(pair), 1);
        add(i, j, across(pair), 1);
      }
      for (let j = 0; j < M; j++) add(i, i, twice(between(w, row(V, j))), -1);
    }
    return H;
  }

  // What the split of neuron i opens: the least curvature as its two halves part, and the direction they part in.
  splitCurvature(H, i) {
    const { D } = this, block = Array.from({ length: D }, (_, a) => Float64Array.from({ length: D }, (_,
      b) => 2 * (H[i * D + a][i * D + b] - (a === b ? 0.5 : 0))));
    const { values, vectors } = eigen(block);
    return { curvature: values[0], direction: vectors[0] };
  }
}

function directions(W, from, count, D, length, unit) {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += W[from + i * D + d] ** 2;
    length[i] = Math.sqrt(sum);
    for (let d = 0; d < D; d++) unit[i * D + d] = length[i] > 0 ? W[from + i * D + d] / length[i] : 0;
  }
}

function cosine(A, i, B, j, D) {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += A[i + d] * B[j + d];
  return sum > 1 ? 1 : sum < -1 ? -1 : sum;
}

function kernel({ D }, A, i, a, B, j, b) {
  const c = cosine(A, i * D, B, j * D, D);
  return (a[i] * b[j] * (Math.sqrt(1 - c * c) + (PI - Math.acos(c)) * c)) / TWO_PI;
}

function between(w, v) {
  const size = (x) => Math.sqrt(x.reduce((sum, a) => sum + a * a, 0)), lw = size(w), lv = size(v);
  const unit = w.map((a) => a / lw), other = v.map((a) => a / Math.max(lv, 1e-300));
  const c = Math.min(1, Math.max(-1, unit.reduce((sum, a, k) => sum + a * other[k], 0))), sine = Math.sqrt((1 - c) * (1 + c));
  const part = (x, y) => x.map((a, k) => (sine < 1e-9 ? 0 : (a - c * y[k]) / sine));
  return { lw, lv, unit, other, phi: Math.acos(c), n: part(other, unit), m: part(unit, other) };
}

const twice = ({ lw, lv, unit, phi, n }) => (a, b) => ((lv * Math.sin(phi)) / (TWO_PI * lw)) * ((a === b ? 1 : 0) - unit[a] * unit[b] + n[a] * n[b]);
const across = ({ unit, other, phi, n, m }) => (a, b) => ((a === b ? PI - phi : 0) + unit[a] * n[b] + other[a] * m[b]) / TWO_PI;

// Eigenvalues of a symmetric matrix, rising, and the eigenvectors in that order, by Jacobi's rotations.
export function eigen(matrix) {
  const n = matrix.length, A = matrix.map((row) => Float64Array.from(row)), E = A.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0, whole = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { whole += A[i][j] ** 2; if (i !== j) off += A[i][j] ** 2; }
    if (off <= 1e-30 * whole) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) if (A[p][q] !== 0) rotate(A, E, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => A[i][i] - A[j][j]);
  return { values: order.map((i) => A[i][i]), vectors: order.map((i) => Array.from(E[i])) };
}

function rotate(A, E, p, q) {
  const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]), t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1), s = t * c, P = A[p], Q = A[q], n = A.length;
  for (let k = 0; k < n; k++) { const x = P[k], y = Q[k]; P[k] = c * x - s * y; Q[k] = s * x + c * y; }
  for (let k = 0; k < n; k++) { const row = A[k], x = row[p], y = row[q]; row[p] = c * x - s * y; row[q] = s * x + c * y; }
  for (let k = 0; k < n; k++) { const x = E[p][k], y = E[q][k]; E[p][k] = c * x - s * y; E[q][k] = s * x + c * y; }
}

// --- descent ------------------------------------------------------------------------------------------------------

const EVERY = 100; // updates between two places that are kept

// Students that descend together: m ← βm + ∇L, W ← W − ηm. Any update can be gone to.
export class Descent {
  constructor(problem, W, rate, beta) {
    Object.assign(this, { problem, rate, beta, W: W.slice(), m: new Float64Array(W.length), G: new Float64Array(W.length), t: 0 });
    this.kept = [[this.W.slice(), this.m.slice()]];
    this.count = W.length / problem.size;
  }

  // Go to update t, or as far as the milliseconds last; whether it is reached.
  goTo(t, budget = Infinity) {
    if (t < this.t) {
      const place = Math.min(Math.floor(t / EVERY), this.kept.length - 1);
      this.W.set(this.kept[place][0]);
      this.m.set(this.kept[place][1]);
      this.t = place * EVERY;
    }
    const until = performance.now() + budget;
    while (this.t < t && performance.now() < until) this.update();
    return this.t === t;
  }

  update() {
    const { problem, W, m, G, rate, beta } = this;
    for (let r = 0; r < this.count; r++) problem.gradient(W, G, r * problem.size);
    for (let k = 0; k < W.length; k++) { m[k] = beta * m[k] + G[k]; W[k] -= rate * m[k]; }
    this.t += 1;
    if (this.t % EVERY === 0 && this.kept.length === this.t / EVERY) this.kept.push([W.slice(), m.slice()]);
  }

  student(r) { return this.W.slice(r * this.problem.size, (r + 1) * this.problem.size); }
}

// Where a student comes to rest if it goes on alone, with momentum: its place, its loss, the largest part of the gradient.
export function settled(problem, W, most = 3000) {
  const at = W.slice(), m = new Float64Array(W.length), G = new Float64Array(W.length);
  let slope = problem.gradient(at, G);
  for (let t = 0; t < most && slope > 1e-14; t++) {
    for (let k = 0; k < at.length; k++) { m[k] = 0.9 * m[k] + G[k]; at[k] -= 0.2 * m[k]; }
    slope = problem.gradient(at, G);
  }
  return { W: at, loss: problem.loss(at), slope };
}

// The same function with one neuron more: neuron i becomes two halves, `apart` from each other on both sides of the middle.
export function split(W, D, i, direction, apart) {
  const found = new Float64Array(W.length + D);
  found.set(W);
  for (let d = 0; d < D; d++) {
    found[i * D + d] = W[i * D + d] / 2 + apart * direction[d];
    found[W.length + d] = W[i * D + d] / 2 - apart * direction[d];
  }
  return found;
}

// How many different directions the teacher's neurons have: so many neurons a student needs at least.
export function countDirections(teacher) {
  const unit = teacher.map((v) => { const size = Math.hypot(...v); return v.map((a) => (size ? (a / size).toFixed(9) : "0")).join(); });
  return new Set(unit.filter((text) => !/^[0,]+$/.test(text))).size;
}

// Carry a student's losses on to update t.
export function record(one, t) {
  while (one.losses.length <= t) {
    one.descent.goTo(one.losses.length);
    one.losses.push(one.descent.problem.loss(one.descent.W));
  }
}

// --- moments ------------------------------------------------------------------------------------------------------

// The second moment E[t(x)(xxᵀ − I)] and the first E[t(x)x] as means over the first n samples, for each n of `counts`.
export function sampledMoments(V, D, seed, counts) {
  const x = normals(seed * 1000003 + 17, counts.at(-1) * D), first = new Float64Array(D), second = new Float64Array(D * D), found = [];
  let mean = 0, at = 0;
  for (let n = 1; n <= counts.at(-1); n++, at += D) {
    let t = 0;
    for (const v of V) { let sum = 0; for (let d = 0; d < D; d++) sum += v[d] * x[at + d]; if (sum > 0) t += sum; }
    mean += t;
    for (let a = 0; a < D; a++) {
      first[a] += t * x[at + a];
      for (let b = 0; b < D; b++) second[a * D + b] += t * x[at + a] * x[at + b];
    }
    if (n === counts[found.length]) found.push({ n, first: Array.from(first, (sum) => sum / n),
      second: Array.from({ length: D }, (_, a) => Array.from({ length: D }, (_, b) => (second[a * D + b] - (a === b ? mean : 0)) / n)) });
  }
  return found;
}

export function exactMoments(V, D) {
  const lengths = V.map((v) => Math.hypot(...v)), entry = (a, b) => V.reduce((sum, v, j) => sum + (v[a] * v[b]) / lengths[j], 0) / Math.sqrt(TWO_PI);
  return { first: Array.from({ length: D }, (_, d) => V.reduce((sum, v) => sum + v[d] / 2, 0)),
    second: Array.from({ length: D }, (_, a) => Array.from({ length: D }, (_, b) => entry(a, b))) };
}

// The largest angle in degrees between the span of the top eigenvectors and that of the teacher: its cosine squared is the
// least eigenvalue of BᵀB, where B holds the scalar products of two orthonormal bases.
export function spanAngle(second, V) {
  const top = eigen(second).vectors.slice(-V.length), basis = orthonormal(V), dot = (a, b) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  const B = basis.map((q) => top.map((u) => dot(q, u))), columns = top.map((_, j) => B.map((row) => row[j]));
  const least = eigen(columns.map((a) => columns.map((b) => dot(a, b)))).values[0];
  return (Math.acos(Math.sqrt(Math.min(1, Math.max(0, least)))) * 180) / PI;
}

function orthonormal(V) {
  const found = [];
  for (const v of V) {
    let rest = Array.from(v);
    for (const q of found) { const along = rest.reduce((sum, x, d) => sum + x * q[d], 0); rest = rest.map((x, d) => x - along * q[d]); }
    const size = Math.hypot(...rest);
    found.push(rest.map((x) => x / size));
  }
  return found;
}
