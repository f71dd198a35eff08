"""The same update with JAX. Needs JAX and NumPy.

    petal gradcheck configs/default.toml --at 100 --write point.npz
    python examples/python/my_backprop_jax.py point.npz mine.npz
    petal gradcheck point.npz --against mine.npz
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)  # without this line JAX computes in float32
point_file, my_file = sys.argv[1:] or ["point.npz", "mine.npz"]
point = {name: jnp.asarray(array) for name, array in np.load(point_file).items()}
if not {"X", "W1"} <= set(point):
    sys.exit(f"{point_file}: needs the layout article, with X and W1; write it with: petal gradcheck configs/default.toml --at 100 --write {point_file} --layout article")
if any(name.startswith("activation_") for name in point):
    sys.exit(f"{point_file}: this program is for tanh; for another activation, change jnp.tanh, and remove this check")
parameters = {name: point[name] for name in ["W1", "b1", "W2", "b2"]}


def cost(p):
    z2 = p["W2"] @ jnp.tanh(p["W1"] @ point["X"] + p["b1"]) + p["b2"]
    return jnp.mean(jnp.logaddexp(0, z2) - point["Y"] * z2)


def cost_with_penalty(p):
    return cost(p) + point["weight_decay"] / 2 * (jnp.sum(p["W1"] ** 2) + jnp.sum(p["W2"] ** 2))


gradients = jax.grad(cost_with_penalty)(parameters)
mine = {name: value - point["learning_rate"] * gradients[name] for name, value in parameters.items()}
mine |= {f"d{name}": gradient for name, gradient in gradients.items()} | {"cost": cost(parameters)}
np.savez(my_file, **mine)
