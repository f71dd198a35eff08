"""Writes files of arrays with NumPy, safetensors, PyTorch and json: those that are read, with expected.json, and those that
are refused.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 safetensors==0.8.0 torch==2.15.0
    venv/bin/python make.py
"""

import json
import subprocess
import zipfile

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

rng = np.random.default_rng(5)
matrix = rng.standard_normal((3, 4))
arrays = {
    "float64": matrix,
    "float32": matrix.astype(np.float32),
    "big_endian": matrix.astype(">f8"),
    "big_endian_float32": matrix.astype(">f4"),
    "fortran": np.asfortranarray(rng.standard_normal((2, 3, 1, 4))),
    "int8": np.array([-128, -1, 0, 127], np.int8),
    "int16": np.array([-32768, 32767], np.int16),
    "int32": np.array([[-(2**31), 2**31 - 1]], np.int32),
    "int64": np.array([-(2**53), -1, 2**53], np.int64),
    "big_endian_int64": np.array([-3, 2**40], ">i8"),
    "uint8": np.array([0, 255], np.uint8),
    "uint16": np.array([0, 65535], np.uint16),
    "uint32": np.array([0, 2**32 - 1], np.uint32),
    "uint64": np.array([0, 2**53], np.uint64),
    "bool": np.array([True, False, True]),
    "scalar": np.float64(0.25),
    "empty": np.zeros((0, 3)),
    "not_finite": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "beta β": np.array([1.0]),
}
# The types that Petal tells apart.
kinds = {
    "float32": "float32", "big_endian_float32": "float32", "int8": "int32", "int16": "int32", "int32": "int32",
    "int64": "int64", "big_endian_int64": "int64", "uint8": "int32", "uint16": "int32", "uint32": "int64",
    "uint64": "int64", "bool": "bool",
}


def expectation(array):
    # Numbers as text, because JSON has no NaN.
    return {"shape": list(array.shape), "values": [repr(float(value)) for value in np.ravel(array)]}


expected = {name: {"dtype": kinds.get(name, "float64"), **expectation(np.asarray(array))} for name, array in arrays.items()}
json.dump(expected, open("expected.json", "w"), indent=0)

# Files that are read.
np.savez("plain.npz", **arrays)
np.savez_compressed("compressed.npz", **arrays)
native = {name: np.array(array, order="C") for name, array in arrays.items() if "big_endian" not in name}
safetensors.numpy.save_file(native, "all.safetensors")
finite = {name: np.asarray(array).tolist() for name, array in arrays.items() if name not in ("not_finite", "empty")}
json.dump(finite, open("all.json", "w"))
with open("version2.npy", "wb") as file:
    np.lib.format.write_array(file, matrix, version=(2, 0))
with open("version3.npy", "wb") as file:
    np.lib.format.write_array(file, matrix, version=(3, 0))


class Pipe:
    """A file that cannot seek: zipfile then writes sizes and checksums after the data."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()


with zipfile.ZipFile(Pipe("streamed.npz"), "w") as archive:
    with archive.open("float64.npy", "w") as file:
        np.lib.format.write_array(file, matrix)
with zipfile.ZipFile("folders.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.mkdir("run")
    for name in ["run/float64.npy", "../float64.npy"]:
        with archive.open(name, "w") as file:
            np.lib.format.write_array(file, matrix)

# Files that are refused.
np.save("dictionary.npy", {"dW1": matrix})
np.savez("ragged.npz", dW1=np.array([[1.0], [2.0, 3.0]], dtype=object))
np.savez("structured.npz", dW1=np.zeros(2, [("a", "<f8"), ("b", "<i4")]))
np.savez("half.npz", dW1=matrix.astype(np.float16))
np.savez("complex.npz", dW1=matrix.astype(complex))
np.savez("text.npz", dW1=np.array(["a", "b"]))
np.savez("long_double.npz", dW1=matrix.astype(np.longdouble))
np.savez("int64_large.npz", step=np.array([2**53 + 1]))
np.savez("empty.npz")
with zipfile.ZipFile("lzma.npz", "w", zipfile.ZIP_LZMA) as archive, archive.open("dW1.npy", "w") as file:
    np.lib.format.write_array(file, matrix)
with zipfile.ZipFile("other.zip", "w") as archive:
    archive.writestr("notes.txt", "dW1 = 1")
with zipfile.ZipFile("twice.npz", "w") as archive:
    for _ in range(2):
        with archive.open("dW1.npy", "w") as file:
            np.lib.format.write_array(file, matrix)
subprocess.run("zip -q -P secret encrypted.npz expected.json", shell=True, check=True)
torch.save({"dW1": torch.tensor(matrix)}, "torch.pt")
safetensors.torch.save_file({"dW1": torch.tensor(matrix).bfloat16()}, "bfloat16.safetensors")
json.dump({"cost": 0.5, "dW1": [[0.5, float("nan")], [float("-inf"), 1.0]]}, open("not_finite.json", "w"))
