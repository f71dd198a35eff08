//! Writes a model as an ONNX graph.
//!
//! ```text
//! x [N, d] - Sub mean - Div deviation - MatMul w1 - Add b1 - Tanh - MatMul w2 - Add b2 - Sigmoid - probability [N, 1]
//!                                                             probability - Greater threshold - Cast - class [N, 1]
//! ```
//!
//! `Sub` and `Div` exist only if the model scales its inputs. `class` is 1 if the probability is above the threshold, else 0.
//!
//! The comment above each function names the message that it returns. The fields of a message are written in the order of
//! their numbers in `onnx.proto3` (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>).
//!
//! Not covered: pruning, quantising and converting. ONNX's own tools can do that.

use super::protobuf::Message;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::files::model_file::ModelFile;

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
/// this loses digits: a column with years is wrong by up to 1e-4 deviations. f64 avoids that.
///
/// # Errors
/// When a number of the model is beyond the range of f32, or the file would be larger than ONNX allows.
pub fn onnx(model: &ModelFile, precision: Precision) -> Result<Vec<u8>> {
    let metadata = &model.metadata;
    let json_list = |list: &[String]| serde_json::Value::from(list.to_vec()).to_string();
    let columns = serde_json::to_string(&metadata.schema.columns)
        .unwrap_or_else(|_| unreachable!("strings and finite numbers only"));
    let properties = [
        ("inputs", json_list(&metadata.schema.inputs())),
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
        .message(7, graph(model, precision)?)
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
fn graph(model: &ModelFile, precision: Precision) -> Result<Message> {
    let (parameters, scaling) = (&model.parameters, &model.metadata.scaling);
    let [features, hidden] = [parameters.features, parameters.hidden].map(|size| size as u64);
    let data_type = data_type(precision);

    // Each node takes the output of the node before it, and a constant if there is one.
    let mut nodes = Vec::new();
    let mut constants = Vec::new();
    let mut last_output = "x";
    let mut append = |operator: &str, constant: Option<(&str, &[u64], &[f64])>, output: &'static str| {
        let inputs = [Some(last_output), constant.map(|(name, ..)| name)];
        nodes.push(node(operator, inputs.into_iter().flatten(), output));
        if let Some((name, shape, values)) = constant {
            constants.push(tensor(name, shape, &encode(name, values, precision)?, data_type));
        }
        last_output = output;
        Ok::<_, Error>(())
    };
    if let Some(scaling) = scaling {
        append("Sub", Some(("mean", &[features], &scaling.mean)), "centred")?;
        append("Div", Some(("deviation", &[features], &scaling.deviation)), "scaled")?;
    }
    append("MatMul", Some(("w1", &[features, hidden], &parameters.w1)), "xw1")?;
    append("Add", Some(("b1", &[hidden], &parameters.b1)), "z1")?;
    append("Tanh", None, "a1")?;
    append("MatMul", Some(("w2", &[hidden, 1], &parameters.w2)), "a1w2")?;
    append("Add", Some(("b2", &[1], &parameters.b2)), "z2")?;
    append("Sigmoid", None, "probability")?;
    let threshold = round_down(model.metadata.threshold, precision);
    append("Greater", Some(("threshold", &[], &[threshold])), "above")?;
    let target_type = Message::default().bytes(1, "to").integer(3, INT64).integer(20, 2); // AttributeProto: name, i, type INT
    nodes.push(node("Cast", [last_output], "class").message(5, target_type));

    let graph = Message::default()
        .messages(1, nodes)
        .bytes(2, "petal")
        .messages(5, constants)
        .message(11, value_info("x", features, data_type))
        .message(12, value_info("probability", 1, data_type))
        .message(12, value_info("class", 1, INT64));
    Ok(graph)
}

/// NodeProto without attributes
fn node<'a>(operator: &str, inputs: impl IntoIterator<Item = &'a str>, output: &str) -> Message {
    let with_inputs = inputs
        .into_iter()
        .fold(Message::default(), |message, input| message.bytes(1, input));
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

/// Encodes the numbers of a constant in the float type.
///
/// # Errors
/// When a number is too large for f32, or a deviation is too small for f32: it would become 0, and inputs are divided by it.
fn encode(name: &str, values: &[f64], precision: Precision) -> Result<Vec<u8>> {
    let out_of_range = |value: f64| !(value as f32).is_finite() || (name == "deviation" && value as f32 == 0.0);
    if precision == Precision::F32
        && let Some(index) = values.iter().position(|&value| out_of_range(value))
    {
        let value = values[index];
        return Err(Error::Encoding(format!("{name}[{index}] = {value:e}: is beyond the range of f32; use f64")));
    }
    Ok(precision.encode(values))
}

/// The largest number of the float type that is not above the threshold.
///
/// A number of the type is above this one exactly if it is above the threshold.
fn round_down(threshold: f64, precision: Precision) -> f64 {
    let rounded = threshold as f32;
    match precision {
        Precision::F64 => threshold,
        Precision::F32 if f64::from(rounded) > threshold => rounded.next_down().into(),
        Precision::F32 => rounded.into(),
    }
}
