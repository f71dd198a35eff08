"""Writes curvature.json, with NumPy and JAX only: the Hessian of the article's objective along the default run.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 jax==0.10.2
    venv/bin/python make_curvature.py        (reads flower.csv and params_init.csv)
"""

import json

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x, y = np.split(np.loadtxt("flower.csv", delimiter=",", skiprows=1), [2], axis=1)  # [m, 2], [m, 1]


def initial():
    rows = np.loadtxt("params_init.csv", delimiter=",", skiprows=1, usecols=3)
    return [rows[:8].reshape(4, 2).T, rows[8:12], rows[12:16].reshape(4, 1), rows[16:]]


def objective(packed, weight_decay):
    w1, b1, w2, b2 = packed[:8].reshape(2, 4), packed[8:12], packed[12:16].reshape(4, 1), packed[16:]
    z2 = jnp.tanh(x @ w1 + b1) @ w2 + b2
    penalty = weight_decay / 2 * (jnp.sum(w1**2) + jnp.sum(w2**2))
    return jnp.mean(jax.nn.softplus(z2) - y * z2) + penalty


def trained(updates):
    w1, b1, w2, b2 = initial()
    for _ in range(updates):
        a1 = np.tanh(x @ w1 + b1)
        dz2 = (1 / (1 + np.exp(-(a1 @ w2 + b2))) - y) / len(y)
        dz1 = (dz2 @ w2.T) * (1 - a1**2)
        gradient = [x.T @ dz1, dz1.sum(0), a1.T @ dz2, dz2.sum(0)]
        w1, b1, w2, b2 = [p - 1.2 * g for p, g in zip([w1, b1, w2, b2], gradient)]
    return np.concatenate([w1.ravel(), b1, w2.ravel(), b2])


def main():
    points = []
    for updates, weight_decay in [(0, 0.0), (1_000, 0.1), (5_000, 0.0), (7_000, 0.0)]:
        packed = trained(updates)
        hessian = np.array(jax.hessian(objective)(packed, weight_decay))
        points.append({
            "updates": updates,
            "weight_decay": weight_decay,
            "parameters": packed.tolist(),
            "gradient": np.array(jax.grad(objective)(packed, weight_decay)).tolist(),
            "hessian": hessian.ravel().tolist(),
            "eigenvalues": np.linalg.eigvalsh(hessian).tolist(),
        })
    with open("curvature.json", "w") as file:
        json.dump(points, file, indent=1)


if __name__ == "__main__":
    main()
