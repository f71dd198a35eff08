// The screen of the playground: the parts of the report for the run that came last. Elements stay in place from training to training, so
// that the slider under a finger and the focus stay; what belongs to a run, such as its listeners, ends when the next one comes. The place
// on the axis of time stays as a share of it.

import { createAxis } from './axis.js';
import { fillChoices } from './choices.js';
import { createControls } from './controls.js';
import { createCurves, pathOf } from './curves.js';
import { createDiagram } from './diagram.js';
import { find, listening, on, setText, sizeCanvas, svgPath } from './dom.js';
import { logitField } from './field.js';
import { createLinking } from './linking.js';
import { grouped, percent, plain, significant } from './numbers.js';
import { createPicture, drawField } from './picture.js';
import { createNextUpdate, createSample } from './sample.js';
import { createFilmStrip, createTimeBar } from './timebar.js';
import { createTrajectory } from './training.js';
import { firstState, readPalette, scoresOf, viewOf } from './view.js';
import { logits } from './network.js';

const SCREEN_PARTS = {
  picture: createPicture, timebar: createTimeBar, diagram: createDiagram, strip: createFilmStrip, curves: createGhostCurves, before: createBefore,
  sample: createSample, 'next-update': createStep,
};
const BEFORE_SIDE = 120;

/// `onView(view)` is called after each picture. Returns { show, set, view, state, ... }.
export function createScreen({ onView }) {
  const roots = find(document, ...Object.keys(SCREEN_PARTS).map(id => `#${id}`));
  const [main, choices, playButton] = find(document, 'main', '#controls', '#timebar [name=play]');
  const seen = new Set(roots.slice(0, 2));
  const [state, cache] = [{}, { palette: readPalette() }];
  let [current, view, waiting, parts, share, lifetime, linking, choicesOf, isMoved] = [null, null, false, [], 1, new AbortController(), null, null, false];
  let isPrinted = false;

  const set = changes => {
    Object.assign(state, changes);
    if (current && 'update' in changes) [share, isMoved] = [current.axis.share(state.update), true];
    if (!waiting) requestAnimationFrame(render);
    waiting = true;
  };

  /// The actions of a run, which do nothing once another one has come.
  function actionsOf(axis, trajectory, { signal }) {
    const own = changes => { if (!signal.aborted) set(changes); };
    const clamp = update => Math.min(axis.updates[axis.last], Math.max(axis.updates[0], Math.round(update) || 0));
    const frames = by => {
      const position = axis.position(state.update);
      own({ update: axis.updates[Math.min(axis.last, Math.max(0, (by > 0 ? Math.floor(position) : Math.ceil(position)) + by))] });
    };
    return {
      set: own,
      frames,
      goTo: update => own({ update: trajectory.lands(clamp(update)) }),
      step: by => (trajectory.replays ? own({ update: clamp(state.update + by) }) : frames(by)),
    };
  }

  /// Shows a run. `window` is the part of the plane to show, or undefined for one around the samples; `update` a place to go to.
  /// A preview is of a training that is under way, and the run before stays that of the training before. A run that goes on from
  /// the preview keeps the update that somebody went to in it; otherwise the share of the time stays.
  function show(run, { window, update, isPreview = false, goesOn = false } = {}) {
    const isPlaying = playButton.getAttribute('aria-pressed') === 'true';
    if (isPlaying) playButton.click();
    lifetime.abort();
    lifetime = new AbortController();
    listening.signal = lifetime.signal;

    const [axis, trajectory] = [createAxis(run.frames.updates), createTrajectory(run)];
    const kept = trajectory.networkAfter(run.training.kept_update);
    const before = current?.isPreview ? current.before : current && { run: current.run, trajectory: current.trajectory, axis: current.axis };
    keepPlace(run, axis, kept, goesOn && isMoved ? (share < 1 ? state.update : undefined) : update);
    isMoved &&= goesOn;
    // The plane and its window stay while the samples are the same.
    if (current?.run.samples !== run.samples) cache.planeKey = null;
    if (window && run.network.inputs === 2) viewOf(run, trajectory, state, cache).window = cache.window = window;
    current = { run, axis, trajectory, kept, isPreview, before, actions: actionsOf(axis, trajectory, lifetime), view: () => view };

    if (current.run.samples !== choicesOf) fillChoices(choices, run);
    choicesOf = run.samples;
    parts = roots.map(root => ({ root, ...SCREEN_PARTS[root.id](root, current) }));
    createControls(choices, current);
    linking = createLinking(main, current);
    for (const [index, name] of run.classes.entries()) for (const element of document.querySelectorAll(`[data-class="${index}"]`)) setText(element, name);
    // What listens from here on is not the run's.
    listening.signal = undefined;
    render();
    if (isPlaying) playButton.click();
  }

  /// What can stay as it was, stays.
  function keepPlace(run, axis, kept, update) {
    const before = current?.run;
    const isSameData = before && before.inputs.length === run.inputs.length && before.samples.count === run.samples.count;
    const first = firstState(run, kept);
    const isSameAxis = before && String(current.axis.updates) === String(axis.updates);
    const place = update ?? (isSameAxis ? state.update : share === 1 ? run.training.kept_update : axis.nearest(share));
    Object.assign(state, { ...first, log: state.log ?? first.log, allUnits: state.allUnits ?? false }, isSameData && { sample: state.sample, plane: state.plane, part: state.part },
      state.unit < run.network.hidden && { unit: state.unit });
    state.update = Math.min(axis.updates[axis.last], Math.max(axis.updates[0], place));
    if (update !== undefined) share = axis.share(state.update);
  }

  function render() {
    waiting = false;
    if (!current) return;
    view = { ...viewOf(current.run, current.trajectory, state, cache), pictureSize: parts[0].size(), before: current.before };
    const shown = parts.filter(({ root }) => isPrinted || seen.has(root)).map(part => [part, (part.box ?? part.root).clientWidth]);
    for (const [part, width] of shown) part.render(view, width);
    linking.refresh();
    onView(view);
  }

  // Parts that are out of sight are drawn when they come into sight.
  const observer = new IntersectionObserver(entries => {
    const before = seen.size;
    for (const { target, isIntersecting } of entries) if (!isIntersecting) seen.delete(target);
    const without = seen.size;
    for (const { target, isIntersecting } of entries) if (isIntersecting) seen.add(target);
    if (seen.size > without || seen.size > before) set({});
  }, { rootMargin: '200px' });
  for (const root of roots.slice(2)) observer.observe(root);
  // On paper all parts are seen, in light colours and as wide as the paper.
  const print = isOn => {
    isPrinted = isOn;
    document.documentElement.classList.toggle('printed', isOn);
    cache.palette = readPalette();
    render();
  };
  window.addEventListener('beforeprint', () => print(true));
  window.addEventListener('afterprint', () => print(false));
  matchMedia('print').addEventListener('change', ({ matches }) => print(matches));
  // Only the width matters, not the length of the texts.
  let width = 0;
  new ResizeObserver(() => {
    if (main.clientWidth !== width) set({});
    width = main.clientWidth;
  }).observe(main);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    cache.palette = readPalette();
    set({});
  });

  return { show, set, state, view: () => view, run: () => current?.run, actions: () => current?.actions, window: () => cache.window };
}

/// The next update, with a sentence about what the step is, and is not.
function createStep(root, page) {
  setText(find(root, '.rule')[0], stepSentence(page.run));
  return createNextUpdate(root, page);
}

/// How an update follows from the derivatives, as reports have it.
export function stepSentence({ training: { schedule, momentum, batch_size: batch, weight_decay: decay }, train }) {
  const all = `Each derivative is the sum of the parts of all ${grouped(train.total)} training samples`;
  const isBatch = (batch ?? Infinity) < train.total;
  return [
    `${all}${decay > 0 ? `, plus ${plain(decay)} times each weight (weight decay)` : ''}.`,
    isBatch && `The step is the one that all samples would make together; training takes ${grouped(batch)} of them for each update, in a random order.`,
    momentum > 0 && `The step is without momentum; training adds ${plain(momentum)} times the step before.`,
    !isBatch && !momentum && 'The step is minus the learning rate times the derivative.',
    schedule !== 'constant' && 'The learning rate is that of this update: it changes during training.',
  ].filter(Boolean).join(' ');
}

/// The curves, with those of the run before as a pale ghost.
function createGhostCurves(root, page) {
  const { run, axis, before } = page;
  const { render, box, curves } = createCurves(root, page);

  function renderAll(view, width) {
    render(view, width);
    if (!before || !width) return;
    const { updates, ...series } = before.run.history;
    const last = axis.updates[axis.last];
    for (const { groups: [, lines], y, series: own } of curves) {
      if (lines.querySelector('.ghost')) continue;
      const [name] = Object.keys(run.history).filter(key => run.history[key] === own[0].values);
      const values = series[name];
      // Beyond the axis and outside the height of the plot the ghost is not drawn.
      const place = value => { const height = y(value); return height >= 0 && height <= 106 ? height : NaN; };
      if (values) lines.prepend(svgPath('curve ghost', pathOf(updates, values.map((value, i) => (updates[i] <= last ? value : Infinity)), at => axis.place(at, width), place)));
    }
  }

  return { render: renderAll, box };
}

/// The run before, side by side: its boundary and scores at the same share of its own time.
function createBefore(root, { before, axis }) {
  const [box, canvas, caption] = find(root, 'input', 'canvas', 'canvas + p');
  let values = null;
  let last = null;
  // Something hidden never comes into sight.
  root.hidden = before === null;
  on(box, 'input', draw);

  function draw() {
    const isShown = box.checked && before !== null;
    canvas.hidden = caption.hidden = !isShown;
    if (!isShown || !last) return;
    const size = Math.max(160, Math.min(root.clientWidth, 420));
    const context = sizeCanvas(canvas, size, size);
    const network = before.trajectory.networkAfter(before.axis.nearest(axis.share(last.update)));
    const update = before.trajectory.lands(before.axis.nearest(axis.share(last.update)));
    const { train, threshold } = before.run;
    const { cost, accuracy } = scoresOf(train, logits(network, train.x), threshold);
    setText(caption, `The run before, after update ${grouped(update)}: cost ${significant(cost)}, ${percent(accuracy)} of the training samples right.`);
    if (before.run.inputs.length !== last.run.inputs.length) return;
    const folded = last.foldAt(network);
    values = logitField(folded, last.window, BEFORE_SIDE, values);
    drawField(context, { ...last, folded, threshold }, values, BEFORE_SIDE, size);
  }

  return { render(view) { last = view; draw(); } };
}
