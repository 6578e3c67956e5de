//! Models, methods, sizes and parameters of populations.

use super::*;

#[test]
fn models_must_be_of_the_right_kind() {
    assert_says(
        |n| n.populations[0].receptors[0].model = built_in("lif"),
        "populations.cells.receptors.synapse.model: `lif` is a neuron model; a receptor model is needed here; \
         name a receptor model",
    );
    assert_says(
        |n| n.populations[1] = Population::new("others", 5, built_in("exponential_current")),
        "populations.others.model: `exponential_current` is a receptor model; a neuron model is needed here; \
         name a neuron model",
    );
}

#[test]
fn methods_must_fit_and_say_so_in_the_model() {
    let (error, _) = the_error(|n| n.populations[0].method = Method::Exact);
    let PlanError::Model(diagnostics) = error else {
        panic!("{error}")
    };
    assert!(diagnostics.has_errors());
}

#[test]
fn populations_need_a_possible_number_of_cells() {
    assert_says(
        |n| n.populations[1].size = 0,
        "populations.others.size: the population has no cells; \
         give it at least 1 cell, or leave the population out",
    );
    assert_says(
        |n| n.populations[1].size = 1 << 40,
        "populations.others.size: 1099511627776 cells are more than the 8388607 that a population may have; \
         split it into several populations",
    );
}

#[test]
fn parameters_must_have_the_right_dimension_value_and_length() {
    assert_says(
        |n| parameter(n, "g_Na", "100 nS"),
        "populations.cells.parameters.g_Na: expected a conductance density, found 100 nS (a conductance); \
         write a number with a unit such as \"100 mS/cm^2\"",
    );
    assert_says(
        |n| parameter(n, "E_K", "-77"),
        "populations.cells.parameters.E_K: expected a voltage, found -77 (a dimensionless number); \
         write a number with a unit such as \"-77 mV\"",
    );
    assert_says(
        |n| parameter(n, "C", "11 uF/cm^2"),
        "populations.cells.parameters.C: 11 uF/cm^2 is outside the allowed range of C, 0.1 uF/cm^2 to 10 uF/cm^2; \
         choose a value from 0.1 uF/cm^2 to 10 uF/cm^2",
    );
    let list = |n: &mut Network, values: Vec<Quantity>| {
        n.populations[0]
            .parameters
            .insert("E_L".to_owned(), Value::List(values));
    };
    assert_says(
        |n| list(n, vec![quantity("-54 mV"); 9]),
        "populations.cells.parameters.E_L: the list has 9 values, the population 10 cells; \
         give one value per cell, or one value for all",
    );
    let mut values = vec![quantity("-54 mV"); 10];
    values[4] = quantity("-540 mV");
    values[5] = quantity("-540 mV");
    assert_says(
        |n| list(n, values),
        "populations.cells.parameters.E_L[4]: -540 mV is outside the allowed range of E_L, -200 mV to 200 mV; \
         choose a value from -200 mV to 200 mV",
    );
    let nan = not_a_number("mV");
    assert_says(
        |n| {
            n.populations[0].initial.insert("V".to_owned(), Value::Uniform(nan));
        },
        "populations.cells.initial.V: NaN mV is not a finite number; write a finite number",
    );
}
