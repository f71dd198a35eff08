//! The column that is predicted: two values, one of them class 1.
//!
//! Values that are the same number are the same value: `1` and `1.0`.
//!
//! Leaves out: where the column is.

use std::collections::HashMap;

use super::cell::{number, shown};
use super::header::did_you_mean;
use crate::text::{grouped, plural};

/// How many different values are told apart; a column with more is no label.
const MOST: usize = 1_000;

/// More different numbers than this are hardly classes.
const MAX_CLASSES: usize = 10;

/// The values met so far.
pub(super) struct Labels {
    /// Whether the first value is class 1 whatever the others are.
    positive: bool,
    values: Vec<Value>,
    numbers: HashMap<u64, usize>,
    texts: HashMap<String, usize>,
    /// How many fields held a value beyond [`MOST`].
    beyond: usize,
}

struct Value {
    text: String,
    count: usize,
}

/// What the two classes are.
pub(super) struct Classes {
    /// The values that stand for 0 and 1.
    pub names: [String; 2],
    /// Whether the first value met is class 0.
    pub first_is_zero: bool,
}

impl Labels {
    /// None met yet; `positive` is class 1 where it is given.
    pub fn new(positive: Option<&str>) -> Self {
        let mut labels = Self {
            positive: false,
            values: Vec::new(),
            numbers: HashMap::new(),
            texts: HashMap::new(),
            beyond: 0,
        };
        if let Some(positive) = positive {
            labels.positive = true;
            labels.insert(positive.trim());
        }
        labels
    }

    /// The classes of a network.
    pub fn known([zero, one]: &[String; 2]) -> Self {
        let mut labels = Self::new(Some(one));
        // What is not the positive value is class 0, unless that stands for one value.
        labels.positive = *zero == rest(one);
        labels.insert(zero);
        labels
    }

    /// Counts a value; 1 for the first of all values, 0 for the others.
    pub fn take(&mut self, text: &str) -> u8 {
        let met = self
            .find(text)
            .or_else(|| (self.values.len() < MOST).then(|| self.insert(text)));
        match met {
            Some(value) => self.values[value].count += 1,
            None => self.beyond += 1,
        }
        u8::from(met == Some(0))
    }

    /// The class of a value of a network's label.
    ///
    /// # Errors
    /// When it has none; the text says what is accepted.
    pub fn class(&self, text: &str) -> Result<u8, String> {
        match self.find(text) {
            Some(value) => Ok(u8::from(value == 0)),
            None if self.positive => Ok(0),
            None => {
                let [one, zero] = [0, 1].map(|value| shown(self.values[value].text.as_bytes()));
                Err(format!("must be {zero} or {one}"))
            }
        }
    }

    /// Which class is which, once all rows were met.
    ///
    /// # Errors
    /// When there are not two, which lists the values, or when one is what others are called.
    pub fn classes(&self) -> Result<Classes, String> {
        let classes = self.two_classes()?;
        let [_, one] = &classes.names;
        match self.values.iter().find(|value| value.count > 0 && value.text == rest(one)) {
            None => Ok(classes),
            Some(value) => {
                let [one, value] = [one, &value.text].map(|text| shown(text.as_bytes()));
                Err(format!("must not hold {value}, as all values but {one} are called; give it another name"))
            }
        }
    }

    /// Two values of the label that differ in case only, if there are such.
    pub fn differing_in_case(&self) -> Option<[&str; 2]> {
        let mut met = HashMap::new();
        let mut texts = self
            .values
            .iter()
            .filter(|value| value.count > 0)
            .map(|value| value.text.as_str());
        texts.find_map(|text| Some([met.insert(text.to_lowercase(), text)?, text]))
    }

    fn two_classes(&self) -> Result<Classes, String> {
        let occurring = || self.values.iter().filter(|value| value.count > 0);
        let found = occurring().count();
        match self.values.as_slice() {
            [positive, ..] if self.positive && positive.count == 0 => Err(format!(
                "data.positive = {} does not occur{}; it holds {}",
                shown(positive.text.as_bytes()),
                did_you_mean(&positive.text, occurring().map(|value| value.text.as_str())),
                self.listed()
            )),
            [one, other] if self.positive => {
                Ok(Classes { names: [other.text.clone(), one.text.clone()], first_is_zero: false })
            }
            [one, _, _, ..] if self.positive => {
                Ok(Classes { names: [rest(&one.text), one.text.clone()], first_is_zero: false })
            }
            [first, second] => {
                let first_is_zero = precedes(&first.text, &second.text);
                let [zero, one] = if first_is_zero { [first, second] } else { [second, first] };
                Ok(Classes { names: [zero.text.clone(), one.text.clone()], first_is_zero })
            }
            [] | [_] => Err(format!("must hold two different values; every row has {}", self.listed())),
            [first, ..] => {
                let count = if self.beyond > 0 {
                    format!("more than {}", grouped(MOST))
                } else {
                    found.to_string()
                };
                let listed = self.listed();
                if found > MAX_CLASSES && self.texts.is_empty() {
                    return Err(format!(
                        "must hold two different values, has {count} numbers: {listed}; the question is one of yes or no, \
                         for which make a column of two values of it"
                    ));
                }
                let alike = self.differing_in_case().map_or_else(String::new, |twins| {
                    let [a, b] = twins.map(|text| shown(text.as_bytes()));
                    format!("; {a} and {b} differ in case only")
                });
                Err(format!(
                    "must hold two different values, has {count}: {listed}; data.positive = {} would tell one from all \
                     others{alike}",
                    shown(first.text.as_bytes())
                ))
            }
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        match number(text.as_bytes()) {
            Ok(number) => self.numbers.get(&bits(number)).copied(),
            Err(_) => self.texts.get(text).copied(),
        }
    }

    fn insert(&mut self, text: &str) -> usize {
        let value = self.values.len();
        self.values.push(Value { text: text.to_owned(), count: 0 });
        match number(text.as_bytes()) {
            Ok(number) => self.numbers.insert(bits(number), value),
            Err(_) => self.texts.insert(text.to_owned(), value),
        };
        value
    }

    /// The values that occur, the first few with their counts.
    fn listed(&self) -> String {
        const FEW: usize = 5;
        let occurring: Vec<&Value> = self.values.iter().filter(|value| value.count > 0).collect();
        let first = occurring.iter().take(FEW).map(|value| {
            format!("{} ({} {})", shown(value.text.as_bytes()), grouped(value.count), plural(value.count, "row"))
        });
        let more = if occurring.len() > FEW { ", ..." } else { "" };
        first.collect::<Vec<_>>().join(", ") + more
    }
}

/// What all other values together are called.
fn rest(positive: &str) -> String {
    format!("other than {positive}")
}

/// Numbers by size, texts in sorting order.
fn precedes(a: &str, b: &str) -> bool {
    match (number(a.as_bytes()), number(b.as_bytes())) {
        (Ok(a), Ok(b)) => a < b,
        _ => a < b,
    }
}

/// Equal for equal numbers, the two zeros among them.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}
