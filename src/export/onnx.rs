//! Writes a model as an ONNX graph.
//!
//! ```text
//! x [N, d] - Sub mean - Div deviation - MatMul w1 - Add b1 - z1        z1 - Tanh - Add (z1 - z1) - MatMul w2 - Add b2 - z2
//! z2 - Sigmoid - Add (z2 - z2) - probability [N, 1]
//! z2 - Greater threshold_logit - Cast - Where (IsNaN probability) 2 - class [N, 1]
//! ```
//!
//! `Tanh` is `Sigmoid` or `Relu` in models with these activation functions. With the identity, z1 itself is multiplied by w2.
//!
//! `Sub mean` and `Div` exist only if the model scales its inputs. `class` is 1 if the logit z2 is above that of the
//! threshold, else 0. Logits are compared because a probability is rounded: Petal has the same rule.
//!
//! `z1 - z1` is 0, or NaN if z1 is infinite or NaN. tanh and the sigmoid of infinity would be 1, and relu of minus infinity 0,
//! and look like a result, but
//! infinity means that a sum was too large for the float type, and nothing is known of it. Then the probability is NaN, and
//! the class 2: not -1, because that would be the last class in a list of Python.
//!
//! The comment above each function names the message that it returns. The fields of a message are written in the order of
//! their numbers in `onnx.proto3` (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>).
//!
//! Not covered: pruning, quantising and converting. ONNX's own tools can do that.

use std::collections::HashSet;

use super::protobuf::Message;
use crate::data::logistic::logit;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::files::model_file::ModelFile;
use crate::network::Activation;

/// The version of the file format: that of ONNX 1.12, which every runtime since 2022 reads.
const IR_VERSION: u64 = 8;
/// The version of the operators, also that of ONNX 1.12.
const OPSET: u64 = 17;
/// The maximum size of a Protocol Buffers file, in bytes.
const MAX_FILE_SIZE: usize = i32::MAX as usize;
/// TensorProto.DataType.INT64
const INT64: u64 = 7;

/// Returns the contents of an ONNX file. All its numbers, including the inputs, have the given float type.
///
/// With f32 an input is rounded before the mean is subtracted. If the mean is large compared with the standard deviation,
/// this loses digits. [`Measurement`](super::Measurement) tells how much that changes the probability.
///
/// # Errors
/// When a number of the model is beyond the range of f32, or the file would be larger than ONNX allows.
pub fn onnx(model: &ModelFile, precision: Precision) -> Result<Vec<u8>> {
    if precision == Precision::F32
        && let Some(number) = beyond_f32(model)
    {
        return Err(Error::Encoding(format!("{number}; use f64")));
    }
    let metadata = &model.metadata;
    let json_list = |list: &[String]| serde_json::Value::from(list.to_vec()).to_string();
    let columns = serde_json::to_string(&metadata.schema.columns)
        .unwrap_or_else(|_| unreachable!("strings and finite numbers only"));
    let properties = [
        ("inputs", json_list(&unique(metadata.schema.inputs()))),
        ("label", metadata.schema.label.clone()),
        ("classes", json_list(&metadata.schema.classes)),
        ("threshold", metadata.threshold.to_string()),
        ("columns", columns),
    ];
    // ModelProto
    let file = Message::default()
        .integer(1, IR_VERSION)
        .bytes(2, "petal") // producer_name
        .bytes(3, env!("CARGO_PKG_VERSION")) // producer_version
        .message(7, graph(model, precision))
        .message(8, Message::default().bytes(1, "").integer(2, OPSET)) // OperatorSetIdProto: domain, version
        .messages(14, properties.map(|(key, value)| Message::default().bytes(1, key).bytes(2, value)));
    let file = file.into_bytes();
    if file.len() > MAX_FILE_SIZE {
        return Err(Error::Encoding(format!(
            "the ONNX file would have {} bytes: must be at most {MAX_FILE_SIZE}",
            file.len()
        )));
    }
    Ok(file)
}

/// GraphProto
fn graph(model: &ModelFile, precision: Precision) -> Message {
    let (parameters, scaling) = (&model.parameters, &model.metadata.scaling);
    let [features, hidden] = [parameters.features, parameters.hidden].map(|size| size as u64);
    let data_type = data_type(precision);

    let threshold_logit = round_down(logit(model.metadata.threshold), precision);
    let numbers = |name, shape: &[u64], values: &[f64]| tensor(name, shape, &precision.encode(values), data_type);
    let mut constants = vec![
        numbers("w1", &[features, hidden], &parameters.w1),
        numbers("b1", &[hidden], &parameters.b1),
        numbers("w2", &[hidden, 1], &parameters.w2),
        numbers("b2", &[1], &parameters.b2),
        numbers("threshold_logit", &[], &[threshold_logit]),
        tensor("no_class", &[], &2_i64.to_le_bytes(), INT64),
    ];
    let mut nodes = Vec::new();
    let mut scaled = "x";
    if let Some(scaling) = scaling {
        constants.push(numbers("mean", &[features], &scaling.mean));
        constants.push(numbers("deviation", &[features], &scaling.deviation));
        nodes.push(node("Sub", &["x", "mean"], "centred"));
        nodes.push(node("Div", &["centred", "deviation"], "scaled"));
        scaled = "scaled";
    }
    let target_type = Message::default().bytes(1, "to").integer(3, INT64).integer(20, 2); // AttributeProto: name, i, type INT
    nodes.extend([node("MatMul", &[scaled, "w1"], "xw1"), node("Add", &["xw1", "b1"], "z1")]);
    let operator = match parameters.activation {
        Activation::Tanh => Some(("Tanh", "tanh_z1")),
        Activation::Sigmoid => Some(("Sigmoid", "sigmoid_z1")),
        Activation::Relu => Some(("Relu", "relu_z1")),
        Activation::Identity => None,
    };
    if let Some((operator, activated)) = operator {
        nodes.push(node(operator, &["z1"], activated));
        nodes.push(node("Sub", &["z1", "z1"], "z1_is_finite"));
        nodes.push(node("Add", &[activated, "z1_is_finite"], "a1"));
    }
    nodes.extend([
        node("MatMul", &[if operator.is_some() { "a1" } else { "z1" }, "w2"], "a1w2"),
        node("Add", &["a1w2", "b2"], "z2"),
        node("Sigmoid", &["z2"], "sigmoid_z2"),
        node("Sub", &["z2", "z2"], "z2_is_finite"),
        node("Add", &["sigmoid_z2", "z2_is_finite"], "probability"),
        node("Greater", &["z2", "threshold_logit"], "above"),
        node("Cast", &["above"], "class_or_0").message(5, target_type),
        node("IsNaN", &["probability"], "unknown"),
        node("Where", &["unknown", "no_class", "class_or_0"], "class"),
    ]);

    Message::default()
        .messages(1, nodes)
        .bytes(2, "petal")
        .messages(5, constants)
        .message(11, value_info("x", features, data_type))
        .message(12, value_info("probability", 1, data_type))
        .message(12, value_info("class", 1, INT64))
}

/// NodeProto without attributes
fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let with_inputs = inputs.iter().fold(Message::default(), |message, input| message.bytes(1, input));
    with_inputs.bytes(2, output).bytes(4, operator)
}

/// TensorProto
fn tensor(name: &str, shape: &[u64], little_endian: &[u8], data_type: u64) -> Message {
    let with_shape = shape.iter().fold(Message::default(), |message, &size| message.integer(1, size));
    with_shape.integer(2, data_type).bytes(8, name).bytes(9, little_endian)
}

/// ValueInfoProto of an input or output `[N, columns]` with any number of rows N
fn value_info(name: &str, columns: u64, data_type: u64) -> Message {
    // TensorShapeProto with two Dimensions: dim_param (a name), dim_value (a number)
    let dimensions = [Message::default().bytes(2, "N"), Message::default().integer(1, columns)];
    let shape = Message::default().messages(1, dimensions);
    // TypeProto.Tensor: elem_type, shape
    let tensor_type = Message::default().integer(1, data_type).message(2, shape);
    // TypeProto: tensor_type
    let value_type = Message::default().message(1, tensor_type);
    Message::default().bytes(1, name).message(2, value_type)
}

/// TensorProto.DataType of a float type
fn data_type(precision: Precision) -> u64 {
    match precision {
        Precision::F32 => 1,
        Precision::F64 => 11,
    }
}

/// The first number of the model that f32 cannot hold: it is too large, or it is a deviation that would become 0. Inputs are
/// divided by deviations.
pub(super) fn beyond_f32(model: &ModelFile) -> Option<String> {
    let parameters = &model.parameters;
    let scaling = model.metadata.scaling.iter();
    let mut lists: Vec<_> = scaling
        .flat_map(|scaling| [("mean", &scaling.mean), ("deviation", &scaling.deviation)])
        .collect();
    lists.extend([("w1", &parameters.w1), ("b1", &parameters.b1), ("w2", &parameters.w2), ("b2", &parameters.b2)]);
    lists.into_iter().find_map(|(name, values)| {
        let out_of_range = |value: f64| !(value as f32).is_finite() || (name == "deviation" && value as f32 == 0.0);
        let index = values.iter().position(|&value| out_of_range(value))?;
        Some(format!("{name}[{index}] = {:e}: is beyond the range of f32", values[index]))
    })
}

/// The names with a number after each that is there already. A table can have a column `city=Rome` beside the category
/// `Rome` of a column `city`.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let mut rename = |name: String| {
        if seen.insert(name.clone()) {
            return name;
        }
        let mut names = (2..).map(|number| format!("{name} ({number})"));
        names.find(|name| taken.insert(name.clone())).unwrap_or(name)
    };
    names.into_iter().map(&mut rename).collect()
}

/// The largest number of the float type that is not above the value, which is the logit of a threshold.
///
/// A number of the type is above this one exactly if it is above the value.
fn round_down(value: f64, precision: Precision) -> f64 {
    let rounded = value as f32;
    match precision {
        Precision::F64 => value,
        Precision::F32 if f64::from(rounded) > value => rounded.next_down().into(),
        Precision::F32 => rounded.into(),
    }
}
