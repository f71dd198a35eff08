//! A number that formulas compute with, whose result is the computation in text.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::number::{Base, Bounded, Number, sigmoid};
use crate::data::text::short;

/// A sum of more terms is abbreviated in text.
const MAX_TERMS: usize = 4;

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

impl Worked {
    /// A name with its value.
    pub fn named(name: String, value: f64) -> Self {
        let numbers = if value < 0.0 { format!("({})", short(value)) } else { short(value) };
        Self { symbols: name, numbers, value, strength: Strength::Atom }
    }

    fn into_atom(self) -> Self {
        Self { strength: Strength::Atom, ..self }
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

    fn step(self) -> Self {
        let positive = Number::step(self.value);
        Self {
            symbols: format!("({} > 0)", self.symbols),
            numbers: format!("({} > 0)", self.numbers),
            value: positive,
            ..self
        }
        .into_atom()
    }

    fn abs(self) -> Self {
        self.function("abs", self.value.abs())
    }

    fn clip(self, low: f64, high: f64) -> Self {
        let value = self.value.clip(low, high);
        let clipped = |text: &str| format!("clip({text}, {low:e}, 1 - {low:e})");
        Self { symbols: clipped(&self.symbols), numbers: clipped(&self.numbers), value, ..self }.into_atom()
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
