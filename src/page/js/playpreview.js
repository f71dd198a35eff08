// A training that is under way: what has come of it so far, as a run whose end is its last frame.

import { parameterCount } from './network.js';
import { decode, readDataSet, readTraining } from './run.js';

/// More numbers than these are not kept: of the frames, and then of the records, every second one is left out.
const MOST_FRAME_NUMBERS = 180_000;
const MOST_RECORDS = 4000;

/// Collects the lines of a training that begins with `start` and has these samples. Nothing is decoded before it is asked for: most trainings end first.
export function createPreview(start, data) {
  const { inputs, network } = start;
  const size = parameterCount(inputs.length, network.hidden);
  let [lines, frames, records, names] = [[], [], [], []];

  function take({ frames: { updates, parameters }, history }) {
    const values = decode(parameters, updates.length * size, 'frames.parameters');
    updates.forEach((update, i) => frames.push({ update, values: values.slice(i * size, (i + 1) * size) }));
    frames = thinned(frames, MOST_FRAME_NUMBERS / size);
    if (!history?.updates.length) return;
    names = Object.keys(history).filter(name => name !== 'updates' && history[name]);
    const series = names.map(name => decode(history[name], history.updates.length, `history.${name}`));
    history.updates.forEach((update, i) => records.push({ update, values: series.map(list => list[i]) }));
    records = thinned(records, MOST_RECORDS);
  }

  return {
    add(line) { lines.push(line); },
    /// The run so far, or null before its first frame.
    run() {
      lines.forEach(take);
      lines = [];
      if (!frames.length) return null;
      const { update } = frames.at(-1);
      const parameters = new Float64Array(frames.length * size);
      frames.forEach(({ values }, i) => parameters.set(values, i * size));
      return {
        ...start, ...data,
        network: { inputs: inputs.length, ...network },
        training: { ...start.training, updates: update, kept_update: update },
        frames: { updates: frames.map(frame => frame.update), parameters },
        history: { updates: records.map(record => record.update), ...Object.fromEntries(names.map((name, n) => [name, Float64Array.from(records, ({ values }) => values[n])])) },
        divergence: null,
      };
    },
  };
}

/// Reads runs. As long as the samples are those of the run before, they are the same object, and what depends on them alone can stay.
export function createReader() {
  let [key, data] = ['', null];

  function dataOf({ classes, inputs, samples, slices }) {
    const next = JSON.stringify([classes, inputs, samples, slices]);
    if (next !== key) data = readDataSet({ classes, inputs, samples, slices });
    key = next;
    return data;
  }

  return { dataOf, read: json => ({ ...readTraining(json, json.inputs.length), ...dataOf(json) }) };
}

/// The list, or every second of its items and the last one, until at most `most` are left.
export function thinned(list, most) {
  let kept = list;
  while (kept.length > Math.max(2, most)) kept = kept.filter((_, i) => i % 2 === 0 || i === kept.length - 1);
  return kept;
}
