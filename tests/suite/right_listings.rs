//! Right numbers of random sizes, layouts, shapes and float types are accused of nothing.

use petal::article::{Axis, Layout, Point, Quantity, Sizes, Weights};
use petal::data::numpy::RandomState;
use petal::files::array_file::{ElementType, StoredArray};
use petal::network::Activation;

use crate::listings::{GRADIENTS, cases, report};

/// The right numbers of one update, each operation rounded as the float type does.
fn right(point: &Point, single: bool, early: bool) -> Vec<(Quantity, Vec<f64>)> {
    let r = |value: f64| if single { f64::from(value as f32) } else { value };
    let rounded = |values: &[f64]| values.iter().map(|&value| r(value)).collect::<Vec<f64>>();
    let Sizes { features: d, hidden: h, samples: m } = point.sizes;
    let Weights { w1, b1, w2, b2 } = &point.parameters;
    let (x, w1, b1, w2, b2) = (rounded(&point.x), rounded(w1), rounded(b1), rounded(w2), rounded(b2));
    let sum = |terms: &mut dyn Iterator<Item = f64>| terms.fold(0.0, |sum, term| r(sum + term));
    let (mf, rate) = (m as f64, r(point.learning_rate));

    let mut z1 = vec![0.0; h * m];
    let mut z2 = vec![0.0; m];
    for i in 0..m {
        for k in 0..h {
            z1[k * m + i] = r(sum(&mut (0..d).map(|j| r(w1[k * d + j] * x[j * m + i]))) + b1[k]);
        }
    }
    let activate = |z: f64| match point.activation {
        Activation::Tanh => r(z.tanh()),
        Activation::Sigmoid => r(1.0 / r(1.0 + r((-z).exp()))),
        Activation::Relu => z.max(0.0),
        Activation::Identity => z,
    };
    let a1: Vec<f64> = z1.iter().copied().map(activate).collect();
    for i in 0..m {
        z2[i] = r(sum(&mut (0..h).map(|k| r(w2[k] * a1[k * m + i]))) + b2[0]);
    }
    let a2: Vec<f64> = z2.iter().map(|z| r(1.0 / r(1.0 + r((-z).exp())))).collect();
    // The logarithm of 0 is left out: the listing's cost is infinite there, and that is reported.
    let log = |probability: f64, logit: f64| if probability > 0.0 { r(probability.ln()) } else { -logit.abs() };
    let logarithms = (0..m).map(|i| log(if point.y[i] == 1.0 { a2[i] } else { r(1.0 - a2[i]) }, z2[i]));
    let cost = r(-sum(&mut logarithms.into_iter()) / mf);
    let dz2: Vec<f64> = a2
        .iter()
        .zip(&point.y)
        .map(|(a2, y)| if early { r(r(a2 - y) / mf) } else { r(a2 - y) })
        .collect();
    let mean = |sum: f64| if early { sum } else { r(sum / mf) };
    let dw2: Vec<f64> = (0..h)
        .map(|k| mean(sum(&mut (0..m).map(|i| r(dz2[i] * a1[k * m + i])))))
        .collect();
    let db2 = vec![mean(sum(&mut dz2.iter().copied()))];
    let dz1: Vec<f64> = (0..h * m)
        .map(|f| {
            let product = r(w2[f / m] * dz2[f % m]);
            match point.activation {
                Activation::Tanh => r(product * r(1.0 - r(a1[f] * a1[f]))),
                Activation::Sigmoid => r(r(product * a1[f]) * r(1.0 - a1[f])),
                Activation::Relu => product * f64::from(u8::from(z1[f] > 0.0)),
                Activation::Identity => product,
            }
        })
        .collect();
    let dw1: Vec<f64> = (0..h * d)
        .map(|f| mean(sum(&mut (0..m).map(|i| r(dz1[f / d * m + i] * x[f % d * m + i])))))
        .collect();
    let db1: Vec<f64> = (0..h).map(|k| mean(sum(&mut (0..m).map(|i| dz1[k * m + i])))).collect();
    let step =
        |old: &[f64], gradient: &[f64]| old.iter().zip(gradient).map(|(w, g)| r(w - r(rate * g))).collect::<Vec<f64>>();
    let updated = [step(&w1, &dw1), step(&b1, &db1), step(&w2, &dw2), step(&b2, &db2)];
    let mut values = vec![z1, a1, z2, a2, vec![cost], dz2, dw2, db2, dz1, dw1, db1];
    values.extend(updated);
    Quantity::ALL.into_iter().zip(values).collect()
}

/// The numbers of one update in f64, without the derivative of tanh.
pub fn without_tanh_derivative(point: &Point) -> Vec<(Quantity, Vec<f64>)> {
    let Sizes { features: d, hidden: h, samples: m } = point.sizes;
    let Weights { w1, b1, w2, .. } = &point.parameters;
    let mut numbers = right(point, false, false);
    let dz2 = numbers[Quantity::DZ2 as usize].1.clone();
    let dz1: Vec<f64> = (0..h * m).map(|f| w2[f / m] * dz2[f % m]).collect();
    let dot = |k: usize, j: usize| (0..m).map(|i| dz1[k * m + i] * point.x[j * m + i]).sum::<f64>();
    let dw1: Vec<f64> = (0..h * d).map(|f| dot(f / d, f % d) / m as f64).collect();
    let db1: Vec<f64> = dz1.chunks(m).map(|row| row.iter().sum::<f64>() / m as f64).collect();
    let step = |old: &[f64], gradient: &[f64]| -> Vec<f64> {
        old.iter()
            .zip(gradient)
            .map(|(old, gradient)| old - point.learning_rate * gradient)
            .collect()
    };
    let updated = [(Quantity::W1, step(w1, &dw1)), (Quantity::B1, step(b1, &db1))];
    for (quantity, values) in [(Quantity::DZ1, dz1), (Quantity::DW1, dw1), (Quantity::DB1, db1)]
        .into_iter()
        .chain(updated)
    {
        numbers[quantity as usize].1 = values;
    }
    numbers
}

fn random_point(random: &mut RandomState, sizes: Sizes, scale: f64) -> Point {
    let Sizes { features: d, hidden: h, samples: m } = sizes;
    let mut normals =
        |count: usize, scale: f64| -> Vec<f64> { random.normals(count).iter().map(|x| scale * x).collect() };
    let x = normals(d * m, 1.0);
    let y = normals(m, 1.0).iter().map(|&normal| f64::from(normal > 0.0)).collect();
    let parameters = Weights {
        w1: normals(h * d, scale),
        b1: normals(h, scale),
        w2: normals(h, scale),
        b2: normals(1, scale),
    };
    let previous = Weights { w1: normals(h * d, 1.0), b1: normals(h, 1.0), w2: normals(h, 1.0), b2: normals(1, 1.0) };
    Point {
        sizes,
        activation: Activation::Tanh,
        x,
        y,
        parameters,
        learning_rate: 1.2,
        weight_decay: 0.0,
        previous: Some(previous),
    }
}

#[test]
fn right_numbers_of_any_size_layout_and_float_type_are_accused_of_nothing() {
    let random = &mut RandomState::new(200);
    let mut checked = 0;
    for i in 0..210 {
        let mut size = |i: usize| 1 + (random.uniform_in(0.0, 7.0) as usize + i) % 7;
        let mut sizes = Sizes { features: size(i), hidden: size(i / 7), samples: size(i / 3) };
        if i % 30 == 29 {
            sizes = Sizes { features: 9, hidden: 17, samples: 1_500 };
        }
        let activation = Activation::ALL[i / 4 % 4];
        let point = Point { activation, ..random_point(random, sizes, [0.01, 1.0, 3.0][i % 3]) };
        for layout in Layout::ALL {
            for (single, early) in [(false, false), (false, true), (true, false), (true, true)] {
                let dtype = if single { ElementType::F32 } else { ElementType::F64 };
                let arrays = right(&point, single, early).into_iter().map(|(quantity, values)| StoredArray {
                    array: layout.array(layout.name(quantity), quantity.axes(), sizes, &values),
                    dtype,
                });
                let mut arrays: Vec<_> = arrays.collect();
                // Some programs store only a part.
                match i % 4 {
                    0 => {}
                    1 => arrays = arrays.split_off(11),
                    2 => arrays = arrays.into_iter().skip(5).step_by(2).collect(),
                    _ => arrays = arrays.into_iter().take(11).collect(),
                }
                let report = report(&point, &arrays);
                assert!(report.agrees(), "{i} {activation} {sizes:?} {layout} {single} {early}\n{report}");
                assert!(
                    report.quantities.iter().all(|q| q.status == "ok" || q.status == "-"),
                    "{i} {layout}\n{report}"
                );
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 210 * 12);
}

/// A program divides by m in dZ2, or in the four gradients. Where one gradient is wrong and the others are right, only that one
/// is named, and the right line is that of the program's own convention.
#[test]
fn one_wrong_gradient_is_named_under_the_convention_of_the_others() {
    let sizes = Sizes { features: 3, hidden: 4, samples: 7 };
    let point = random_point(&mut RandomState::new(5), sizes, 1.0);
    for layout in Layout::ALL {
        for early in [false, true] {
            for gradient in [Quantity::DW2, Quantity::DB2, Quantity::DW1, Quantity::DB1] {
                let mut numbers = right(&point, false, early);
                numbers.truncate(Quantity::W1 as usize);
                let wrong = &mut numbers[gradient as usize].1;
                // Without the division where it belongs, or with the sign flipped.
                let factor = if early { -1.0 } else { sizes.samples as f64 };
                wrong.iter_mut().for_each(|value| *value *= factor);
                let arrays: Vec<StoredArray> = numbers
                    .into_iter()
                    .map(|(quantity, values)| StoredArray {
                        array: layout.array(layout.name(quantity), quantity.axes(), sizes, &values),
                        dtype: ElementType::F64,
                    })
                    .collect();

                let report = report(&point, &arrays);
                let context = format!("{layout} {early} {gradient:?}\n{report}");
                assert_eq!(report.mistakes.len(), 1, "{context}");
                assert_eq!(report.mistakes[0].line, layout.name(gradient), "{context}");
                assert_eq!(report.mistakes[0].formula.contains("/ m"), !early, "{context}");
            }
        }
    }
}

/// The gradients are sums, and the update divides: `W1 - learning_rate / m * dW1`. Only the updated parameters can show it.
#[test]
fn sums_are_right_where_the_update_divides_by_m() {
    let sizes = Sizes { features: 3, hidden: 4, samples: 7 };
    let m = sizes.samples as f64;
    let plain = random_point(&mut RandomState::new(6), sizes, 1.0);
    let decayed = Point { weight_decay: 0.1, ..plain.clone() };
    // The decay is in the gradient with the factor m, or in the update.
    for (point, decays_early) in [(plain, false), (decayed.clone(), false), (decayed, true)] {
        for layout in Layout::ALL {
            for first in [Quantity::Z1, Quantity::DZ2, Quantity::DW2] {
                let mut numbers = right(&point, false, false);
                for (quantity, values) in &mut numbers {
                    let weight = quantity.parameter().and_then(|input| point.values(input)).unwrap_or_default();
                    match quantity {
                        Quantity::DW2 | Quantity::DB2 | Quantity::DW1 | Quantity::DB1 => {
                            values.iter_mut().for_each(|value| *value *= m);
                            if decays_early && matches!(quantity, Quantity::DW1 | Quantity::DW2) {
                                let decay = m * point.weight_decay;
                                values
                                    .iter_mut()
                                    .zip(weight)
                                    .for_each(|(value, weight)| *value += decay * weight);
                            }
                        }
                        Quantity::W1 | Quantity::W2 => {
                            let decay = point.learning_rate * point.weight_decay;
                            values
                                .iter_mut()
                                .zip(weight)
                                .for_each(|(value, weight)| *value -= decay * weight);
                        }
                        _ => {}
                    }
                }
                let arrays = numbers.into_iter().skip(first as usize).map(|(quantity, values)| StoredArray {
                    array: layout.array(layout.name(quantity), quantity.axes(), sizes, &values),
                    dtype: ElementType::F64,
                });
                let mut arrays: Vec<_> = arrays
                    .filter(|stored| !["z1.grad", "dz1"].contains(&&stored.array.name[..]))
                    .collect();

                let updated = arrays.len() - 4;
                let shown = report(&point, &arrays);
                assert!(shown.agrees(), "{layout} {first:?}\n{shown}");
                let not_shown = report(&point, &arrays[..updated]);
                let sentence = &not_shown.mistakes[0].sentence;
                let names = ["it is not divided by m", "a division by m (the mean) is missing"];
                assert!(names.iter().any(|name| sentence.contains(name)), "{layout} {first:?}\n{not_shown}");

                // One updated parameter is wrong: it is named, and the gradients are not.
                let bias = &mut arrays[updated + 1].array.values;
                bias.iter_mut()
                    .zip(&point.parameters.b1)
                    .for_each(|(new, old)| *new = 3.0 * old - 2.0 * *new);
                let wrong = report(&point, &arrays);
                assert_eq!(wrong.mistakes.len(), 1, "{layout} {first:?}\n{wrong}");
                assert_eq!(wrong.mistakes[0].line, layout.name(Quantity::B1), "{layout} {first:?}\n{wrong}");
                assert!(wrong.mistakes[0].formula.contains("learning_rate / m * "), "{layout} {first:?}\n{wrong}");
            }
        }
    }
}

/// A wrong division by m in the update does not make sums of gradients that are right.
#[test]
fn right_gradients_are_not_accused_where_the_update_divides_again() {
    let sizes = Sizes { features: 3, hidden: 4, samples: 300 };
    let point = random_point(&mut RandomState::new(8), sizes, 1.0);
    for (single, dtype) in [(false, ElementType::F64), (true, ElementType::F32)] {
        let mut numbers = right(&point, single, false);
        for (quantity, values) in &mut numbers[Quantity::W1 as usize..] {
            let old = quantity.parameter().and_then(|input| point.values(input)).unwrap();
            let step = |old: f64, new: f64| old + (new - old) / sizes.samples as f64;
            let rounded = |value: f64| if single { f64::from(value as f32) } else { value };
            values
                .iter_mut()
                .zip(old)
                .for_each(|(new, &old)| *new = rounded(step(old, *new)));
        }
        let arrays = numbers.into_iter().map(|(quantity, values)| StoredArray {
            array: Layout::Article.array(Layout::Article.name(quantity), quantity.axes(), sizes, &values),
            dtype,
        });
        let report = report(&point, &arrays.collect::<Vec<_>>());
        let wrong: Vec<&str> = report
            .quantities
            .iter()
            .filter(|q| q.status != "ok")
            .map(|q| &q.name[..])
            .collect();
        assert_eq!(wrong, ["W1", "b1", "W2", "b2"], "{report}");
    }

    // Nor do gradients that are saved with the learning rate: the right line divides.
    let mut scaled = right(&point, false, false);
    for (quantity, values) in &mut scaled[Quantity::DW2 as usize..Quantity::W1 as usize] {
        if *quantity != Quantity::DZ1 {
            values.iter_mut().for_each(|value| *value *= point.learning_rate);
        }
    }
    let arrays = scaled.into_iter().map(|(quantity, values)| StoredArray {
        array: Layout::Article.array(Layout::Article.name(quantity), quantity.axes(), sizes, &values),
        dtype: ElementType::F64,
    });
    let report = report(&point, &arrays.collect::<Vec<_>>());
    assert!(!report.mistakes.is_empty(), "{report}");
    for mistake in &report.mistakes {
        assert!(mistake.formula.contains("/ m"), "{report}");
    }
}

#[test]
fn forgotten_biases_of_zero_are_not_accused_and_a_later_point_is_recommended() {
    let mut zero = random_point(&mut RandomState::new(1), Sizes { features: 2, hidden: 3, samples: 5 }, 1.0);
    zero.parameters.b1.fill(0.0);
    zero.parameters.b2.fill(0.0);
    let stored = right(&zero, false, false).into_iter().map(|(quantity, values)| StoredArray {
        array: Layout::Article.array(Layout::Article.name(quantity), quantity.axes(), zero.sizes, &values),
        dtype: ElementType::F64,
    });
    let report = report(&zero, &stored.collect::<Vec<_>>());
    assert!(report.agrees(), "{report}");
    assert!(report.notes[0].ends_with("Try a later update, with --at 100."), "{report}");
}

#[test]
fn shapes_that_do_no_harm_are_accepted() {
    let (_, point, arrays) = cases().swap_remove(0);
    let reshape = |name: &str, shape: &[usize]| {
        let mut changed = arrays.clone();
        changed.iter_mut().find(|stored| stored.array.name == name).unwrap().array.shape = shape.to_vec();
        report(&point, &changed)
    };
    let harmless: [(&str, &[usize]); 8] = [
        ("cost", &[1, 1]),
        ("cost", &[1]),
        ("db2", &[]),
        ("b1", &[4]),
        ("b2", &[]),
        ("Z2", &[7]),
        ("dZ2", &[7, 1]),
        ("dW2", &[4]),
    ];
    for (name, shape) in harmless {
        let report = reshape(name, shape);
        assert!(report.agrees(), "{name} {shape:?}\n{report}");
    }

    // All vectors with one dimension, as in Burn and PyTorch. The matrices tell the layout.
    let mut flat = arrays.clone();
    for stored in &mut flat {
        if stored.array.shape.contains(&1) {
            stored.array.shape = vec![stored.array.values.len()];
        }
    }
    let flat = report(&point, &flat);
    assert!(flat.agrees() && flat.to_string().contains("samples are columns"), "{flat}");

    // This is no shape of the parameter, whatever the program's is.
    assert!(!reshape("db1", &[2, 2]).agrees());
}

/// A gradient in a shape that is right if the parameter has it too. The samples are columns or rows.
#[test]
fn shapes_are_right_where_the_parameter_may_have_them_too() {
    let (_, point, _) = cases().swap_remove(0);
    let judged = |layout: Layout, name: &str, shape: &[usize], more: &[&str]| {
        let names = [&GRADIENTS[..], &["cost"], more].concat();
        let arrays = right(&point, false, false).into_iter().map(|(quantity, values)| StoredArray {
            array: layout.array(Layout::Article.name(quantity), quantity.axes(), point.sizes, &values),
            dtype: ElementType::F64,
        });
        let mut arrays: Vec<_> = arrays.filter(|stored| names.contains(&&stored.array.name[..])).collect();
        arrays.iter_mut().find(|stored| stored.array.name == name).unwrap().array.shape = shape.to_vec();
        // np.dot(W2, A1) with such a vector is right, and W2 - learning_rate * dW2 keeps its shape.
        if let Some(parameter) = more.first().filter(|parameter| name.ends_with(**parameter)) {
            let stored = arrays.iter_mut().find(|stored| stored.array.name == *parameter);
            stored.unwrap().array.shape = shape.to_vec();
        }
        report(&point, &arrays)
    };

    let columns = Layout::Article;
    let (note, in_rows) =
        ("If your b1 has shape (4, 1), b1 - learning_rate * db1 gets (4, 4)", "If your w2 has shape (4, 1)");
    for (layout, name, shape, note) in [
        (columns, "db1", [4].as_slice(), note),
        (columns, "dW2", &[4, 1], "If your W2 has shape (1, 4), W2 - learning_rate * dW2 gets (4, 4)"),
        (columns, "db1", &[1, 4], note),
        (Layout::Burn, "dW2", &[4], in_rows),
    ] {
        let unknown = judged(layout, name, shape, &[]);
        assert!(unknown.agrees(), "{name} {shape:?}\n{unknown}");
        assert_eq!(unknown.notes.len(), 1, "{unknown}");
        assert!(unknown.notes[0].contains(note), "{unknown}");

        let with_parameter = judged(layout, name, shape, &[&name[1..]]);
        assert!(with_parameter.agrees() && with_parameter.notes.is_empty(), "{name} {shape:?}\n{with_parameter}");
    }
}

/// Sizes at which shapes do not tell rows from columns: the numbers do, or nothing does.
#[test]
fn tiny_and_square_points_are_accused_of_nothing_whatever_dimensions_are_squeezed() {
    let random = &mut RandomState::new(7);
    let all = (0..27).map(|i| Sizes { features: 1 + i / 9, hidden: 1 + i / 3 % 3, samples: 1 + i % 3 });
    for sizes in all {
        let point = random_point(random, sizes, 1.0);
        for (layout, names) in Layout::ALL
            .into_iter()
            .flat_map(|layout| Layout::ALL.map(|names| (layout, names)))
        {
            for squeezed in ["nothing", "everything", "vectors", "vectors without the updated ones"] {
                let values = right(&point, false, layout != Layout::Article).into_iter();
                let arrays = values.map(|(quantity, values)| {
                    let mut array = layout.array(names.name(quantity), quantity.axes(), sizes, &values);
                    match squeezed {
                        "nothing" => {}
                        "everything" => array.shape.retain(|&length| length != 1),
                        // ravel() of what is a vector in the formulas.
                        _ if quantity.axes().contains(&Axis::One) => array.shape = vec![values.len()],
                        _ => {}
                    }
                    StoredArray { array, dtype: ElementType::F64 }
                });
                let mut arrays: Vec<_> = arrays.collect();
                if squeezed == "vectors without the updated ones" {
                    arrays.truncate(11);
                }
                let report = report(&point, &arrays);
                assert!(report.agrees(), "{sizes:?} {layout} {names} {squeezed}\n{report}");
            }
        }
    }
}
