//! The numbers that the lines of the listing are computed from: the inputs, and the results of earlier lines.

use std::cell::OnceCell;
use std::rc::Rc;

use super::convention::Convention;
use super::layout::Layout;
use super::number::{Bounded, Number, Operand, Values};
use super::point::Point;
use super::quantity::{Axes, Input, Quantity, Sizes};
use crate::network::transposed;

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

/// Everything that a line can be computed from. A line is computed when its result is first needed.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// The inputs.
    pub point: &'a Point,
    /// How names and shapes are written.
    pub layout: Layout,
    /// How the program writes its formulas.
    pub convention: Convention,
    /// Computes the result of a line from the results before it.
    compute: fn(Quantity, &Environment<'_>) -> Vec<Bounded>,
    /// The results of lines, in the order of [`Quantity::ALL`].
    results: [OnceCell<Rc<Vec<Bounded>>>; Quantity::ALL.len()],
    /// X with rows and columns exchanged, which makes Z1 faster.
    x_transposed: Rc<OnceCell<Vec<f64>>>,
    /// The right results, for mistakes that use the parameters after the update too early. `None` in the right results.
    right: Option<Rc<Self>>,
}

/// An array that a formula reads.
#[derive(Clone, Copy)]
pub struct View<'e> {
    environment: &'e Environment<'e>,
    symbol: Symbol,
    values: Values<'e>,
    /// How far the elements of a column are apart in memory, and those of a row.
    steps: [usize; 2],
}

/// A row or a column of an array.
#[derive(Clone, Copy)]
pub struct Run<'e> {
    view: View<'e>,
    row: usize,
    column: usize,
    is_row: bool,
}

impl<'a> Environment<'a> {
    /// The right results, with the formulas of the listing.
    pub fn right(
        point: &'a Point,
        layout: Layout,
        convention: Convention,
        compute: fn(Quantity, &Environment<'_>) -> Vec<Bounded>,
    ) -> Self {
        let (results, x_transposed) = Default::default();
        Self { point, layout, convention, compute, results, x_transposed, right: None }
    }

    /// The right results under another convention. What it does not change is not computed again.
    pub fn under(&self, convention: Convention) -> Self {
        let mut other = Self { convention, ..self.clone() };
        for quantity in [Quantity::DZ2, Quantity::DZ1] {
            other.clear(quantity);
        }
        if convention.mean_in_update != self.convention.mean_in_update {
            for gradient in [Quantity::DW2, Quantity::DB2, Quantity::DW1, Quantity::DB1] {
                other.clear(gradient);
            }
        }
        if convention.decays_in_update != self.convention.decays_in_update {
            other.clear(Quantity::DW2);
            other.clear(Quantity::DW1);
        }
        if convention.kink != self.convention.kink {
            for quantity in [Quantity::DW1, Quantity::DB1, Quantity::W1, Quantity::B1] {
                other.clear(quantity);
            }
        }
        other
    }

    /// An environment for the results of a program, without results.
    pub fn of_program(right: &Rc<Self>) -> Self {
        let (results, x_transposed) = (Default::default(), right.x_transposed.clone());
        Self { results, x_transposed, right: Some(right.clone()), ..**right }
    }

    /// The factor of a gradient in the update.
    pub fn step_rate(&self) -> f64 {
        let rate = self.point.learning_rate;
        if self.convention.mean_in_update {
            rate / self.sizes().samples as f64
        } else {
            rate
        }
    }

    /// The sizes of all arrays.
    pub fn sizes(&self) -> Sizes {
        self.point.sizes
    }

    /// The result of a line.
    pub fn result(&self, quantity: Quantity) -> &[Bounded] {
        self.results[quantity as usize].get_or_init(|| Rc::new((self.compute)(quantity, self)))
    }

    /// The result of a line, if it is known already.
    pub fn known_result(&self, quantity: Quantity) -> Option<&[Bounded]> {
        self.results[quantity as usize].get().map(|values| &values[..])
    }

    /// Keeps the result of a line that was just computed.
    pub fn keep(&self, quantity: Quantity, values: Vec<Bounded>) {
        self.results[quantity as usize].get_or_init(|| Rc::new(values));
    }

    /// Whether these are the right results, not those of a program.
    pub fn is_right(&self) -> bool {
        self.right.is_none()
    }

    /// Sets the result of a line.
    pub fn set(&mut self, quantity: Quantity, values: Vec<Bounded>) {
        self.results[quantity as usize] = Rc::new(values).into();
    }

    /// Forgets the result of a line, so that it is computed again.
    pub fn clear(&mut self, quantity: Quantity) {
        self.results[quantity as usize] = OnceCell::new();
    }

    /// The elements of an array.
    pub fn view(&self, symbol: Symbol) -> View<'_> {
        let values = match symbol {
            Symbol::Input(input) => Values::Exact(self.point.values(input).unwrap_or_default()),
            Symbol::Quantity(quantity) => Values::Bounded(self.result(quantity)),
            Symbol::Updated(quantity) => Values::Bounded(self.right.as_deref().unwrap_or(self).result(quantity)),
        };
        View::new(self, symbol, values)
    }

    /// X, of which one sample's features are side by side in memory.
    pub fn samples_side_by_side(&self) -> View<'_> {
        let transpose = || transposed(&self.point.x, self.sizes().samples);
        let x = self.x_transposed.get_or_init(transpose);
        View::new(self, Symbol::Input(Input::X), Values::Exact(x)).stored_transposed()
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

impl<'e> View<'e> {
    /// An array that is stored row by row.
    pub fn new(environment: &'e Environment<'e>, symbol: Symbol, values: Values<'e>) -> Self {
        Self { environment, symbol, values, steps: [environment.columns(symbol.axes()), 1] }
    }

    /// The same array, stored column by column.
    pub fn stored_transposed(self) -> Self {
        let rows = self
            .symbol
            .axes()
            .first()
            .map_or(1, |&axis| self.environment.sizes().length(axis));
        Self { steps: [1, rows], ..self }
    }

    /// An element.
    #[inline(always)]
    pub fn at<N: Number>(&self, row: usize, column: usize) -> N {
        let index = row * self.steps[0] + column * self.steps[1];
        N::element(self.values.at(index), || self.environment.element_name(self.symbol, row, column))
    }

    /// A row.
    pub fn row(self, row: usize) -> Run<'e> {
        Run { view: self, row, column: 0, is_row: true }
    }

    /// A column.
    pub fn column(self, column: usize) -> Run<'e> {
        Run { view: self, row: 0, column, is_row: false }
    }
}

impl<'e> Run<'e> {
    /// An element.
    #[inline(always)]
    pub fn at<N: Number>(&self, i: usize) -> N {
        if self.is_row {
            self.view.at(self.row, i)
        } else {
            self.view.at(i, self.column)
        }
    }

    /// The sum of the products of the first elements of two runs.
    pub fn dot<N: Number>(&self, other: &Run<'_>, count: usize) -> N {
        let names = [self, other].map(|run| |i: usize| run.name(i));
        N::dot(&self.operand(&names[0]), &other.operand(&names[1]), count)
    }

    fn operand<'a>(&self, name: &'a dyn Fn(usize) -> String) -> Operand<'a>
    where
        'e: 'a,
    {
        let [row_step, column_step] = self.view.steps;
        let start = self.row * row_step + self.column * column_step;
        Operand {
            values: self.view.values,
            start,
            step: if self.is_row { column_step } else { row_step },
            name,
        }
    }

    fn name(&self, i: usize) -> String {
        let View { environment, symbol, .. } = self.view;
        let (row, column) = if self.is_row { (self.row, i) } else { (i, self.column) };
        environment.element_name(symbol, row, column)
    }
}

impl Symbol {
    /// The dimensions in the article's layout.
    pub fn axes(self) -> Axes {
        match self {
            Self::Input(input) => input.axes(),
            Self::Quantity(quantity) | Self::Updated(quantity) => quantity.axes(),
        }
    }
}
