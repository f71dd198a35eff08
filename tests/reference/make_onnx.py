"""Writes model.onnx, the graph of a small network, with the onnx package.

    pip install onnx==1.23.2
    python tests/reference/make_onnx.py

The numbers are those of `reference_model` in tests/suite/export.rs. All are exact in f32 except the logit of the
threshold 0.3, which is rounded down.
"""
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

LOGIT = np.float32(math.log(0.3 / 0.7))
CONSTANTS = {
    "w1": [[0.5, -1.5, 2.0], [1.25, 0.75, -0.125]],
    "b1": [0.0, 0.25, -0.5],
    "w2": [[1.0], [-2.0], [0.5]],
    "b2": [0.125],
    "threshold_logit": LOGIT if float(LOGIT) <= math.log(0.3 / 0.7) else np.nextafter(LOGIT, np.float32(-np.inf)),
    "no_class": np.int64(2),
    "mean": [0.5, -1.0],
    "deviation": [2.0, 0.25],
}
NODES = [
    ("Sub", ["x", "mean"], "centred"),
    ("Div", ["centred", "deviation"], "scaled"),
    ("MatMul", ["scaled", "w1"], "xw1"),
    ("Add", ["xw1", "b1"], "z1"),
    ("Tanh", ["z1"], "tanh_z1"),
    ("Sub", ["z1", "z1"], "z1_is_finite"),
    ("Add", ["tanh_z1", "z1_is_finite"], "a1"),
    ("MatMul", ["a1", "w2"], "a1w2"),
    ("Add", ["a1w2", "b2"], "z2"),
    ("Sigmoid", ["z2"], "sigmoid_z2"),
    ("Sub", ["z2", "z2"], "z2_is_finite"),
    ("Add", ["sigmoid_z2", "z2_is_finite"], "probability"),
    ("Greater", ["z2", "threshold_logit"], "above"),
    ("Cast", ["above"], "class_or_0"),
    ("IsNaN", ["probability"], "unknown"),
    ("Where", ["unknown", "no_class", "class_or_0"], "class"),
]
PROPERTIES = {
    "inputs": '["width, cm","colour=red"]',
    "label": "kind",
    "classes": '["no","yes"]',
    "threshold": "0.3",
    "columns": '[{"name":"width, cm","missing":1.5},{"name":"colour","categories":["red"]}]',
}


def constant(name, values):
    integer = isinstance(values, np.int64)
    array = np.asarray(values, "<i8" if integer else "<f4")
    assert name == "threshold_logit" or np.array_equal(array, np.asarray(values))
    data_type = TensorProto.INT64 if integer else TensorProto.FLOAT
    return helper.make_tensor(name, data_type, array.shape, array.tobytes(), raw=True)


def node(operator, inputs, output):
    attributes = {"to": TensorProto.INT64} if operator == "Cast" else {}
    return helper.make_node(operator, inputs, [output], **attributes)


nodes = [node(*fields) for fields in NODES]
graph = helper.make_graph(
    nodes,
    "petal",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
    [
        helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N", 1]),
        helper.make_tensor_value_info("class", TensorProto.INT64, ["N", 1]),
    ],
    [constant(name, values) for name, values in CONSTANTS.items()],
)
model = helper.make_model(
    graph,
    producer_name="petal",
    producer_version="0.1.0",
    ir_version=8,
    opset_imports=[helper.make_opsetid("", 17)],
)
helper.set_model_props(model, PROPERTIES)
onnx.checker.check_model(model, full_check=True)
(Path(__file__).parent / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
