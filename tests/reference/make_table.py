"""Writes breast_cancer.json: all steps from a table to scores, with pandas, NumPy and scikit-learn only.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1
    venv/bin/python make_table.py
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from make import initial, split


def main():
    table = pd.read_csv(Path(__file__).parents[2] / "data" / "breast_cancer.csv")
    y = (table.pop("diagnosis") == "malignant").to_numpy(int)
    x = table.to_numpy(float)
    # Every seventh value of the first column is missing.
    x[::7, 0] = np.nan
    train, validation, test = split(y, 0.2, 0.2, 1)
    means = np.nanmean(x[train], axis=0)
    x = np.where(np.isnan(x), means, x)
    scaler = StandardScaler().fit(x[train])
    x = scaler.transform(x)

    w1, b1, w2, b2 = initial(30, 3)
    p = [w1.T * 10, b1[:, 0], w2.T * 10, b2[0]]
    rows, labels = x[train], y[train]
    for _ in range(200):
        a1 = np.tanh(rows @ p[0] + p[1])
        z2 = (a1 @ p[2] + p[3])[:, 0]
        dz2 = (1 / (1 + np.exp(-z2)) - labels)[:, None] / len(train)
        dz1 = (dz2 @ p[2].T) * (1 - a1**2)
        gradient = [rows.T @ dz1, dz1.sum(0), a1.T @ dz2, dz2.sum(0)]
        p = [value - 0.5 * derivative for value, derivative in zip(p, gradient)]

    def predict(part):
        return 1 / (1 + np.exp(-(np.tanh(x[part] @ p[0] + p[1]) @ p[2] + p[3])[:, 0]))

    logistic = LogisticRegression(tol=1e-12, solver="newton-cholesky", max_iter=1000).fit(rows, labels)

    def scores(part, probabilities):
        return {
            "cost": log_loss(y[part], probabilities),
            "accuracy": accuracy_score(y[part], probabilities > 0.5),
            "roc_auc": roc_auc_score(y[part], probabilities),
            "average_precision": average_precision_score(y[part], probabilities),
            "brier": brier_score_loss(y[part], probabilities),
        }

    result = {
        "lines": {name: (part + 2).tolist() for name, part in [("validation", validation), ("test", test)]},
        "missing": means[0],
        "mean": scaler.mean_.tolist(),
        "deviation": scaler.scale_.tolist(),
        "test_probabilities": predict(test).tolist(),
        "scores": {name: scores(part, predict(part)) for name, part in
                   [("train", train), ("validation", validation), ("test", test)]},
        "logistic_regression": scores(test, logistic.predict_proba(x[test])[:, 1]),
    }
    json.dump(result, open("breast_cancer.json", "w"), indent=1)


main()
