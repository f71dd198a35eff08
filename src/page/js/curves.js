// The curves: cost, accuracy, sharpness and the length of the gradient, one above the other over the slider's own axis, with one
// cursor through all of them.

import { INSET } from './axis.js';
import { fields, find, makeSvg, on, setAttributes, svgCircle, svgPath, svgText } from './dom.js';
import { niceTicks, plain, significant } from './numbers.js';
import { sharpnessLimit } from './training.js';

const HEIGHT = 84;
const TOP = 8;
const SPACE = HEIGHT + 22;

/// `root` has a row for each curve that there can be: its name, and in data-main and data-second its series of the history.
export function createCurves(root, { run, axis, actions }) {
  const [logBox] = fields(root, 'log');
  const curves = [...root.querySelectorAll('.row')].map(row => readRow(row, run.history)).filter(({ series }) => series.length);
  let drawn = '';
  on(logBox, 'change', () => actions.set({ log: logBox.checked }));
  for (const { plot } of curves) {
    on(plot, 'click pointermove', ({ type, buttons, pointerType, clientX }) => {
      if (type !== 'click' && !(buttons && pointerType === 'mouse')) return;
      actions.goTo(axis.updateAt(clientX - plot.getBoundingClientRect().left, plot.clientWidth));
    });
  }

  function render({ update, state }, width) {
    if (!width) return;
    const key = `${width} ${state.log}`;
    const x = at => axis.place(at, width);
    logBox.checked = state.log;
    for (const curve of curves) {
      if (drawn !== key) drawCurve(curve, run, x, width, curve.canBeLog && state.log);
      moveCursor(curve, run.history.updates, x(update).toFixed(1), update);
    }
    drawn = key;
  }

  return { render, curves, box: curves[0]?.plot };
}

function readRow(row, history) {
  const [plot] = find(row, 'svg');
  const series = ['main', 'second'].map(kind => ({ kind, values: history[row.dataset[kind]] })).filter(({ values }) => values);
  row.hidden = !series.length;
  for (const legend of row.querySelectorAll('.main, .second')) legend.hidden = series.length < 2;
  return { name: row.dataset.name, canBeLog: 'log' in row.dataset, series, plot, groups: [...plot.children] };
}

/// The lowest and highest value of an axis, with room for the limit where the curve comes near it.
function rangeOf({ series, name }, limit, log) {
  const all = series.flatMap(({ values }) => [...values].filter(value => Number.isFinite(value) && (!log || value > 0)));
  let [least, most] = [Math.min(...all), Math.max(...all)];
  if (name === 'accuracy') return [Math.min(0.5, Math.floor(least * 10) / 10), 1];
  // A gradient may be 0 everywhere, of which there is no logarithm.
  if (log) return all.length ? [least / 1.1, Math.min(most * 1.1, Number.MAX_VALUE)] : [0.1, 1];
  if (most > limit / 4) most = Math.max(most, limit * 1.05);
  least = Math.min(0, least);
  return most > least ? [least, most + (most - least) * 0.04] : [least - 0.5, least + 0.5];
}

function drawCurve(curve, { history: { updates }, training, divergence }, x, width, log) {
  const { name, series, groups: [back, lines, cursor] } = curve;
  // The limit follows the learning rate's schedule.
  const limits = name === 'sharpness' ? updates.map(update => sharpnessLimit(training, update)) : [];
  const [low, high] = rangeOf(curve, Math.min(...limits), log);
  const to = log ? Math.log : value => value;
  const y = value => TOP + HEIGHT * (1 - (to(value) - to(low)) / (to(high) - to(low)));
  const line = (kind, values) => svgPath(kind, pathOf(updates, values, x, y));

  back.replaceChildren(...(log ? decades(low, high) : niceTicks(low, high, 2)).flatMap(tick => [
    svgPath('grid', `M${INSET} ${y(tick).toFixed(1)}H${width - INSET}`),
    svgText(INSET - 6, y(tick) + 4, 'end', name === 'accuracy' ? `${Math.round(100 * tick)} %` : plain(tick, 3)),
  ]));
  lines.replaceChildren(...series.map(({ values, kind }) => line(`curve ${kind}`, values)));
  if (limits[0] <= high) {
    const formula = training.momentum > 0 ? '2 (1 + momentum) / learning rate' : '2 / learning rate';
    const value = limits[0] === limits.at(-1) ? ` = ${plain(limits[0], 4)}` : '';
    lines.append(line('limit', limits.map(limit => (limit <= high ? limit : Infinity))), svgText(INSET + 6, y(limits[0]) + 15, 'start', `${formula}${value}: above it, steps overshoot`));
  }
  const end = divergence ?? { update: training.kept_update };
  if (divergence || end.update !== training.updates) {
    const at = x(end.update);
    lines.append(svgPath('mark-line', `M${at} ${TOP}V${TOP + HEIGHT}`));
    if (name === 'cost') lines.append(svgText(at - 5, TOP + (divergence ? HEIGHT - 6 : 10), 'end', divergence ? 'diverged' : 'kept'));
  }
  cursor.replaceChildren(makeSvg('path'), ...series.map(({ kind }) => svgCircle(kind, 0, 0, 4)));
  curve.y = y;
}

/// Powers of ten between two limits, or round values where there are none.
export function decades(low, high) {
  const first = Math.ceil(Math.log10(low));
  const ticks = Array.from({ length: Math.floor(Math.log10(high)) - first + 1 }, (_, i) => 10 ** (first + i));
  return ticks.length > 1 ? ticks.filter((_, i) => i % Math.ceil(ticks.length / 4) === 0) : niceTicks(low, high, 2).filter(tick => tick > 0);
}

/// A line through the values, broken where one has no place. Sharpness is not computed at every update: NaN is passed over.
export function pathOf(updates, values, x, y) {
  let [path, pen] = ['', 'M'];
  updates.forEach((update, i) => {
    if (Number.isNaN(values[i])) return;
    const height = y(values[i]);
    const hasPlace = Number.isFinite(height);
    if (hasPlace) path += `${pen}${x(update).toFixed(1)} ${height.toFixed(1)}`;
    pen = hasPlace ? 'L' : 'M';
  });
  return path;
}

/// The value of a series at an update, on the straight line between its neighbours that have one. `exact` says whether it is a
/// value of the series itself.
export function valueAt(updates, values, update) {
  const known = i => !Number.isNaN(values[i]);
  const before = updates.findLastIndex((at, i) => at <= update && known(i));
  const after = updates.findIndex((at, i) => at >= update && known(i));
  if (before < 0 || after < 0) return null;
  const t = (update - updates[before]) / (updates[after] - updates[before] || 1);
  return { value: values[before] + (values[after] - values[before]) * t, exact: before === after };
}

function moveCursor({ groups, series, y, plot, name }, updates, x, update) {
  const [line, ...dots] = groups[2].children;
  setAttributes(line, { d: `M${x} 0V${SPACE}` });
  const texts = series.map(({ values }, i) => {
    const at = valueAt(updates, values, update);
    const height = y(at ? at.value : NaN);
    setAttributes(dots[i], { cx: x, cy: Number.isFinite(height) ? height : 0, r: Number.isFinite(height) ? 4 : 0 });
    return at ? significant(at.value) : 'no value';
  });
  plot.ariaLabel = `${name} over the updates, at the slider ${texts.join(', ')}`;
}
