"""Writes momentum.json: parameters and velocities after 50 updates of PyTorch's `torch.optim.SGD` with momentum.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1 torch==2.15.0
    venv/bin/python make_momentum.py

A case is named by Petal's settings. The initial parameters and the samples of each batch are drawn from NumPy's legacy
stream, as Petal draws them, and PyTorch does the rest: the gradients by autograd, and the updates.
"""

import csv
import json
import math
from pathlib import Path

import numpy as np
import torch

from make import flower, split

UPDATES = 50

FLOWER = {"data.kind": "flower", "model.hidden": 4, "model.init_scale": 0.3, "train.learning_rate": 0.5}
# The sizes of configs/breast_cancer.toml.
TABLE = {
    "data.kind": "csv", "data.path": "data/breast_cancer.csv", "data.label": "diagnosis", "data.positive": "malignant",
    "model.hidden": 8, "model.init_scale": 0.1, "train.learning_rate": 0.1,
}  # fmt: skip
DECAY = {"train.weight_decay": 0.01}
COSINE = {"train.schedule": "cosine", "train.final_learning_rate": 0.05}
BATCHES = {"train.batch_size": 64}
F32 = {"dtype": "f32"}

CASES = [
    *({**FLOWER, "train.momentum": momentum, **changes}
      for momentum in [0.9, 0.99]
      for changes in [{}, DECAY, COSINE, BATCHES, DECAY | COSINE | BATCHES]),
    # In float32 this is 1.
    {**FLOWER, "train.momentum": 0.99999999},
    *({**FLOWER, "train.momentum": 0.9, **changes, **F32} for changes in [{}, DECAY | COSINE | BATCHES]),
    *({**TABLE, "train.momentum": momentum, **changes}
      for momentum in [0.9, 0.99]
      for changes in [{}, DECAY | COSINE | BATCHES]),
    {**TABLE, "train.momentum": 0.9, **DECAY, **COSINE, **BATCHES, **F32},
]  # fmt: skip


def training_samples(kind):
    """Inputs and labels. Those of the table are standardised, and 0.2 of them each are for validation and test."""
    if kind == "flower":
        return flower()
    with open(Path(__file__).parents[2] / "data" / "breast_cancer.csv") as file:
        header, *rows = csv.reader(file)
    label = header.index("diagnosis")
    y = np.array([row[label] == "malignant" for row in rows], float)
    x = np.array([row[:label] + row[label + 1:] for row in rows], float)
    train, _, _ = split(y, 0.2, 0.2, 1)
    x, y = x[train], y[train]
    return (x - x.mean(0)) / x.std(0), y


def train(case):
    dtype = torch.float32 if case.get("dtype") == "f32" else torch.float64
    x, y = (torch.tensor(values, dtype=dtype) for values in training_samples(case["data.kind"]))
    samples, features = x.shape

    random, hidden, scale = np.random.RandomState(2), case["model.hidden"], case["model.init_scale"]
    w1 = scale * random.randn(hidden, features).T
    w2 = scale * random.randn(1, hidden).T
    w1, b1, w2, b2 = (torch.tensor(values, dtype=dtype, requires_grad=True)
                      for values in [w1, np.zeros(hidden), w2, np.zeros(1)])  # fmt: skip

    # Petal's penalty is on weights, not on biases.
    groups = [
        {"params": [w1, w2], "weight_decay": case.get("train.weight_decay", 0.0)},
        {"params": [b1, b2], "weight_decay": 0.0},
    ]
    first, last = case["train.learning_rate"], case.get("train.final_learning_rate")
    optimizer = torch.optim.SGD(groups, lr=first, momentum=case["train.momentum"])

    size = case.get("train.batch_size", samples)
    per_epoch = -(-samples // size)
    for t in range(UPDATES):
        if last is not None:
            for group in optimizer.param_groups:
                group["lr"] = last + (first - last) * (1 + math.cos(math.pi * t / UPDATES)) / 2
        epoch, batch = divmod(t, per_epoch)
        order = np.arange(samples)
        if size < samples:
            np.random.RandomState([3, epoch]).shuffle(order)
        rows = order[batch * size:(batch + 1) * size]

        optimizer.zero_grad()
        z2 = (torch.tanh(x[rows] @ w1 + b1) @ w2 + b2)[:, 0]
        torch.nn.functional.binary_cross_entropy_with_logits(z2, y[rows]).backward()
        optimizer.step()

    packed = lambda tensors: torch.cat([tensor.detach().ravel() for tensor in tensors]).tolist()
    tensors = [w1, b1, w2, b2]
    velocities = [optimizer.state[tensor]["momentum_buffer"] for tensor in tensors]
    settings = {**case, "train.updates": UPDATES}
    return {"settings": settings, "parameters": packed(tensors), "velocity": packed(velocities)}


if __name__ == "__main__":
    torch.set_num_threads(1)
    with open("momentum.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(train(case)) for case in CASES) + "\n]\n")
