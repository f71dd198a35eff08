//! The numbers that the lines of the listing are computed from: the inputs, and the results of earlier lines.

use std::rc::Rc;

use super::layout::Layout;
use super::number::Bounded;
use super::point::Point;
use super::quantity::{Axes, Input, Quantity, Sizes};

/// An array that a formula mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// An input of the update.
    Input(Input),
    /// The result of an earlier line.
    Quantity(Quantity),
    /// A parameter after its update, which only mistakes use before the update.
    Updated(Quantity),
}

/// Where programs differ without being wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Convention {
    /// dZ2 and dZ1 have the factor 1/m, and dW and db do not divide.
    pub divides_early: bool,
    /// dW has no weight decay, and the update adds it: `W - learning_rate * (dW + weight_decay * W)`.
    pub decays_in_update: bool,
    /// The derivative of relu where Z1 is 0.
    pub kink: Kink,
}

/// The derivative that a program takes at the kink of relu. There is none, and libraries take different ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kink {
    /// That of `Z1 > 0`, and of relu in Burn, PyTorch and JAX.
    #[default]
    Zero,
    /// That of `jnp.maximum(Z1, 0)` and `torch.maximum`.
    Half,
    /// That of `Z1 >= 0`.
    One,
}

impl Kink {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Zero, Self::Half, Self::One];

    /// The derivative.
    pub fn derivative(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Half => 0.5,
            Self::One => 1.0,
        }
    }
}

/// Everything that a line can be computed from.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// The inputs.
    pub point: &'a Point,
    /// How names and shapes are written.
    pub layout: Layout,
    /// How the program writes its formulas.
    pub convention: Convention,
    /// The results of earlier lines, in the order of [`Quantity::ALL`]. Empty where a line was not computed yet.
    results: [Rc<Vec<Bounded>>; Quantity::ALL.len()],
    /// The right parameters after the update, W1, b1, W2, b2, for mistakes that use them too early.
    pub updated: [Vec<f64>; 4],
}

impl<'a> Environment<'a> {
    /// An environment without results.
    pub fn new(point: &'a Point, layout: Layout, convention: Convention) -> Self {
        let updated = [const { Vec::new() }; 4];
        Self { point, layout, convention, results: Default::default(), updated }
    }

    /// The sizes of all arrays.
    pub fn sizes(&self) -> Sizes {
        self.point.sizes
    }

    /// The result of a line.
    pub fn result(&self, quantity: Quantity) -> &[Bounded] {
        &self.results[quantity as usize]
    }

    /// Sets the result of a line.
    pub fn set(&mut self, quantity: Quantity, values: Vec<Bounded>) {
        self.results[quantity as usize] = Rc::new(values);
    }

    /// An element of an array.
    pub fn element(&self, symbol: Symbol, row: usize, column: usize) -> Bounded {
        let flat = row * self.columns(symbol.axes()) + column;
        match symbol {
            Symbol::Input(input) => {
                let values = self.point.values(input);
                Bounded::rounded(values.map_or(0.0, |values| values[flat]))
            }
            Symbol::Quantity(quantity) => self.results[quantity as usize][flat],
            Symbol::Updated(quantity) => {
                Bounded::rounded(self.updated[quantity as usize - Quantity::W1 as usize][flat])
            }
        }
    }

    /// The name of an element in the layout, such as `dZ1[2,17]`.
    pub fn element_name(&self, symbol: Symbol, row: usize, column: usize) -> String {
        match symbol {
            Symbol::Input(input) => self.index_name(self.layout.input_name(input), symbol.axes(), row, column),
            Symbol::Quantity(quantity) => self.index_name(self.layout.name(quantity), symbol.axes(), row, column),
            Symbol::Updated(quantity) => {
                self.index_name(&format!("updated {}", self.layout.name(quantity)), symbol.axes(), row, column)
            }
        }
    }

    fn index_name(&self, name: &str, axes: Axes, row: usize, column: usize) -> String {
        let index = match self.layout.shape(axes, self.sizes()).len() {
            0 => return name.to_owned(),
            1 => (row + column).to_string(),
            _ if self.layout.is_transposed(axes) => format!("{column},{row}"),
            _ => format!("{row},{column}"),
        };
        format!("{name}[{index}]")
    }

    /// The number of columns in the article's layout.
    pub fn columns(&self, axes: Axes) -> usize {
        axes.last().map_or(1, |&axis| self.sizes().length(axis))
    }
}

impl Symbol {
    fn axes(self) -> Axes {
        match self {
            Self::Input(input) => input.axes(),
            Self::Quantity(quantity) | Self::Updated(quantity) => quantity.axes(),
        }
    }
}
