//! The article's network from scratch, in one file. Read it from top to bottom.
//!
//!     cargo run --example article
//!
//! The seven steps are the article's. Each formula stands here, written in Burn's tensors. Only the data, the initial
//! numbers and the drawing come from the library.
//!
//! Samples are rows here, as in most libraries. In the article they are columns, so its `W1 X` is our `x w1`. A tensor
//! operation takes its tensors, so they are cloned where they are needed again; a clone copies no numbers.
//!
//! `examples/burn_way.rs` is the same network as Burn's users write it.

#![allow(clippy::print_stdout, reason = "an example prints what it computes")]

use std::error::Error;
use std::fs;
use std::path::Path;

use burn::tensor::activation::sigmoid;
use burn::tensor::{DType, Device, Tensor, TensorData};
use petal::data::generate::{self, generate};
use petal::network::{self, Parameters};
use petal::plot::{Boundary, Format, ScalarField, Scatter, Window, render};

const LEARNING_RATE: f64 = 1.2;
const UPDATES: usize = 10_000;

/// A matrix on Flex, Burn's CPU backend, given row by row.
fn matrix(numbers: &[f64], shape: [usize; 2]) -> Tensor<2> {
    Tensor::from_data(TensorData::new(numbers.to_vec(), shape), (&Device::flex(), DType::F64))
}

/// Trains the network, draws two pictures into a folder, and returns the cost after 0, 1,000, ... updates.
pub fn article(folder: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    // 1. Visualise the data: 400 points in two classes, drawn with seed 1
    let data = generate(&generate::Settings::default())?;
    let classes = || ["class 0".to_owned(), "class 1".to_owned()];
    let scatter = |title: String| Scatter { title, axes: ["x1", "x2"], classes: classes(), x: data.x(), y: data.y() };
    let picture = scatter("Two classes of points, in the shape of a flower".into());
    fs::write(folder.join("data.png"), render(&picture, Format::Png)?)?;

    // 2. Decide the shapes: m samples, d features, h = 4 hidden units, 1 output
    let settings = network::Settings::default();
    let (m, d, h) = (data.samples(), data.features(), settings.hidden.get());
    let labels: Vec<f64> = data.y().iter().map(|&label| f64::from(label)).collect();
    let x = matrix(data.x(), [m, d]);
    let y = matrix(&labels, [m, 1]);

    // 3. Initialise: weights are 0.01 times normal numbers of seed 2, biases are zero
    let start = Parameters::initial(d, &settings);
    let mut w1 = matrix(&start.w1, [d, h]);
    let mut b1 = matrix(&start.b1, [1, h]);
    let mut w2 = matrix(&start.w2, [h, 1]);
    let mut b2 = matrix(&start.b2, [1, 1]);

    // One pass more than there are updates, for the last cost.
    let mut costs = Vec::new();
    for update in 0..=UPDATES {
        // 4. Forward propagation
        let z1 = x.clone().matmul(w1.clone()) + b1.clone(); // [m, h]
        let a1 = z1.tanh(); // [m, h]
        let z2 = a1.clone().matmul(w2.clone()) + b2.clone(); // [m, 1]
        let a2 = sigmoid(z2); // [m, 1], the probability of class 1

        // 5. Cost: the mean cross-entropy. The logarithm of 0 is infinite; src/network/loss.rs avoids it.
        if update % 1_000 == 0 {
            let of_ones = y.clone() * a2.clone().log(); // [m, 1]
            let of_zeros = (1_f64 - y.clone()) * (1_f64 - a2.clone()).log(); // [m, 1]
            let cost: f64 = -(of_ones + of_zeros).mean().into_scalar::<f64>();
            println!("Cost after update {update:>6}: {cost:.6}");
            costs.push(cost);
        }

        // 6. Backpropagation and update. tanh' = 1 - tanh^2. The article divides by m in dw2, db2, dw1 and db1; dividing
        // dz2 once is the same.
        let dz2 = (a2 - y.clone()) / m as f64; // [m, 1]
        let dw2 = a1.clone().transpose().matmul(dz2.clone()); // [h, 1]
        let db2 = dz2.clone().sum_dim(0); // [1, 1]
        let dz1 = dz2.matmul(w2.clone().transpose()) * (1_f64 - a1.clone() * a1); // [m, h]
        let dw1 = x.clone().transpose().matmul(dz1.clone()); // [d, h]
        let db1 = dz1.sum_dim(0); // [1, h]

        if update < UPDATES {
            w1 = w1 - LEARNING_RATE * dw1;
            b1 = b1 - LEARNING_RATE * db1;
            w2 = w2 - LEARNING_RATE * dw2;
            b2 = b2 - LEARNING_RATE * db2;
        }
    }

    // 7. Predict and visualise
    let probability = |x: Tensor<2>| {
        let a1 = (x.matmul(w1.clone()) + b1.clone()).tanh(); // [m, h]
        sigmoid(a1.matmul(w2.clone()) + b2.clone()) // [m, 1]
    };
    let predicted: Vec<f64> = probability(x).into_data().iter().collect();
    let right = predicted
        .iter()
        .zip(data.y())
        .filter(|&(&p, &label)| (p > 0.5) == (label == 1))
        .count();
    let accuracy = format!("accuracy {:.2} %", 100.0 * right as f64 / m as f64);
    println!("{accuracy}");

    // The probability at 401 x 401 points of the plane; the boundary is where it is 1/2.
    let window = Window::around(data.x());
    let side = 401;
    let grid = matrix(&window.nodes(side), [side * side, d]);
    let field = ScalarField::new(window, probability(grid).into_data().iter().collect(), 0.5);
    let picture = Boundary { scatter: scatter(format!("{h} hidden units, {accuracy}")), field };
    fs::write(folder.join("boundary.png"), render(&picture, Format::Png)?)?;
    Ok(costs)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("runs/article");
    fs::create_dir_all(folder)?;
    article(folder)?;
    println!("The pictures are in {}.", folder.display());
    Ok(())
}
