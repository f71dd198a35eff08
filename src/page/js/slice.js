// The plane that a picture shows. For two inputs it is the plane of the inputs. For more it is a slice, a point of which is
//
//     x = origin + u direction0 + v direction1
//
// so that z1 = x w1 + b1 = (u, v) (directions w1) + (origin w1 + b1): folding the slice into w1 and b1 leaves a network of two
// inputs, and only such networks are ever drawn.

import { arraysOf, parameterCount } from './network.js';

/// The plane of a choice: a slice from Rust by its index, or two inputs with the others at their means.
export function planeOf(run, choice) {
  const { inputs, slices } = run;
  const d = inputs.length;
  if (d > 2 && choice.pair === null && slices.length > 0) {
    const { axes, origin, directions } = slices[choice.slice];
    return { axes: axes.map(axis => ({ name: axis, shift: 0, scale: 1 })), origin, directions };
  }

  const [first, second] = d > 2 ? choice.pair ?? [0, 1] : [0, 1];
  const origin = Float64Array.from(inputs, ({ mean }, j) => (j === first || j === second || d <= 2 ? 0 : mean));
  const directions = new Float64Array(2 * d);
  directions[first] = 1;
  // With one input the second axis has no meaning: the network does not change along it.
  if (d > 1) directions[d + second] = 1;
  return { axes: [inputs[first], inputs[second] ?? { name: '', shift: 0, scale: 1 }], origin, directions };
}

/// The network on the plane, with two inputs.
export function fold(network, { origin, directions }) {
  const { inputs: d, hidden: h, activation, values } = network;
  const folded = new Float64Array(parameterCount(2, h));
  const { w1, b1, w2, b2 } = arraysOf(network);
  for (let k = 0; k < h; k++) {
    let bias = b1[k];
    for (let j = 0; j < d; j++) {
      folded[k] += directions[j] * w1[j * h + k];
      folded[h + k] += directions[d + j] * w1[j * h + k];
      bias += origin[j] * w1[j * h + k];
    }
    folded[2 * h + k] = bias;
  }
  folded.set(w2, 3 * h);
  folded[4 * h] = b2[0];
  return { inputs: 2, hidden: h, activation, values: folded };
}

/// The coordinates of all samples on the plane, [n, 2]: (x - origin) . direction.
export function project({ x, y, count }, { origin, directions }) {
  const d = origin.length;
  const points = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < d; j++) {
      const offset = x[i * d + j] - origin[j];
      points[2 * i] += offset * directions[j];
      points[2 * i + 1] += offset * directions[d + j];
    }
    // One input: the classes are drawn on two lines, each with its points a little apart.
    if (d === 1) points[2 * i + 1] = (y[i] ? 0.5 : -0.5) + 0.3 * (((i * 0.618034) % 1) - 0.5);
  }
  return points;
}

/// The bounding box of the points with a margin of a twelfth, as the still pictures have it.
export function windowAround(points) {
  const [x, y] = [0, 1].map(axis => {
    const values = points.filter((_, i) => i % 2 === axis);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = high > low ? (high - low) / 12 : Math.max(Math.abs(low), 1) / 12;
    return [low - margin, high + margin];
  });
  return { x, y };
}
