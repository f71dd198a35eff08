// Fields: a function of the plane on a grid, its colours, and the line where it has a given value.
//
// Values are computed at the nodes of a grid of side x side, row by row from the top, the outer nodes on the edges. At a node
// z1 = u x + (v y + b), so that tanh needs no function call for each node: with exponentials per column and per row,
//
//     tanh z1 = 1 - 2 / (1 + e^(2 u x) e^(2 (v y + b)))        sigmoid z1 = 1 - 1 / (1 + e^(u x) e^(v y + b))
//
// Where these exponentials would overflow, the functions are called after all.

import { ACTIVATIONS, arraysOf, sigmoid } from './network.js';

const OVERFLOW = 690;

/// The coordinates of the nodes along an edge.
const nodes = ([low, high], side) => Float64Array.from({ length: side }, (_, i) => low + ((high - low) * i) / (side - 1));

/// Adds `factor` times the activation of one unit to the field.
function addUnit(field, side, activation, u, v, b, factor, xs, ys) {
  const steepness = { tanh: 2, sigmoid: 1 }[activation];
  let [column, row] = [xs.map(x => u * x), ys.map(y => v * y + b)];
  let at = 0;

  // The largest values are at the ends, because nodes increase.
  const most = [column, row].reduce((sum, list) => sum + Math.max(Math.abs(list[0]), Math.abs(list.at(-1))), 0);
  if (steepness * most < OVERFLOW) {
    [column, row] = [column, row].map(list => list.map(z => Math.exp(steepness * z)));
    const twice = steepness * factor;
    for (let r = side - 1; r >= 0; r--) {
      const e = row[r];
      for (let c = 0; c < side; c++) field[at++] += factor - twice / (1 + e * column[c]);
    }
    return;
  }
  const { value } = ACTIVATIONS[activation];
  for (let r = side - 1; r >= 0; r--) for (let c = 0; c < side; c++) field[at++] += factor * value(row[r] + column[c]);
}

/// The logits of a network of two inputs. `field` is reused if it has the right length.
export function logitField(network, window, side, field) {
  const { w1, b1, w2, b2 } = arraysOf(network);
  const h = network.hidden;
  const [xs, ys] = [nodes(window.x, side), nodes(window.y, side)];
  const values = field?.length === side * side ? field : new Float64Array(side * side);
  values.fill(b2[0]);
  for (let k = 0; k < h; k++) addUnit(values, side, network.activation, w1[k], w1[h + k], b1[k], w2[k], xs, ys);
  return values;
}

/// The network of two inputs that has only one of its units, without b2: its logit is the unit's vote, a1 w2.
export function unitOf(network, k) {
  const { w1, b1, w2 } = arraysOf(network);
  return { ...network, hidden: 1, values: Float64Array.of(w1[k], w1[network.hidden + k], b1[k], w2[k], 0) };
}

// Colours are looked up by the logit. Beyond this limit a colour no longer changes visibly.
const LIMIT = 8;
const SHADES = 1024;

/// The colours of logits from three colours [r, g, b]: class 0, undecided, class 1. They are mixed by the probability.
export function createPalette(zero, undecided, one) {
  return Uint32Array.from({ length: SHADES }, (_, i) => {
    const p = sigmoid((2 * i * LIMIT) / (SHADES - 1) - LIMIT);
    const [end, strength] = p < 0.5 ? [zero, 1 - 2 * p] : [one, 2 * p - 1];
    const [r, g, b] = undecided.map((channel, c) => Math.round(channel + (end[c] - channel) * strength));
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
}

const scratch = new Map();

/// Paints a field over a rectangle of a canvas, with its outer nodes on the edges of the rectangle.
export function paintField(context, field, side, palette, left, top, width, height) {
  if (!scratch.has(side)) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    const target = canvas.getContext('2d');
    scratch.set(side, { canvas, target, image: target.createImageData(side, side) });
  }
  const { canvas, target, image } = scratch.get(side);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = (SHADES - 1) / (2 * LIMIT);
  for (let i = 0; i < pixels.length; i++) {
    const z = field[i];
    // A value that is not a number stays transparent.
    pixels[i] = z >= LIMIT ? palette[SHADES - 1] : z <= -LIMIT ? palette[0] : palette[Math.round((z + LIMIT) * scale)] ?? 0;
  }
  target.putImageData(image, 0, 0);

  // The outer nodes lie in the middle of the outer pixels.
  context.drawImage(canvas, 0.5, 0.5, side - 1, side - 1, left, top, width, height);
}

/// Where the line `field = level` crosses the edges of the grid, as segments [x0, y0, x1, y1, ...] in units of cells from the
/// top left. `exact(x, y)` gives the function at such a position: crossings are moved onto its level by regula falsi, `rounds`
/// times, since straight interpolation misses where the function bends within a cell.
export function contour(field, side, level, exact, rounds = 3) {
  const lines = [];
  let points = [];
  // Two cells share an edge, and its crossing is computed once.
  const known = new Map();
  /// Adds the crossing of an edge, which begins at (x, y) and goes to (x + dx, y + dy), if the line crosses it.
  const cross = (x, y, dx, dy) => {
    const [a, b] = [field[y * side + x] - level, field[(y + dy) * side + x + dx] - level];
    if (a > 0 === b > 0) return;
    const edge = 2 * (y * side + x) + dx;
    const t = known.get(edge) ?? root(a, b, share => exact(x + share * dx, y + share * dy) - level, rounds);
    known.set(edge, t);
    if (t >= 0) points.push([x + t * dx, y + t * dy]);
  };

  for (let r = 0; r + 1 < side; r++) {
    for (let c = 0; c + 1 < side; c++) {
      const i = r * side + c;
      const isAbove = field[i] > level;
      if (field[i + 1] > level === isAbove && field[i + side] > level === isAbove && field[i + side + 1] > level === isAbove) continue;
      points = [];
      cross(c, r, 1, 0);
      cross(c + 1, r, 0, 1);
      cross(c, r + 1, 1, 0);
      cross(c, r, 0, 1);
      // Where all four edges are crossed, the middle of the cell decides which crossings belong together.
      const middle = (field[i] + field[i + 1] + field[i + side] + field[i + side + 1]) / 4;
      const [top, right, bottom, left] = points;
      if (left && middle > level !== isAbove) points = [top, left, right, bottom];
      if (points.length % 2 === 0) lines.push(...points.flat());
    }
  }
  return lines;
}

/// The root in [0, 1] of a function with f(0) = a and f(1) = b of different signs, by the Illinois method.
function root(a, b, f, rounds) {
  let [t0, t1, f0, f1] = [0, 1, a, b];
  let t = f0 / (f0 - f1);
  for (let round = 0; round < rounds; round++) {
    const value = f(t);
    if (value === 0 || !Number.isFinite(value)) break;
    if (value > 0 === f1 > 0) {
      [t1, f1] = [t, value];
      f0 /= 2;
    } else {
      [t0, f0, t1, f1] = [t1, f1, t, value];
    }
    t = (t0 * f1 - t1 * f0) / (f1 - f0);
  }
  return Math.min(1, Math.max(0, t));
}
