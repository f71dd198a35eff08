// What is derived from the state: the network at the slider's update, its logits, costs, gradient and next step, the plane with
// the samples on it, the colours.

import { valueAt } from './curves.js';
import { createPalette } from './field.js';
import { accuracy, arraysOf, backward, cost, crossEntropy, gradient, logit, logits } from './network.js';
import { largest } from './numbers.js';
import { fold, planeOf, project, windowAround } from './slice.js';
import { learningRate } from './training.js';

/// The state that a page opens with: the kept update, its costliest sample, the unit with the largest w2.
export function firstState({ train, training, history, threshold, network }, kept) {
  const z2 = logits(kept, train.x);
  const { w2 } = arraysOf(kept);
  const costs = history.cost?.filter(value => value > 0) ?? [1];
  return {
    update: training.kept_update,
    sample: largest(train.y.length, 1, i => crossEntropy(z2[i], train.y[i]))[0],
    unit: largest(network.hidden, 1, k => Math.abs(w2[k]))[0],
    plane: { slice: 0, pair: null },
    part: -1,
    threshold,
    allUnits: false,
    log: Math.max(...costs) > 60 * Math.min(...costs),
  };
}

/// The colours of the style sheet, for canvases.
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const [zero, one, ink, paper, frame, ...field] = ['zero', 'one', 'ink', 'paper', 'line', 'field-zero', 'field-none', 'field-one'].map(name => style.getPropertyValue(`--${name}`).trim());
  const shades = createPalette(...field.map(colour => colour.match(/[0-9a-f]{2}/gi).map(pair => parseInt(pair, 16))));
  return Object.assign(shades, { marks: [zero, one], ink, paper, frame });
}

/// Everything that is derived from the state.
export function viewOf(run, trajectory, state, cache) {
  const { samples, train, training, history } = run;
  const { threshold } = state;
  const planeKey = JSON.stringify(state.plane);
  if (cache.planeKey !== planeKey) {
    const plane = planeOf(run, state.plane);
    const points = project(samples, plane);
    Object.assign(cache, { planeKey, plane, points, window: windowAround(points) });
  }
  const update = trajectory.lands(state.update);
  const network = trajectory.networkAfter(update);
  const z2 = logits(network, samples.x);
  const wrong = wrongSide(z2, samples.y, threshold);
  const rate = learningRate(training, update);
  const dw = train.complete ? gradient(network, train.x, train.y, training.weight_decay) : null;
  const step = dw?.map(derivative => rate * derivative);
  const recorded = name => (history[name] ? valueAt(history.updates, history[name], update) : null);
  // Of a part that is not complete in the page, the recorded scores are those of all its samples.
  const scores = (part, prefix) => (part.complete ? scoresOf(part, z2, threshold) : { cost: recorded(`${prefix}cost`)?.value, accuracy: recorded(`${prefix}accuracy`)?.value });
  const foldAt = other => fold(other, cache.plane);
  return {
    ...cache, ...scores(train, ''), run, state, update, network, threshold, z2, wrong, rate, step, foldAt,
    gradient: dw,
    folded: foldAt(network),
    longest: step?.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    validation: samples.parts[1].y.length ? scores(samples.parts[1], 'validation_') : null,
    sharpness: recorded('sharpness'),
    sample: sampleView(run, network, state.sample),
    signature: [wrong.join(''), state.sample, state.part].join(),
  };
}

export function scoresOf({ start, end, y }, z2, threshold) {
  const own = z2.subarray(start, end);
  return { cost: cost(own, y), accuracy: accuracy(own, y, threshold) };
}

function sampleView({ samples, train, network: { inputs } }, network, i) {
  const x = samples.x.subarray(i * inputs, (i + 1) * inputs);
  return { x, y: samples.y[i], ...backward(network, x, samples.y[i], train.total) };
}

/// 1 for each sample on the wrong side, otherwise 0.
export function wrongSide(z2, y, threshold) {
  const level = logit(threshold);
  return Uint8Array.from(z2, (z, i) => (z > level === y[i] > 0 ? 0 : 1));
}
