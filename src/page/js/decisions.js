// Decisions: what a threshold means for people. One slider moves the confusion matrix, the scores and the marks on the ROC,
// precision-recall and calibration curves together. Costs of the two errors show what each threshold would cost.

import { make, makeSvg, setAttributes, setText } from './dom.js';
import { logit, sigmoid } from './network.js';
import { counted, fixed, grouped, percent, plain } from './numbers.js';
import { averagePrecision, calibration, confusion, rates, rocAuc, thresholds } from './scores.js';

const PLOT = 220;
const PAD = { left: 34, top: 8, bottom: 36, right: 8 };

export function createDecisions(root, run, actions) {
  const parts = run.samples.parts.filter(part => part.name !== 'train' && part.y.length > 0);
  const slider = make('input', { type: 'range', min: 0.001, max: 0.999, step: 0.001, 'aria-label': 'Threshold' });
  const threshold = make('output', { class: 'figure' });
  const partChoice = make('select', {}, ...parts.map(part => make('option', { value: part.name }, `${part.name}, ${counted(part.y.length, 'sample')}`)));
  const [falsePositive, falseNegative] = [0, 1].map(() => make('input', { type: 'number', min: 0, step: 'any', value: 1 }));
  const matrix = createMatrix(run.classes);
  const scores = make('dl', { class: 'scores' });
  const plots = [createSquare('ROC curve', 'false positive rate', 'recall'), createSquare('Precision and recall', 'recall', 'precision'),
    createSquare('Calibration', 'probability', `share of ${run.classes[1]}`), createSquare('What the errors cost', 'threshold', 'cost')];
  const costText = make('p', { class: 'lead' });
  const name = (label, text) => make('label', {}, label, text);
  root.append(
    make('div', { class: 'controls' }, parts.length > 1 ? name('samples', partChoice) : make('span', {}, `${parts[0].name}: ${counted(parts[0].y.length, 'sample')}`),
      name(`cost of ${run.classes[0]} taken for ${run.classes[1]}`, falsePositive), name(`of ${run.classes[1]} taken for ${run.classes[0]}`, falseNegative)),
    make('div', { class: 'threshold' }, make('label', {}, 'threshold', threshold), slider),
    make('div', { class: 'verdict' }, matrix.element, scores),
    costText,
    make('div', { class: 'plots' }, ...plots.map(plot => plot.element)),
  );
  partChoice.value = parts.at(-1).name;
  slider.addEventListener('input', () => actions.set({ threshold: Number(slider.value) }));
  for (const control of [partChoice, falsePositive, falseNegative]) control.addEventListener('input', () => actions.set({}));

  function render(view) {
    const part = parts.find(candidate => candidate.name === partChoice.value);
    const z2 = view.z2.subarray(part.start, part.end);
    const { y } = part;
    const t = view.threshold;
    slider.value = t;
    setText(threshold, fixed(t, 3));
    const counts = confusion(z2, y, logit(t));
    const now = rates(counts);
    const list = thresholds(z2, y);
    const costs = [Math.max(0, Number(falsePositive.value) || 0), Math.max(0, Number(falseNegative.value) || 0)];
    const costOf = ({ fp, fn }) => fp * costs[0] + fn * costs[1];

    matrix.show(counts);
    showScores(scores, [['accuracy', now.accuracy], ['precision', now.precision], ['recall', now.recall], ['F1', now.f1]]);
    drawRoc(plots[0], list, now);
    drawPrecisionRecall(plots[1], list, now, y);
    drawCalibration(plots[2], calibration(z2.map(sigmoid), y), t);
    const best = drawCosts(plots[3], list, costOf, t, counts);
    setText(costText, costSentence(counts, costOf, best, part));
  }

  return { render };
}

/// The middle of the thresholds of a confusion matrix.
function middle({ low, high }) {
  return (sigmoid(low) + sigmoid(high)) / 2;
}

function costSentence(counts, costOf, best, part) {
  const text = `At this threshold the errors on these ${grouped(part.y.length)} samples cost ${plain(costOf(counts), 5)}: ${counted(counts.fp, 'false positive')} and ${counted(counts.fn, 'false negative')}. `;
  const lowest = `The lowest cost is ${plain(costOf(best), 5)}, at ${fixed(middle(best), 3)}.`;
  return text + lowest + (part.name === 'test' ? ' Choose a threshold on validation samples: one that is chosen on the test samples looks better than it is.' : '');
}

function createMatrix(classes) {
  const cells = { tn: make('td'), fp: make('td', { class: 'error' }), fn: make('td', { class: 'error' }), tp: make('td') };
  const row = (label, ...list) => make('tr', {}, make('th', { scope: 'row' }, label), ...list);
  const element = make('table', { class: 'matrix' }, make('caption', {}, 'Confusion matrix'),
    make('thead', {}, make('tr', {}, make('td'), ...classes.map(name => make('th', { scope: 'col' }, `predicted ${name}`)))),
    make('tbody', {}, row(classes[0], cells.tn, cells.fp), row(classes[1], cells.fn, cells.tp)));
  return { element, show: counts => Object.entries(cells).forEach(([name, cell]) => setText(cell, grouped(counts[name]))) };
}

function showScores(list, entries) {
  if (!list.firstChild) list.append(...entries.map(([name]) => make('div', {}, make('dt', {}, name), make('dd'))));
  entries.forEach(([, value], i) => setText(list.children[i].lastChild, percent(value)));
}

/// A square plot with axes from 0 to 1.
function createSquare(title, across, up) {
  const size = { width: PLOT + PAD.left + PAD.right, height: PLOT + PAD.top + PAD.bottom };
  const svg = makeSvg('svg', { ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: 'img' });
  const x = value => PAD.left + PLOT * value;
  const y = value => PAD.top + PLOT * (1 - value);
  const frame = makeSvg('g');
  for (const tick of [0, 0.5, 1]) {
    frame.append(makeSvg('path', { class: 'grid', d: `M${x(0)} ${y(tick)}H${x(1)}M${x(tick)} ${y(0)}V${y(1)}` }),
      makeSvg('text', { x: x(tick), y: y(0) + 15, 'text-anchor': 'middle' }, plain(tick)));
  }
  const left = [0, 0.5, 1].map(tick => makeSvg('text', { x: x(0) - 6, y: y(tick) + 4, 'text-anchor': 'end' }, plain(tick)));
  frame.append(...left, makeSvg('text', { x: x(1), y: y(0) + 31, 'text-anchor': 'end', class: 'name' }, across));
  const content = makeSvg('g');
  svg.append(frame, content);
  const note = make('span', { class: 'legend' });
  const element = make('figure', {}, make('figcaption', {}, title, note), svg, make('span', { class: 'up' }, up));
  return { element, svg, content, note, x, y, left, title };
}

function path(points, x, y) {
  return points.map(([a, b], i) => `${i ? 'L' : 'M'}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('');
}

function show({ content, svg, note, title }, parts, text, label) {
  content.replaceChildren(...parts);
  setText(note, text);
  setAttributes(svg, { 'aria-label': `${title}: ${label}` });
}

function dot({ x, y }, a, b) {
  return makeSvg('circle', { class: 'here', cx: x(a), cy: y(b), r: 5, visibility: Number.isFinite(a) && Number.isFinite(b) ? 'visible' : 'hidden' });
}

function drawRoc(plot, list, now) {
  const points = list.map(rates).map(({ falsePositiveRate, recall }) => [falsePositiveRate, recall]);
  const area = fixed(rocAuc(list), 3);
  show(plot, [
    makeSvg('path', { class: 'limit', d: path([[0, 0], [1, 1]], plot.x, plot.y) }),
    makeSvg('path', { class: 'curve main', d: path(points, plot.x, plot.y) }),
    dot(plot, now.falsePositiveRate, now.recall),
  ], `area ${area}`, `area ${area}; at the threshold recall ${percent(now.recall)}, false positive rate ${percent(now.falsePositiveRate)}`);
}

/// Precision does not change evenly between two thresholds, so the curve is drawn in steps.
function drawPrecisionRecall(plot, list, now, labels) {
  const ones = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const points = [];
  for (const counts of list.slice(1)) {
    const { recall, precision } = rates(counts);
    points.push([points.length ? points.at(-1)[0] : 0, precision], [recall, precision]);
  }
  const average = fixed(averagePrecision(list), 3);
  show(plot, [
    makeSvg('path', { class: 'limit', d: path([[0, ones], [1, ones]], plot.x, plot.y) }),
    makeSvg('path', { class: 'curve main', d: path(points, plot.x, plot.y) }),
    dot(plot, now.recall, now.precision),
  ], `average precision ${average}`, `average precision ${average}`);
}

/// Dots with intervals and no line between them: a bin of two samples is not a point of a curve.
function drawCalibration(plot, bins, t) {
  const most = Math.max(...bins.map(bin => bin.count));
  show(plot, [
    makeSvg('path', { class: 'limit', d: path([[0, 0], [1, 1]], plot.x, plot.y) }),
    makeSvg('path', { class: 'here-line', d: path([[t, 0], [t, 1]], plot.x, plot.y) }),
    ...bins.flatMap(({ mean, share, count, interval }) => [
      makeSvg('path', { class: 'interval', d: path(interval.map(value => [mean, value]), plot.x, plot.y) }),
      makeSvg('circle', { class: 'bin', cx: plot.x(mean), cy: plot.y(share), r: 2 + 4 * Math.sqrt(count / most) }, makeSvg('title', {}, counted(count, 'sample'))),
    ]),
  ], 'bars: 95 % intervals', bins.map(({ mean, share }) => `${percent(mean, 0)} gave ${percent(share, 0)}`).join(', '));
}

/// The cost of each threshold, and the threshold with the lowest.
function drawCosts(plot, list, costOf, t, counts) {
  const most = Math.max(...list.map(costOf), 1e-12);
  const points = list.flatMap(each => [each.high, each.low].map(end => [sigmoid(end), costOf(each) / most]));
  const best = list.reduce((least, each) => (costOf(each) < costOf(least) ? each : least));
  plot.left.forEach((text, i) => setText(text, plain((most * i) / 2, 3)));
  show(plot, [
    makeSvg('path', { class: 'here-line', d: path([[t, 0], [t, 1]], plot.x, plot.y) }),
    makeSvg('path', { class: 'curve main', d: path(points, plot.x, plot.y) }),
    makeSvg('circle', { class: 'bin', cx: plot.x(middle(best)), cy: plot.y(costOf(best) / most), r: 4 }),
    dot(plot, t, costOf(counts) / most),
  ], 'the small dot is the lowest', `lowest ${plain(costOf(best))} at ${fixed(middle(best), 3)}`);
  return best;
}
