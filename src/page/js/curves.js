// The curves: cost, accuracy, sharpness and the length of the gradient, one above the other over the slider's own axis, with one
// cursor through all of them.

import { INSET } from './axis.js';
import { make, makeSvg, setAttributes } from './dom.js';
import { niceTicks, plain, significant } from './numbers.js';
import { sharpnessLimit } from './training.js';

const HEIGHT = 84;
const TOP = 8;
const SPACE = HEIGHT + 22;

/// What there is to draw: for each curve its name, its series, and how its axis is chosen.
function curvesOf({ history, training }) {
  const series = (name, label, kind) => (history[name] ? [{ values: history[name], label, kind }] : []);
  const list = [
    { name: 'cost', low: 0, log: true, series: [...series('cost', 'training', 'main'), ...series('validation_cost', 'validation', 'second')] },
    { name: 'accuracy', percent: true, series: [...series('accuracy', 'training', 'main'), ...series('validation_accuracy', 'validation', 'second')] },
    { name: 'sharpness', low: 0, limit: sharpnessLimit(training, 0), series: series('sharpness', 'training', 'main'),
      note: 'the largest curvature of the cost' },
    { name: 'gradient', log: true, low: 0, series: series('gradient_norm', 'training', 'main'), note: 'its length' },
  ];
  return list.filter(curve => curve.series.length > 0);
}

export function createCurves(root, run, axis, actions) {
  const curves = curvesOf(run).map(curve => ({ ...curve, ...createRow(curve) }));
  const logBox = make('input', { type: 'checkbox' });
  const rows = make('div', { class: 'rows' }, ...curves.map(curve => curve.row));
  root.append(rows, make('label', { class: 'check' }, logBox, 'cost and gradient on a logarithmic axis'));
  logBox.addEventListener('change', () => actions.set({ log: logBox.checked }));
  let drawn = '';

  for (const { plot } of curves) {
    const move = event => {
      const box = plot.getBoundingClientRect();
      actions.goTo(axis.nearest((event.clientX - box.left - INSET) / (box.width - 2 * INSET)));
    };
    plot.addEventListener('pointerdown', event => { move(event); if (event.pointerType === 'mouse') plot.setPointerCapture(event.pointerId); });
    plot.addEventListener('pointermove', event => event.buttons && event.pointerType === 'mouse' && move(event));
  }

  function render(view) {
    const width = curves[0]?.plot.clientWidth ?? 0;
    if (width === 0) return;
    logBox.checked = view.state.log;
    const key = `${width} ${view.state.log}`;
    if (key !== drawn) for (const curve of curves) drawCurve(curve, run, axis, width, curve.log && view.state.log);
    drawn = key;
    const x = INSET + axis.share(view.update) * (width - 2 * INSET);
    for (const curve of curves) moveCursor(curve, run, x, view.update);
  }

  return { render };
}

function createRow({ name, note, series }) {
  const plot = makeSvg('svg', { class: 'plot', height: SPACE, role: 'img', 'aria-label': `${name} over the updates` });
  const [back, lines, front] = [makeSvg('g'), makeSvg('g'), makeSvg('g', { class: 'cursor' })];
  plot.append(back, lines, front);
  const legend = series.length > 1 ? series.map(({ label, kind }) => make('span', { class: `legend ${kind}` }, label)) : [];
  const row = make('div', { class: 'row' }, make('div', { class: 'label' }, name, note ? make('span', { class: 'legend' }, note) : null, ...legend), plot);
  return { row, plot, back, lines, front };
}

/// The lowest and highest value of an axis, with room for the limit where the curve comes near it.
function rangeOf({ series, low, percent, limit }, log) {
  const all = series.flatMap(({ values }) => [...values].filter(value => Number.isFinite(value) && (!log || value > 0)));
  let [least, most] = [Math.min(...all), Math.max(...all)];
  if (limit && most > limit / 4) most = Math.max(most, limit * 1.05);
  if (log) return [least / 1.1, most * 1.1];
  if (percent) return [Math.min(0.5, Math.floor(least * 10) / 10), 1];
  if (low !== undefined) least = low;
  return most > least ? [least, most + (most - least) * 0.04] : [least - 0.5, least + 0.5];
}

function drawCurve(curve, run, axis, width, log) {
  const { plot, back, lines, front, series, percent, limit } = curve;
  const [low, high] = rangeOf(curve, log);
  const to = log ? Math.log : value => value;
  const x = update => INSET + axis.share(update) * (width - 2 * INSET);
  const y = value => TOP + HEIGHT * (1 - (to(value) - to(low)) / (to(high) - to(low)));
  setAttributes(plot, { viewBox: `0 0 ${width} ${SPACE}` });

  const ticks = log ? decades(low, high) : niceTicks(low, high, 2);
  back.replaceChildren(...ticks.flatMap(tick => [
    makeSvg('path', { class: 'grid', d: `M${INSET} ${y(tick).toFixed(1)}H${width - INSET}` }),
    makeSvg('text', { x: INSET - 6, y: y(tick) + 4, 'text-anchor': 'end' }, percent ? `${Math.round(100 * tick)} %` : plain(tick, 3)),
  ]));
  const parts = series.map(({ values, kind }) => makeSvg('path', { class: `curve ${kind}`, d: pathOf(run.history.updates, values, x, y) }));
  if (limit && limit >= low && limit <= high) {
    const name = run.training.momentum > 0 ? '2 (1 + momentum) / learning rate' : '2 / learning rate';
    parts.unshift(makeSvg('path', { class: 'limit', d: `M${INSET} ${y(limit)}H${width - INSET}` }),
      makeSvg('text', { x: INSET + 6, y: y(limit) + 15 }, `${name} = ${plain(limit, 4)}: above it, steps overshoot`));
  }
  for (const [update, text] of markedUpdates(run)) {
    if (update > axis.updates[axis.last] + 1) continue;
    const at = x(Math.min(update, axis.updates[axis.last]));
    parts.push(makeSvg('path', { class: 'mark-line', d: `M${at} ${TOP}V${TOP + HEIGHT}` }));
    if (curve.name === 'cost') parts.push(makeSvg('text', { x: at - 5, y: TOP + 10, 'text-anchor': 'end' }, text));
  }
  lines.replaceChildren(...parts);
  front.replaceChildren(makeSvg('path'), ...series.map(({ kind }) => makeSvg('circle', { r: 4, class: kind })));
  curve.y = y;
}

/// The updates that are marked on the curves.
function markedUpdates({ training, divergence }) {
  const list = [];
  if (divergence) list.push([divergence.update, 'diverged']);
  if (training.kept_update !== training.updates && !divergence) list.push([training.kept_update, 'kept']);
  return list;
}

/// Powers of ten between two limits, or round values where there are none.
function decades(low, high) {
  const ticks = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.log10(high); power++) ticks.push(Number(`1e${power}`));
  const step = Math.ceil(ticks.length / 4);
  return ticks.length > 1 ? ticks.filter((_, i) => i % step === 0) : niceTicks(low, high, 2).filter(tick => tick > 0);
}

/// A line through the values; it is broken where a value does not exist.
function pathOf(updates, values, x, y) {
  let path = '';
  let pen = 'M';
  updates.forEach((update, i) => {
    const at = y(values[i]);
    if (!Number.isFinite(at)) { pen = 'M'; return; }
    path += `${pen}${x(update).toFixed(1)} ${at.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

/// The value of a series at an update, on the straight line between its neighbours that have one. `exact` says whether it is a
/// value of the series itself.
export function valueAt(updates, values, update) {
  let [before, after] = [-1, -1];
  for (let i = 0; i < updates.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (updates[i] <= update) before = i;
    else { after = i; break; }
  }
  if (before < 0) return null;
  const exact = updates[before] === update;
  if (exact || after < 0) return exact ? { value: values[before], exact } : null;
  const t = (update - updates[before]) / (updates[after] - updates[before]);
  return { value: values[before] + (values[after] - values[before]) * t, exact };
}

function moveCursor({ front, series, y, plot, name }, run, x, update) {
  const [line, ...dots] = front.children;
  setAttributes(line, { d: `M${x.toFixed(1)} 0V${SPACE}` });
  const texts = series.map(({ values, label }, i) => {
    const at = valueAt(run.history.updates, values, update);
    const height = at && y(at.value);
    setAttributes(dots[i], { cx: x.toFixed(1), cy: Number.isFinite(height) ? height.toFixed(1) : 0, visibility: Number.isFinite(height) ? 'visible' : 'hidden' });
    return at ? `${label} ${significant(at.value)}` : '';
  });
  plot.setAttribute('aria-label', `${name} over the updates; at the slider: ${texts.filter(Boolean).join(', ') || 'no value'}`);
}
