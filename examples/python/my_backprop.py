"""The article's listing in NumPy: one forward pass, one backward pass, one update. Needs NumPy.

    petal gradcheck configs/default.toml --at 100 --write point.npz
    python examples/python/my_backprop.py point.npz mine.npz
    petal gradcheck point.npz --against mine.npz

Break a line, run the last two commands again, and see what the check says.
"""

import sys

import numpy as np

point_file, my_file = sys.argv[1:] or ["point.npz", "mine.npz"]
point = np.load(point_file)
if not {"X", "W1"} <= set(point):
    sys.exit(f"{point_file}: needs the layout article, with X and W1; write it with: petal gradcheck configs/default.toml --at 100 --write {point_file} --layout article")
if any(name.startswith("activation_") for name in point):
    sys.exit(f"{point_file}: this listing is for tanh; for another activation, change A1 and the factor of dZ1, and remove this check")
X, Y = point["X"], point["Y"]  # (d, m) and (1, m): samples are columns
W1, b1, W2, b2 = point["W1"], point["b1"], point["W2"], point["b2"]  # (h, d), (h, 1), (1, h), (1, 1)
learning_rate, weight_decay = point["learning_rate"], point["weight_decay"]
m = X.shape[1]

# Forward propagation
Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m

# Backpropagation
dZ2 = A2 - Y
dW2 = np.dot(dZ2, A1.T) / m + weight_decay * W2
db2 = np.sum(dZ2, axis=1, keepdims=True) / m
dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2)  # break this line: leave out * (1 - A1**2)
dW1 = np.dot(dZ1, X.T) / m + weight_decay * W1
db1 = np.sum(dZ1, axis=1, keepdims=True) / m

# Update
W1 = W1 - learning_rate * dW1
b1 = b1 - learning_rate * db1
W2 = W2 - learning_rate * dW2
b2 = b2 - learning_rate * db2

names = "Z1 A1 Z2 A2 cost dZ2 dW2 db2 dZ1 dW1 db1 W1 b1 W2 b2".split()
np.savez(my_file, **{name: globals()[name] for name in names})
