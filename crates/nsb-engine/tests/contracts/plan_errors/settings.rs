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
    assert!(
        matches!(
            error,
            PlanError::Memory {
                what: "these synapses",
                available: None,
                ..
            }
        ),
        "{text}"
    );
    assert!(
        text.starts_with(
            // The rest is what one thread gathers to make the synapses of 1024 cells.
            "projections.recurrent: the network needs about 128.1 TB of memory, 128.0 TB of it for these synapses; "
        ),
        "{text}"
    );
}

/// The limit is on the whole; the part that needs most is named, and what to do about it.
#[test]
fn networks_beyond_a_limit_are_refused_with_numbers() {
    let mut network = network();
    network.populations[0].size = 4000;
    network.projections[0].connector = Connector::AllToAll { self_connections: true };
    network.projections[0].weight = Some(PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity("1 nS"),
        high: quantity("2 nS"),
    })));
    let refusal = |limit, precision| {
        let settings = Settings {
            memory_limit: Some(limit),
            precision,
            ..fine()
        };
        let errors = all_errors(&network, &settings);
        assert!(errors.len() <= 1, "{errors:?}");
        errors
            .first()
            .map(|error| format!("{}: {error}; {}", error.path(), error.hint()))
    };
    // 16·10⁶ synapses of 6 or 4 bytes, 37 MB to gather those of 1024 cells, in compact 16 MB more to pack them, and some
    // megabytes for cells and what arrives there.
    assert_eq!(refusal(137_000_000, Precision::Double), None);
    assert_eq!(refusal(121_000_000, Precision::Compact), None);
    let text = refusal(121_000_000, Precision::Double).unwrap();
    assert!(
        text.starts_with("projections.recurrent: the network needs about 13"),
        "{text}"
    );
    assert!(
        text.contains(" MB of memory, 96.0 MB of it for these synapses; 121.0 MB are available; "),
        "{text}"
    );
    let compact = refusal(100_000_000, Precision::Compact).unwrap();
    let needed = compact
        .split(" of memory")
        .next()
        .unwrap()
        .rsplit("about ")
        .next()
        .unwrap();
    assert!(
        text.contains(&format!(
            "write precision = \"compact\", in which it needs about {needed}"
        )),
        "{text} but {compact}"
    );
    for (limit, precision) in [(50_000_000, Precision::Double), (100_000_000, Precision::Compact)] {
        let text = refusal(limit, precision).unwrap();
        assert!(
            text.ends_with("choose fewer cells or fewer connections, as a smaller scale of the network has"),
            "{text}"
        );
    }
    let text = refusal(0, Precision::Compact).unwrap();
    assert!(text.contains("0 bytes are available"), "{text}");
}

/// A population for which there is no memory is refused before it is cut into blocks, which would take long itself.
#[test]
fn cells_beyond_a_limit_are_refused_at_once() {
    let (_, text) = {
        let mut network = network();
        network.populations[0].size = 8_000_000;
        let settings = Settings {
            memory_limit: Some(1 << 28),
            ..fine()
        };
        let mut errors = all_errors(&network, &settings);
        let error = errors.remove(0);
        (errors, format!("{}: {error}", error.path()))
    };
    assert!(
        text.starts_with("populations.cells.size: the network needs about "),
        "{text}"
    );
    assert!(
        text.ends_with(" of it for these cells; 268.4 MB are available"),
        "{text}"
    );
}
