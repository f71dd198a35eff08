"""Writes activations.json, with scikit-learn and JAX only: networks with other activation functions than tanh.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1 jax==0.10.2
    venv/bin/python make_activations.py        (reads flower.csv)

`training` holds the costs and the last parameters of 200 updates of scikit-learn's MLPClassifier: the whole data set in each
update, plain gradient descent, no penalty. `derivatives` holds gradients and the Hessian's largest eigenvalue by JAX at random
parameters. No sample is near a kink of relu there.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.neural_network import MLPClassifier

jax.config.update("jax_enable_x64", True)
FEATURES, UPDATES, LEARNING_RATE = 2, 200, 0.3
FUNCTIONS = {
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "identity": lambda z1: z1,
}
NAMES_OF_SKLEARN = {"tanh": "tanh", "sigmoid": "logistic", "relu": "relu", "identity": "identity"}

data = np.loadtxt("flower.csv", delimiter=",", skiprows=1)
x, y = data[:, :FEATURES], data[:, FEATURES]


def initial(init, hidden, scale=None):
    """The normal numbers in Petal's order: W1 [h, d], then W2 [1, h]."""
    random = np.random.RandomState(2)
    deviation = {
        "scaled": lambda inputs, outputs: scale,
        "xavier": lambda inputs, outputs: np.sqrt(2 / (inputs + outputs)),  # Glorot and Bengio, 2010
        "he": lambda inputs, outputs: np.sqrt(2 / inputs),  # He et al., 2015
    }[init]
    w1 = random.randn(hidden, FEATURES).T * deviation(FEATURES, hidden)
    w2 = random.randn(1, hidden).T * deviation(hidden, 1)
    return [w1, np.zeros(hidden), w2, np.zeros(1)]


def train(activation, init, hidden, scale=None):
    w1, b1, w2, b2 = initial(init, hidden, scale)
    network = MLPClassifier(
        hidden_layer_sizes=(hidden,), activation=NAMES_OF_SKLEARN[activation], solver="sgd", alpha=0.0, momentum=0.0,
        nesterovs_momentum=False, learning_rate_init=LEARNING_RATE, batch_size=len(y), shuffle=False, random_state=0,
    )  # fmt: skip
    # The first call creates the optimiser and makes an update from random weights. Then the lists that the optimiser also
    # refers to get our weights.
    network.partial_fit(x, y, classes=[0, 1])
    for theirs, ours in zip(network.coefs_ + network.intercepts_, [w1, w2, b1, b2]):
        theirs[...] = ours
    costs = []
    for _ in range(UPDATES):
        network.partial_fit(x, y)
        costs.append(network.loss_)  # before the update
    (w1, w2), (b1, b2) = network.coefs_, network.intercepts_
    settings = {"model.activation": activation, "model.init": init, "model.hidden": hidden}
    if scale is not None:
        settings["model.init_scale"] = scale
    packed = np.concatenate([w1.ravel(), b1, w2.ravel(), b2])
    return {"settings": settings, "costs": costs[::20], "parameters": packed.tolist()}


def objective(packed, x, y, hidden, function, weight_decay):
    cut = FEATURES * hidden
    w1, b1, w2, b2 = packed[:cut].reshape(FEATURES, hidden), packed[cut:cut + hidden], packed[cut + hidden:-1], packed[-1]
    z2 = function(x @ w1 + b1) @ w2 + b2
    penalty = weight_decay / 2 * (jnp.sum(w1**2) + jnp.sum(w2**2))
    return jnp.mean(jax.nn.softplus(z2) - y * z2) + penalty


def derivatives(activation, seed, hidden, samples, weight_decay):
    random = np.random.RandomState(seed)
    packed = random.randn(FEATURES * hidden + 2 * hidden + 1)
    x, y = random.randn(samples, FEATURES), random.randint(0, 2, samples)
    z1 = x @ packed[:FEATURES * hidden].reshape(FEATURES, hidden) + packed[FEATURES * hidden:][:hidden]
    assert np.abs(z1).min() > 1e-6
    arguments = x, y, hidden, FUNCTIONS[activation], weight_decay
    gradient, hessian = jax.grad(objective)(packed, *arguments), jax.hessian(objective)(packed, *arguments)
    return {
        "activation": activation,
        "hidden": hidden,
        "weight_decay": weight_decay,
        "parameters": packed.tolist(),
        "x": x.ravel().tolist(),
        "y": y.tolist(),
        "gradient": np.array(gradient).tolist(),
        "largest_eigenvalue": float(np.linalg.eigvalsh(np.array(hessian))[-1]),
    }


def main():
    names = ["sigmoid", "relu", "identity", "tanh"]
    cases = [(name, "scaled", 4, 0.5) for name in names] + [("tanh", "xavier", 3), ("sigmoid", "xavier", 7), ("relu", "he", 5)]
    numbers = {
        "training": [train(*case) for case in cases],
        "derivatives": [derivatives(name, seed, hidden, 12, decay)
                        for name in names for seed, hidden, decay in [(1, 3, 0.0), (2, 5, 0.1)]],
    }  # fmt: skip
    with open("activations.json", "w") as file:
        json.dump(numbers, file)
        file.write("\n")


if __name__ == "__main__":
    main()
