// The engine's softmax (engine/network/softmax.py): as written, and as computed.

const STEP = 1e-5;
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

export function softmaxLoss(a, label, stable) {
  const top = stable ? Math.max(...a) : 0;
  const exponentials = a.map((number) => Math.exp(number - top)),
    total = sum(exponentials);
  const f = exponentials.map((e) => e / total);
  const loss = stable ? Math.log(total) - (a[label] - top) : -Math.log(f[label]);
  const gradient = f.map((share, c) => (c === label ? (stable ? -(sum(f) - share) : share - 1) : share));
  return { exponentials, total, f, loss, gradient };
}

// The eight lines of ∂(−ln f_y)/∂a_c; the first three still hold a derivative, which is measured.
export function derivation(a, label, c, stable) {
  const moved = (by) =>
    softmaxLoss(
      a.map((number, k) => (k === c ? number + by : number)),
      label,
      stable,
    );
  const { exponentials: e, total, f } = softmaxLoss(a, label, stable),
    high = moved(STEP),
    low = moved(-STEP);
  const same = c === label ? 1 : 0,
    fy = f[label];
  const fraction = ({ exponentials, total: all }) => exponentials[label] / all;
  return [
    (high.loss - low.loss) / (2 * STEP),
    (-1 / fy) * ((high.f[label] - low.f[label]) / (2 * STEP)),
    (-1 / fy) * ((fraction(high) - fraction(low)) / (2 * STEP)),
    (-1 / fy) * ((same * e[label]) / total - (e[label] * e[c]) / total ** 2),
    (-1 / fy) * ((same * e[label]) / total - (e[label] / total) * (e[c] / total)),
    (-1 / fy) * (same * fy - fy * f[c]),
    (-1 / fy) * fy * (same - f[c]),
    -(same - f[c]),
  ];
}

export const sigmoidSlopeAsWritten = (b) => Math.exp(-b) / (Math.exp(-b) + 1) ** 2;
