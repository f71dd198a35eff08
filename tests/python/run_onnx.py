"""Checks an ONNX file and runs it: `run_onnx.py FILE TYPE`, rows as JSON on standard input, results as JSON."""
import json
import sys

import numpy as np
import onnx
import onnxruntime

file, dtype = sys.argv[1:]
onnx.checker.check_model(onnx.load(file), full_check=True)
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
probability, predicted = session.run(["probability", "class"], {"x": np.array(json.load(sys.stdin), dtype)})
assert probability.shape == predicted.shape == (len(probability), 1) and predicted.dtype == np.int64
about = session.get_modelmeta()
print(json.dumps({
    # JSON has no NaN.
    "probability": [None if np.isnan(p) else float(p) for p in probability[:, 0]],
    "class": predicted[:, 0].tolist(),
    "producer": about.producer_name,
    "about": about.custom_metadata_map,
}))
