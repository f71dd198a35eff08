// The data of a page, and its checks. Rust writes them as one JSON element:
//
//     <script type="application/json" id="run"> ... </script>
//
// Inside it every `<` is written as \u003c, so that no name can end the element. Everything that people read as text (title,
// sentences, findings, commands, tables) is written into the HTML by Rust; the JSON holds what the scripts compute with.
//
// f64 below is a base64 string of little-endian doubles. Each array is a string of its own, so it always begins at offset 0
// and never at one that is not divisible by 8. A value that does not exist is NaN.
//
//     format      1
//     classes     [name of class 0, name of class 1]
//                 Names are written as the terminal has them, with control characters as escapes.
//     inputs      [{ name, shift, scale, mean }], one for each input of the network, [d]. The value in the table is
//                 shift + scale * x; 0 and 1 where nothing was scaled. `mean` is that of the training samples, as x.
//     network     { hidden: h, activation: "tanh" | "sigmoid" | "relu" | "identity" }
//     training    { updates,                 made
//                   planned_updates,         the T of the schedule
//                   kept_update,             the update whose parameters the model file has
//                   learning_rate, final_learning_rate (or null), schedule: "constant" | "linear" | "cosine" | "exponential",
//                   weight_decay, momentum, batch_size (or null), engine, dtype, seed }
//     frames      { updates: [F], parameters: f64 [F, P] }
//                 At most 302, in increasing order, 0 and kept_update among them, spaced as cubes of their index, the late ones
//                 at even updates. P = d h + 2 h + 1: w1 [d, h] row by row, b1 [h], w2 [h], b2 [1].
//     history     { updates: [R], and any of: cost, validation_cost, accuracy, validation_accuracy, sharpness, gradient_norm: f64 [R] }
//     samples     { x: f64 [n, d], y: a string of n digits 0 or 1, parts: [train, validation, test] (how many of the n rows
//                   belong to each, in this order), totals: [train, validation, test] (how many there are; above 5,000 in all a
//                   seeded subset is in the page), rows: null, or the index of each row within its part }
//     slices      [{ name, axes: [2 names], origin: f64 [d], directions: f64 [2, d] }], for d > 2 only. A point of the plane is
//                 origin + u directions[0] + v directions[1]; directions have length 1 and are orthogonal.
//     threshold   class 1 is predicted above this probability
//     divergence  null, or { update }: the discarded update at which training diverged
//
// A sweep has
//
//     format      1
//     data        [{ classes, inputs, samples, slices }], its data sets
//     sweep       [{ data: the index of its data set, name: its keys with values, label: the values alone,
//                    network, training, frames, history, threshold, divergence }]
//     columns     how many runs are in a row of the grid if it has the values of two keys in rows and columns, or null
//     compared_part   the part of the samples by which the runs are compared: 0 for training, 1 for validation

import { parameterCount } from './network.js';

const PARTS = ['training', 'validation', 'test'];

/// Decodes an f64 array and checks its length.
export function decode(text, length, name) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  if (bytes.length !== 8 * length) throw new Error(`${name} has ${bytes.length / 8} values: must have ${length}`);
  // All computers that have a browser today are little-endian, too.
  return new Float64Array(bytes.buffer);
}

/// A run as the other modules use it, from the parsed JSON. `x` and `y` of its parts are views of the same arrays.
export function readRun(json) {
  checkFormat(json);
  return { ...readTraining(json, json.inputs.length), ...readDataSet(json) };
}

export function checkFormat({ format }) {
  if (format !== 1) throw new Error(`The data have format ${format}: this page reads format 1`);
}

/// The samples and what is known about them.
export function readDataSet({ classes, inputs, samples, slices }) {
  const [d, read] = [inputs.length, readSamples(samples, inputs.length)];
  return {
    classes, inputs, samples: read, train: read.parts[0],
    slices: slices.map(slice => ({ ...slice, origin: decode(slice.origin, d, 'origin'), directions: decode(slice.directions, 2 * d, 'directions') })),
  };
}

/// One training, from its own part of the JSON.
export function readTraining({ network, frames: { updates, parameters }, history, ...rest }, inputs) {
  return {
    ...rest,
    network: { inputs, ...network },
    frames: { updates, parameters: decode(parameters, updates.length * parameterCount(inputs, network.hidden), 'frames.parameters') },
    history: readHistory(history),
  };
}

function readHistory({ updates, ...series }) {
  const known = Object.entries(series).filter(([, text]) => text);
  return { updates, ...Object.fromEntries(known.map(([name, text]) => [name, decode(text, updates.length, `history.${name}`)])) };
}

function readSamples({ x, y, parts, totals, rows }, inputs) {
  const values = decode(x, y.length * inputs, 'samples.x');
  const labels = Uint8Array.from(y, Number);
  let end = 0;
  const list = PARTS.map((name, p) => {
    const start = end;
    end += parts[p];
    return { name, start, end, x: values.subarray(start * inputs, end * inputs), y: labels.subarray(start, end), total: totals[p], complete: parts[p] === totals[p] };
  });
  const rowOf = rows ?? list.flatMap(part => [...part.y.keys()]);
  return {
    x: values,
    y: labels,
    parts: list,
    count: y.length,
    partOf: i => list.find(part => i < part.end),
    /// The index of a sample within its part, as `petal explain --sample` counts.
    rowOf: i => rowOf[i],
    /// The sample with this row in the training part, or -1.
    find: row => rowOf.slice(0, list[0].end).indexOf(row),
  };
}
