"""Writes two tables and what Python reads from them:

- nasty.csv, nasty.csv.gz and nasty.json: a table with everything that is difficult to parse.
- noteworthy.csv and noteworthy.json: a table with many problems that the doctor should find.

pandas splits the cells, Python's float() reads the numbers, and scikit-learn fills missing values and encodes categories. Run with
pandas 3.1.1 and scikit-learn 1.9.1.
"""

import gzip
import json
import math
import random
import struct
from pathlib import Path

import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

here = Path(__file__).parent
random.seed(1)
MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", '"?"', "  "]
CITIES = ["Paris", '"Pa;ris"', '"Pa\r\nris"', '"Pa""ris"', "  Zürich ", "Åre", "paris"]


def any_float():
    value = math.inf
    while not math.isfinite(value):
        value = struct.unpack("<d", random.randbytes(8))[0]
    return repr(value)


def written(value):
    forms = ["{!r}", " {!r}", "{!r}\t ", '"{!r}"', "{:.17e}", "{:+.20g}", "{:.3f}"]
    return random.choice(forms).format(value)


lines = ['\ufeffid;"height; in m";any; city ;"says ""yes"""', ""]
for row in range(60):
    height = random.choice(MISSING) if row % 5 == 3 else written(random.gauss(1.7, 0.1))
    any_ = random.choice(["+1", ".5", "7.", "1E5", "-0.0", "1e-400", "4.9e-324", any_float(), any_float(), any_float()])
    city = CITIES[row] if row < len(CITIES) else random.choice(CITIES)
    lines.append(";".join([f"r{row}", height, any_, city, random.choice(["yes", "no", " yes", '"no"'])]))
    if row % 17 == 0:
        lines.append("")
text = "\r\n".join(lines).encode()
(here / "nasty.csv").write_bytes(text)
(here / "nasty.csv.gz").write_bytes(gzip.compress(text, mtime=0))

table = pd.read_csv(here / "nasty.csv", sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
table = table.rename(columns=str.strip).map(lambda cell: cell.strip())
gaps = [cell.strip('"').strip() for cell in MISSING]
height = [[math.nan if cell in gaps else float(cell)] for cell in table["height; in m"]]
filled = SimpleImputer(strategy="mean").fit(height)
encoder = OneHotEncoder(sparse_output=False).fit(table[["city"]])
result = {
    "missing": sum(math.isnan(cell) for [cell] in height),
    "mean": float(filled.statistics_[0]),
    "height": filled.transform(height)[:, 0].tolist(),
    "any": [float(cell) for cell in table["any"]],
    "categories": encoder.categories_[0].tolist(),
    "one_hot": encoder.transform(table[["city"]]).tolist(),
    "label": [int(cell == "yes") for cell in table['says "yes"']],
}
(here / "nasty.json").write_text(json.dumps(result, indent=0) + "\n")

# A table with many problems: a constant column, two columns far from unit scale, a missing value, an input that gives the label
# away, repeated rows, and a rare class. The last row repeats another one with the other label, so it is no repeated row.
rows = [["4", f"{1000 + row % 11}", f"{1e-4 * (row % 13)}", f"{row % 7 + 6.5 * (row % 20 == 0)}", f"{row * 7919 % 101}",
         f"{int(row % 20 == 0)}"] for row in range(200)]
rows[5][2] = "NA"
rows += [rows[0], rows[1], rows[1], rows[0][:-1] + ["0"]]
lines = ["same,large,small,telling,noise,label"] + [",".join(row) for row in rows]
(here / "noteworthy.csv").write_text("\n".join(lines) + "\n")
table = pd.read_csv(here / "noteworthy.csv", keep_default_na=True)
repeated = table.duplicated()
filled = table.fillna(table.mean())
scaler = StandardScaler().fit(filled)
result = {
    "constant": [name for name in table if table[name].nunique() == 1],
    "repeated": int(repeated.sum()),
    "first_repeated_line": int(repeated.idxmax()) + 2,
    "auc": {name: roc_auc_score(table["label"], filled[name]) for name in table if name != "label"},
    "mean": dict(zip(table, scaler.mean_)),
    "deviation": dict(zip(table, scaler.scale_)),
    "ones": int(table["label"].sum()),
}
(here / "noteworthy.json").write_text(json.dumps(result, indent=1) + "\n")
