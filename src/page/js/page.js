// The page of one run. All that can change is in one object, `state`; `render` draws the page from it, and nothing is hidden
// elsewhere. What several parts need (the network at this update, its costs, its gradient) is computed once, in `viewOf`.

import { createAxis } from './axis.js';
import { createControls } from './controls.js';
import { createCurves, valueAt } from './curves.js';
import { createDecisions } from './decisions.js';
import { createDiagram, largestUnits } from './diagram.js';
import { colour } from './dom.js';
import { createPalette } from './field.js';
import { createLinking } from './linking.js';
import { accuracy, arraysOf, backward, cost, crossEntropy, gradient, logit, logits } from './network.js';
import { createPicture } from './picture.js';
import { readRun } from './run.js';
import { createNextUpdate, createSample } from './sample.js';
import { fold, planeOf, project, windowAround } from './slice.js';
import { createFilmStrip, createTimeBar } from './timebar.js';
import { createTrajectory, learningRate, stepIsKnown } from './training.js';

/// The state that a page opens with: the kept update, its costliest sample, the unit with the largest w2.
export function firstState(run, trajectory) {
  const network = trajectory.networkAfter(run.training.kept_update);
  const z2 = logits(network, run.train.x);
  let worst = z2.length ? 0 : -1;
  for (let i = 1; i < z2.length; i++) if (crossEntropy(z2[i], run.train.y[i]) > crossEntropy(z2[worst], run.train.y[worst])) worst = i;
  const costs = run.history.cost?.filter(value => value > 0) ?? [1];
  return {
    update: run.training.kept_update,
    sample: worst,
    unit: largestUnits(arraysOf(network).w2, 1)[0],
    plane: { slice: 0, pair: null },
    part: -1,
    threshold: run.threshold,
    allUnits: false,
    log: Math.max(...costs) > 60 * Math.min(...costs),
  };
}

/// The colours of the style sheet, for canvases.
export function readPalette() {
  const rgb = name => colour(name).match(/[0-9a-f]{2}/gi).map(pair => parseInt(pair, 16));
  const palette = createPalette(rgb('--field-zero'), rgb('--field-none'), rgb('--field-one'));
  return Object.assign(palette, { marks: [colour('--zero'), colour('--one')], ink: colour('--ink'), paper: colour('--paper'), frame: colour('--line') });
}

/// Everything that is derived from the state.
function viewOf(run, trajectory, state, cache) {
  const update = trajectory.lands(state.update);
  const network = trajectory.networkAfter(update);
  const planeKey = JSON.stringify(state.plane);
  if (cache.planeKey !== planeKey) {
    const plane = { ...planeOf(run, state.plane), key: planeKey };
    const points = project(run.samples, plane);
    Object.assign(cache, { planeKey, plane, points, window: windowAround(points) });
  }
  const { plane, points, window } = cache;
  const { samples, train, training } = run;

  const z2 = logits(network, samples.x);
  const { wrong, signature } = wrongSide(z2, samples.y, state.threshold);
  const known = train.complete && train.y.length > 0;
  const rate = learningRate(training, update);
  const dw = known ? gradient(network, train.x, train.y, training.weight_decay) : null;
  const step = dw ? dw.map(derivative => rate * derivative) : null;
  const trainLogits = z2.subarray(0, train.end);
  return {
    run, state, update, network, plane, planeKey, points, window, z2, wrong, rate, step,
    gradient: dw,
    threshold: state.threshold,
    folded: fold(network, plane),
    longest: step ? step.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300) : 0,
    stepName: stepIsKnown(run) ? 'the next step of each number' : 'the step that all samples would make together',
    cost: known ? cost(trainLogits, train.y) : valueOf(run.history, 'cost', update)?.value ?? null,
    accuracy: known ? accuracy(trainLogits, train.y, state.threshold) : valueOf(run.history, 'accuracy', update)?.value ?? null,
    validation: scoresOf(samples.parts[1], z2, state.threshold),
    sharpness: valueOf(run.history, 'sharpness', update),
    sample: state.sample < 0 ? null : sampleView(run, network, state.sample),
    signature: [signature, state.sample, state.part, planeKey, cache.paletteName].join(),
    palette: cache.palette,
    paletteName: cache.paletteName,
  };
}

function valueOf(history, name, update) {
  return history[name] ? valueAt(history.updates, history[name], update) : null;
}

function scoresOf(part, z2, threshold) {
  if (part.y.length === 0) return null;
  const own = z2.subarray(part.start, part.end);
  return { cost: cost(own, part.y), accuracy: accuracy(own, part.y, threshold) };
}

function sampleView({ samples, train, network: { inputs } }, network, i) {
  const x = samples.x.subarray(i * inputs, (i + 1) * inputs);
  return { x, y: samples.y[i], ...backward(network, x, samples.y[i], train.total) };
}

/// Which samples are on the wrong side, and a number that changes with them.
function wrongSide(z2, y, threshold) {
  const level = logit(threshold);
  const wrong = new Uint8Array(y.length);
  let signature = 0;
  for (let i = 0; i < y.length; i++) {
    wrong[i] = (z2[i] > level ? 1 : 0) === y[i] ? 0 : 1;
    signature = (Math.imul(signature, 31) + wrong[i]) | 0;
  }
  return { wrong, signature };
}

/// Builds the page of a run in elements with the ids of page.html. What it returns is for tests.
export function createPage(run) {
  const trajectory = createTrajectory(run);
  const axis = createAxis(run.frames.updates);
  const state = firstState(run, trajectory);
  Object.assign(state, readAddress(run, axis));
  const cache = { paletteName: 0, palette: readPalette() };
  const parts = [];
  let view = null;
  let waiting = false;

  const set = changes => {
    Object.assign(state, changes);
    if (!waiting) requestAnimationFrame(render);
    waiting = true;
  };
  const clamp = update => Math.min(axis.updates[axis.last], Math.max(axis.updates[0], Math.round(update) || 0));
  const actions = {
    set,
    goTo: update => set({ update: trajectory.lands(clamp(update)) }),
    // Without replay a step leads to the next frame.
    step: by => (trajectory.replays ? set({ update: clamp(state.update + by) }) : actions.frames(by)),
    frames: by => {
      const position = axis.position(state.update);
      const index = by > 0 ? Math.floor(position) + by : Math.ceil(position) + by;
      set({ update: axis.updates[Math.min(axis.last, Math.max(0, index))] });
    },
    chooseSample: sample => set({ sample }),
    chooseUnit: unit => set({ unit }),
    toggleUnits: () => set({ allUnits: !state.allUnits }),
  };

  const mount = (id, create) => {
    const root = document.getElementById(id);
    if (!root) return null;
    const part = { root, visible: true, ...create(root) };
    parts.push(part);
    return part;
  };
  createControls(document.getElementById('controls'), run, actions);
  const picture = mount('picture', root => createPicture(root, run, actions));
  mount('diagram', root => createDiagram(root, run, trajectory, actions));
  mount('strip', root => createFilmStrip(root, axis, trajectory, actions));
  mount('timebar', root => createTimeBar(root, axis, actions));
  mount('curves', root => createCurves(root, run, axis, actions));
  mount('sample', root => createSample(root, run, actions));
  mount('next-update', root => createNextUpdate(root, run));
  if (run.samples.parts.some(part => part.name !== 'train' && part.y.length > 0)) mount('decisions', root => createDecisions(root, run, actions));
  const linking = createLinking(document.querySelector('main'), run, () => view);

  function render() {
    waiting = false;
    view = viewOf(run, trajectory, state, cache);
    view.pictureSize = picture.size();
    view.foldAt = network => fold(network, view.plane);
    for (const part of parts) if (part.visible) part.render(view);
    linking.refresh();
    writeAddress(state);
  }

  // Parts that are out of sight are drawn when they come into sight.
  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      const part = parts.find(candidate => candidate.root === target);
      part.visible = isIntersecting;
      if (isIntersecting && view) part.render(view);
    }
  }, { rootMargin: '200px' });
  for (const { root } of parts) if (root.id !== 'timebar' && root.id !== 'picture') observer.observe(root);
  new ResizeObserver(() => set({})).observe(document.querySelector('main'));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    Object.assign(cache, { palette: readPalette(), paletteName: cache.paletteName + 1 });
    set({});
  });

  render();
  return { state, actions, view: () => view, line: () => picture.line(view) };
}

/// The address keeps the place, so that a link leads to it: report.html#update=7131&sample=12&unit=2&threshold=0.5
function readAddress(run, axis) {
  const read = new URLSearchParams(location.hash.slice(1));
  const whole = (name, most) => {
    const value = Number(read.get(name) ?? NaN);
    return Number.isInteger(value) && value >= 0 && value <= most ? { [name]: value } : {};
  };
  const threshold = Number(read.get('threshold') ?? NaN);
  return {
    ...whole('update', axis.updates[axis.last]),
    ...whole('sample', run.samples.count - 1),
    ...whole('unit', run.network.hidden - 1),
    ...(threshold > 0 && threshold < 1 ? { threshold } : {}),
  };
}

let addressTimer = 0;

function writeAddress({ update, sample, unit, threshold }) {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const text = new URLSearchParams({ update, sample, unit, threshold }).toString();
    if (location.hash !== `#${text}`) history.replaceState(null, '', `#${text}`);
  }, 400);
}

/// Starts the page. If its data cannot be read, the still pictures stay and a sentence says why.
export function startPage() {
  const root = document.documentElement;
  try {
    const run = readRun(JSON.parse(document.getElementById('run').textContent));
    root.classList.add('js');
    window.petal = createPage(run);
  } catch (error) {
    root.classList.remove('js');
    const note = document.createElement('p');
    note.className = 'problem';
    note.textContent = `The moving parts of this page cannot be shown: ${error.message}`;
    document.querySelector('main').prepend(note);
  }
}

if (typeof document !== 'undefined' && document.getElementById('run')) startPage();
