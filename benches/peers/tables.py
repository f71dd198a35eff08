"""Trains scikit-learn on the same rows of a table as a run of Petal: logistic regression, and the same network.

    cargo run --bin train -- configs/breast_cancer.toml --out runs/bc
    target/peers/bin/python benches/peers/tables.py data/breast_cancer.csv runs/bc --label diagnosis

The split.csv of the run assigns the rows to parts, and its metrics.json has the scores of Petal.

- The preparation is fitted on the training rows only: the mean and standard deviation of numbers, the median that replaces
  missing numbers, and the categories. All outputs of the one-hot encoding are 0 for an unknown or missing category.
- The penalty of PENALTIES with the lowest log loss on the validation rows is used.
- The network has as many hidden units as that of the run. It is trained from each of SEEDS. The result has the mean, the
  minimum and the maximum over them.

The results are JSON on standard output.
"""
import argparse
import csv
import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PARTS = ("train", "validation", "test")
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # factors of half the sum of squared weights, beside the mean loss
SEEDS = range(5)
MISSING = ("", "NA", "NaN", "nan", "?")


def parts_of(options):
    """The rows of each part. split.csv identifies a row by its last line."""
    with open(options.run / "split.csv", newline="") as file:
        part_of = {int(row["line"]): row["part"] for row in csv.DictReader(file)}
    parts = {name: [] for name in PARTS}
    with open(options.table, newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            # A row that the run excluded has no part.
            if part := part_of.get(rows.line_num):
                parts[part].append(row)
    return parts


def is_number(cells):
    try:
        return [float(cell) for cell in cells] != []
    except ValueError:
        return False


def arrays(parts, options):
    """Inputs and labels of each part. The preparation is fitted on the training rows."""
    train = parts["train"]
    names = [name for name in train[0] if name != options.label and name not in options.drop]
    present = {name: [row[name] for row in train if row[name] not in MISSING] for name in names}
    numbers = [i for i, name in enumerate(names) if is_number(present[name])]
    others = [i for i in range(len(names)) if i not in numbers]
    to_inputs = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("categories", OneHotEncoder(categories=[sorted(set(present[names[i]])) for i in others],
                                     handle_unknown="ignore", sparse_output=False), others),
    ])
    cells = {
        part: np.array([[None if row[name] in MISSING else float(row[name]) if i in numbers else row[name]
                         for i, name in enumerate(names)] for row in rows], dtype=object)
        for part, rows in parts.items()
    }
    for table in cells.values():
        for i in numbers:
            table[:, i] = [np.nan if value is None else value for value in table[:, i]]
    to_inputs.fit(cells["train"])
    x = {part: to_inputs.transform(table).astype(float) for part, table in cells.items()}
    y = {part: np.array([row[options.label] == options.positive for row in rows], int) for part, rows in parts.items()}
    return x, y


def scores(model, x, y):
    probability = model.predict_proba(x)[:, 1]
    return {
        "accuracy": accuracy_score(y, probability > 0.5),
        "auc": roc_auc_score(y, probability),
        "log_loss": log_loss(y, probability, labels=[0, 1]),
    }


def best_penalty(fit, x, y):
    """The penalty whose model has the lowest log loss on the validation rows."""
    return min(PENALTIES, key=lambda penalty: scores(fit(penalty), x["validation"], y["validation"])["log_loss"])


def main(options):
    metrics = json.loads((options.run / "metrics.json").read_text())
    options.hidden = metrics["model"]["hidden"]
    petal = metrics["parts"]["test"]["scores"]["network"]
    x, y = arrays(parts_of(options), options)
    samples = len(y["train"])

    def logistic(penalty):
        return LogisticRegression(C=1 / (penalty * samples), max_iter=10_000).fit(x["train"], y["train"])

    def network(penalty, seed=SEEDS[0]):
        # scikit-learn divides alpha by the number of samples.
        settings = dict(activation="tanh", solver="lbfgs", max_iter=5_000, tol=1e-8)
        return MLPClassifier((options.hidden,), alpha=penalty * samples, random_state=seed, **settings).fit(
            x["train"], y["train"]
        )

    penalty = best_penalty(logistic, x, y)
    logistic_results = {"penalty": penalty} | scores(logistic(penalty), x["test"], y["test"])
    penalty = best_penalty(network, x, y)
    runs = [scores(network(penalty, seed), x["test"], y["test"]) for seed in SEEDS]
    network_results = {"penalty": penalty, "hidden": options.hidden, "seeds": len(runs)} | {
        measure: {"mean": float(np.mean(values)), "least": min(values), "most": max(values)}
        for measure in runs[0]
        for values in [[run[measure] for run in runs]]
    }
    return {
        "rows": {part: len(labels) for part, labels in y.items()},
        "inputs": x["train"].shape[1],
        "label": options.label,
        "class_1": options.positive,
        "share_of_class_1": float(y["test"].mean()),
        "petal": {"accuracy": petal["accuracy"], "auc": petal["roc_auc"], "log_loss": petal["cost"]},
        "petal_intervals": metrics["parts"]["test_intervals"],
        "scikit-learn": version("scikit-learn"),
        "logistic_regression": logistic_results,
        "network": network_results,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="the table of the run")
    parser.add_argument("run", type=Path, help="the folder of the run")
    parser.add_argument("--label", required=True, help="the column to predict")
    parser.add_argument("--positive", help="the label of class 1 (default: the last one in sorted order)")
    parser.add_argument("--drop", action="append", default=[], help="a column to exclude from the inputs")
    options = parser.parse_args()
    if options.positive is None:
        options.positive = max(row[options.label] for row in parts_of(options)["train"])
    warnings.filterwarnings("ignore")
    json.dump(main(options), sys.stdout, indent=2)
    print()
