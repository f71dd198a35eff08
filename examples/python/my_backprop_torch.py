"""The same update with PyTorch's autograd. Needs PyTorch and NumPy.

    petal gradcheck configs/default.toml --at 100 --write point.npz --layout torch
    python examples/python/my_backprop_torch.py point.npz mine.npz
    petal gradcheck point.npz --against mine.npz
"""

import sys

import numpy as np
import torch

point_file, my_file = sys.argv[1:] or ["point.npz", "mine.npz"]
point = {name: torch.from_numpy(array) for name, array in np.load(point_file).items()}
if not {"x", "hidden.weight"} <= set(point):
    sys.exit(f"{point_file}: needs the layout torch, with x and hidden.weight; write it with: petal gradcheck configs/default.toml --at 100 --write {point_file} --layout torch")
if any(name.startswith("activation_") for name in point):
    sys.exit(f"{point_file}: this program is for tanh; for another activation, change torch.tanh, and remove this check")
x, y = point["x"], point["y"]
model = torch.nn.Sequential()
model.hidden, model.output = torch.nn.Linear(x.shape[1], len(point["hidden.bias"])), torch.nn.Linear(len(point["hidden.bias"]), 1)
model.to(x.dtype).load_state_dict({name: point[name] for name in model.state_dict()})

z1 = model.hidden(x)
a1 = torch.tanh(z1)
z2 = model.output(a1)
loss = torch.nn.functional.binary_cross_entropy_with_logits(z2, y)
z1.retain_grad(), z2.retain_grad()
loss.backward()
mine = {"z1": z1, "a1": a1, "z2": z2, "a2": torch.sigmoid(z2), "loss": loss, "z2.grad": z2.grad, "z1.grad": z1.grad}
optimizer = torch.optim.SGD(
    [{"params": [model.hidden.weight, model.output.weight], "weight_decay": float(point["weight_decay"])},
     {"params": [model.hidden.bias, model.output.bias]}], lr=float(point["learning_rate"]))
mine |= {f"{name}.grad": parameter.grad for name, parameter in model.named_parameters()}
optimizer.step()
mine |= model.state_dict()
np.savez(my_file, **{name: tensor.detach().numpy() for name, tensor in mine.items()})
