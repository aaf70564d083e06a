// The tent map 1 − |2x − 1| as a layer of two ReLU neurons has it, applied again and again. Exact: it only doubles and subtracts.
const relu = (z) => Math.max(z, 0);

export const tent = (x) => 2 * relu(x) - 4 * relu(x - 0.5);

// x and where each of `layers` layers takes it.
export function way(x, layers) {
  const places = [x];
  for (let k = 0; k < layers; k++) places.push(tent(places[k]));
  return places;
}

// The corners of the sawtooth after so many layers: 2ᵏ pieces between 0 and 1.
export function corners(layers) {
  const count = 2 ** layers;
  return Array.from({ length: count + 1 }, (_, i) => [i / count, layers ? i % 2 : i]);
}
