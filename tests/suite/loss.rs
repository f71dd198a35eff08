//! The loss and its gradients against formulas on the host and against NumPy.

use burn::tensor::{DType, Device, Tensor, TensorData};
use petal::device::{Backend, Placement, Precision};
use petal::network::loss::{cross_entropy, sigmoid};
use petal::network::{self, Parameters};

use crate::support::placement;

const BACKENDS: [Backend; 2] = [Backend::Flex, Backend::NdArray];

fn column(values: &[f64], device: &Device, dtype: DType) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), (device, dtype))
}

fn scalar(tensor: Tensor<1>) -> f64 {
    tensor.into_scalar()
}

/// ln(1 + e^u) by the textbook formula.
fn softplus(u: f64) -> f64 {
    if u > 0.0 { u + (-u).exp().ln_1p() } else { u.exp().ln_1p() }
}

#[test]
fn the_loss_is_exact_for_every_logit() {
    for backend in BACKENDS {
        let device = placement(backend, Precision::F64).device;
        for z in [-1e300, -800.0, -40.0, -3.0, -1e-9, 0.0, 1e-300, 0.5, 36.0, 745.0, 1e300] {
            for y in [0.0, 1.0] {
                let ours = scalar(cross_entropy(column(&[z], &device, DType::F64), column(&[y], &device, DType::F64)));
                let exact = softplus(if y == 1.0 { -z } else { z });
                // Four operations, each within half a unit in the last place of a result of this size.
                assert!(
                    (ours - exact).abs() <= 4.0 * f64::EPSILON * exact,
                    "{backend} z {z} y {y}: {ours} and {exact}"
                );
            }
        }
    }
}

#[test]
fn the_loss_is_the_mean_of_the_articles_formula() {
    let device = Device::flex();
    let (z, y) = ([0.3, -1.2, 2.5, 0.0], [1.0, 0.0, 0.0, 1.0]);
    let ours = scalar(cross_entropy(column(&z, &device, DType::F64), column(&y, &device, DType::F64)));
    // -mean(y ln a2 + (1 - y) ln(1 - a2)), a2 = sigmoid(z)
    let article = z
        .iter()
        .zip(y)
        .map(|(&z, y)| -(y * sigmoid(z).ln() + (1.0 - y) * (1.0 - sigmoid(z)).ln()));
    assert!((ours - article.sum::<f64>() / 4.0).abs() < 1e-15, "{ours}");
}

#[test]
fn the_derivative_of_the_loss_is_a2_minus_y_over_m_even_at_zero() {
    for backend in BACKENDS {
        let device = placement(backend, Precision::F64).device.autodiff();
        let logits = [-700.0, -30.0, -2.0, 0.0, 0.0, -0.0, 1e-12, 5.0, 40.0, 700.0];
        let labels = [0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let z2 = column(&logits, &device, DType::F64).require_grad();
        let mut graph = cross_entropy(z2.clone(), column(&labels, &device, DType::F64)).backward();
        let ours: Vec<f64> = z2.grad_remove(&mut graph).unwrap().into_data().try_to_vec().unwrap();
        for ((&z, y), ours) in logits.iter().zip(labels).zip(ours) {
            let sign = 1.0 - 2.0 * y;
            // sigmoid(z) - y without cancellation.
            let exact = sign * sigmoid(sign * z) / 10.0;
            // Three terms of at most 1/2 are summed, then divided by m = 10.
            assert!((ours - exact).abs() <= 2e-16 / 10.0, "{backend} z {z} y {y}: {ours} and {exact}");
        }
    }
}

#[test]
fn the_sigmoid_is_exact_in_both_tails() {
    assert_eq!(sigmoid(0.0), 0.5);
    assert_eq!([sigmoid(-1e300), sigmoid(1e300)], [0.0, 1.0]);
    // e^-30 / (1 + e^-30) = 9.357622968839299e-14 (mpmath, 40 digits)
    assert!((sigmoid(-30.0) - 9.357622968839299e-14).abs() < 3e-29);
}

#[test]
fn probabilities_and_activations_do_not_depend_on_the_block_size() {
    let wide = network::Settings { hidden: 3_000.try_into().unwrap(), ..network::Settings::default() };
    let parameters = Parameters::initial(2, &wide);
    let placement = Placement::host();
    // 3,000 rows of 3,000 units fill more than two blocks.
    let x: Vec<f64> = (0..6_000).map(|i| f64::from(i % 97) - 48.0).collect();
    let all_at_once = parameters.probabilities(&x, &placement).unwrap();
    let in_parts: Vec<f64> = x
        .chunks(2_000)
        .flat_map(|part| parameters.probabilities(part, &placement).unwrap())
        .collect();
    assert_eq!(all_at_once.len(), 3_000);
    for (a, b) in all_at_once.iter().zip(in_parts) {
        assert!((a - b).abs() < 1e-15);
    }
    let units = parameters.activations(&x[..20], &placement).unwrap();
    assert_eq!((units.len(), units[0].len()), (3_000, 10));
    let by_hand = (x[2] * parameters.w1[7] + x[3] * parameters.w1[3_000 + 7]).tanh();
    assert!((units[7][1] - by_hand).abs() < 1e-15);
}
