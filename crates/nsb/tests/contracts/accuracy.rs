//! Spike times against an integrator of another kind at tight tolerance; see `docs/reference/accuracy.md`.

#[path = "../../examples/accuracy/hh_single.rs"]
mod hh_single;

use hh_single::worst_error_ms;

fn error_ms(method: &str, dt_ms: f64) -> f64 {
    worst_error_ms(method, dt_ms).unwrap().unwrap()
}

#[test]
fn the_default_method_keeps_spikes_within_a_fiftieth_of_a_millisecond_at_its_default_step() {
    let worst_ms = error_ms("auto", 0.025);
    assert!(worst_ms < 0.02, "{worst_ms} ms");
    // So small that the truth must be meant: a cell without its true start is off by more.
    assert!(worst_ms > 1e-4, "{worst_ms} ms");
}

#[test]
fn a_method_reaches_a_thousandth_of_a_millisecond() {
    let worst_ms = error_ms("rk4", 0.0125);
    assert!(worst_ms < 1e-3, "{worst_ms} ms");
}

#[test]
fn halving_the_step_shrinks_the_error_as_the_order_of_the_method_says() {
    for (method, expected) in [
        ("euler", 2.0),
        ("exponential_euler", 2.0),
        ("strang", 4.0),
        ("rk2", 4.0),
    ] {
        let ratio = error_ms(method, 0.0125) / error_ms(method, 0.00625);
        assert!(ratio > 0.8 * expected && ratio < 1.3 * expected, "{method}: {ratio}");
    }
}

#[test]
fn explicit_methods_refuse_steps_at_which_they_blow_up() {
    assert!(worst_error_ms("rk4", 0.1).is_err());
    assert!(worst_error_ms("strang", 0.1).unwrap().is_some());
}
