//! The three kinds of number that a formula is computed with.
//!
//! | number | what comes out |
//! | --- | --- |
//! | [`f64`] | the value |
//! | [`Bounded`] | the value and how large its rounding error may be |
//! | [`Worked`] | the value and its computation in text: with names, and with numbers |
//!
//! So each formula is written once (`formulas.rs`), and its text cannot differ from its value.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::data::text::short;

/// A sum of more terms is abbreviated in text.
const MAX_TERMS: usize = 4;

/// A number that formulas compute with.
pub trait Number:
    Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// A constant of a formula, such as 1 or the number of samples.
    fn constant(value: f64) -> Self;

    /// An element of an array. Only text needs its name.
    fn element(value: Bounded, name: impl FnOnce() -> String) -> Self;

    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// `1 / (1 + e^-z)`.
    fn sigmoid(self) -> Self;

    /// The logarithm to a base: e, 2 or 10.
    fn log(self, base: Base) -> Self;

    /// The square.
    fn square(self) -> Self;

    /// The larger one of the number and 0.
    fn relu(self) -> Self;

    /// The sum of terms.
    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self;
}

/// The base of a logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// e, as in `np.log`.
    E,
    /// 2, as in `np.log2`.
    Two,
    /// 10, as in `np.log10`.
    Ten,
}

/// A value with the size of its rounding error: the error is at most `size` times a few units of the float type.
///
/// Each operation adds the size of its result, which it rounds. The size of a sum of n terms grows by the root of n, since
/// rounding errors of different signs cancel.
#[derive(Clone, Copy, Debug)]
pub struct Bounded {
    /// The value.
    pub value: f64,
    /// The size of its error.
    pub size: f64,
}

/// A value with its computation in text.
#[derive(Clone, Debug)]
pub struct Worked {
    /// The formula with the names of the elements.
    pub symbols: String,
    /// The formula with their numbers.
    pub numbers: String,
    /// The value.
    pub value: f64,
    /// Whether the text needs parentheses inside a product, and inside a difference or a power.
    strength: Strength,
}

/// How strongly the last operation of a text binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Sum,
    Product,
    Atom,
}

impl Base {
    fn log(self, value: f64) -> f64 {
        match self {
            Self::E => value.ln(),
            Self::Two => value.log2(),
            Self::Ten => value.log10(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::E => "ln",
            Self::Two => "log2",
            Self::Ten => "log10",
        }
    }
}

/// `1 / (1 + e^-z)`, as the article computes it.
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

impl Number for f64 {
    fn constant(value: f64) -> Self {
        value
    }

    fn element(value: Bounded, _name: impl FnOnce() -> String) -> Self {
        value.value
    }

    fn tanh(self) -> Self {
        Self::tanh(self)
    }

    fn sigmoid(self) -> Self {
        sigmoid(self)
    }

    fn log(self, base: Base) -> Self {
        base.log(self)
    }

    fn square(self) -> Self {
        self * self
    }

    fn relu(self) -> Self {
        self.max(0.0)
    }

    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self {
        (0..count).map(term).sum()
    }
}

impl Bounded {
    /// A value that was rounded once.
    pub fn rounded(value: f64) -> Self {
        Self { value, size: value.abs() }
    }

    fn new(value: f64, size: f64) -> Self {
        Self { value, size: size + value.abs() }
    }
}

impl Add for Bounded {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, self.size + other.size)
    }
}

impl Sub for Bounded {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.value - other.value, self.size + other.size)
    }
}

impl Mul for Bounded {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let size = self.size * other.value.abs() + self.value.abs() * other.size;
        Self::new(self.value * other.value, size)
    }
}

impl Div for Bounded {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let size = (self.size + value.abs() * other.size) / other.value.abs();
        Self::new(value, size)
    }
}

impl Neg for Bounded {
    type Output = Self;

    fn neg(self) -> Self {
        Self { value: -self.value, size: self.size }
    }
}

impl Number for Bounded {
    fn constant(value: f64) -> Self {
        Self { value, size: 0.0 }
    }

    fn element(value: Bounded, _name: impl FnOnce() -> String) -> Self {
        value
    }

    fn tanh(self) -> Self {
        let value = self.value.tanh();
        Self::new(value, self.size * (1.0 - value * value))
    }

    /// The error is absolute: some libraries compute `(tanh(z / 2) + 1) / 2`.
    fn sigmoid(self) -> Self {
        let value = sigmoid(self.value);
        Self::new(value, self.size * value * (1.0 - value) + 1.0)
    }

    fn log(self, base: Base) -> Self {
        Self::new(base.log(self.value), self.size / self.value.abs())
    }

    fn square(self) -> Self {
        self * self
    }

    fn relu(self) -> Self {
        Self { value: self.value.max(0.0), size: self.size }
    }

    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self {
        let (mut value, mut size, mut terms) = (0.0, 0.0, 0.0);
        for i in 0..count {
            let term = term(i);
            value += term.value;
            size += term.size;
            terms += term.value.abs();
        }
        Self::new(value, size + terms * (count as f64).sqrt())
    }
}

impl Worked {
    /// A name with its value.
    pub fn named(name: String, value: f64) -> Self {
        let numbers = if value < 0.0 { format!("({})", short(value)) } else { short(value) };
        Self { symbols: name, numbers, value, strength: Strength::Atom }
    }

    /// The texts, in parentheses if they bind less strongly than this.
    fn at_least(&self, strength: Strength) -> [String; 2] {
        let texts = [&self.symbols, &self.numbers];
        texts.map(|text| if self.strength < strength { format!("({text})") } else { text.clone() })
    }

    fn joined(
        left: &Self,
        operator: &str,
        right: &Self,
        value: f64,
        strength: Strength,
        right_strength: Strength,
    ) -> Self {
        let [left_symbols, left_numbers] = left.at_least(strength);
        let [right_symbols, right_numbers] = right.at_least(right_strength);
        Self {
            symbols: format!("{left_symbols} {operator} {right_symbols}"),
            numbers: format!("{left_numbers} {operator} {right_numbers}"),
            value,
            strength,
        }
    }

    fn function(&self, name: &str, value: f64) -> Self {
        let strip = |text: &str| {
            let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
            match inner {
                Some(inner) if self.strength == Strength::Atom && !inner.contains(['(', ')']) => inner.to_owned(),
                _ => text.to_owned(),
            }
        };
        Self {
            symbols: format!("{name}({})", self.symbols),
            numbers: format!("{name}({})", strip(&self.numbers)),
            value,
            strength: Strength::Atom,
        }
    }
}

impl Add for Worked {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::joined(&self, "+", &other, self.value + other.value, Strength::Sum, Strength::Sum)
    }
}

impl Sub for Worked {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::joined(&self, "-", &other, self.value - other.value, Strength::Sum, Strength::Product)
    }
}

impl Mul for Worked {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::joined(&self, "*", &other, self.value * other.value, Strength::Product, Strength::Product)
    }
}

impl Div for Worked {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Self::joined(&self, "/", &other, self.value / other.value, Strength::Product, Strength::Atom)
    }
}

impl Neg for Worked {
    type Output = Self;

    fn neg(self) -> Self {
        let [symbols, numbers] = self.at_least(Strength::Product);
        Self {
            symbols: format!("-{symbols}"),
            numbers: format!("-{numbers}"),
            value: -self.value,
            strength: Strength::Sum,
        }
    }
}

impl Number for Worked {
    fn constant(value: f64) -> Self {
        Self::named(short(value), value)
    }

    fn element(value: Bounded, name: impl FnOnce() -> String) -> Self {
        Self::named(name(), value.value)
    }

    fn tanh(self) -> Self {
        self.function("tanh", self.value.tanh())
    }

    fn sigmoid(self) -> Self {
        self.function("sigmoid", sigmoid(self.value))
    }

    fn log(self, base: Base) -> Self {
        self.function(base.name(), base.log(self.value))
    }

    fn square(self) -> Self {
        let [symbols, numbers] = self.at_least(Strength::Atom);
        Self {
            symbols: format!("{symbols}^2"),
            numbers: format!("{numbers}^2"),
            value: self.value * self.value,
            strength: Strength::Atom,
        }
    }

    fn relu(self) -> Self {
        self.function("relu", self.value.max(0.0))
    }

    /// A long sum shows its first terms and its last one.
    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self {
        let value = (0..count).map(|i| term(i).value).sum();
        let shown: Vec<Self> = match count {
            0..=MAX_TERMS => (0..count).map(&term).collect(),
            _ => (0..MAX_TERMS - 2).chain([count - 1]).map(&term).collect(),
        };
        let join = |text: fn(&Self) -> &String| {
            let mut texts: Vec<&str> = shown.iter().map(|term| text(term).as_str()).collect();
            if count > MAX_TERMS {
                texts.insert(MAX_TERMS - 2, "...");
            }
            texts.join(" + ")
        };
        match count {
            0 => Self::constant(0.0),
            1 => Self { value, ..shown[0].clone() },
            _ => Self {
                symbols: join(|term| &term.symbols),
                numbers: join(|term| &term.numbers),
                value,
                strength: Strength::Sum,
            },
        }
    }
}
