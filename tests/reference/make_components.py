"""Writes components_wide.json, with NumPy only: the leading principal components of rows with more columns than rows.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python make_components.py

The rows are not stored, because Petal draws exactly the same ones from the same random stream.
"""

import json

import numpy as np

samples, features = 120, 700
state = np.random.RandomState(21)
x = state.randn(samples, features) + np.arange(features) / 7
# Two directions with a larger variance than the others.
for strength in (0.3, 0.2):
    across, along = state.randn(samples), state.randn(features)
    x += strength * np.outer(across, along)

values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
leading = vectors[:, ::-1][:, :2].T
leading *= np.sign(leading[np.arange(2), np.abs(leading).argmax(axis=1)])[:, None]
json.dump({
    "shares": (values[::-1][:2] / values.sum()).tolist(),
    "third": values[-3] / values.sum(),
    "directions": leading.tolist(),
    "projected": ((x - x.mean(axis=0)) @ leading.T).ravel().tolist(),
}, open("components_wide.json", "w"))
