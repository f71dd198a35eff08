//! The model as an ONNX graph.
//!
//! ```text
//! x [N, d] - Sub mean - Div deviation - MatMul w1 - Add b1 - Tanh - MatMul w2 - Add b2 - Sigmoid - probability [N, 1]
//!                                                             probability - Greater threshold - Cast - class [N, 1]
//! ```
//!
//! `Sub` and `Div` are there where the model has scaling. `class` is 1 where the probability is above the threshold, else 0.
//! The fields of each message stand in the order of their numbers in `onnx.proto3`
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>); each function names its message.
//!
//! Leaves out: other shapes of network. ONNX's own tools can prune, quantise or convert what is written here.

use super::protobuf::Message;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::files::model_file::ModelFile;

/// The version of the file format, that of ONNX 1.12, and of the operators: what every runtime since 2022 reads.
const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;
/// Protocol Buffers end here, in bytes.
const LIMIT: usize = i32::MAX as usize;

/// TensorProto.DataType.INT64
const INT64: u64 = 7;

/// The model as the contents of an ONNX file whose numbers are of the given type, inputs included.
///
/// In f32 an input is rounded before its mean is taken away. Where the mean is large beside the deviation, as that of a
/// year is, this costs digits: a year's input is then wrong by up to 1e-4 deviations. f64 keeps them.
///
/// # Errors
/// When a number of the model is beyond the range of f32, or the file would be larger than ONNX allows.
pub fn onnx(model: &ModelFile, precision: Precision) -> Result<Vec<u8>> {
    let metadata = &model.metadata;
    let json = |list: &[String]| serde_json::Value::from(list.to_vec()).to_string();
    let columns = serde_json::to_string(&metadata.schema.columns)
        .unwrap_or_else(|_| unreachable!("strings and finite numbers only"));
    let properties = [
        ("inputs", json(&metadata.schema.inputs())),
        ("label", metadata.schema.label.clone()),
        ("classes", json(&metadata.schema.classes)),
        ("threshold", metadata.threshold.to_string()),
        ("columns", columns),
    ];
    // ModelProto
    let whole = Message::default()
        .integer(1, IR_VERSION)
        .bytes(2, "petal") // producer_name
        .bytes(3, env!("CARGO_PKG_VERSION")) // producer_version
        .message(7, graph(model, precision)?)
        .message(8, Message::default().bytes(1, "").integer(2, OPSET)) // OperatorSetIdProto: domain, version
        .messages(14, properties.map(|(key, value)| Message::default().bytes(1, key).bytes(2, value)));
    let whole = whole.into_bytes();
    if whole.len() > LIMIT {
        return Err(Error::Encoding(format!(
            "the ONNX file would have {} bytes: must be at most {LIMIT}",
            whole.len()
        )));
    }
    Ok(whole)
}

/// GraphProto
fn graph(model: &ModelFile, precision: Precision) -> Result<Message> {
    let (parameters, scaling) = (&model.parameters, &model.metadata.scaling);
    let [features, hidden] = [parameters.features, parameters.hidden].map(|size| size as u64);
    let mut nodes = Vec::new();
    let mut constants = Vec::new();
    let mut last = "x";
    let mut then = |operator: &str, constant: Option<(&str, &[u64], &[f64])>, output: &'static str| {
        let inputs = [Some(last), constant.map(|(name, ..)| name)];
        nodes.push(node(operator, inputs.into_iter().flatten(), output));
        if let Some((name, shape, values)) = constant {
            constants.push(tensor(name, shape, &numbers(name, values, precision)?, data_type(precision)));
        }
        last = output;
        Ok::<_, Error>(())
    };
    if let Some(scaling) = scaling {
        then("Sub", Some(("mean", &[features], &scaling.mean)), "centred")?;
        then("Div", Some(("deviation", &[features], &scaling.deviation)), "scaled")?;
    }
    then("MatMul", Some(("w1", &[features, hidden], &parameters.w1)), "xw1")?;
    then("Add", Some(("b1", &[hidden], &parameters.b1)), "z1")?;
    then("Tanh", None, "a1")?;
    then("MatMul", Some(("w2", &[hidden, 1], &parameters.w2)), "a1w2")?;
    then("Add", Some(("b2", &[1], &parameters.b2)), "z2")?;
    then("Sigmoid", None, "probability")?;
    let threshold = below(model.metadata.threshold, precision);
    then("Greater", Some(("threshold", &[], &[threshold])), "above")?;
    let to = Message::default().bytes(1, "to").integer(3, INT64).integer(20, 2); // AttributeProto: name, i, type INT
    let cast = node("Cast", [last], "class").message(5, to);
    let graph = Message::default()
        .messages(1, nodes.into_iter().chain([cast]))
        .bytes(2, "petal")
        .messages(5, constants)
        .message(11, value("x", features, data_type(precision)))
        .message(12, value("probability", 1, data_type(precision)))
        .message(12, value("class", 1, INT64));
    Ok(graph)
}

/// NodeProto, but for its attributes
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

/// ValueInfoProto: any number of rows of so many columns
fn value(name: &str, columns: u64, data_type: u64) -> Message {
    // TensorShapeProto of Dimension: dim_param is a name, dim_value a number.
    let shape = [Message::default().bytes(2, "N"), Message::default().integer(1, columns)];
    let shape = Message::default().messages(1, shape);
    // TypeProto of TypeProto.Tensor: elem_type, shape
    let of_tensor = Message::default().integer(1, data_type).message(2, shape);
    Message::default()
        .bytes(1, name)
        .message(2, Message::default().message(1, of_tensor))
}

/// TensorProto.DataType
fn data_type(precision: Precision) -> u64 {
    match precision {
        Precision::F32 => 1,
        Precision::F64 => 11,
    }
}

/// Numbers as bytes of the type, where they are in its range: a deviation must not become 0 either.
fn numbers(name: &str, values: &[f64], precision: Precision) -> Result<Vec<u8>> {
    let lost = |value: f64| !(value as f32).is_finite() || (name == "deviation" && value as f32 == 0.0);
    match values.iter().position(|&value| precision == Precision::F32 && lost(value)) {
        None => Ok(precision.encode(values)),
        Some(place) => {
            let value = values[place];
            Err(Error::Encoding(format!("{name}[{place}] = {value:e}: is beyond the range of f32; use f64")))
        }
    }
}

/// The largest number of the type that is not above the threshold: each number of the type is above both or neither.
fn below(threshold: f64, precision: Precision) -> f64 {
    let rounded = threshold as f32;
    match precision {
        Precision::F64 => threshold,
        Precision::F32 if f64::from(rounded) > threshold => rounded.next_down().into(),
        Precision::F32 => rounded.into(),
    }
}
