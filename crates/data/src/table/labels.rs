//! The values of the label column, and which of them is class 1.

use super::distinct_values::DistinctValues;
use super::exact_number::ExactNumber;
use super::likeness::Alike;
use super::messages::{did_you_mean, quoted};
use super::number_hint::like_missing;
use crate::text::{grouped, plural};

/// The number of distinct values that are counted one by one. A column with more is not a label.
const MAX_DISTINCT_VALUES: usize = 1_000;

/// A label with more distinct numbers than this is probably a quantity and not a set of classes.
const MAX_NUMERIC_CLASSES: usize = 10;

/// The distinct values of the label, in the order of their first row.
pub(super) struct LabelValues {
    /// Whether the first value is class 1 because it was chosen as the positive value.
    first_is_positive: bool,
    /// A value that looks like the positive one. It would be class 0 silently.
    alike_to_positive: Option<Alike>,
    values: DistinctValues,
    /// The number of rows with each value.
    counts: Vec<usize>,
    /// The number of rows whose value is not in `values` because of [`MAX_DISTINCT_VALUES`].
    rows_beyond_max: usize,
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
            first_is_positive: positive.is_some(),
            alike_to_positive: None,
            values: DistinctValues::default(),
            counts: Vec::new(),
            rows_beyond_max: 0,
        };
        if let Some(positive) = positive {
            labels.values.push(positive.trim());
            labels.counts.push(0);
        }
        labels
    }

    /// Starts with the class names of a trained network, for [`Self::class_of`].
    pub fn from_classes([zero, one]: &[String; 2]) -> Self {
        let mut labels = Self::new(Some(one));
        // Class 0 is either all other values together, or one value.
        labels.first_is_positive = *zero == name_of_others(one);
        labels.values.push(zero);
        labels
    }

    /// Counts the value of a row. Returns 1 for the first of all values and 0 for every other one.
    pub fn count(&mut self, text: &str) -> u8 {
        let index = self.values.find_or_push(text, MAX_DISTINCT_VALUES);
        let is_new = index.is_none_or(|index| index == self.counts.len());
        if index == Some(self.counts.len()) {
            self.counts.push(0);
        }
        match index {
            Some(index) => self.counts[index] += 1,
            None => self.rows_beyond_max += 1,
        }
        if is_new && self.first_is_positive && self.alike_to_positive.is_none() {
            self.alike_to_positive = Alike::new(&self.values.values()[0], text);
        }
        u8::from(index == Some(0))
    }

    /// Whether a row has this value.
    pub fn has(&self, text: &str) -> bool {
        self.values.find(text).is_some_and(|index| self.counts[index] > 0)
    }

    /// The class of a value, for a label made by [`Self::from_classes`]. `None` for a value of neither class.
    pub fn known_class(&self, text: &str) -> Option<u8> {
        self.values.find(text).map(|index| u8::from(index == 0))
    }

    /// The class of a value that is not missing, for a label made by [`Self::from_classes`].
    ///
    /// # Errors
    /// When the value belongs to neither class. The message says what is accepted.
    pub fn class_of(&mut self, text: &str) -> Result<u8, String> {
        if let Some(class) = self.known_class(text) {
            return Ok(class);
        }
        let [one, zero] = [0, 1].map(|index| self.values.values()[index].as_str());
        // If class 0 is all other values, its name is no value.
        let classes = if self.first_is_positive { &[one][..] } else { &[one, zero] };
        if let Some(Alike { quoted: [text, class], difference }) =
            classes.iter().find_map(|class| Alike::new(text, class))
        {
            return Err(format!(
                "{text} differs from the class {class} in {difference} only; write them in the same way, or rename {text} if \
                 it is another value"
            ));
        }
        if !self.first_is_positive {
            let [one, zero] = [one, zero].map(|class| quoted(class.as_bytes()));
            return Err(format!("must be {zero} or {one}"));
        }
        // Every value but the first is of class 0. The next row with this one is found at once.
        self.values.find_or_push(text, MAX_DISTINCT_VALUES);
        Ok(0)
    }

    /// Decides which value is which class, after all rows were counted.
    ///
    /// # Errors
    /// When there are not two classes: the message lists the values. And when a value is the name that class 0 gets.
    pub fn classes(&self) -> Result<Classes, String> {
        let classes = self.two_classes()?;
        let [_, one] = &classes.names;
        match self.occurring().find(|(text, _)| *text == name_of_others(one)) {
            None => Ok(classes),
            Some((value, _)) => {
                let [one, value] = [one, value].map(|text| quoted(text.as_bytes()));
                Err(format!("the value {value} is reserved: it names all values except {one}; rename it"))
            }
        }
    }

    /// Two values of the label that look alike, if there are any.
    pub fn alike(&self) -> Option<Alike> {
        Alike::first(self.occurring().map(|(text, _)| text))
    }

    /// A number that is spelled in two ways, if there is one.
    pub fn respelled(&self) -> Option<&[String; 2]> {
        self.values.respelled()
    }

    /// Whether all rows have the same value.
    pub fn has_one_value(&self) -> bool {
        self.occurring().count() == 1
    }

    /// The values that look like a missing value.
    pub fn like_missing(&self) -> Vec<String> {
        like_missing(self.occurring().map(|(text, _)| text))
    }

    fn two_classes(&self) -> Result<Classes, String> {
        match self.values.values() {
            [positive, ..] if self.first_is_positive && self.counts[0] == 0 => Err(self.no_positive(positive)),
            [one, other] if self.first_is_positive => {
                Ok(Classes { names: [other.clone(), one.clone()], first_is_zero: false })
            }
            [one, _, _, ..] if self.first_is_positive => {
                if let Some(Alike { quoted: [one, other], difference }) = &self.alike_to_positive {
                    return Err(format!(
                        "data.positive = {one} differs from another value, {other}, in {difference} only; write them in the \
                         same way, or rename one if they are two values"
                    ));
                }
                Ok(Classes { names: [name_of_others(one), one.clone()], first_is_zero: false })
            }
            [first, second] => {
                let first_is_zero = is_less(first, second);
                let [zero, one] = if first_is_zero { [first, second] } else { [second, first] };
                Ok(Classes { names: [zero.clone(), one.clone()], first_is_zero })
            }
            [] | [_] => Err(format!("must hold two different values; every row has {}", self.counts())),
            [first, ..] => Err(self.too_many_values(first)),
        }
    }

    /// The message for a positive value that no row has.
    fn no_positive(&self, positive: &str) -> String {
        let texts = || self.occurring().map(|(text, _)| text);
        // A difference in case alone is plain to see.
        let near = match texts().find_map(|text| Alike::new(positive, text)) {
            Some(Alike { quoted: [_, near], difference }) if difference != "case" => {
                format!("; did you mean {near}, which differs in {difference}?")
            }
            _ => did_you_mean(positive, texts()),
        };
        format!("data.positive = {} does not occur{near}; it holds {}", quoted(positive.as_bytes()), self.counts())
    }

    /// The message for a label of more than two values.
    fn too_many_values(&self, first: &str) -> String {
        let distinct = self.occurring().count();
        let number = if self.rows_beyond_max > 0 {
            format!("more than {}", grouped(MAX_DISTINCT_VALUES))
        } else {
            distinct.to_string()
        };
        let counts = self.counts();

        let has_numbers_only = || self.occurring().all(|(text, _)| ExactNumber::parse(text).is_some());
        if distinct > MAX_NUMERIC_CLASSES && has_numbers_only() {
            return format!(
                "must hold two different values, has {number} numbers: {counts}; the label must answer a yes/no question: \
                 make a column of two values from it"
            );
        }

        let alike_hint = self.alike().map_or_else(String::new, |Alike { quoted: [a, b], difference }| {
            format!("; {a} and {b} differ in {difference} only")
        });
        format!(
            "must hold two different values, has {number}: {counts}; data.positive = {} would tell one from all \
             others{alike_hint}",
            quoted(first.as_bytes())
        )
    }

    /// The values that at least one row has, with the number of rows. The positive value may have none.
    fn occurring(&self) -> impl Iterator<Item = (&str, usize)> + Clone {
        let counted = self.values.values().iter().map(String::as_str).zip(self.counts.iter().copied());
        counted.filter(|(_, count)| *count > 0)
    }

    /// Lists the first 5 values that occur, with the number of their rows.
    fn counts(&self) -> String {
        const MAX_LISTED: usize = 5;
        let first: Vec<String> = self
            .occurring()
            .take(MAX_LISTED)
            .map(|(text, count)| format!("{} ({} {})", quoted(text.as_bytes()), grouped(count), plural(count, "row")))
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
    match (ExactNumber::parse(a), ExactNumber::parse(b)) {
        (Some(a), Some(b)) => a < b,
        _ => a < b,
    }
}
