// Runs to open in a browser, trained here by the page's own mathematics (which numbers.test.mjs holds against NumPy) from the
// repository's data. Rust writes the same JSON from real runs.

import { readFileSync } from 'node:fs';
import { accuracy, cost, gradient, logits, parameterCount } from '../../src/page/js/network.js';
import { learningRate } from '../../src/page/js/training.js';

const ROOT = new URL('../../', import.meta.url);

export function readRepository(path) {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

export function encode(values) {
  return Buffer.from(Float64Array.from(values).buffer).toString('base64');
}

/// Evenly distributed numbers from a seed (mulberry32).
export function randomNumbers(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/// About 200 updates whose distances grow as the square of their index: the updates are cubes. Late ones are even.
export function frameUpdates(updates, kept, count = 200) {
  const list = new Set([0, updates, kept]);
  for (let i = 0; i <= count; i++) {
    const update = Math.round(updates * (i / count) ** 3);
    list.add(update > 100 ? update - (update % 2) : update);
  }
  return [...list].sort((a, b) => a - b);
}

/// Points of a table whose last column is the label.
export function readPoints(path) {
  const rows = readRepository(path).trim().split('\n').slice(1).map(line => line.split(',').map(Number));
  return { names: ['x1', 'x2'], x: rows.map(row => row.slice(0, -1)), y: rows.map(row => row.at(-1)) };
}

function readTable(path, label, one) {
  const [head, ...rows] = readRepository(path).trim().split('\n').map(line => line.split(','));
  const column = head.indexOf(label);
  const names = head.filter(name => name !== label);
  return { names, x: rows.map(row => row.filter((_, j) => j !== column).map(Number)), y: rows.map(row => Number(row[column] === one)) };
}

/// The largest eigenvalue of the Hessian, by power iteration on differences of gradients.
function sharpness(network, x, y, decay, start) {
  let v = start;
  let value = 0;
  for (let i = 0; i < 12; i++) {
    const length = Math.hypot(...v);
    v = v.map(entry => entry / length);
    const shifted = sign => ({ ...network, values: network.values.map((w, p) => w + sign * 1e-5 * v[p]) });
    const [a, b] = [gradient(shifted(1), x, y, decay), gradient(shifted(-1), x, y, decay)];
    const hv = v.map((_, p) => (a[p] - b[p]) / 2e-5);
    value = hv.reduce((sum, entry, p) => sum + entry * v[p], 0);
    v = hv;
  }
  return { value, v };
}

/// Two leading principal components by power iteration, as a slice.
function components(x, d, names) {
  const m = x.length / d;
  const origin = Array.from({ length: d }, (_, j) => { let sum = 0; for (let i = 0; i < m; i++) sum += x[i * d + j]; return sum / m; });
  const covariance = Array.from({ length: d }, (_, a) => Array.from({ length: d }, (_, b) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += (x[i * d + a] - origin[a]) * (x[i * d + b] - origin[b]);
    return sum / m;
  }));
  const total = covariance.reduce((sum, row, j) => sum + row[j], 0);
  const directions = [];
  const shares = [];
  for (let c = 0; c < 2; c++) {
    let v = Array.from({ length: d }, (_, j) => 1 + 0.1 * j);
    for (let step = 0; step < 300; step++) {
      for (const u of directions) { const dot = u.reduce((s, e, j) => s + e * v[j], 0); v = v.map((e, j) => e - dot * u[j]); }
      v = covariance.map(row => row.reduce((s, e, j) => s + e * v[j], 0));
      const length = Math.hypot(...v);
      v = v.map(e => e / length);
      if (step === 299) shares.push(length / total);
    }
    directions.push(v);
  }
  const axes = shares.map((share, c) => `component ${c + 1} (${Math.round(100 * share)} %)`);
  return { name: 'leading components', axes, origin: encode(origin), directions: encode(directions.flat()) };
}

/// Trains and returns the JSON of a page.
export function trainRun({ table, classes = ['class 0', 'class 1'], hidden = 4, activation = 'tanh', initial, scale = 0.01, updates = 1000, split = [1, 0, 0],
  standardise = false, rate = 1.2, schedule = 'constant', finalRate = null, momentum = 0, batch = null, decay = 0, patience = false, costLimit = 1000,
  withSharpness = true, seed = 1, threshold = 0.5, frames: frameCount = 200 }) {
  const random = randomNumbers(seed);
  const d = table.names.length;
  const order = split[0] === 1 ? table.y.map((_, i) => i) : shuffled(table.y.length, random);
  const totals = split[0] === 1 ? [order.length, 0, 0] : [Math.round(order.length * split[0]), Math.round(order.length * split[1]), 0];
  totals[2] = order.length - totals[0] - totals[1];
  const rows = order.map(i => table.x[i]);
  const y = Uint8Array.from(order, i => table.y[i]);
  const moments = table.names.map((_, j) => {
    const column = rows.slice(0, totals[0]).map(row => row[j]);
    const mean = column.reduce((a, b) => a + b) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length) || 1;
    return standardise ? { shift: mean, scale: deviation, mean: 0 } : { shift: 0, scale: 1, mean };
  });
  const x = Float64Array.from(rows.flatMap(row => row.map((value, j) => (value - moments[j].shift) / moments[j].scale)));
  const trainX = x.subarray(0, totals[0] * d);
  const trainY = y.subarray(0, totals[0]);
  const [validX, validY] = [x.subarray(totals[0] * d, (totals[0] + totals[1]) * d), y.subarray(totals[0], totals[0] + totals[1])];

  let values = initial ?? Float64Array.from({ length: parameterCount(d, hidden) }, (_, p) => (p < d * hidden || (p >= (d + 1) * hidden && p < (d + 2) * hidden) ? scale * random.normal() : 0));
  const training = { updates, planned_updates: updates, kept_update: updates, learning_rate: rate, final_learning_rate: finalRate, schedule, weight_decay: decay, momentum, batch_size: batch, engine: 'fused', dtype: 'f64', seed };
  const network = () => ({ inputs: d, hidden, activation, values });
  const planned = new Set(frameUpdates(updates, updates, frameCount));
  const kept = { updates: [], parameters: [] };
  const history = { updates: [], cost: [], accuracy: [], gradient_norm: [], ...(withSharpness ? { sharpness: [] } : {}), ...(validY.length ? { validation_cost: [], validation_accuracy: [] } : {}) };
  let velocity = new Float64Array(values.length);
  let eigenvector = velocity.map(() => random.normal());
  let best = Infinity;
  let divergence = null;
  let batches = [];

  for (let t = 0; ; t++) {
    const z2 = logits(network(), trainX);
    const now = cost(z2, trainY);
    if (!(now <= costLimit)) {
      divergence = { update: t };
      training.updates = t;
      training.kept_update = kept.updates.at(-1);
      break;
    }
    const whole = gradient(network(), trainX, trainY, decay);
    if (planned.has(t)) {
      kept.updates.push(t);
      kept.parameters.push(...values);
      history.updates.push(t);
      history.cost.push(now);
      history.accuracy.push(accuracy(z2, trainY));
      history.gradient_norm.push(Math.hypot(...whole));
      if (withSharpness) {
        const found = sharpness(network(), trainX, trainY, decay, eigenvector);
        history.sharpness.push(found.value);
        eigenvector = found.v;
      }
      if (validY.length) {
        const validLogits = logits(network(), validX);
        const validCost = cost(validLogits, validY);
        history.validation_cost.push(validCost);
        history.validation_accuracy.push(accuracy(validLogits, validY));
        if (patience && validCost < best) { best = validCost; training.kept_update = t; }
      }
    }
    if (t === updates) break;
    let step = whole;
    if (batch) {
      if (batches.length === 0) { const all = shuffled(totals[0], random); while (all.length) batches.push(all.splice(0, batch)); }
      const chosen = batches.shift();
      const bx = Float64Array.from(chosen.flatMap(i => [...trainX.subarray(i * d, (i + 1) * d)]));
      step = gradient(network(), bx, Uint8Array.from(chosen, i => trainY[i]), decay);
    }
    velocity = velocity.map((v, p) => step[p] + momentum * v);
    const r = learningRate(training, t);
    values = values.map((w, p) => w - r * velocity[p]);
  }

  const { updates: historyUpdates, ...series } = history;
  return {
    format: 1,
    classes,
    inputs: table.names.map((name, j) => ({ name, ...moments[j] })),
    network: { hidden, activation },
    training,
    frames: { updates: kept.updates, parameters: encode(kept.parameters) },
    history: { updates: historyUpdates, ...Object.fromEntries(Object.entries(series).map(([name, list]) => [name, encode(list)])) },
    samples: { x: encode(x), y: [...y].join(''), parts: totals, totals, rows: null },
    slices: d > 2 ? [components(trainX, d, table.names)] : [],
    threshold,
    divergence,
  };
}

/// The initial parameters of the reference run, in the page's order.
export function initialParameters() {
  const [{ parameters: { w1, b1, w2, b2 } }] = JSON.parse(readRepository('tests/reference/gradients.json'));
  return Float64Array.from([...w1, ...b1, ...w2, ...b2]);
}

export const HOSTILE = '</script><img src=x onerror=alert(1)>';

/// The runs that the browser opens, by name. Each is made when it is asked for.
export const RUNS = {
  flower: () => trainRun({ table: readPoints('tests/reference/flower.csv'), initial: initialParameters(), updates: 10_000 }),
  units50: () => trainRun({ table: readPoints('tests/reference/flower.csv'), hidden: 50, updates: 400, seed: 5, withSharpness: false, frames: 60 }),
  breast_cancer: () => trainRun({
    table: readTable('data/breast_cancer.csv', 'diagnosis', 'malignant'), classes: ['benign', 'malignant'], hidden: 8, scale: 0.1, updates: 572,
    split: [0.6, 0.2, 0.2], standardise: true, rate: 0.1, momentum: 0.9, batch: 32, decay: 0.001, patience: true, withSharpness: false, frames: 120,
  }),
  moons: () => trainRun({ table: readPoints('tests/reference/moons.csv'), hidden: 3, updates: 600, split: [0.6, 0.2, 0.2], scale: 0.5, schedule: 'cosine', finalRate: 0.1 }),
  relu: () => trainRun({ table: readPoints('tests/reference/flower.csv'), hidden: 6, activation: 'relu', scale: 0.7, updates: 800, rate: 0.3, withSharpness: false }),
  diverged: () => trainRun({ table: readPoints('tests/reference/flower.csv'), initial: initialParameters(), updates: 2_000, rate: 60, costLimit: 12, schedule: 'constant' }),
  one_sample: () => trainRun({ table: { names: ['x1', 'x2'], x: [[0.4, -1.2]], y: [1] }, hidden: 2, scale: 1, updates: 50, seed: 3 }),
  one_input: () => {
    const table = readPoints('tests/reference/moons.csv');
    const run = trainRun({ table: { names: ['x1'], x: table.x.map(row => [row[0]]), y: table.y.map((y, i) => (i < 90 ? y : 0)) }, hidden: 3, activation: 'sigmoid', updates: 60, scale: 1, split: [0.8, 0.1, 0.1] });
    // No history, and a test part of one class.
    const { parts } = run.samples;
    return { ...run, history: { updates: [] }, samples: { ...run.samples, y: run.samples.y.slice(0, parts[0] + parts[1]) + '0'.repeat(parts[2]) } };
  },
  // As if 4,000 samples had been used, of which the page has every tenth.
  subset: () => {
    const run = trainRun({ table: readPoints('tests/reference/flower.csv'), updates: 200, hidden: 3, withSharpness: false });
    return { ...run, samples: { ...run.samples, totals: [4000, 0, 0], rows: [...run.samples.y].map((_, i) => 10 * i) } };
  },
  hostile: () => trainRun({ table: { ...readPoints('tests/reference/moons.csv'), names: [HOSTILE, 'a\\u{202e}vsc.b & "c"'] }, classes: [HOSTILE, '<b>one</b>'], hidden: 2, updates: 200, scale: 0.3, split: [0.8, 0, 0.2] }),
};

/// A sweep over the number of hidden units, as the JSON of its page.
export function trainSweep(sizes = [1, 2, 3, 4, 6, 12], updates = 1200) {
  const runs = sizes.map(hidden => trainRun({ table: readPoints('tests/reference/flower.csv'), hidden, updates, seed: hidden, withSharpness: false, frames: 100 }));
  const { classes, inputs, samples, slices } = runs[0];
  return {
    format: 1, columns: null, compared_part: 0, data: [{ classes, inputs, samples, slices }],
    sweep: runs.map(({ network, training, frames, history, threshold, divergence }) => (
      { data: 0, name: `hidden = ${network.hidden}`, label: `${network.hidden}`, network, training, frames, history, threshold, divergence })),
  };
}
