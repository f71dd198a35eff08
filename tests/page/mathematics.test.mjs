// The mathematics of the page's modules against numbers by NumPy, scikit-learn and JAX.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAxis } from '../../src/page/js/axis.js';
import { contour, logitField } from '../../src/page/js/field.js';
import { accuracy, arraysOf, backward, cost, gradient, logit, logitOf, logits, parameterNames, sigmoid } from '../../src/page/js/network.js';
import { fixed, grouped, niceTicks, percent, plain, significant } from '../../src/page/js/numbers.js';
import { decode, readRun } from '../../src/page/js/run.js';
import { explainSample } from '../../src/page/js/sample.js';
import { averagePrecision, calibration, confusion, rates, rocAuc, thresholds, wilson } from '../../src/page/js/scores.js';
import { fold, project } from '../../src/page/js/slice.js';
import { createTrajectory, learningRate } from '../../src/page/js/training.js';
import { encode, initialParameters, readPoints, readRepository, trainRun } from './fixtures.mjs';

const reference = JSON.parse(readRepository('tests/page/reference.json'));
const flower = readPoints('tests/reference/flower.csv');
const flowerX = Float64Array.from(flower.x.flat());
const flowerY = Uint8Array.from(flower.y);

function close(actual, expected, tolerance, what) {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    assert.ok(error <= tolerance * Math.max(1, Math.abs(expected[i])), `${what}[${i}]: ${actual[i]}, must be ${expected[i]}`);
  }
}

for (const one of reference.cases) {
  const { activation, inputs, hidden } = one;
  const network = { inputs, hidden, activation, values: Float64Array.from(one.parameters) };
  const x = Float64Array.from(one.x);
  const m = one.y.length;

  test(`${activation} with ${inputs} inputs and ${hidden} units: all formulas`, () => {
    close(logits(network, x), one.z2, 1e-12, 'z2');
    close([cost(logits(network, x), one.y)], [one.cost], 1e-12, 'cost');
    close(gradient(network, x, one.y, one.decay), one.gradient, 1e-12, 'gradient');
    for (let i = 0; i < m; i++) {
      const pass = backward(network, x.subarray(i * inputs, (i + 1) * inputs), one.y[i], m);
      close([pass.a2, pass.dz2], [one.a2[i], one.dz2[i]], 1e-12, 'a2, dz2');
      for (const name of ['z1', 'a1', 'dz1']) close(pass[name], one[name].slice(i * hidden, (i + 1) * hidden), 1e-12, name);
    }
  });

  test(`${activation} with ${inputs} inputs: a folded slice gives the logits of its points`, () => {
    if (inputs < 2) return;
    const plane = { origin: Float64Array.from(one.origin), directions: Float64Array.from(one.directions) };
    close(logits(fold(network, plane), Float64Array.from(one.plane)), one.on_plane, 1e-12, 'on_plane');
  });
}

test('the parts of the samples add up to the gradient', () => {
  const one = reference.cases[1];
  const network = { inputs: 3, hidden: 5, activation: one.activation, values: Float64Array.from(one.parameters) };
  const sum = new Float64Array(network.values.length);
  one.y.forEach((y, i) => {
    const { dw1, dz1, dw2, dz2 } = backward(network, one.x.slice(3 * i, 3 * i + 3), y, one.y.length);
    [...dw1, ...dz1, ...dw2, dz2].forEach((value, p) => { sum[p] += value; });
  });
  close(sum, one.gradient, 1e-12, 'gradient');
});

test('the slope of tanh keeps its digits where tanh is almost 1', () => {
  const network = { inputs: 1, hidden: 1, activation: 'tanh', values: Float64Array.of(15, 0, 1, 0) };
  // 1 / cosh(15)^2 by mpmath: 1 - tanh(15)^2 has five digits left.
  close([backward(network, [1], 0, 1).slopes[0] * 1e13], [3.74304918753536932], 1e-12, 'slope');
});

test('schedules follow their formulas', () => {
  for (const { rates: expected, ...schedule } of reference.schedules) {
    const training = { ...schedule, planned_updates: expected.length };
    close(expected.map((_, t) => learningRate(training, t)), expected, 1e-15, schedule.schedule);
  }
});

test('gradients of the reference run, and of its later points by JAX', () => {
  for (const { parameters, gradients } of JSON.parse(readRepository('tests/reference/gradients.json'))) {
    const flat = ({ w1, b1, w2, b2 }) => Float64Array.from([...w1, ...b1, ...w2, ...b2]);
    const network = { inputs: 2, hidden: 4, activation: 'tanh', values: flat(parameters) };
    close(gradient(network, flowerX, flowerY), flat(gradients), 1e-14, 'gradient');
  }
  for (const point of JSON.parse(readRepository('tests/reference/curvature.json'))) {
    const network = { inputs: 2, hidden: 4, activation: 'tanh', values: Float64Array.from(point.parameters) };
    close(gradient(network, flowerX, flowerY, point.weight_decay), point.gradient, 1e-13, `update ${point.updates}`);
  }
});

test('replay from the first frame follows the costs of NumPy to update 7,000', () => {
  const run = referenceRun([0]);
  const trajectory = createTrajectory(run, Infinity);
  for (const line of readRepository('tests/reference/cost_trace.csv').trim().split('\n').slice(1)) {
    const [update, expected, share] = line.split(',').map(Number);
    if (update > 7000) break;
    const z2 = logits(trajectory.networkAfter(update), flowerX);
    close([cost(z2, flowerY), accuracy(z2, flowerY)], [expected, share], 1e-11, `cost after ${update}`);
  }
});

test('replay between two frames gives the next frame, from any side and in any order', () => {
  const json = trainRun({ table: flower, initial: initialParameters(), updates: 400, withSharpness: false, frames: 12 });
  const run = readRun(json);
  const { updates, parameters } = run.frames;
  for (let i = 1; i < updates.length; i++) {
    // The frame itself is left out, so that it must be reached by replay.
    const without = { updates: updates.filter((_, f) => f !== i), parameters: parameters.filter((_, p) => Math.floor(p / 17) !== i) };
    const trajectory = createTrajectory({ ...run, frames: without });
    for (const update of [updates[i], updates[i - 1] + 1, updates[i]]) trajectory.networkAfter(update);
    close(trajectory.networkAfter(updates[i]).values, parameters.subarray(17 * i, 17 * i + 17), 1e-12, `frame ${i}`);
  }
});

test('runs with momentum or batches are shown at their frames only', () => {
  for (const changes of [{ momentum: 0.9 }, { batch_size: 32 }, { dtype: 'f32' }]) {
    const run = referenceRun([0, 100], changes);
    const trajectory = createTrajectory(run);
    assert.equal(trajectory.lands(99), 0);
    assert.equal(trajectory.lands(100), 100);
    assert.equal(trajectory.replays, false);
  }
});

/// The reference run with only these frames; the later ones are zeros.
function referenceRun(updates, changes = {}) {
  const parameters = new Float64Array(17 * updates.length);
  parameters.set(initialParameters());
  return readRun({
    format: 1, classes: ['0', '1'], inputs: ['x1', 'x2'].map(name => ({ name, shift: 0, scale: 1, mean: 0 })), network: { hidden: 4, activation: 'tanh' },
    training: { updates: 10_000, planned_updates: 10_000, kept_update: 0, learning_rate: 1.2, final_learning_rate: null, schedule: 'constant', weight_decay: 0, momentum: 0, batch_size: null, dtype: 'f64', ...changes },
    frames: { updates, parameters: encode(parameters) }, history: { updates: [] },
    samples: { x: encode(flowerX), y: flower.y.join(''), parts: [400, 0, 0], totals: [400, 0, 0], rows: null }, slices: [],
  });
}

test('data of a wrong length or format are refused', () => {
  assert.throws(() => decode(encode([1, 2]), 3, 'x'), /x has 2 values: must have 3/);
  const one = trainRun({ table: { names: ['a', 'b'], x: [[1, 2]], y: [0] }, updates: 2, hidden: 1 });
  assert.throws(() => readRun({ ...one, format: 2 }), /format 2/);
  assert.deepEqual([...decode(encode([1.5, NaN, -0]), 3, 'x')], [1.5, NaN, -0]);
});

test('fields have the values of the network, also where the exponentials overflow', () => {
  for (const activation of ['tanh', 'sigmoid', 'relu', 'identity']) {
    for (const scale of [1, 30, 3000]) {
      const values = Float64Array.from({ length: 17 }, (_, p) => scale * Math.sin(p + 1));
      const network = { inputs: 2, hidden: 4, activation, values };
      const window = { x: [-2, 3], y: [-1, 4] };
      const field = logitField(network, window, 11);
      const expected = Array.from({ length: 121 }, (_, i) => logitOf(network)([-2 + (i % 11) / 2, 4 - Math.floor(i / 11) / 2], 0));
      close(field, expected, 1e-12, `${activation} ${scale}`);
    }
  }
});

test('the line passes where the function has the level', () => {
  const network = { inputs: 2, hidden: 4, activation: 'tanh', values: Float64Array.from({ length: 17 }, (_, p) => 7 * Math.sin(3 * p + 1)) };
  const window = { x: [-2, 2], y: [-2, 2] };
  const side = 60;
  const field = logitField(network, window, side);
  const at = (c, r) => sigmoid(logitOf(network)([-2 + (4 * c) / (side - 1), 2 - (4 * r) / (side - 1)], 0));
  for (const threshold of [0.2, 0.5, 0.9]) {
    const exact = (c, r) => logitOf(network)([-2 + (4 * c) / (side - 1), 2 - (4 * r) / (side - 1)], 0);
    const lines = contour(field, side, logit(threshold), exact, 12);
    assert.ok(lines.length > 100);
    for (let i = 0; i < lines.length; i += 2) assert.ok(Math.abs(at(lines[i], lines[i + 1]) - threshold) < 1e-9);
    const quick = contour(field, side, logit(threshold), exact, 3);
    for (let i = 0; i < quick.length; i += 2) assert.ok(Math.abs(at(quick[i], quick[i + 1]) - threshold) < 0.05);
  }
});

test('scores agree with scikit-learn', () => {
  const { cases } = JSON.parse(readRepository('tests/reference/scores.json'));
  for (const [name, one] of Object.entries(cases)) {
    const now = rates(confusion(one.logits, one.labels, logit(one.threshold)));
    for (const score of ['accuracy', 'precision', 'recall', 'f1']) if (one[score]) close([now[score]], [one[score]], 1e-12, `${name}: ${score}`);
    const list = thresholds(one.logits, one.labels).map(rates);
    if (one.roc_auc !== null) close([rocAuc(list)], [one.roc_auc], 1e-12, `${name}: ROC`);
    if (one.average_precision) close([averagePrecision(list)], [one.average_precision], 1e-12, `${name}: AP`);
  }
});

test('each listed threshold gives its confusion matrix', () => {
  const z2 = [-2, -0.4, -0.4, 1.4, 3];
  const y = [0, 1, 0, 1, 1];
  const list = thresholds(z2, y);
  assert.equal(list.length, 5);
  for (const { low, high, ...counts } of list) {
    assert.deepEqual(confusion(z2, y, low), counts);
    if (Number.isFinite(low + high)) assert.deepEqual(confusion(z2, y, (low + high) / 2), counts);
  }
});

test('Wilson intervals and calibration bins', () => {
  // statsmodels: proportion_confint(3, 10, method="wilson")
  close(wilson(3, 10), [0.10779126740630104, 0.6032218525388546], 1e-12, 'interval');
  const bins = calibration([0.05, 0.05, 1, 0.95], [0, 1, 1, 1]);
  assert.deepEqual(bins.map(({ count, share }) => [count, share]), [[2, 0.5], [2, 1]]);
});

test('the formulas of a sample have the symbols and values of `petal explain`', () => {
  const [one] = reference.cases;
  const network = { inputs: 3, hidden: 5, activation: 'tanh', values: Float64Array.from(one.parameters) };
  const x = one.x.slice(0, 3);
  const { forwardLines, backwardLines } = explainSample(network, { x, y: one.y[0], ...backward(network, x, one.y[0], 7) }, 2, 7);
  const text = list => list.map(part => (typeof part === 'string' ? part : part[0])).join('');
  assert.equal(text(forwardLines[0].parts), 'x[0] w1[0,2] + x[1] w1[1,2] + x[2] w1[2,2] + b1[2]');
  assert.equal(text(backwardLines[2].parts), 'dz2 w2[2,0] (1 − a1[2]²)');
  assert.deepEqual(forwardLines.map(line => line.name), ['z1[2]', 'a1[2]', 'z2', 'a2', 'cost']);
  close(forwardLines.slice(0, 4).map(line => line.value), [one.z1[2], one.a1[2], one.z2[0], one.a2[0]], 1e-12, 'values');
  assert.deepEqual(parameterNames({ inputs: 1, hidden: 2 }), ['w1[0,0]', 'w1[0,1]', 'b1[0]', 'b1[1]', 'w2[0,0]', 'w2[1,0]', 'b2[0]']);
  assert.equal(arraysOf(network).w2.length, 5);
});

test('samples on a plane: the components of sklearn', () => {
  const { x, mean, directions, projected } = JSON.parse(readRepository('tests/reference/components.json'));
  const d = mean.length;
  const samples = { x: Float64Array.from(x.flat()), y: [], count: x.flat().length / d };
  close(project(samples, { origin: mean, directions: directions.flat() }), projected.flat(), 1e-9, 'projected');
});

test('numbers are written for people', () => {
  assert.deepEqual([0.33259, -2.43, 1.04e-6, 123456.7, 1e6, 0, NaN, -Infinity].map(value => significant(value)),
    ['0.3326', '−2.430', '1.040×10⁻⁶', '123457', '1.000×10⁶', '0', 'NaN', '−∞']);
  assert.deepEqual([grouped(10000), grouped(999), grouped(1234567)], ['10,000', '999', '1,234,567']);
  assert.deepEqual([plain(1.2), plain(100), plain(1e-7), percent(0.9075), fixed(-0.5, 3)], ['1.2', '100', '1×10⁻⁷', '90.75\u00a0%', '−0.500']);
  assert.deepEqual(niceTicks(-4.2, 4.4, 5), [-4, -2, 0, 2, 4]);
});

test('the axis leads from updates to positions and back', () => {
  const axis = createAxis([0, 1, 3, 10, 50]);
  assert.deepEqual([0, 2, 10, 30, 50, 99].map(axis.position), [0, 1.5, 3, 3.5, 4, 4]);
  assert.deepEqual([0, 0.3, 0.74, 1, 7].map(axis.nearest), [0, 1, 10, 50, 50]);
  assert.equal(createAxis([0]).share(0), 0);
});
