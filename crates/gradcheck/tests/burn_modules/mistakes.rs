//! Wrong gradients, and losses and modules that cannot be checked.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor};
use petal_gradcheck::burn::{ModuleCheck, check_module, check_tensors, probe};
use petal_gradcheck::{Array, Report};

use crate::support::{cubes, device, linear, names, tensors, x};

/// Autodiff's derivative of `x.detach() * x` is x, the right one is 2x.
#[test]
fn a_wrong_gradient_of_autodiff_is_named() {
    let report = check_tensors(x(&device()), |x, _| (x.clone().detach() * x).sum()).unwrap();
    assert!(!report.passed());
    let diagnosis = tensors(&report)[0].diagnosis.clone().unwrap();
    assert_eq!(diagnosis, "too small by exactly a factor of 2");
}

/// The gradient is cut between z1 and a1, so that the derivative by a1 is right, and the one by z1 is not.
#[test]
fn probes_show_where_a_mistake_begins() {
    let module = (linear(3, 4), linear(4, 2));
    let loss = |factor: f64| {
        move |(hidden, output): &(Linear, Linear), device: &Device| {
            let z1 = probe("z1", hidden.forward(x(device)));
            let a1 = probe("a1", z1.clone() * factor + z1.detach() * (1.0 - factor));
            cubes(probe("z2", output.forward(a1)))
        }
    };
    let right = check_module(&module, loss(1.0)).unwrap();
    assert!(right.passed(), "{right}");
    assert_eq!(&names(&right)[..3], ["z2", "a1", "z1"]);

    let wrong = check_module(&module, loss(0.5)).unwrap();
    let finding = "in autodiff, the first to differ is z1; z2, a1 agree";
    assert_eq!(wrong.findings, [finding], "{wrong}");
}

#[test]
fn probes_in_a_loop_are_numbered_and_names_are_not_shared_with_parameters() {
    let layer = linear(3, 3);
    let report =
        check_module(&layer, |layer, device| cubes((0..2).fold(x(device), |h, _| probe("h", layer.forward(h).tanh()))))
            .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["h (2)", "h", "bias", "weight"]);

    let error = check_module(&layer, |layer, device| cubes(probe("bias", layer.forward(x(device))))).unwrap_err();
    assert_eq!(error.to_string(), "a probe and a parameter have the same name: bias");

    // After a panic inside the loss, and outside a check, nothing is added.
    let panicking = check_module(&layer, |layer, _| -> Tensor<1> {
        let _ = probe("w", layer.weight.val());
        panic!("after the probe")
    });
    assert!(panicking.is_err());
    assert!(!probe("outside", x(&device().autodiff())).is_tracked());
}

#[test]
fn a_gradient_of_another_shape_than_its_parameter_is_reported() {
    // Burn 0.22.1 does not sum the gradient of `cross` over the rows that it broadcasts.
    let y = Tensor::<2>::from_data([[0.5, -1.0, 0.25]], &device());
    let report = check_tensors(y, |y, device| x(device).cross(y, 1).sum()).unwrap();
    assert!(!report.passed(), "{report}");
    let diagnosis = tensors(&report)[0].diagnosis.as_deref();
    assert_eq!(diagnosis, Some("not summed over axis 0: has shape [3, 3], must be [1, 3]"), "{report}");
}

#[test]
fn a_clone_with_other_values_under_the_same_id_is_refused() {
    let first = linear(3, 3);
    let mut second = first.clone();
    second.weight = second.weight.map(|weight| weight * 2.0);
    let error = check_module(&(first, second), |(first, _), device| cubes(first.forward(x(device)))).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("0.weight and 1.weight have the same ParamId but not the same values."),
        "{message}"
    );
}

#[test]
fn a_parameter_without_a_gradient_is_explained() {
    let bias = |layer: &Linear| layer.bias.as_ref().unwrap().val();
    let independent = check_module(&linear(3, 2), |layer, _| cubes(layer.weight.val())).unwrap();
    assert!(independent.passed(), "{independent}");
    assert_eq!(
        independent.notes,
        ["autodiff gives no gradient for bias, and differences confirm that the loss does not depend on it"]
    );

    let cut =
        check_module(&linear(3, 2), |layer, _| cubes(layer.weight.val()) + bias(layer).inner().exp().sum()).unwrap();
    assert!(!cut.passed());
    let expected = "autodiff gives no gradient for bias, but differences show that the loss depends on it: the graph is cut \
                    in between";
    assert!(cut.findings.iter().any(|finding| finding.starts_with(expected)), "{cut}");

    let without_graph = check_module(&linear(3, 2), |layer, _| bias(layer).detach().exp().sum()).unwrap();
    assert!(without_graph.findings.iter().any(|finding| finding.starts_with(expected)), "{without_graph}");
}

#[test]
fn a_loss_that_cannot_be_used_is_an_error() {
    let layer = linear(3, 2);
    let message = |result: petal_gradcheck::error::Result<Report>| result.unwrap_err().to_string();

    let not_one_number = message(check_module(&layer, |layer, device| layer.forward(x(device))));
    assert_eq!(
        not_one_number,
        "the loss has the shape [3, 2], but must be one number: end it with `.mean()` or `.sum()`"
    );

    let f32 = message(check_module(&layer, |layer, _| cubes(layer.weight.val()).cast(DType::F32)));
    assert!(f32.starts_with("the loss is f32, although the parameters are f64"), "{f32}");

    let panic = message(check_module(&layer, |_, _| -> Tensor<1> { panic!("no\n   data") }));
    let expected =
        "the loss panicked on Flex(Cpu) with autodiff: no data (crates/gradcheck/tests/burn_modules/mistakes.rs:";
    assert!(panic.starts_with(expected), "{panic}");

    let shapes = message(check_module(&layer, |layer, device| layer.forward(x(device).slice([0..3, 0..2])).sum()));
    assert!(shapes.contains("axis 1 expected 3, got 2 (dims [3, 2]) (burn-nn-"), "{shapes}");
    assert!(!shapes.contains("float type"), "{shapes}");
}

#[test]
fn a_panic_in_a_backward_pass_or_in_another_gradient_is_an_error() {
    let layer = linear(3, 2);
    let error = ModuleCheck::new(&layer, |layer, device| layer.forward(x(device)).sum())
        .gradient("by hand", |_, _| -> Vec<Array> { panic!("not yet") })
        .run()
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the gradient \"by hand\" cannot be computed: "), "{error}");
    assert!(error.contains("not yet"), "{error}");
}

#[test]
fn mixed_float_types_are_explained() {
    let outside = Tensor::<2>::ones([3, 2], (&device(), DType::F32));
    let results = [
        check_module(&linear(3, 2), |layer, _| (layer.weight.val() * outside.clone()).sum()),
        check_module(&linear(3, 2), |layer, _| layer.weight.val().matmul(outside.clone().transpose()).sum()),
    ];
    for result in results {
        let message = result.unwrap_err().to_string();
        assert!(message.contains("dtype mismatch"), "{message}");
        assert!(
            message.contains("The parameters were given in f64, and met a tensor of another float type."),
            "{message}"
        );
        assert!(message.contains("plain `Tensor` field of the module"), "{message}");
    }
}

/// A state outside the module, which the copies of the module share.
#[test]
fn a_loss_that_is_another_number_each_time_is_refused() {
    let calls = std::cell::Cell::new(0.0);
    let result = check_module(&linear(3, 2), |layer, device| {
        calls.set(calls.get() + 1.0);
        layer.forward(x(device)).sum() + calls.get()
    });
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with("the loss is not repeatable: at the same point it is "), "{message}");
    assert!(message.contains("`device.seed(0)`"), "{message}");
}

/// The loss is twice as large in f32, as one with random numbers can be another one on another device.
#[test]
fn a_loss_that_is_another_function_for_autodiff_is_reported() {
    let x = Tensor::<1>::from_data([0.5, -0.75], (&device(), DType::F32));
    let report = check_tensors(x, |x, _| {
        let factor = if x.dtype() == DType::F32 { 2.0 } else { 1.0 };
        cubes(x) * factor
    })
    .unwrap();
    assert!(!report.passed());
    let finding = "autodiff had another function than differences: the loss is -0.059375";
    assert!(report.findings.iter().any(|text| text.starts_with(finding)), "{report}");
}

#[test]
fn a_loss_of_another_module_does_not_pass() {
    let (layer, outside) = (linear(3, 2), linear(3, 2));
    let report = check_module(&layer, |_, device| cubes(outside.forward(x(device)))).unwrap();
    assert!(!report.passed());
    assert!(
        report.findings[0].starts_with("the loss depends on none of the parameters (bias, weight)"),
        "{report}"
    );
}

#[test]
fn one_name_for_two_parameters_is_refused() {
    let check = ModuleCheck::new(&linear(3, 2), |layer: &Linear, device| cubes(layer.forward(x(device))));
    let error = check.name("weight", "w").name("bias", "w").run().unwrap_err();
    assert_eq!(error.to_string(), "two parameters have the same name: w");
}

#[test]
fn an_f32_module_on_a_device_of_f64_is_explained_and_can_be_checked_in_f64() {
    let w = Param::from_tensor(Tensor::<2>::ones([3, 2], (&device(), DType::F32)));
    let loss = |w: &Param<Tensor<2>>, device: &Device| cubes(x(device).matmul(w.val()));
    let error = check_module(&w, loss).unwrap_err().to_string();
    assert!(error.contains("Check the module in f64"), "{error}");
    let report = ModuleCheck::new(&w, loss).device(&device()).run().unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_name_for_a_path_that_does_not_exist_is_refused() {
    let check = ModuleCheck::new(&linear(3, 2), |layer: &Linear, device| cubes(layer.forward(x(device))));
    let error = check.name("weight", "w").name("bia", "b").run().unwrap_err();
    let expected = "no parameter has the path \"bia\", and none begins with it: the paths are weight, bias";
    assert_eq!(error.to_string(), expected);
}
