//! The three kinds of number that a formula is computed with.
//!
//! | number | what comes out |
//! | --- | --- |
//! | [`f64`] | the value |
//! | [`Bounded`] | the value and how large its rounding error may be |
//! | `Worked` (`worked.rs`) | the value and its computation in text: with names, and with numbers |
//!
//! So each formula is written once (`formulas.rs`), and its text cannot differ from its value.

use std::ops::{Add, Div, Mul, Neg, Sub};

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

    /// 1 for a number above 0, otherwise 0.
    fn step(self) -> Self;

    /// The absolute value.
    fn abs(self) -> Self;

    /// The number, or the bound that it lies beyond.
    fn clip(self, low: f64, high: f64) -> Self;

    /// The sum of terms.
    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self;

    /// The sum of the products of two rows or columns.
    fn dot(left: &Operand<'_>, right: &Operand<'_>, count: usize) -> Self {
        Self::sum(count, |i| left.at::<Self>(i) * right.at(i))
    }
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

/// The numbers of an array.
#[derive(Clone, Copy)]
pub enum Values<'e> {
    /// Inputs, which were rounded once.
    Exact(&'e [f64]),
    /// Results, with their rounding errors.
    Bounded(&'e [Bounded]),
}

/// Elements of an array at equal distances: a row or a column.
pub struct Operand<'e> {
    /// The numbers of the array.
    pub values: Values<'e>,
    /// Where the first element is.
    pub start: usize,
    /// How far the next one is from it.
    pub step: usize,
    /// The names of the elements.
    pub name: &'e dyn Fn(usize) -> String,
}

impl Values<'_> {
    /// A number.
    #[inline(always)]
    pub fn at(self, index: usize) -> Bounded {
        match self {
            Self::Exact(values) => Bounded::rounded(values[index]),
            Self::Bounded(values) => values[index],
        }
    }
}

impl Operand<'_> {
    #[inline(always)]
    fn at<N: Number>(&self, i: usize) -> N {
        N::element(self.values.at(self.place(i)), || (self.name)(i))
    }

    #[inline(always)]
    fn place(&self, i: usize) -> usize {
        self.start + i * self.step
    }
}

impl Base {
    /// The logarithm of a value.
    pub fn log(self, value: f64) -> f64 {
        match self {
            Self::E => value.ln(),
            Self::Two => value.log2(),
            Self::Ten => value.log10(),
        }
    }

    /// The name of the logarithm.
    pub fn name(self) -> &'static str {
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

    fn step(self) -> Self {
        f64::from(u8::from(self > 0.0))
    }

    fn abs(self) -> Self {
        Self::abs(self)
    }

    fn clip(self, low: f64, high: f64) -> Self {
        self.max(low).min(high)
    }

    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self {
        (0..count).map(term).sum()
    }

    fn dot(left: &Operand<'_>, right: &Operand<'_>, count: usize) -> Self {
        Bounded::dot(left, right, count).value
    }
}

impl Bounded {
    /// A value that was rounded once.
    #[inline(always)]
    pub fn rounded(value: f64) -> Self {
        Self { value, size: value.abs() }
    }

    #[inline(always)]
    fn new(value: f64, size: f64) -> Self {
        Self { value, size: size + value.abs() }
    }

    /// The sum of products. Four sums at a time, because the processor can add one number to each at the same time.
    #[inline(always)]
    pub fn sum_of_products(count: usize, left: impl Fn(usize) -> Self, right: impl Fn(usize) -> Self) -> Self {
        let mut sums = [Sums::default(); 4];
        let mut i = 0;
        while i + 4 <= count {
            sums[0].add(left(i) * right(i));
            sums[1].add(left(i + 1) * right(i + 1));
            sums[2].add(left(i + 2) * right(i + 2));
            sums[3].add(left(i + 3) * right(i + 3));
            i += 4;
        }
        while i < count {
            sums[0].add(left(i) * right(i));
            i += 1;
        }
        let total = |part: fn(&Sums) -> f64| sums.iter().map(part).sum::<f64>();
        Sums { value: total(|sum| sum.value), size: total(|sum| sum.size), terms: total(|sum| sum.terms) }.sum(count)
    }
}

/// A sum, with the sizes of the rounding errors of its terms and the sum of their absolute values.
#[derive(Clone, Copy, Default)]
struct Sums {
    value: f64,
    size: f64,
    terms: f64,
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, term: Bounded) {
        self.value += term.value;
        self.size += term.size;
        self.terms += term.value.abs();
    }

    fn sum(self, count: usize) -> Bounded {
        Bounded::new(self.value, self.size + self.terms * (count as f64).sqrt())
    }
}

impl Add for Bounded {
    type Output = Self;

    #[inline(always)]
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

    #[inline(always)]
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

    fn step(self) -> Self {
        Self::constant(Number::step(self.value))
    }

    fn abs(self) -> Self {
        Self { value: self.value.abs(), size: self.size }
    }

    fn clip(self, low: f64, high: f64) -> Self {
        Self { value: self.value.clip(low, high), size: self.size }
    }

    fn sum(count: usize, term: impl Fn(usize) -> Self) -> Self {
        let mut sums = Sums::default();
        (0..count).for_each(|i| sums.add(term(i)));
        sums.sum(count)
    }

    /// Like the sum of the products, but fast.
    fn dot(left: &Operand<'_>, right: &Operand<'_>, count: usize) -> Self {
        let exact = |values: &'_ [f64], operand: &Operand<'_>, i: usize| Self::rounded(values[operand.place(i)]);
        match (left.values, right.values) {
            (Values::Exact(a), Values::Exact(b)) => {
                Self::sum_of_products(count, |i| exact(a, left, i), |i| exact(b, right, i))
            }
            (Values::Bounded(a), Values::Exact(b)) => {
                Self::sum_of_products(count, |i| a[left.place(i)], |i| exact(b, right, i))
            }
            (Values::Exact(a), Values::Bounded(b)) => {
                Self::sum_of_products(count, |i| exact(a, left, i), |i| b[right.place(i)])
            }
            (Values::Bounded(a), Values::Bounded(b)) => {
                Self::sum_of_products(count, |i| a[left.place(i)], |i| b[right.place(i)])
            }
        }
    }
}
