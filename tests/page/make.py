"""Writes reference.json: forward and backward passes, gradients and folded slices by NumPy, for the page's modules."""

import json
import pathlib

import numpy as np

ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (2 + np.exp(z) + np.exp(-z))),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
}


def case(name, d, h, m, scale, decay, seed):
    """One network, its data and everything that the article's formulas give for them."""
    draw = np.random.default_rng(seed)
    f, slope = ACTIVATIONS[name]
    w1, b1, w2 = (scale * draw.standard_normal(shape) for shape in ((d, h), h, h))
    b2 = scale * draw.standard_normal()
    x, y = draw.standard_normal((m, d)), draw.integers(0, 2, m)

    z1 = x @ w1 + b1
    a1 = f(z1)
    z2 = a1 @ w2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    dz2 = (a2 - y) / m
    dz1 = np.outer(dz2, w2) * slope(z1)
    gradient = [x.T @ dz1 + decay * w1, dz1.sum(0), a1.T @ dz2 + decay * w2, dz2.sum(keepdims=True)]

    origin, directions = draw.standard_normal(d), np.linalg.qr(draw.standard_normal((d, 2)))[0].T
    plane = draw.standard_normal((4, 2))
    on_plane = f((origin + plane @ directions) @ w1 + b1) @ w2 + b2
    values = {
        "parameters": np.concatenate([w1.ravel(), b1, w2, [b2]]), "x": x, "y": y, "z1": z1, "a1": a1, "z2": z2, "a2": a2,
        "dz2": dz2, "dz1": dz1, "cost": np.mean(np.logaddexp(0, z2) - y * z2),
        "gradient": np.concatenate([part.ravel() for part in gradient]),
        "origin": origin, "directions": directions, "plane": plane, "on_plane": on_plane,
    }
    flat = {key: np.asarray(value).ravel().tolist() for key, value in values.items()}
    return {"activation": name, "inputs": d, "hidden": h, "decay": decay} | flat | {"cost": flat["cost"][0]}


def rates(schedule, rate, last, updates):
    """The formulas of src/train/schedule.rs."""
    t, q = np.arange(updates) / updates, (last or 0) / rate
    f = {"constant": 1 + 0 * t, "linear": 1 - (1 - q) * t, "cosine": q + (1 - q) * (1 + np.cos(np.pi * t)) / 2, "exponential": q**t}
    return {"schedule": schedule, "learning_rate": rate, "final_learning_rate": last, "rates": (rate * f[schedule]).tolist()}


cases = [case(name, 3, 5, 7, 1.0, decay, seed) for seed, (name, decay) in enumerate(zip(ACTIVATIONS, (0.01, 0, 0.1, 0)))]
cases += [case("tanh", 2, 4, 6, 6.0, 0, 10), case("sigmoid", 2, 2, 5, 3.0, 0, 11), case("tanh", 30, 8, 9, 0.2, 0.001, 12)]
schedules = [rates("constant", 1.2, None, 7), rates("linear", 1.2, None, 7), rates("cosine", 0.5, 0.1, 9), rates("exponential", 2.0, 0.01, 6)]
text = json.dumps({"cases": cases, "schedules": schedules})
pathlib.Path(__file__).with_name("reference.json").write_text(text + "\n")
