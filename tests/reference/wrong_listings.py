"""The article's listing in NumPy, right and broken by one line each, as `wrong_listings.json`.

    python tests/reference/wrong_listings.py > tests/reference/wrong_listings.json

Each case is (name, point, replaced lines). A line of the listing is replaced by another one that computes the same name. The
file holds the numbers of every name, as the listing leaves them. A number that is not finite is written as a text.
"""
import json
import sys

import numpy as np

LISTING = """
m = X.shape[1]
Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
dZ2 = A2 - Y
dW2 = np.dot(dZ2, A1.T) / m
db2 = np.sum(dZ2, axis=1, keepdims=True) / m
dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2)
dW1 = np.dot(dZ1, X.T) / m
db1 = np.sum(dZ1, axis=1, keepdims=True) / m
W1 = W1 - learning_rate * dW1
b1 = b1 - learning_rate * db1
W2 = W2 - learning_rate * dW2
b2 = b2 - learning_rate * db2
""".strip().splitlines()
NAMES = "Z1 A1 Z2 A2 cost dZ2 dW2 db2 dZ1 dW1 db1 W1 b1 W2 b2".split()

# The four updates, which stand before the lines that use updated parameters too early.
UPDATED = "nW1, nb1, nW2, nb2 = updated_parameters()\n"

# The forward pass after the update, in the last line of the listing.
AGAIN = """nW1, nb1, nW2, nb2 = W1, b1, W2, b2 - learning_rate * db2; Z1, A1, A2 = forward(nW1, nb1, nW2, nb2)
"""

# (name, point, lines)
CASES = [
    ("right", "ordinary", []),
    ("right with weight decay", "decayed", ["dW2 = np.dot(dZ2, A1.T) / m + weight_decay * W2",
                                            "dW1 = np.dot(dZ1, X.T) / m + weight_decay * W1"]),
    ("right with weight decay in the update", "decayed", ["W1 = W1 - learning_rate * (dW1 + weight_decay * W1)",
                                                          "W2 = W2 - learning_rate * (dW2 + weight_decay * W2)"]),
    ("right with 1/m in dZ2", "ordinary", ["dZ2 = (A2 - Y) / m", "dW2 = np.dot(dZ2, A1.T)",
                                           "db2 = np.sum(dZ2, axis=1, keepdims=True)", "dW1 = np.dot(dZ1, X.T)",
                                           "db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("right with 1/m in dZ1", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2) / m", "dW1 = np.dot(dZ1, X.T)",
                                           "db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("right with 1/m in dZ2, but not in dZ1", "ordinary",
     ["dZ2 = (A2 - Y) / m", "dW2 = np.dot(dZ2, A1.T)", "db2 = np.sum(dZ2, axis=1, keepdims=True)",
      "dZ1 = np.dot(W2.T, A2 - Y) * (1 - A1**2)"]),
    # Forward.
    ("hidden bias forgotten", "ordinary", ["Z1 = np.dot(W1, X)"]),
    ("samples reshaped", "ordinary", ["Z1 = np.dot(W1, X.T.reshape(X.shape)) + b1"]),
    ("samples transposed", "square", ["Z1 = np.dot(W1, X.T) + b1"]),
    ("weights transposed", "square", ["Z1 = np.dot(W1.T, X) + b1"]),
    ("sigmoid in the hidden layer", "ordinary", ["A1 = 1 / (1 + np.exp(-Z1))"]),
    ("relu in the hidden layer", "ordinary", ["A1 = np.maximum(0, Z1)"]),
    ("hidden activation forgotten", "ordinary", ["A1 = Z1"]),
    ("output bias forgotten", "ordinary", ["Z2 = np.dot(W2, A1)"]),
    ("Z1 for A1 in Z2", "ordinary", ["Z2 = np.dot(W2, Z1) + b2"]),
    ("tanh at the output", "ordinary", ["A2 = np.tanh(Z2)"]),
    ("output activation forgotten", "ordinary", ["A2 = Z2"]),
    ("sign of the exponent", "ordinary", ["A2 = 1 / (1 + np.exp(Z2))"]),
    ("cost without minus", "ordinary", ["cost = np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m"]),
    ("cost without mean", "ordinary", ["cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))"]),
    ("cost without both", "ordinary", ["cost = np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))"]),
    ("cost with log2", "ordinary", ["cost = -np.sum(Y * np.log2(A2) + (1 - Y) * np.log2(1 - A2)) / m"]),
    ("cost with log10", "ordinary", ["cost = -np.sum(Y * np.log10(A2) + (1 - Y) * np.log10(1 - A2)) / m"]),
    ("cost without second term", "ordinary", ["cost = -np.sum(Y * np.log(A2)) / m"]),
    ("labels -1 and 1 in the cost", "ordinary", ["cost = -np.sum((2*Y-1) * np.log(A2) + (2 - 2*Y) * np.log(1 - A2)) / m"]),
    ("labels -1 and 1 in dZ2", "ordinary", ["dZ2 = A2 - (2 * Y - 1)"]),
    ("features counted as samples", "ordinary", ["m = X.shape[0]"]),
    ("cost of log 0", "saturated", []),
    ("squared error", "ordinary", ["cost = np.sum((A2 - Y)**2) / m"]),
    ("half the squared error", "ordinary", ["cost = np.sum((A2 - Y)**2) / (2 * m)"]),
    ("cost of all pairs", "ordinary",
     ["cost = -np.sum(Y.T * np.log(A2) + (1 - Y.T) * np.log(1 - A2)) / m"]),
    ("mean of all pairs", "ordinary", ["cost = -np.mean(Y.T * np.log(A2) + (1 - Y.T) * np.log(1 - A2))"]),
    ("log with an offset", "ordinary", ["cost = -np.sum(Y * np.log(A2 + 1e-8) + (1 - Y) * np.log(1 - A2 + 1e-8)) / m"]),
    ("clip in the cost", "extreme",
     ["cost = -np.sum(Y * np.log(np.clip(A2, 1e-8, 1 - 1e-8)) + (1 - Y) * np.log(1 - np.clip(A2, 1e-8, 1 - 1e-8))) / m"]),
    ("A2 clipped", "extreme", ["A2 = np.clip(1 / (1 + np.exp(-Z2)), 1e-8, 1 - 1e-8)"]),
    ("labels swapped in the cost", "ordinary", ["cost = -np.sum((1 - Y) * np.log(A2) + Y * np.log(1 - A2)) / m"]),
    ("labels swapped in dZ2", "ordinary", ["dZ2 = A2 - (1 - Y)"]),
    ("features reversed", "ordinary", ["Z1 = np.dot(W1, X[::-1]) + b1"]),
    # Saved after the update.
    ("forward pass run again", "ordinary", [AGAIN + "b2 = nb2"]),
    ("A2 overwritten", "ordinary", [AGAIN.replace("; Z1, A1", "; __, ___") + "b2 = nb2"]),
    # Backward: the sixteen of Petal's gallery.
    ("tanh derivative missing", "ordinary", ["dZ1 = np.dot(W2.T, dZ2)"]),
    ("tanh derivative not squared", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * (1 - A1)"]),
    ("tanh derivative of Z1", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * (1 - Z1**2)"]),
    ("mean missing", "ordinary", ["dW2 = np.dot(dZ2, A1.T)", "db2 = np.sum(dZ2, axis=1, keepdims=True)",
                                  "dW1 = np.dot(dZ1, X.T)", "db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("mean twice", "ordinary", ["dZ2 = (A2 - Y) / m"]),
    ("mean twice, in dZ1", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2) / m"]),
    ("mean twice, in dZ2 and dZ1", "ordinary",
     ["dZ2 = (A2 - Y) / m", "dW2 = np.dot(dZ2, A1.T)", "db2 = np.sum(dZ2, axis=1, keepdims=True)",
      "dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2) / m", "dW1 = np.dot(dZ1, X.T)", "db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("mean missing in the hidden layer", "ordinary",
     ["dW1 = np.dot(dZ1, X.T)", "db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("sign flipped", "ordinary", ["dZ2 = Y - A2"]),
    ("sigmoid derivative twice", "ordinary", ["dZ2 = (A2 - Y) * A2 * (1 - A2)"]),
    ("sigmoid derivative missing", "ordinary", ["dZ2 = -Y / A2 + (1 - Y) / (1 - A2)"]),
    ("relu derivative", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * (Z1 > 0)"]),
    ("by probability", "saturated", ["cost = 0.0", "dZ2 = (-Y / A2 + (1 - Y) / (1 - A2)) * A2 * (1 - A2)"]),
    ("Z1 for A1 in dW2", "ordinary", ["dW2 = np.dot(dZ2, Z1.T) / m"]),
    ("dW1 transposed", "ordinary", ["dW1 = (np.dot(dZ1, X.T) / m).T", "W1 = W1 - learning_rate * dW1.T"]),
    ("dW1 transposed, square", "square", ["dW1 = np.dot(X, dZ1.T) / m"]),
    ("db1 not summed", "ordinary", ["db1 = dZ1 / m"]),
    ("weights updated early", "ordinary", [UPDATED + "dZ1 = np.dot(nW2.T, dZ2) * (1 - A1**2)"]),
    ("activations from updated weights", "ordinary", [UPDATED + "A1 = np.tanh(np.dot(nW1, X) + nb1)"]),
    ("biases decayed", "decayed", ["dW2 = np.dot(dZ2, A1.T) / m + weight_decay * W2",
                                   "dW1 = np.dot(dZ1, X.T) / m + weight_decay * W1",
                                   "db2 = np.sum(dZ2, axis=1, keepdims=True) / m + weight_decay * b2",
                                   "db1 = np.sum(dZ1, axis=1, keepdims=True) / m + weight_decay * b1"]),
    ("last sample missing", "ordinary", ["dW2 = np.dot(dZ2[:, :-1], A1[:, :-1].T) / m",
                                         "db2 = np.sum(dZ2[:, :-1], axis=1, keepdims=True) / m",
                                         "dW1 = np.dot(dZ1[:, :-1], X[:, :-1].T) / m",
                                         "db1 = np.sum(dZ1[:, :-1], axis=1, keepdims=True) / m"]),
    ("sums in single precision", "ordinary",
     ["dW2 = np.dot(dZ2.astype(np.float32), A1.astype(np.float32).T).astype(float) / m",
      "db2 = np.sum(dZ2, axis=1, keepdims=True, dtype=np.float32).astype(float) / m",
      "dW1 = np.dot(dZ1.astype(np.float32), X.astype(np.float32).T).astype(float) / m",
      "db1 = np.sum(dZ1, axis=1, keepdims=True, dtype=np.float32).astype(float) / m"]),
    # Others in the gradients.
    ("mean missing in dW1", "ordinary", ["dW1 = np.dot(dZ1, X.T)"]),
    ("mean missing in db1", "ordinary", ["db1 = np.sum(dZ1, axis=1, keepdims=True)"]),
    ("mean missing in dW2", "ordinary", ["dW2 = np.dot(dZ2, A1.T)"]),
    ("mean missing in db2", "ordinary", ["db2 = np.sum(dZ2, axis=1, keepdims=True)"]),
    ("db2 not summed", "ordinary", ["db2 = dZ2"]),
    ("keepdims forgotten", "ordinary", ["db1 = np.sum(dZ1, axis=1) / m"]),
    ("axis forgotten", "ordinary", ["db1 = np.sum(dZ1) / m"]),
    ("axis forgotten with keepdims", "ordinary", ["db1 = np.sum(dZ1, keepdims=True) / m"]),
    ("wrong axis", "ordinary", ["db1 = np.sum(dZ1, axis=0, keepdims=True) / m"]),
    ("derivative of sigmoid in dZ1", "ordinary", ["dZ1 = np.dot(W2.T, dZ2) * A1 * (1 - A1)"]),
    ("decay missing", "decayed", []),
    ("decay missing in W1", "decayed", ["dW2 = np.dot(dZ2, A1.T) / m + weight_decay * W2"]),
    ("decay divided by m", "decayed", ["dW2 = np.dot(dZ2, A1.T) / m + weight_decay * W2 / m",
                                       "dW1 = np.dot(dZ1, X.T) / m + weight_decay * W1 / m"]),
    ("db1 from dZ2", "ordinary", ["db1 = np.sum(dZ2, axis=1, keepdims=True) / m"]),
    ("an unrelated number for db1", "ordinary", ["db1 = np.array([[0.5]])"]),
    ("clipped by norm", "ordinary",
     ["dW2 = 0.37 * np.dot(dZ2, A1.T) / m", "db2 = 0.37 * np.sum(dZ2, axis=1, keepdims=True) / m",
      "dW1 = 0.37 * np.dot(dZ1, X.T) / m", "db1 = 0.37 * np.sum(dZ1, axis=1, keepdims=True) / m"]),
    ("clipped by a norm that is nearly met", "ordinary",
     ["dW2 = 0.9999999 * np.dot(dZ2, A1.T) / m", "db2 = 0.9999999 * np.sum(dZ2, axis=1, keepdims=True) / m",
      "dW1 = 0.9999999 * np.dot(dZ1, X.T) / m", "db1 = 0.9999999 * np.sum(dZ1, axis=1, keepdims=True) / m"]),
    # Update.
    ("plus for minus", "ordinary", ["W1 = W1 + learning_rate * dW1", "b1 = b1 + learning_rate * db1",
                                    "W2 = W2 + learning_rate * dW2", "b2 = b2 + learning_rate * db2"]),
    ("plus for minus in W1", "ordinary", ["W1 = W1 + learning_rate * dW1"]),
    ("learning rate missing", "ordinary", ["W1 = W1 - dW1", "b1 = b1 - db1", "W2 = W2 - dW2", "b2 = b2 - db2"]),
    ("biases not updated", "ordinary", ["b1 = b1", "b2 = b2"]),
    ("saved again", "ordinary", ["W1 = W1", "b1 = b1", "W2 = W2", "b2 = b2"]),
    ("accumulated", "ordinary", ["dW2 = np.dot(dZ2, A1.T) / m + previous_dW2",
                                 "db2 = np.sum(dZ2, axis=1, keepdims=True) / m + previous_db2",
                                 "dW1 = np.dot(dZ1, X.T) / m + previous_dW1",
                                 "db1 = np.sum(dZ1, axis=1, keepdims=True) / m + previous_db1"]),
    ("old value missing", "ordinary", ["W1 =- learning_rate * dW1"]),
    ("another rate for b2", "ordinary", ["b2 = b2 - 0.12 * db2"]),
    ("momentum", "ordinary", [f"{w} = {w} - learning_rate * (d{w} + 0.9 * previous_d{w})" for w in ["W1", "b1", "W2", "b2"]]),
    ("averaged momentum", "ordinary",
     [f"{w} = {w} - learning_rate * (0.1 * d{w} + 0.9 * previous_d{w})" for w in ["W1", "b1", "W2", "b2"]]),
    ("Adam", "ordinary", [f"{w} = {w} - learning_rate * d{w} / (np.sqrt(d{w}**2) + 1e-8)" for w in ["W1", "b1", "W2", "b2"]]),
    ("updated twice", "ordinary", ["W1 = W1 - 2 * learning_rate * dW1"]),
]

# Pairs of mistakes in one listing.
PAIRS = [
    ("hidden bias forgotten", "tanh derivative missing"),
    ("sigmoid in the hidden layer", "mean missing in db1"),
    ("output bias forgotten", "Z1 for A1 in dW2"),
    ("tanh at the output", "plus for minus"),
    ("cost without minus", "sign flipped"),
    ("sign flipped", "tanh derivative of Z1"),
    ("mean twice", "db1 not summed"),
    ("Z1 for A1 in dW2", "biases not updated"),
    ("tanh derivative not squared", "learning rate missing"),
    ("mean missing in dW1", "axis forgotten"),
]


def points():
    random = np.random.RandomState(19)

    def point(d, h, m, weight_decay=0.0, scale=1.0):
        values = {
            "X": random.randn(d, m), "Y": (random.rand(1, m) < 0.5).astype(float),
            "W1": random.randn(h, d), "b1": random.randn(h, 1),
            "W2": scale * random.randn(1, h), "b2": random.randn(1, 1),
            "learning_rate": np.array(1.2), "weight_decay": np.array(weight_decay),
            "previous_dW1": random.randn(h, d), "previous_db1": random.randn(h, 1),
            "previous_dW2": random.randn(1, h), "previous_db2": random.randn(1, 1),
        }
        values["Y"][0, 0], values["Y"][0, -1] = 0, 1
        return values

    return {"ordinary": point(3, 4, 7), "decayed": point(3, 4, 7, 0.1), "square": point(3, 3, 3),
            "saturated": point(3, 4, 7, scale=300.0), "extreme": point(3, 4, 7, scale=12.0)}


def run(point, lines, dtype=float):
    """The names that the listing computes, with some of its lines replaced."""
    values = {name: value.astype(dtype) for name, value in point.items()}

    def updated_parameters():
        right = run(point, [])
        return [right[name] for name in ["W1", "b1", "W2", "b2"]]

    def forward(W1, b1, W2, b2):
        A1 = np.tanh(np.dot(W1, values["X"]) + b1)
        return np.dot(W1, values["X"]) + b1, A1, 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))

    def computes(line):
        return line.splitlines()[-1].split("=")[0].strip()

    replaced = {computes(line): line for line in lines}
    space = {**values, "np": np, "updated_parameters": updated_parameters, "forward": forward}
    with np.errstate(all="ignore"):
        for line in LISTING:
            exec(replaced.get(computes(line), line), space)
    return {name: np.asarray(space[name]) for name in NAMES}


def stored(array):
    numbers = [float(x) if np.isfinite(x) else str(float(x)) for x in array.ravel()]
    return {"shape": list(array.shape), "values": numbers, "dtype": str(array.dtype)}


def main():
    all_points = points()
    cases = [{"name": name, "point": point, "arrays": {k: stored(v) for k, v in run(all_points[point], lines).items()}}
             for name, point, lines in CASES]
    cases.append({"name": "right in float32", "point": "ordinary",
                  "arrays": {k: stored(v) for k, v in run(all_points["ordinary"], [], np.float32).items()}})
    lines = {name: lines for name, _, lines in CASES}
    pairs = [{"names": pair, "arrays": {k: stored(v) for k, v in
              run(all_points["ordinary"], lines[pair[0]] + lines[pair[1]]).items()}} for pair in PAIRS]
    rows = ",\n".join(json.dumps(case) for case in cases)
    pair_rows = ",\n".join(json.dumps(pair) for pair in pairs)
    inputs = json.dumps({name: {k: stored(v) for k, v in point.items()} for name, point in all_points.items()})
    sys.stdout.write(f'{{"points": {inputs},\n"cases": [\n{rows}\n],\n"pairs": [\n{pair_rows}\n]}}\n')


if __name__ == "__main__":
    main()
