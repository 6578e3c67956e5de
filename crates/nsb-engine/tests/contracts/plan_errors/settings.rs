//! Steps, threads and memory.

use super::*;

#[test]
fn settings_must_be_possible() {
    for dt_ms in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let errors = all_errors(&network(), &Settings { dt_ms, ..fine() });
        assert!(matches!(errors[..], [PlanError::Dt { .. }]), "{errors:?}");
        assert_eq!(errors[0].path(), "dt");
    }
    for threads in [0, 1025, usize::MAX] {
        let errors = all_errors(&network(), &Settings { threads, ..fine() });
        assert!(matches!(errors[..], [PlanError::Threads { .. }]), "{errors:?}");
    }
    for simd in Simd::ALL.into_iter().filter(|simd| !simd.is_available()) {
        assert!(matches!(
            all_errors(&network(), &Settings { simd, ..fine() })[..],
            [PlanError::Simd { .. }]
        ));
    }
}

/// A step above every delay is the delays' error: they are what the user can see.
#[test]
fn a_step_longer_than_a_delay_is_refused() {
    let errors = all_errors(&network(), &Settings { dt_ms: 2.0, ..fine() });
    assert!(matches!(&errors[..], [PlanError::DelayBelowStep { path, .. }] if path == "projections.recurrent.delay"));
}

#[test]
fn explicit_methods_refuse_large_steps_and_name_one_that_fits() {
    let mut network = network();
    network.populations[0].method = Method::Rk4;
    assert_eq!(all_errors(&network, &Settings { dt_ms: 0.05, ..fine() }), []);
    let errors = all_errors(&network, &Settings { dt_ms: 0.1, ..fine() });
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!(
        format!("{}: {error}; {}", error.path(), error.hint()),
        "populations.cells.method: dt = 0.1 ms is too large for the method rk4 on `hodgkin_huxley`: at most 0.05 ms; \
         choose dt = \"0.05 ms\" or less, or method = \"strang\""
    );
    network.populations[0].method = Method::Auto;
    assert_eq!(all_errors(&network, &Settings { dt_ms: 0.1, ..fine() }), []);
}

/// 8 million cells all to all are 7·10¹³ synapses.
#[test]
fn networks_beyond_the_memory_are_refused_before_they_are_built() {
    let (error, text) = the_error(|n| {
        n.populations[0].size = 8_000_000;
        n.projections[0].connector = Connector::AllToAll { self_connections: true };
    });
    assert!(matches!(error, PlanError::Memory { what: "synapses", .. }), "{text}");
    assert!(
        text.starts_with("projections.recurrent: the network needs about 128.0 TB for synapses"),
        "{text}"
    );
}
