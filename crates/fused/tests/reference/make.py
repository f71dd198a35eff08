"""Writes functions.csv: tanh, sigmoid and softplus of doubles, correctly rounded from 60 digits.

    pip install mpmath numpy; python make.py

Made with mpmath 1.3.0 and NumPy 2.4.6.
"""
import numpy as np
from mpmath import exp, log1p, mp, mpf, tanh

mp.dps = 60
rng = np.random.default_rng(0)
sizes = np.concatenate([
    [5e-324, 1e-310, 2.3e-308, 1e-20, 1e-8, 1e-3],  # subnormal, tiny
    np.exp(rng.uniform(np.log(1e-4), np.log(50), 300)),
    np.log(2) / 2 * (np.arange(1, 40) + 0.75 - 1) * (1 + rng.uniform(-1e-9, 1e-9, 39)),  # where n increases by one
    rng.uniform(50, 750, 60),
    [18.9, 19.06, 19.07, 19.1, 36.7, 708.4, 709.8, 744.4, 745.2, 746.0, 1e10, 1e300],  # the limits
])
lines = ["x,tanh,sigmoid,softplus"]
for x in np.concatenate([sizes, -sizes]):
    v = mpf(float(x))
    log = log1p(exp(-abs(v))) if abs(v) < 1e4 else mpf(0)
    sigmoid = 1 / (1 + exp(-v)) if abs(v) < 1e4 else mpf(int(v > 0))
    lines.append(",".join(repr(float(value)) for value in (v, tanh(v), sigmoid, max(v, 0) + log)))
open("functions.csv", "w").write("\n".join(lines) + "\n")
