// The curves: cost, accuracy, sharpness and the length of the gradient, one above the other over the slider's own axis, with one
// cursor through all of them.

import { INSET } from './axis.js';
import { make, makeSvg, setAttributes, svgCircle, svgPath, svgText } from './dom.js';
import { niceTicks, plain, significant } from './numbers.js';
import { sharpnessLimit } from './training.js';

const HEIGHT = 84;
const TOP = 8;
const SPACE = HEIGHT + 22;

/// For each curve its name, its series of the history, and how its axis is chosen.
const CURVES = [
  { name: 'cost', main: 'cost', second: 'validation_cost', low: 0, log: true },
  { name: 'accuracy', main: 'accuracy', second: 'validation_accuracy', percent: true },
  { name: 'sharpness', note: 'the largest curvature of the cost', main: 'sharpness', low: 0 },
  { name: 'gradient', note: 'its length', main: 'gradient_norm', low: 0, log: true },
];

export function createCurves(root, run, axis, actions) {
  const curves = CURVES.filter(({ main }) => run.history[main]).map(curve => createRow(curve, run));
  const logBox = root.querySelector('[name=log]');
  let drawn = '';
  root.prepend(...curves.map(curve => curve.row));
  logBox.addEventListener('change', () => actions.set({ log: logBox.checked }));
  for (const { plot } of curves) {
    const move = event => actions.goTo(axis.nearest((event.clientX - plot.getBoundingClientRect().left - INSET) / (plot.clientWidth - 2 * INSET)));
    plot.addEventListener('click', move);
    plot.addEventListener('pointermove', event => event.buttons && event.pointerType === 'mouse' && move(event));
  }

  function render({ update, state }, width) {
    if (!width) return;
    logBox.checked = state.log;
    if (drawn !== `${width} ${state.log}`) for (const curve of curves) drawCurve(curve, run, axis, width, curve.log && state.log);
    drawn = `${width} ${state.log}`;
    for (const curve of curves) moveCursor(curve, run.history.updates, INSET + axis.share(update) * (width - 2 * INSET), update);
  }

  return { render, box: curves[0]?.plot };
}

function createRow(curve, { history }) {
  const plot = makeSvg('svg', { class: 'plot', height: SPACE, role: 'img' });
  const groups = ['back', 'lines', 'cursor'].map(name => makeSvg('g', { class: name }));
  plot.append(...groups);
  const series = ['main', 'second'].filter(kind => history[curve[kind]]).map(kind => ({ kind, values: history[curve[kind]] }));
  const notes = series.length > 1 ? [['main', 'training'], ['second', 'validation']] : [['', curve.note ?? '']];
  const label = make('div', { class: 'label' }, curve.name, ...notes.map(([kind, text]) => make('span', { class: `legend ${kind}` }, text)));
  return { ...curve, series, plot, groups, row: make('div', { class: 'row' }, label, plot) };
}

/// The lowest and highest value of an axis, with room for the limit where the curve comes near it.
function rangeOf({ series, low, percent }, limit, log) {
  const all = series.flatMap(({ values }) => [...values].filter(value => Number.isFinite(value) && (!log || value > 0)));
  let [least, most] = [Math.min(...all), Math.max(...all)];
  if (percent) return [Math.min(0.5, Math.floor(least * 10) / 10), 1];
  if (log) return [least / 1.1, most * 1.1];
  if (most > limit / 4) most = Math.max(most, limit * 1.05);
  least = Math.min(low, least);
  return most > least ? [least, most + (most - least) * 0.04] : [least - 0.5, least + 0.5];
}

function drawCurve(curve, run, axis, width, log) {
  const { name, series, percent, groups: [back, lines, cursor] } = curve;
  // The limit follows the learning rate's schedule.
  const limits = name === 'sharpness' ? run.history.updates.map(update => sharpnessLimit(run.training, update)) : [];
  const [low, high] = rangeOf(curve, Math.min(...limits), log);
  const to = log ? Math.log : value => value;
  const x = update => INSET + axis.share(update) * (width - 2 * INSET);
  const y = value => TOP + HEIGHT * (1 - (to(value) - to(low)) / (to(high) - to(low)));
  const across = value => `M${INSET} ${y(value).toFixed(1)}H${width - INSET}`;

  back.replaceChildren(...(log ? decades(low, high) : niceTicks(low, high, 2)).flatMap(tick => [
    svgPath('grid', across(tick)),
    svgText(INSET - 6, y(tick) + 4, 'end', percent ? `${Math.round(100 * tick)} %` : plain(tick, 3)),
  ]));
  lines.replaceChildren(...series.map(({ values, kind }) => {
    // Sharpness is not computed at every update.
    const known = run.history.updates.filter((_, i) => !Number.isNaN(values[i]));
    return svgPath(`curve ${kind}`, pathOf(known, values.filter(value => !Number.isNaN(value)), x, y));
  }));
  if (limits[0] <= high) {
    const formula = run.training.momentum > 0 ? '2 (1 + momentum) / learning rate' : '2 / learning rate';
    const value = limits[0] === limits.at(-1) ? ` = ${plain(limits[0], 4)}` : '';
    lines.append(svgPath('limit', pathOf(run.history.updates, limits.map(limit => (limit <= high ? limit : NaN)), x, y)),
      svgText(INSET + 6, y(limits[0]) + 15, 'start', `${formula}${value}: above it, steps overshoot`));
  }
  const { kept_update: kept, updates } = run.training;
  if (run.divergence || kept !== updates) {
    const at = x(run.divergence ? run.divergence.update : kept);
    lines.append(svgPath('mark-line', `M${at} ${TOP}V${TOP + HEIGHT}`));
    if (name === 'cost') lines.append(svgText(at - 5, TOP + 10, 'end', run.divergence ? 'diverged' : 'kept'));
  }
  cursor.replaceChildren(makeSvg('path'), ...series.map(({ kind }) => svgCircle(kind, 0, 0, 4)));
  curve.y = y;
}

/// Powers of ten between two limits, or round values where there are none.
export function decades(low, high) {
  const ticks = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.log10(high); power++) ticks.push(10 ** power);
  return ticks.length > 1 ? ticks.filter((_, i) => i % Math.ceil(ticks.length / 4) === 0) : niceTicks(low, high, 2).filter(tick => tick > 0);
}

/// A line through the values; it is broken where a value does not exist.
export function pathOf(updates, values, x, y) {
  let [path, pen] = ['', 'M'];
  updates.forEach((update, i) => {
    const height = y(values[i]);
    if (Number.isFinite(height)) path += `${pen}${x(update).toFixed(1)} ${height.toFixed(1)}`;
    pen = Number.isFinite(height) ? 'L' : 'M';
  });
  return path;
}

/// The value of a series at an update, on the straight line between its neighbours that have one. `exact` says whether it is a
/// value of the series itself.
export function valueAt(updates, values, update) {
  let [before, after] = [-1, -1];
  for (let i = 0; i < updates.length && after < 0; i++) {
    if (Number.isNaN(values[i])) continue;
    if (updates[i] <= update) before = i;
    else after = i;
  }
  const exact = updates[before] === update;
  if (before < 0 || (!exact && after < 0)) return null;
  const t = exact ? 0 : (update - updates[before]) / (updates[after] - updates[before]);
  return { value: exact ? values[before] : values[before] + (values[after] - values[before]) * t, exact };
}

function moveCursor({ groups, series, y, plot, name }, updates, x, update) {
  const [line, ...dots] = groups[2].children;
  setAttributes(line, { d: `M${x.toFixed(1)} 0V${SPACE}` });
  const texts = series.map(({ values }, i) => {
    const at = valueAt(updates, values, update);
    const height = at ? y(at.value) : NaN;
    setAttributes(dots[i], { cx: x.toFixed(1), cy: height || 0, r: Number.isFinite(height) ? 4 : 0 });
    return at ? significant(at.value) : 'no value';
  });
  setAttributes(plot, { 'aria-label': `${name} over the updates, at the slider ${texts.join(', ')}` });
}
