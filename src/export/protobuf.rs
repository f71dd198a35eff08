//! The part of the Protocol Buffers wire format that an ONNX model needs.
//!
//! ```text
//! message = field ...      field = varint(number << 3 | 0) varint(integer)
//!                                | varint(number << 3 | 2) varint(length) bytes
//! varint  = 7 bits per byte, the lowest first; the top bit of a byte is 1 if more bytes follow
//! ```
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>. Text and nested messages are encoded as bytes.
//!
//! Not covered: reading, negative integers, floats (the numbers of a tensor are bytes), and checks against a schema.

/// A message, built field by field.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a field with an integer.
    pub fn integer(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    /// Adds a field with bytes or text.
    pub fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Adds a field with a nested message.
    pub fn message(self, field: u64, message: Self) -> Self {
        self.bytes(field, message.0)
    }

    /// Adds a repeated field: one nested message after the other.
    pub fn messages(self, field: u64, messages: impl IntoIterator<Item = Self>) -> Self {
        messages.into_iter().fold(self, |outer, message| outer.message(field, message))
    }

    /// The encoded message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_match_the_examples_of_the_specification() {
        assert_eq!(Message::default().integer(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().bytes(2, "testing").into_bytes(), b"\x12\x07testing");
        let inner = Message::default().integer(1, 150);
        assert_eq!(Message::default().message(3, inner).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }
}
