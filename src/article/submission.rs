//! The arrays of another program: which quantities they are, and in which layout.
//!
//! Names decide which quantity an array is. Upper and lower case, `_`, `.` and `-` do not count. Shapes decide the layout,
//! because many programs have samples as rows under the article's names.

use super::layout::Layout;
use super::quantity::{Axes, Axis, Input, Quantity, Sizes};
use crate::files::array_file::{ElementType, StoredArray};
use crate::gradcheck::Array;
use crate::network::transposed;

/// Other names of the cost.
const COST_NAMES: [&str; 3] = ["cost", "loss", "j"];

/// What the name of an array means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Input(Input),
    Quantity(Quantity),
}

/// The arrays of a program, recognised.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// The layout that most shapes have.
    pub layout: Layout,
    /// Whether the point was stored in single precision, so that the program computes with rounded numbers.
    pub single_point: bool,
    /// The quantities, in the order of [`Quantity::ALL`].
    quantities: [Option<Given<'a>>; Quantity::ALL.len()],
    /// The inputs that are neither a result nor a parameter, such as X.
    pub inputs: Vec<(Input, &'a Array)>,
    /// The names that mean nothing here, each with the known name that is most like it.
    pub unknown: Vec<(&'a str, Option<&'static str>)>,
}

/// A quantity of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<'a> {
    /// The array as it was stored.
    pub array: &'a Array,
    /// Whether it holds numbers of single precision.
    pub single: bool,
    /// How its shape fits.
    pub fit: Fit,
}

/// How a shape fits a layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// It fits, perhaps without dimensions of length 1. The numbers are in the article's layout.
    Fits(Vec<f64>),
    /// Its rows are the columns of the layout. The numbers are in the article's layout.
    Transposed(Vec<f64>),
    /// It has another shape.
    Differs,
}

impl<'a> Submission<'a> {
    /// Recognises arrays: once for each layout that their shapes allow, the likely one first.
    ///
    /// # Errors
    /// When no name is known, or two arrays are the same quantity. The text says what is accepted.
    pub fn recognise(arrays: &'a [StoredArray], sizes: Sizes, single_point: bool) -> Result<Vec<Self>, String> {
        let mut found: Vec<(Quantity, &StoredArray)> = Vec::new();
        let (mut inputs, mut unknown) = (Vec::new(), Vec::new());
        for stored in arrays {
            match meaning(&stored.array.name) {
                Some(Meaning::Quantity(quantity)) => {
                    if let Some((_, other)) = found.iter().find(|(other, _)| *other == quantity) {
                        let names = [other, stored].map(|stored| &stored.array.name[..]);
                        return Err(format!("{} are the same quantity: keep one", names.join(" and ")));
                    }
                    found.push((quantity, stored));
                }
                Some(Meaning::Input(input)) => inputs.push((input, &stored.array)),
                None => unknown.push((&stored.array.name[..], nearest(&stored.array.name))),
            }
        }
        if found.is_empty() {
            return Err(nothing_known(arrays));
        }

        let mut submissions: Vec<Self> = Vec::new();
        for layout in layouts(&found, sizes) {
            let mut quantities = [const { None }; Quantity::ALL.len()];
            for &(quantity, StoredArray { array, dtype }) in &found {
                let single = *dtype == ElementType::F32 || is_single(&array.values);
                let fit = Fit::new(array, layout, quantity.axes(), sizes);
                quantities[quantity as usize] = Some(Given { array, single, fit });
            }
            // Layouts that read the same numbers lead to the same judgement.
            if submissions.iter().all(|other| other.quantities != quantities) {
                let (inputs, unknown) = (inputs.clone(), unknown.clone());
                submissions.push(Self { layout, single_point, quantities, inputs, unknown });
            }
        }
        Ok(submissions)
    }

    /// The same without some quantities.
    pub fn without(&self, removed: &[Quantity]) -> Self {
        let mut other = self.clone();
        removed.iter().for_each(|&quantity| other.quantities[quantity as usize] = None);
        other
    }

    /// Whether the program stored all rows and columns as vectors of one dimension, as `np.squeeze` and `ravel` do.
    pub fn is_squeezed(&self, sizes: Sizes) -> bool {
        let with_one = Quantity::ALL.into_iter().filter_map(|quantity| {
            let wanted = self.layout.shape(quantity.axes(), sizes).len();
            let is_vector = quantity.axes().contains(&Axis::One) && wanted == 2;
            is_vector.then_some((self.get(quantity)?, wanted))
        });
        let dimensions: Vec<bool> = with_one.map(|(given, wanted)| given.array.shape.len() < wanted).collect();
        dimensions.len() > 1 && dimensions.iter().all(|&is_less| is_less)
    }

    /// A quantity, if it is there.
    pub fn get(&self, quantity: Quantity) -> Option<&Given<'a>> {
        self.quantities[quantity as usize].as_ref()
    }

    /// The name of a quantity: the program's own, if it is there.
    pub fn name(&self, quantity: Quantity) -> &str {
        self.get(quantity).map_or(self.layout.name(quantity), |given| &given.array.name)
    }
}

impl Given<'_> {
    /// The numbers in the article's layout. `None` if the shape is another one.
    pub fn values(&self) -> Option<&[f64]> {
        match &self.fit {
            Fit::Fits(values) | Fit::Transposed(values) => Some(values),
            Fit::Differs => None,
        }
    }
}

impl Fit {
    /// How an array fits.
    pub fn new(array: &Array, layout: Layout, axes: Axes, sizes: Sizes) -> Self {
        let wanted = layout.shape(axes, sizes);
        if array.shape == wanted || without_ones(&array.shape) == without_ones(&wanted) {
            return Self::Fits(layout.values(axes, sizes, &array.values));
        }
        match array.shape[..] {
            [rows, columns] if wanted == [columns, rows] => {
                Self::Transposed(layout.values(axes, sizes, &transposed(&array.values, columns)))
            }
            _ => Self::Differs,
        }
    }
}

/// A shape without dimensions of length 1.
fn without_ones(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|&length| length != 1).collect()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.', '-', '/', ' '], "")
}

fn meaning(name: &str) -> Option<Meaning> {
    let name = plain(name);
    if COST_NAMES.contains(&&name[..]) {
        return Some(Meaning::Quantity(Quantity::Cost));
    }
    let quantity = |quantity: &Quantity| Layout::ALL.iter().any(|layout| plain(layout.name(*quantity)) == name);
    let input = |input: &Input| Layout::ALL.iter().any(|layout| plain(layout.input_name(*input)) == name);
    let quantities = Quantity::ALL.into_iter().find(quantity).map(Meaning::Quantity);
    quantities.or_else(|| Input::ALL.into_iter().find(input).map(Meaning::Input))
}

/// The known name that is most like this one.
fn nearest(name: &str) -> Option<&'static str> {
    let known = Layout::ALL
        .iter()
        .flat_map(|layout| Quantity::ALL.map(|quantity| layout.name(quantity)));
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&plain(name), &plain(known));
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) >= 0.6).then_some(best)
}

fn nothing_known(arrays: &[StoredArray]) -> String {
    let names: Vec<&str> = arrays.iter().map(|stored| &stored.array.name[..]).collect();
    let accepted = Layout::ALL.map(|layout| {
        let names = Quantity::ALL.map(|quantity| layout.name(quantity)).join(", ");
        format!("{names} ({layout})")
    });
    let found = if names.is_empty() { "no array".to_owned() } else { names.join(", ") };
    format!("nothing to check: it has {found}; accepted names: {}", accepted.join("; "))
}

/// The layouts that most arrays of two dimensions fit. The first one is that to which most names belong, then the one that most
/// arrays of one dimension fit: many programs keep vectors with one dimension, whatever their layout.
fn layouts(found: &[(Quantity, &StoredArray)], sizes: Sizes) -> Vec<Layout> {
    let score = |layout: Layout| {
        let fits = |is_matrix: bool| {
            let fitting = found.iter().filter(move |(quantity, stored)| {
                let shape = &stored.array.shape;
                is_matrix == (shape.len() > 1) && !shape.is_empty() && *shape == layout.shape(quantity.axes(), sizes)
            });
            fitting.count()
        };
        let named = |(quantity, stored): &&(Quantity, &StoredArray)| stored.array.name == layout.name(*quantity);
        (fits(true), found.iter().filter(named).count(), fits(false))
    };
    let mut scored = Layout::ALL.map(|layout| (score(layout), layout));
    scored.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
    let matrices = scored[0].0.0;
    scored
        .iter()
        .filter(|((fitting, ..), _)| *fitting == matrices)
        .map(|&(_, layout)| layout)
        .collect()
}

/// Whether all numbers are numbers of single precision, and at least two of them are not simple. Files without float types,
/// such as JSON, can hold such numbers.
fn is_single(values: &[f64]) -> bool {
    let single = |value: f64| !value.is_finite() || f64::from(value as f32) == value;
    let simple = |value: f64| !value.is_finite() || (value * 4096.0).fract() == 0.0;
    values.iter().all(|&value| single(value)) && values.iter().filter(|&&value| !simple(value)).count() >= 2
}
