//! The values of the label column, and which of them is class 1.
//!
//! Values that are equal as numbers are one value: `1` and `1.0`.

use std::collections::HashMap;

use super::cell::parse_number;
use super::messages::{did_you_mean, quoted};
use crate::text::{grouped, plural};

/// The number of distinct values that are counted one by one. A column with more is not a label.
const MAX_DISTINCT_VALUES: usize = 1_000;

/// A label with more distinct numbers than this is probably a quantity and not a set of classes.
const MAX_NUMERIC_CLASSES: usize = 10;

/// The distinct values of the label, in the order of their first row.
pub(super) struct LabelValues {
    /// Whether the first value is class 1 because it was chosen as the positive value.
    first_is_positive: bool,
    values: Vec<LabelValue>,
    /// The index in `values` by the bits of a number.
    number_indices: HashMap<u64, usize>,
    /// The index in `values` by a text that is not a number.
    text_indices: HashMap<String, usize>,
    /// The number of rows whose value is not in `values` because of [`MAX_DISTINCT_VALUES`].
    rows_beyond_max: usize,
}

struct LabelValue {
    text: String,
    /// The number of rows with this value.
    count: usize,
}

/// The two classes of a label.
pub(super) struct Classes {
    /// The names of class 0 and class 1.
    pub names: [String; 2],
    /// Whether the value of the first row is class 0.
    pub first_is_zero: bool,
}

impl LabelValues {
    /// Starts without values, or with the positive value, which becomes class 1.
    pub fn new(positive: Option<&str>) -> Self {
        let mut labels = Self {
            first_is_positive: false,
            values: Vec::new(),
            number_indices: HashMap::new(),
            text_indices: HashMap::new(),
            rows_beyond_max: 0,
        };
        if let Some(positive) = positive {
            labels.first_is_positive = true;
            labels.insert(positive.trim());
        }
        labels
    }

    /// Starts with the class names of a trained network, for [`Self::class_of`].
    pub fn from_classes([zero, one]: &[String; 2]) -> Self {
        let mut labels = Self::new(Some(one));
        // Class 0 is either all other values together, or one value.
        labels.first_is_positive = *zero == name_of_others(one);
        labels.insert(zero);
        labels
    }

    /// Counts the value of a row. Returns 1 for the first of all values and 0 for every other one.
    pub fn count(&mut self, text: &str) -> u8 {
        let index = self
            .find(text)
            .or_else(|| (self.values.len() < MAX_DISTINCT_VALUES).then(|| self.insert(text)));
        match index {
            Some(index) => self.values[index].count += 1,
            None => self.rows_beyond_max += 1,
        }
        u8::from(index == Some(0))
    }

    /// Whether a row has this value.
    pub fn has(&self, text: &str) -> bool {
        self.find(text).is_some_and(|index| self.values[index].count > 0)
    }

    /// The class of a value, for a label made by [`Self::from_classes`].
    ///
    /// # Errors
    /// When the value belongs to neither class. The message says what is accepted.
    pub fn class_of(&self, text: &str) -> Result<u8, String> {
        match self.find(text) {
            Some(index) => Ok(u8::from(index == 0)),
            None if self.first_is_positive => Ok(0),
            None => {
                let [one, zero] = [0, 1].map(|index| quoted(self.values[index].text.as_bytes()));
                Err(format!("must be {zero} or {one}"))
            }
        }
    }

    /// Decides which value is which class, after all rows were counted.
    ///
    /// # Errors
    /// When there are not two classes: the message lists the values. And when a value is the name that class 0 gets.
    pub fn classes(&self) -> Result<Classes, String> {
        let classes = self.two_classes()?;
        let [_, one] = &classes.names;
        match self.occurring().find(|value| value.text == name_of_others(one)) {
            None => Ok(classes),
            Some(value) => {
                let [one, value] = [one, &value.text].map(|text| quoted(text.as_bytes()));
                Err(format!("the value {value} is reserved: it names all values except {one}; rename it"))
            }
        }
    }

    /// Two values of the label that differ in case only, if there are any.
    pub fn differing_in_case(&self) -> Option<[&str; 2]> {
        let mut text_by_lowercase = HashMap::new();
        self.occurring().find_map(|LabelValue { text, .. }| {
            let earlier: &str = text_by_lowercase.insert(text.to_lowercase(), text.as_str())?;
            Some([earlier, text])
        })
    }

    fn two_classes(&self) -> Result<Classes, String> {
        match self.values.as_slice() {
            [positive, ..] if self.first_is_positive && positive.count == 0 => Err(format!(
                "data.positive = {} does not occur{}; it holds {}",
                quoted(positive.text.as_bytes()),
                did_you_mean(&positive.text, self.occurring().map(|value| value.text.as_str())),
                self.counts()
            )),
            [one, other] if self.first_is_positive => {
                Ok(Classes { names: [other.text.clone(), one.text.clone()], first_is_zero: false })
            }
            [one, _, _, ..] if self.first_is_positive => {
                Ok(Classes { names: [name_of_others(&one.text), one.text.clone()], first_is_zero: false })
            }
            [first, second] => {
                let first_is_zero = is_less(&first.text, &second.text);
                let [zero, one] = if first_is_zero { [first, second] } else { [second, first] };
                Ok(Classes { names: [zero.text.clone(), one.text.clone()], first_is_zero })
            }
            [] | [_] => Err(format!("must hold two different values; every row has {}", self.counts())),
            [first, ..] => Err(self.too_many_values(first)),
        }
    }

    /// The message for a label of more than two values.
    fn too_many_values(&self, first: &LabelValue) -> String {
        let distinct = self.occurring().count();
        let number = if self.rows_beyond_max > 0 {
            format!("more than {}", grouped(MAX_DISTINCT_VALUES))
        } else {
            distinct.to_string()
        };
        let counts = self.counts();

        if distinct > MAX_NUMERIC_CLASSES && self.text_indices.is_empty() {
            return format!(
                "must hold two different values, has {number} numbers: {counts}; the label must answer a yes/no question: \
                 make a column of two values from it"
            );
        }

        let case_hint = self.differing_in_case().map_or_else(String::new, |pair| {
            let [a, b] = pair.map(|text| quoted(text.as_bytes()));
            format!("; {a} and {b} differ in case only")
        });
        format!(
            "must hold two different values, has {number}: {counts}; data.positive = {} would tell one from all \
             others{case_hint}",
            quoted(first.text.as_bytes())
        )
    }

    /// The values that at least one row has. The positive value may have none.
    fn occurring(&self) -> impl Iterator<Item = &LabelValue> {
        self.values.iter().filter(|value| value.count > 0)
    }

    fn find(&self, text: &str) -> Option<usize> {
        match parse_number(text.as_bytes()) {
            Ok(number) => self.number_indices.get(&number_key(number)).copied(),
            Err(_) => self.text_indices.get(text).copied(),
        }
    }

    fn insert(&mut self, text: &str) -> usize {
        let index = self.values.len();
        self.values.push(LabelValue { text: text.to_owned(), count: 0 });
        match parse_number(text.as_bytes()) {
            Ok(number) => self.number_indices.insert(number_key(number), index),
            Err(_) => self.text_indices.insert(text.to_owned(), index),
        };
        index
    }

    /// Lists the first 5 values that occur, with the number of their rows.
    fn counts(&self) -> String {
        const MAX_LISTED: usize = 5;
        let first: Vec<String> = self
            .occurring()
            .take(MAX_LISTED)
            .map(|LabelValue { text, count }| {
                format!("{} ({} {})", quoted(text.as_bytes()), grouped(*count), plural(*count, "row"))
            })
            .collect();
        let more = if self.occurring().count() > MAX_LISTED { ", ..." } else { "" };
        first.join(", ") + more
    }
}

/// The name of class 0 when it stands for all values except the positive one.
fn name_of_others(positive: &str) -> String {
    format!("other than {positive}")
}

/// Compares numbers by size and texts in sorting order.
fn is_less(a: &str, b: &str) -> bool {
    match (parse_number(a.as_bytes()), parse_number(b.as_bytes())) {
        (Ok(a), Ok(b)) => a < b,
        _ => a < b,
    }
}

/// A hash key that is equal for equal numbers. Adding 0.0 turns -0.0 into 0.0.
fn number_key(number: f64) -> u64 {
    (number + 0.0).to_bits()
}
