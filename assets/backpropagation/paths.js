// The paths from one unit to the loss in a pass of network_math.js, for one sample.

// {found: the first `most` paths, each {steps: [{key, at, number}], product}; count: of all; sum: of all products}.
// A step's number is the slope of that place by the one before; the last is ∂loss by the last place.
export function paths(net, boxes, key, unit, most) {
  const top = boxes[`a${net.sizes.length - 1}`] ? `a${net.sizes.length - 1}` : `z${net.sizes.length - 1}`;
  const found = [];
  let count = 0;

  // The ways on from a place: [{key, at, number}].
  const next = (place, at) => {
    const layer = place === "x" ? 0 : Number(place.slice(1));
    if (place[0] === "z" && boxes[`a${layer}`]) return [{ key: `a${layer}`, at: [at], number: boxes[place].slope[0][at] }];
    const above = layer + 1,
      W = boxes[`W${above}`].value;
    return W[at].map((number, j) => ({ key: `z${above}`, at: [j], number }));
  };
  const walk = (place, at, steps) => {
    if (found.length >= most) return;
    if (place === top) {
      const number = boxes[top].gradient[0][at],
        all = steps.length ? steps : [{ key: place, at: [at], number: 1 }];
      const product = all.reduce((total, step) => total * step.number, 1) * number;
      found.push({ steps: [...(steps.length ? steps : []), { key: place, at: [at], number }], product });
      return;
    }
    for (const step of next(place, at)) walk(step.key, step.at[0], [...steps, step]);
  };
  walk(key, unit, []);
  const layer = key === "x" ? 0 : Number(key.slice(1));
  count = net.sizes.slice(layer + 1).reduce((product, width) => product * width, 1);
  return { found, count, sum: boxes[key].gradient[0][unit] };
}
