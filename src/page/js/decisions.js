// Decisions: what a threshold means for people. One slider moves the confusion matrix, the scores and the marks on the ROC,
// precision-recall and calibration curves together. Costs of the two errors show what each threshold would cost.

import { makeSvg, setText, svgCircle, svgPath, svgText } from './dom.js';
import { logit, sigmoid } from './network.js';
import { fixed, percent, plain } from './numbers.js';
import { averagePrecision, calibration, confusion, rates, rocAuc, thresholds } from './scores.js';

const PLOT = 220;
const PLOT_LEFT = 34;
const PLOT_TOP = 8;

const plotX = value => PLOT_LEFT + PLOT * value;
const plotY = value => PLOT_TOP + PLOT * (1 - value);

/// `root` has the controls by their names, elements with data-value for numbers, and an svg for each plot by its class.
export function createDecisions(root, run, actions) {
  const [choice, slider, falsePositive, falseNegative] = ['part', 'threshold', 'fp', 'fn'].map(name => root.querySelector(`[name=${name}]`));
  const show = (name, text) => root.querySelectorAll(`[data-value=${name}]`).forEach(element => setText(element, text));
  const plots = Object.fromEntries(['roc', 'pr', 'calibration', 'costs'].map(name => [name, createPlot(root.querySelector(`svg.${name}`))]));
  slider.addEventListener('input', () => actions.set({ threshold: Number(slider.value) }));
  for (const control of [choice, falsePositive, falseNegative]) control.addEventListener('input', () => actions.set({}));

  function render(view) {
    const { threshold, z2: all } = view;
    const part = run.samples.parts[choice.value];
    const z2 = all.subarray(part.start, part.end);
    const counts = confusion(z2, part.y, logit(threshold));
    const now = rates(counts);
    const list = thresholds(z2, part.y);
    const costOf = ({ fp, fn }) => fp * Math.max(0, falsePositive.value) + fn * Math.max(0, falseNegative.value);
    const best = list.reduce((least, each) => (costOf(each) < costOf(least) ? each : least));
    const bestThreshold = (sigmoid(best.low) + sigmoid(best.high)) / 2;
    const most = Math.max(...list.map(costOf)) || 1;

    slider.value = threshold;
    for (const [name, count] of Object.entries(counts)) show(name, String(count));
    for (const name of ['accuracy', 'precision', 'recall', 'f1']) show(name, percent(now[name]));
    const texts = { threshold: fixed(threshold, 3), auc: fixed(rocAuc(list), 3), ap: fixed(averagePrecision(list), 3), cost: plain(costOf(counts), 5), best: plain(costOf(best), 5), 'best-at': fixed(bestThreshold, 3) };
    for (const [name, text] of Object.entries(texts)) show(name, text);

    const points = list.map(rates);
    plots.roc(plotLine('limit', [[0, 0], [1, 1]]), plotLine('curve main', points.map(rate => [rate.falsePositiveRate, rate.recall])), plotDot('here', now.falsePositiveRate, now.recall, 5));
    // Precision does not change evenly between two thresholds, so the curve is drawn in steps.
    const steps = points.slice(1).flatMap(({ recall, precision }, i) => [[points[i].recall, precision], [recall, precision]]);
    const ones = points.at(-1).precision;
    plots.pr(plotLine('limit', [[0, ones], [1, ones]]), plotLine('curve main', steps), plotDot('here', now.recall, now.precision, 5));
    // Dots with intervals and no line between them: a bin of two samples is not a point of a curve.
    const bins = calibration(z2.map(sigmoid), part.y);
    plots.calibration(plotLine('limit', [[0, 0], [1, 1]]), plotLine('here-line', [[threshold, 0], [threshold, 1]]),
      ...bins.flatMap(({ mean, share, count, interval }) => [plotLine('interval', interval.map(end => [mean, end])), plotDot('bin', mean, share, 2 + 4 * Math.sqrt(count / part.y.length))]));
    plots.costs(plotLine('here-line', [[threshold, 0], [threshold, 1]]), plotLine('curve main', list.flatMap(each => [each.high, each.low].map(end => [sigmoid(end), costOf(each) / most]))),
      plotDot('bin', bestThreshold, costOf(best) / most, 4), plotDot('here', threshold, costOf(counts) / most, 5));
    root.querySelectorAll('.costs text.up').forEach((text, i) => setText(text, plain((most * i) / 2, 3)));
  }

  return { render };
}

/// A square plot with axes from 0 to 1. Returns a function that draws its content.
function createPlot(svg) {
  const content = makeSvg('g');
  for (const tick of [0, 0.5, 1]) {
    svg.append(svgPath('grid', `M${plotX(0)} ${plotY(tick)}H${plotX(1)}M${plotX(tick)} ${plotY(0)}V${plotY(1)}`),
      svgText(plotX(tick), plotY(0) + 15, 'middle', plain(tick)),
      svgText(plotX(0) - 6, plotY(tick) + 4, 'end', plain(tick), { class: 'up' }));
  }
  svg.append(content);
  return (...parts) => content.replaceChildren(...parts);
}

function plotLine(name, points) {
  const path = points.filter(point => point.every(Number.isFinite)).map(([a, b], i) => `${i ? 'L' : 'M'}${plotX(a).toFixed(1)} ${plotY(b).toFixed(1)}`);
  return svgPath(name, path.join(''));
}

function plotDot(name, a, b, r) {
  return svgCircle(name, plotX(a || 0), plotY(b || 0), Number.isFinite(a + b) ? r : 0);
}
