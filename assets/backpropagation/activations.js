// The engine's activation functions (engine/network/activations.py) for one number: value(z) and slope(z, a).

export const sigmoid = (z) => 0.5 * Math.tanh(0.5 * z) + 0.5;
const GELU = Math.sqrt(2 / Math.PI);
const inner = (z) => Math.min(30, Math.max(-30, z));
const bend = (z) => Math.tanh(GELU * (inner(z) + 0.044715 * inner(z) ** 3));

export const ACTIVATIONS = {
  identity: { value: (z) => z, slope: () => 1 },
  threshold: { value: (z) => (z >= 0 ? 1 : 0), slope: () => 0 },
  sigmoid: { value: sigmoid, slope: (z, a) => (1 - a) * a },
  tanh: { value: Math.tanh, slope: (z, a) => 1 - a * a },
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  leaky_relu: { value: (z) => Math.max(z, 0.01 * z), slope: (z) => (z > 0 ? 1 : 0.01) },
  elu: { value: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z, a) => Math.min(a, 0) + 1 },
  softplus: { value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: sigmoid },
  gelu: {
    value: (z) => 0.5 * z * (1 + bend(z)),
    slope: (z) => {
      const x = inner(z),
        t = bend(z);
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU * (1 + 3 * 0.044715 * x * x);
    },
  },
  silu: { value: (z) => z * sigmoid(z), slope: (z, a) => sigmoid(z) + a * (1 - sigmoid(z)) },
  sine: { value: Math.sin, slope: Math.cos },
};
