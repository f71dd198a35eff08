// Scores, with the definitions of crates/data: confusion matrix, ROC curve, precision-recall curve, calibration. All but the last
// take logits, which keep the order of probabilities that round to the same number.
//
//     precision = TP / (TP + FP)      recall = TP / (TP + FN)      false positive rate = FP / (FP + TN)

const BINS = 10;

/// The four counts where class 1 is predicted above the level, the logit of the threshold.
export function confusion(z2, y, level) {
  const counts = { tn: 0, fp: 0, fn: 0, tp: 0 };
  for (let i = 0; i < z2.length; i++) {
    if (z2[i] > level) counts[y[i] ? 'tp' : 'fp']++;
    else counts[y[i] ? 'fn' : 'tn']++;
  }
  return counts;
}

/// Precision, recall, accuracy and others from the counts. What has no meaning, such as the precision of no prediction, is NaN.
export function rates({ tn, fp, fn, tp }) {
  return {
    accuracy: (tp + tn) / (tn + fp + fn + tp),
    precision: tp / (tp + fp),
    recall: tp / (tp + fn),
    falsePositiveRate: fp / (fp + tn),
    f1: (2 * tp) / (2 * tp + fp + fn),
  };
}

/// The confusion matrices of all levels that differ, from "predict 1 never" to "predict 1 always". Each holds for levels from
/// `low` to below `high`. Equal logits change sides together.
export function thresholds(z2, y) {
  const order = Array.from(z2.keys()).sort((a, b) => z2[b] - z2[a]);
  const ones = y.reduce((sum, label) => sum + label, 0);
  const list = [];
  let [tp, fp] = [0, 0];
  for (let place = 0; place <= order.length; place++) {
    const [high, low] = [z2[order[place - 1]] ?? Infinity, z2[order[place]] ?? -Infinity];
    if (high > low) list.push({ high, low, tn: y.length - ones - fp, fp, fn: ones - tp, tp });
    if (y[order[place]]) tp++; else fp++;
  }
  return list;
}

/// The area under the ROC curve, by trapezoids, from the rates of all thresholds.
export function rocAuc(points) {
  return points.slice(1).reduce((area, b, i) => area + ((b.falsePositiveRate - points[i].falsePositiveRate) * (points[i].recall + b.recall)) / 2, 0);
}

/// The average precision: the sum of precision times the growth of recall.
export function averagePrecision(points) {
  return points.slice(1).reduce((sum, { recall, precision }, i) => sum + (recall - points[i].recall) * precision, 0);
}

/// The 95 % interval of a share, by Wilson.
export function wilson(count, of) {
  const share = count / of;
  const r = 1.959963984540054 ** 2 / of;
  const half = Math.sqrt(r * share * (1 - share) + (r * r) / 4);
  return [share + r / 2 - half, share + r / 2 + half].map(bound => bound / (1 + r));
}

/// Ten bins of equal width: how many samples, their mean probability, the share of ones and its interval. Empty bins are left out.
export function calibration(p, y) {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, sum: 0, ones: 0 }));
  for (let i = 0; i < p.length; i++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(p[i] * BINS))];
    if (!bin) continue;
    bin.count++;
    bin.sum += p[i];
    bin.ones += y[i];
  }
  return bins.filter(bin => bin.count > 0).map(({ count, sum, ones }) => ({ count, mean: sum / count, share: ones / count, interval: wilson(ones, count) }));
}
