"""Writes scores.json and components.json, with NumPy, SciPy and scikit-learn only.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    venv/bin/python make_scores.py        (some minutes: the bootstrap)
"""

import json
import warnings

import numpy as np
from scipy.special import expit, logit, logsumexp
from scipy.stats import binomtest, bootstrap
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")


def defined(value, condition):
    return float(value) if condition else None


def log_loss(y, z):
    """The mean of -ln(sigmoid(z)) for label 1 and of -ln(sigmoid(-z)) for label 0. scikit-learn's takes probabilities, and clips."""
    return float(np.mean(logsumexp([np.zeros(len(z)), (1 - 2 * y) * z], axis=0)))


def scores(y, z, threshold):
    """The scores of scikit-learn for logits z; None where it warns that a score is undefined."""
    p = expit(z)
    predicted = (z > logit(threshold)).astype(int)
    ones, zeros, positives = int(y.sum()), int((1 - y).sum()), int(predicted.sum())
    both = ones > 0 and zeros > 0
    return {
        "cost": log_loss(y, z),
        "accuracy": float(metrics.accuracy_score(y, predicted)),
        "balanced_accuracy": defined(metrics.balanced_accuracy_score(y, predicted), both),
        "precision": defined(metrics.precision_score(y, predicted, zero_division=0), positives > 0),
        "recall": defined(metrics.recall_score(y, predicted, zero_division=0), ones > 0),
        "f1": defined(metrics.f1_score(y, predicted, zero_division=0), ones + positives > 0),
        "roc_auc": defined(metrics.roc_auc_score(y, z), True) if both else None,
        "average_precision": defined(metrics.average_precision_score(y, z), True) if ones > 0 else None,
        "brier": float(np.mean((p - y) ** 2)) if not both else float(metrics.brier_score_loss(y, p)),
        "confusion": metrics.confusion_matrix(y, predicted, labels=[0, 1]).ravel().tolist(),  # tn, fp, fn, tp
    }


def curves(y, z):
    fpr, tpr, _ = metrics.roc_curve(y, z, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(y, z)
    share, mean = calibration_curve(y, expit(z), n_bins=10)
    return {
        "roc": np.c_[fpr, tpr].tolist(),
        # By rising recall, without the last point of scikit-learn, (0, 1), which belongs to no threshold.
        "precision_recall": np.c_[recall, precision][:-1][::-1].tolist(),
        "calibration": np.c_[mean, share].tolist(),
    }


def limits(y, z, baseline, threshold):
    """Wilson's intervals of proportions; for the other scores, percentiles of 20,000 resamples of rows, separately for each score."""
    def counted(score, logits):
        return lambda rows: score(y[rows], (logits[rows] > logit(threshold)).astype(int))

    def ranked(score, logits):
        return lambda rows: score(y[rows], logits[rows])

    def of_probabilities(score, logits):
        return ranked(score, expit(logits))

    single = {
        "accuracy": (counted, metrics.accuracy_score),
        "balanced_accuracy": (counted, metrics.balanced_accuracy_score),
        "f1": (counted, metrics.f1_score),
        "roc_auc": (ranked, metrics.roc_auc_score),
        "average_precision": (ranked, metrics.average_precision_score),
        "brier": (of_probabilities, metrics.brier_score_loss),
        "cost": (ranked, log_loss),
    }

    def interval(statistic):
        found = bootstrap((np.arange(len(y)),), statistic, n_resamples=20_000, method="percentile",
                          vectorized=False, rng=np.random.default_rng(11)).confidence_interval
        return [float(found.low), float(found.high)]

    def share(successes, trials):
        found = binomtest(int(successes), int(trials)).proportion_ci(method="wilson")
        return [float(found.low), float(found.high)]

    predicted, guessed = z > logit(threshold), baseline > logit(threshold)
    found = {name: interval(kind(score, z)) for name, (kind, score) in single.items() if name != "accuracy"}
    found["accuracy"] = share((predicted == y).sum(), len(y))
    found["precision"] = share((predicted & (y == 1)).sum(), predicted.sum())
    found["recall"] = share((predicted & (y == 1)).sum(), y.sum())
    differences = {}
    for name in ["accuracy", "roc_auc", "cost"]:
        kind, score = single[name]
        ours, theirs = kind(score, z), kind(score, baseline)
        differences[name] = interval(lambda rows: ours(rows) - theirs(rows))
    alone = [int(((predicted == y) & (guessed != y)).sum()), int(((predicted != y) & (guessed == y)).sum())]
    differences["accuracy_by_chance"] = float(binomtest(alone[0], sum(alone)).pvalue)
    return found | {"differences": differences}


def main():
    state = np.random.RandomState(1)
    cases = {}

    def case(name, y, z, threshold=0.5):
        y, z = np.asarray(y, dtype=int), np.asarray(z, dtype=float)
        cases[name] = {"labels": y.tolist(), "logits": z.tolist(), "threshold": threshold} | scores(y, z, threshold)
        if 0 < y.sum() < len(y):
            cases[name] |= curves(y, z)

    y = (state.rand(120) < 0.4).astype(int)
    z = 1.5 * y - 0.9 + state.randn(120)
    case("continuous", y, z)
    case("another threshold", y, z, 0.3)
    case("ties", y, logit(np.clip(expit(z).round(1), 0.1, 0.9) * 0.96))
    case("worse than chance", 1 - y, z)
    case("no ones", np.zeros(12), logit(state.rand(12)))
    case("only ones", np.ones(12), logit(state.rand(12)))
    case("perfect", y, logit(0.1 + 0.8 * y))
    case("constant", y, np.full(len(y), logit(0.3)))
    case("rare", np.arange(50) == 7, logit(state.rand(50).round(2) * 0.98 + 0.01))
    # Most probabilities round to 0, 1 or 1/2.
    case("large logits", y, 100 * z)
    case("tiny logits", y, 1e-20 * z)
    case("threshold 0", y, 1000 * z, 0.0)
    case("threshold 1", y, 1000 * z, 1.0)

    # The case for the intervals. The predictions of the baseline are those of the model with noise.
    baseline = 0.6 * z + 0.6 * state.randn(120)
    intervals = {"baseline": baseline.tolist()} | limits(y, z, baseline, 0.5)
    json.dump({"cases": cases, "intervals": intervals}, open("scores.json", "w"))

    # Rows of five correlated columns.
    x = state.randn(60, 5) @ state.randn(5, 5) + state.randn(5)
    x[:, 4] = x[:, 0] - 2 * x[:, 1]
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    leading = vectors[:, ::-1][:, :2].T
    leading *= np.sign(leading[np.arange(2), np.abs(leading).argmax(axis=1)])[:, None]
    json.dump({
        "x": x.ravel().tolist(),
        "mean": x.mean(axis=0).tolist(),
        "directions": leading.tolist(),
        "shares": (values[::-1][:2] / values.sum()).tolist(),
        "projected": ((x - x.mean(axis=0)) @ leading.T).ravel().tolist(),
    }, open("components.json", "w"))


main()
