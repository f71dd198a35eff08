"""Writes reference files for the tests, with NumPy and scikit-learn only.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python make.py
"""

import json
import warnings

import numpy as np
from sklearn.datasets import make_blobs, make_circles, make_gaussian_quantiles, make_moons
from sklearn.linear_model import LogisticRegression


def table(name, x, y):
    with open(name, "w") as file:
        file.write("x1,x2,label\n")
        for row, label in zip(x, y):
            file.write(f"{row[0]:.17g},{row[1]:.17g},{int(label)}\n")


def flower():
    """load_planar_dataset of the course behind the article."""
    np.random.seed(1)
    m, n = 400, 200
    x, y = np.zeros((m, 2)), np.zeros(m)
    for j in range(2):
        rows = range(n * j, n * (j + 1))
        t = np.linspace(j * 3.12, (j + 1) * 3.12, n) + np.random.randn(n) * 0.2
        r = 4 * np.sin(4 * t) + np.random.randn(n) * 0.2
        x[rows] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[rows] = j
    return x, y


def initial(features, hidden):
    np.random.seed(2)
    w1 = np.random.randn(hidden, features) * 0.01
    w2 = np.random.randn(1, hidden) * 0.01
    return w1, np.zeros((hidden, 1)), w2, np.zeros((1, 1))


def train(x, y, hidden, updates, every):
    """The formulas of the article, with the errors in its listing corrected. X and Y have samples in columns, as in the article."""
    X, Y, m = x.T, y.reshape(1, -1), len(y)
    w1, b1, w2, b2 = initial(X.shape[0], hidden)
    trace = []
    for update in range(updates + 1):
        a1 = np.tanh(w1 @ X + b1)
        a2 = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
        if update % every == 0:
            cost = -np.sum(Y * np.log(a2) + (1 - Y) * np.log(1 - a2)) / m
            trace.append((update, float(cost), float(np.mean((a2 > 0.5) == Y))))
        dz2 = a2 - Y
        dw2, db2 = dz2 @ a1.T / m, np.sum(dz2, axis=1, keepdims=True) / m
        dz1 = (w2.T @ dz2) * (1 - a1**2)
        dw1, db1 = dz1 @ X.T / m, np.sum(dz1, axis=1, keepdims=True) / m
        w1, b1, w2, b2 = w1 - 1.2 * dw1, b1 - 1.2 * db1, w2 - 1.2 * dw2, b2 - 1.2 * db2
    return trace


def split(labels, validation, test, seed):
    """The row indices for training, validation and test: each class is shuffled and divided separately."""
    parts = np.zeros(len(labels), int)
    for c in (0, 1):
        order = np.flatnonzero(labels == c)
        np.random.RandomState([seed, c]).shuffle(order)
        tests, validations = round(test * len(order)), round(validation * len(order))
        parts[order[:tests]] = 2
        parts[order[tests:tests + validations]] = 1
    return [np.flatnonzero(parts == part) for part in range(3)]


def batches(x, y):
    """Training on mini-batches of the flower with momentum and each schedule: the costs on the training and validation parts."""
    size, momentum, first, last, updates = 64, 0.9, 0.5, 0.05, 60
    train_rows, validation_rows, _ = split(y, 0.2, 0.2, 1)
    schedules = {
        "constant": lambda t: first,
        "linear": lambda t: first + (last - first) * t / updates,
        "cosine": lambda t: last + (first - last) * (1 + np.cos(np.pi * t / updates)) / 2,
        "exponential": lambda t: first * (last / first) ** (t / updates),
    }
    m = len(train_rows)
    per_epoch = -(-m // size)
    lines = []
    for name, rate in schedules.items():
        w1, b1, w2, b2 = initial(2, 4)
        parameters = [w1.T * 30, b1[:, 0], w2.T * 30, b2[0]]  # large enough to skip the plateau at the start

        def forward(rows):
            a1 = np.tanh(x[rows] @ parameters[0] + parameters[1])
            return a1, (a1 @ parameters[2] + parameters[3])[:, 0]

        def cost(rows):
            z2 = forward(rows)[1]
            return float(np.mean(np.logaddexp(0, z2) - y[rows] * z2))

        velocity = None
        for t in range(updates + 1):
            if t % 4 == 0:
                lines.append((name, t, cost(train_rows), cost(validation_rows)))
            epoch, k = divmod(t, per_epoch)
            order = np.arange(m)
            np.random.RandomState([3, epoch]).shuffle(order)
            rows = train_rows[order[k * size:(k + 1) * size]]
            a1, z2 = forward(rows)
            dz2 = (1 / (1 + np.exp(-z2)) - y[rows])[:, None] / len(rows)
            dz1 = (dz2 @ parameters[2].T) * (1 - a1**2)
            gradient = [x[rows].T @ dz1, dz1.sum(0), a1.T @ dz2, dz2.sum(0)]
            velocity = gradient if velocity is None else [momentum * v + g for v, g in zip(velocity, gradient)]
            parameters = [p - rate(t) * v for p, v in zip(parameters, velocity)]
    with open("batches.csv", "w") as file:
        file.write("schedule,update,cost,validation_cost\n")
        for name, t, cost, validation_cost in lines:
            file.write(f"{name},{t},{cost:.17g},{validation_cost:.17g}\n")


def random_state():
    streams = []
    for seed in [0, 1, 12345, 2**32 - 1]:
        state = np.random.RandomState(seed)
        uniform = [state.random_sample() for _ in range(5)]
        normal = list(state.randn(7))  # an odd number, so that one normal number stays stored during the shuffle
        order = np.arange(100)
        state.shuffle(order)
        tail = [state.randn(), state.uniform(-10, 10)]
        streams.append({"seed": seed, "uniform": uniform, "normal": normal, "shuffled": order.tolist(), "tail": tail})
    json.dump(streams, open("random_state.json", "w"), indent=1)


def own_sets():
    """no_structure, xor and spiral as crates/data/src/generate.rs defines them."""
    n = 101
    state = np.random.RandomState(7)
    table("no_structure.csv", state.rand(n, 2), state.rand(n) >= 0.5)

    state = np.random.RandomState(8)
    x = state.uniform(-1, 1, size=(n, 2))
    table("xor.csv", x + 0.1 * state.randn(n, 2), (x[:, 0] > 0) ^ (x[:, 1] > 0))

    state = np.random.RandomState(9)
    arms = []
    for count, turn in [(n // 2, 0.0), (n - n // 2, np.pi)]:
        s = np.arange(count) / count
        t = 3.5 * np.pi * s + turn
        arms.append(np.c_[5 * s * np.sin(t), 5 * s * np.cos(t)])
    table("spiral.csv", np.vstack(arms) + 0.1 * state.randn(n, 2), np.arange(n) >= n // 2)


def gradients(x, y, updates):
    """The gradient of the mean cross-entropy after the given number of updates of the article's network."""
    X, Y, m = x.T, y.reshape(1, -1), len(y)
    w1, b1, w2, b2 = initial(2, 4)
    for _ in range(updates + 1):
        a1 = np.tanh(w1 @ X + b1)
        a2 = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
        dz2 = a2 - Y
        dw2, db2 = dz2 @ a1.T / m, np.sum(dz2, axis=1, keepdims=True) / m
        dz1 = (w2.T @ dz2) * (1 - a1**2)
        dw1, db1 = dz1 @ X.T / m, np.sum(dz1, axis=1, keepdims=True) / m
        before = {"w1": w1.T, "b1": b1[:, 0], "w2": w2.T, "b2": b2[:, 0]}
        after = {"w1": dw1.T, "b1": db1[:, 0], "w2": dw2.T, "b2": db2[:, 0]}
        w1, b1, w2, b2 = w1 - 1.2 * dw1, b1 - 1.2 * db1, w2 - 1.2 * dw2, b2 - 1.2 * db2
    flat = lambda tensors: {name: value.ravel().tolist() for name, value in tensors.items()}
    return {"updates": updates, "parameters": flat(before), "gradients": flat(after)}


def main():
    x, y = flower()
    table("flower.csv", x, y)
    with open("params_init.csv", "w") as file:
        file.write("name,row,col,value\n")
        for name, matrix in zip(["W1", "b1", "W2", "b2"], initial(2, 4)):
            for (row, col), value in np.ndenumerate(matrix):
                file.write(f"{name},{row},{col},{value:.17g}\n")
    with open("cost_trace.csv", "w") as file:
        file.write("update,cost,accuracy\n")
        for update, cost, accuracy in train(x, y, 4, 10_000, 100):
            file.write(f"{update},{cost:.17g},{accuracy:.17g}\n")
    with open("sweep.csv", "w") as file:
        file.write("hidden,cost,accuracy\n")
        for hidden in [1, 2, 3, 4, 5, 20, 50]:
            _, cost, accuracy = train(x, y, hidden, 5_000, 5_000)[-1]
            file.write(f"{hidden},{cost:.17g},{accuracy:.17g}\n")

    json.dump([gradients(x, y, updates) for updates in [0, 100]], open("gradients.json", "w"), indent=1)

    # 101 samples: with an odd number, the sizes of the classes differ.
    table("moons.csv", *make_moons(101, noise=0.2, random_state=3))
    table("circles.csv", *make_circles(101, noise=0.3, factor=0.5, random_state=4))
    blobs, labels = make_blobs(101, random_state=5, n_features=2, centers=6)
    table("blobs.csv", blobs, labels % 2)
    table("circles_factor.csv", *make_circles(101, noise=0.1, factor=0.8, random_state=10))
    blobs, labels = make_blobs(101, random_state=11, cluster_std=0.5, n_features=2, centers=3)
    table("blobs_centers.csv", blobs, labels % 2)
    table("quantiles.csv", *make_gaussian_quantiles(cov=0.5, n_samples=101, n_features=2, n_classes=2, random_state=6))
    own_sets()
    random_state()
    batches(x, y)

    fits = {}
    moons = make_moons(101, noise=0.2, random_state=3)
    for name, (features, labels) in {"flower": (x, y), "moons": moons}.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = LogisticRegression(tol=1e-14, solver="newton-cholesky", max_iter=1000).fit(features, labels)
        accuracy = model.score(features, labels)
        fits[name] = {"weights": model.coef_[0].tolist(), "bias": float(model.intercept_[0]), "accuracy": accuracy}
    json.dump(fits, open("logistic.json", "w"), indent=1)


if __name__ == "__main__":
    main()
