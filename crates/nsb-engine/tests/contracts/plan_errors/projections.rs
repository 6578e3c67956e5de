//! Weights, delays and connectors of projections.

use super::*;

#[test]
fn weights_must_fit_the_receptor() {
    assert_says(
        |n| n.projections[0].weight = Some(quantity("5 pA").into()),
        "projections.recurrent.weight: expected a conductance, found 5 pA (a current); \
         write a number with a unit such as \"5 nS\"",
    );
    assert_says(
        |n| n.projections[0].weight = None,
        "projections.recurrent.weight: the weight is missing; add weight = \"1 nS\"",
    );
    assert_says(
        |n| n.projections[0].weight = Some(not_a_number("nS").into()),
        "projections.recurrent.weight: NaN nS is not a finite number; write a finite number",
    );
    let (error, text) = the_error(|n| n.projections[0].weight = Some(quantity("1e39 nS").into()));
    assert!(matches!(error, PlanError::WeightTooLarge { .. }), "{text}");
}

#[test]
fn delays_must_be_at_least_one_step() {
    let delay = |text: &'static str| move |n: &mut Network| n.projections[0].delay = Some(quantity(text).into());
    assert_says(
        delay("0.01 ms"),
        "projections.recurrent.delay: the delay 0.01 ms is shorter than the time step dt = 0.025 ms, the smallest \
         possible delay; write \"0.025 ms\" or more, or choose dt = \"0.01 ms\" or less",
    );
    for text in ["0 ms", "-1 ms"] {
        let (error, said) = the_error(delay(text));
        assert!(matches!(error, PlanError::DelayBelowStep { .. }), "{said}");
        assert!(said.ends_with("; write \"0.025 ms\" or more"), "{said}");
    }
    assert_says(
        delay("1e9 s"),
        "projections.recurrent.delay: the delay 1e9 s is longer than 2^31 steps of 0.025 ms; \
         choose a shorter delay",
    );
    assert_says(
        delay("1 mV"),
        "projections.recurrent.delay: expected a time, found 1 mV (a voltage); \
         write a number with a unit such as \"1 ms\"",
    );
    assert_says(
        |n| n.projections[0].delay = None,
        "projections.recurrent.delay: the delay is missing; add delay = \"1 ms\"",
    );
    assert!(matches!(
        the_error(|n| n.projections[0].delay = Some(not_a_number("ms").into())).0,
        PlanError::NotANumber { .. }
    ));
}

#[test]
fn probabilities_are_from_0_to_1() {
    for probability in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
        let (error, text) = the_error(|n| {
            n.projections[0].connector = Connector::PairwiseProbability {
                probability,
                self_connections: true,
            };
        });
        assert!(matches!(error, PlanError::Probability { .. }), "{text}");
        assert!(text.starts_with("projections.recurrent.probability: "), "{text}");
    }
}

#[test]
fn explicit_lists_are_checked_entry_by_entry() {
    let with =
        |list: Vec<Connection>| move |n: &mut Network| n.projections[0].connector = Connector::ExplicitList(list);
    assert_says(
        with(vec![connection(0, 1), connection(3, 10)]),
        "projections.recurrent.connections[1].target: there is no cell 10 in `cells`, which has 10 cells; \
         cells are counted from 0 to 9",
    );
    let weight = Connection {
        weight: Some(quantity("1 mV")),
        ..connection(0, 1)
    };
    assert_says(
        with(vec![weight]),
        "projections.recurrent.connections[0].weight: expected a conductance, found 1 mV (a voltage); \
         write a number with a unit such as \"1 nS\"",
    );
    let delay = Connection {
        delay: Some(quantity("-1 ms")),
        ..connection(0, 1)
    };
    assert!(matches!(
        the_error(with(vec![connection(1, 1), delay])).0,
        PlanError::DelayBelowStep { .. }
    ));
    // A long list of the same mistake is reported in part.
    let mut network = network();
    with(vec![connection(99, 0); 500])(&mut network);
    assert_eq!(all_errors(&network, &fine()).len(), 10);
    // An entry without weight or delay needs one from the projection.
    let mut listed = self::network();
    with(vec![connection(0, 1)])(&mut listed);
    (listed.projections[0].weight, listed.projections[0].delay) = (None, None);
    let errors = all_errors(&listed, &fine());
    let paths: Vec<&str> = errors.iter().map(PlanError::path).collect();
    assert_eq!(
        paths,
        [
            "projections.recurrent.connections[0].weight",
            "projections.recurrent.connections[0].delay"
        ]
    );
}
