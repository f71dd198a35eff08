"""The article's listing with other activations: right by PyTorch's autograd, and broken by one line each in NumPy.

    python tests/reference/activation_listings.py > tests/reference/activation_listings.json
"""

import json

import numpy as np
import torch

D, H, M = 3, 4, 7
FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
}
DERIVATIVES = {
    "tanh": lambda z1, a1: 1 - a1**2,
    "sigmoid": lambda z1, a1: a1 * (1 - a1),
    "relu": lambda z1, a1: (z1 > 0) * 1.0,
    "identity": lambda z1, a1: np.ones_like(a1),
}
# The derivative with something else in the place of Z1 and A1.
TANH_AND_SIGMOID = {
    "not squared": lambda name, z1, a1: 1 - a1,
    "of Z1": lambda name, z1, a1: DERIVATIVES[name](z1, z1),
    "of the activation": lambda name, z1, a1: DERIVATIVES[name](z1, FUNCTIONS[name](a1)),
}


def make_point(activation, at_kink):
    random = np.random.RandomState(7)
    point = {
        "X": random.randn(D, M),
        "Y": (random.rand(1, M) > 0.5) * 1.0,
        "W1": random.randn(H, D),
        "b1": random.randn(H, 1),
        "W2": random.randn(1, H),
        "b2": random.randn(1, 1),
        "learning_rate": np.array(1.2),
    }
    if activation != "tanh":
        point[f"activation_{activation}"] = np.array(1.0)
    if at_kink:
        # Z1 of this sample is 0 exactly.
        point["X"][:, 2] = 0
        point["b1"][:] = 0
    return point


def listing(point, activation, function=None, derivative=None):
    """The listing, with another function for A1 or another factor of dZ1."""
    X, Y, W1, b1, W2, b2 = (point[name] for name in "X Y W1 b1 W2 b2".split())
    Z1 = np.dot(W1, X) + b1
    A1 = (function or FUNCTIONS[activation])(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / M
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / M
    db2 = np.sum(dZ2, axis=1, keepdims=True) / M
    dZ1 = np.dot(W2.T, dZ2) * (derivative or DERIVATIVES[activation])(Z1, A1)
    dW1 = np.dot(dZ1, X.T) / M
    db1 = np.sum(dZ1, axis=1, keepdims=True) / M
    W1, b1, W2, b2 = W1 - 1.2 * dW1, b1 - 1.2 * db1, W2 - 1.2 * dW2, b2 - 1.2 * db2
    names, found = "Z1 A1 Z2 A2 cost dZ2 dW2 db2 dZ1 dW1 db1 W1 b1 W2 b2".split(), locals()
    return {name: np.asarray(found[name]) for name in names}


def by_autograd(point, activation):
    """The same update by PyTorch, under its names."""
    x, y = torch.tensor(point["X"].T), torch.tensor(point["Y"].T)
    hidden, output = torch.nn.Linear(D, H).double(), torch.nn.Linear(H, 1).double()
    with torch.no_grad():
        for parameter, name in [(hidden.weight, "W1"), (hidden.bias, "b1"), (output.weight, "W2"), (output.bias, "b2")]:
            parameter.copy_(torch.tensor(point[name]).reshape(parameter.shape))
    function = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "identity": lambda z: z * 1}
    z1 = hidden(x)
    a1 = function[activation](z1)
    z2 = output(a1)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z2, y)
    z1.retain_grad(), z2.retain_grad()
    loss.backward()
    mine = {"z1": z1, "a1": a1, "z2": z2, "a2": torch.sigmoid(z2), "loss": loss, "z2.grad": z2.grad, "z1.grad": z1.grad}
    layers = [("hidden", hidden), ("output", output)]
    for layer, module in layers:
        mine |= {f"{layer}.{name}.grad": value.grad for name, value in module.named_parameters()}
    optimizer = torch.optim.SGD([*hidden.parameters(), *output.parameters()], lr=1.2)
    optimizer.step()
    for layer, module in layers:
        mine |= {f"{layer}.{name}": value for name, value in module.named_parameters()}
    return {name: tensor.detach().numpy() for name, tensor in mine.items()}


def stored(arrays):
    return {name: {"shape": np.shape(array), "values": np.ravel(array).tolist()} for name, array in arrays.items()}


def cases():
    for activation in FUNCTIONS:
        point = make_point(activation, at_kink=False)
        result = {"right": by_autograd(point, activation)}
        for other in FUNCTIONS:
            if other != activation:
                result[f"{other} in the hidden layer"] = listing(point, activation, function=FUNCTIONS[other])
                result[f"derivative of {other}"] = listing(point, activation, derivative=DERIVATIVES[other])
        if activation in ["tanh", "sigmoid"]:
            for name, factor in TANH_AND_SIGMOID.items():
                derivative = lambda z1, a1, factor=factor: factor(activation, z1, a1)
                result[f"derivative {name}"] = listing(point, activation, derivative=derivative)
        for name, arrays in result.items():
            yield {"activation": activation, "name": name, "point": stored(point), "arrays": stored(arrays)}

    point = make_point("relu", at_kink=True)
    for name, at_kink in [("right at the kink: 0", 0), ("right at the kink: 0.5", 0.5), ("right at the kink: 1", 1)]:
        arrays = listing(point, "relu", derivative=lambda z1, a1: np.heaviside(z1, at_kink))
        yield {"activation": "relu", "name": name, "point": stored(point), "arrays": stored(arrays)}


print(json.dumps(list(cases())))
