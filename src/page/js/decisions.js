// Decisions: what a threshold means for people. One slider moves the confusion matrix, the scores and the marks on the ROC,
// precision-recall and calibration curves together. Costs of the two errors show what each threshold would cost.

import { fields, find, on, setText, svgCircle, svgPath } from './dom.js';
import { logit, sigmoid } from './network.js';
import { fixed, percent, plain } from './numbers.js';
import { averagePrecision, calibration, confusion, rates, rocAuc, thresholds } from './scores.js';

// The plots of page.html: both axes go from 0 to 1.
const plotX = value => 34 + 220 * value;
const plotY = value => 8 + 220 * (1 - value);

/// `root` has the controls by their names, elements with data-value for numbers, and for each plot an svg that ends with a group.
export function createDecisions(root, { run, actions }) {
  const [choice, slider, falsePositive, falseNegative] = fields(root, 'part', 'threshold', 'fp', 'fn');
  const [roc, pr, reliability, costs] = find(root, '.roc', '.pr', '.calibration', '.costs');
  const draw = (plot, ...content) => plot.lastElementChild.replaceChildren(...content);
  on(root, 'input', ({ target }) => actions.set(target === slider ? { threshold: Number(slider.value) } : {}));

  function render({ threshold, z2: all }) {
    const { start, end, y } = run.samples.parts[choice.value];
    const z2 = all.subarray(start, end);
    const counts = confusion(z2, y, logit(threshold));
    const now = rates(counts);
    const list = thresholds(z2, y);
    const points = list.map(rates);
    const costOf = ({ fp, fn }) => fp * Math.max(0, falsePositive.value) + fn * Math.max(0, falseNegative.value);
    const best = list.reduce((least, each) => (costOf(each) < costOf(least) ? each : least));
    const bestThreshold = (sigmoid(best.low) + sigmoid(best.high)) / 2;
    const most = Math.max(...list.map(costOf)) || 1;

    slider.value = threshold;
    const texts = {
      ...counts, threshold: fixed(threshold, 3), auc: fixed(rocAuc(points), 3), ap: fixed(averagePrecision(points), 3),
      cost: plain(costOf(counts), 5), best: plain(costOf(best), 5), 'best-at': fixed(bestThreshold, 3), 'half-cost': plain(most / 2, 3), 'most-cost': plain(most, 3),
    };
    for (const element of root.querySelectorAll('[data-value]')) {
      const { value } = element.dataset;
      setText(element, `${texts[value] ?? percent(now[value])}`);
    }

    const here = plotLine('here-line', [[threshold, 0], [threshold, 1]]);
    const diagonal = [[0, 0], [1, 1]];
    draw(roc, plotLine('limit', diagonal), plotLine('curve main', points.map(rate => [rate.falsePositiveRate, rate.recall])), plotDot('here', now.falsePositiveRate, now.recall, 5));
    // Precision does not change evenly between two thresholds, so the curve is drawn in steps.
    const steps = points.slice(1).flatMap(({ recall, precision }, i) => [[points[i].recall, precision], [recall, precision]]);
    const ones = points.at(-1).precision;
    draw(pr, plotLine('limit', [[0, ones], [1, ones]]), plotLine('curve main', steps), plotDot('here', now.recall, now.precision, 5));
    // Dots with intervals and no line between them: a bin of two samples is not a point of a curve.
    const bins = calibration(z2.map(sigmoid), y);
    draw(reliability, plotLine('limit', diagonal), here.cloneNode(),
      ...bins.flatMap(({ mean, share, count, interval }) => [plotLine('interval', interval.map(bound => [mean, bound])), plotDot('bin', mean, share, 2 + 4 * Math.sqrt(count / y.length))]));
    draw(costs, here, plotLine('curve main', list.flatMap(each => [each.high, each.low].map(bound => [sigmoid(bound), costOf(each) / most]))),
      plotDot('bin', bestThreshold, costOf(best) / most, 4), plotDot('here', threshold, costOf(counts) / most, 5));
  }

  return { render };
}

function plotLine(name, points) {
  const path = points.filter(point => point.every(Number.isFinite)).map(([a, b]) => `${plotX(a).toFixed(1)} ${plotY(b).toFixed(1)}`);
  return svgPath(name, path.length ? `M${path.join('L')}` : '');
}

const plotDot = (name, a, b, r) => svgCircle(name, plotX(a || 0), plotY(b || 0), Number.isFinite(a + b) ? r : 0);
