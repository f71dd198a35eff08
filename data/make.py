"""Writes breast_cancer.csv and penguins.csv from the data files of two Python packages.

    pip install scikit-learn==1.9.1 palmerpenguins==0.1.6
    python data/make.py

Cells are copied as text, so no number is rounded.
"""
import csv
from importlib.resources import files
from pathlib import Path

from sklearn.datasets import load_breast_cancer

HERE = Path(__file__).parent


def rows_of(package, name):
    with (files(package) / "data" / name).open(newline="") as file:
        return list(csv.reader(file))


def write(name, rows):
    with (HERE / name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def breast_cancer():
    (_, _, *classes), *rows = rows_of("sklearn.datasets", "breast_cancer.csv")
    yield [*(name.replace(" ", "_") for name in load_breast_cancer().feature_names), "diagnosis"]
    for *cells, label in rows:
        yield [*cells, classes[int(label)]]


def penguins():
    """Replaces NA, which the package writes for missing cells, by an empty cell."""
    for row in rows_of("palmerpenguins", "penguins.csv"):
        yield ["" if cell == "NA" else cell for cell in row]


if __name__ == "__main__":
    write("breast_cancer.csv", breast_cancer())
    write("penguins.csv", penguins())
