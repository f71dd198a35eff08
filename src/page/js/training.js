// Training: the learning rate of each update, and the parameters after any update, by replaying gradient descent between
// two frames:
//
//     w := w - learning_rate(t) * gradient
//
// Replay is exact to the last digits for plain full-batch gradient descent in f64. Momentum and batches need the velocity and
// the random order, which a page does not have, so such runs are shown at their frames only.

import { gradient } from './network.js';

// A replay of more than this many products would be felt as a delay.
const MAX_REPLAY = 3e7;

/// The learning rate of update t, counted from 0: learning_rate * f(t), with the formulas of src/train/schedule.rs.
export function learningRate(training, t) {
  const { learning_rate: rate, final_learning_rate: last, planned_updates: planned, schedule } = training;
  const q = (last ?? 0) / rate;
  const done = t / Math.max(planned, 1);
  const factors = { linear: 1 - (1 - q) * done, cosine: q + (1 - q) * (1 + Math.cos(Math.PI * done)) / 2, exponential: q ** done };
  return rate * (factors[schedule] ?? 1);
}

/// Above this sharpness the steps of gradient descent overshoot: 2 (1 + momentum) / learning rate.
export const sharpnessLimit = (training, t) => 2 * (1 + training.momentum) / learningRate(training, t);

/// The index of the last frame that is not after this update.
export function frameAtOrBefore(updates, update) {
  let [low, high] = [0, updates.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (updates[middle] <= update) low = middle; else high = middle - 1;
  }
  return low;
}

/// The parameters over time. `networkAfter(update)` gives the network after an update, or, where that cannot be replayed,
/// after the last frame before it; `lands(update)` says which update that is.
export function createTrajectory(run, maxReplay = MAX_REPLAY) {
  const { frames, training, train, network } = run;
  const { inputs, hidden } = network;
  const size = frames.parameters.length / frames.updates.length;
  const work = train.y.length * hidden * (inputs + 2);
  const exact = train.complete && training.momentum === 0 && !training.batch_size && training.dtype === 'f64';
  // The last replayed point: the next update forward continues from here.
  let latest = { update: -1, values: null };

  function lands(update) {
    const at = frames.updates[frameAtOrBefore(frames.updates, update)];
    return exact && (update - at) * work <= maxReplay ? update : at;
  }

  function networkAfter(update) {
    const end = lands(update);
    const index = frameAtOrBefore(frames.updates, update);
    let [at, values] = [frames.updates[index], frames.parameters.subarray(index * size, (index + 1) * size)];
    if (latest.update >= at && latest.update <= end) ({ update: at, values } = latest);
    for (; at < end; at++) {
      const rate = learningRate(training, at);
      const step = gradient({ ...network, values }, train.x, train.y, training.weight_decay);
      values = values.map((value, p) => value - rate * step[p]);
    }
    latest = { update: end, values };
    return { ...network, values };
  }

  return { networkAfter, lands, replays: exact && work <= maxReplay };
}
