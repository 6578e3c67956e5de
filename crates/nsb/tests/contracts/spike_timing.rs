//! `spike_timing = "exact"`: rates of the closed form, at any step and for any number of threads.

use nsb::{Overrides, Project, RunOptions, Source};

const PROJECT: &str = r#"
duration = "1 s"
dt = "0.1 ms"

[populations.cells]
model = "lif"
size = 700
spike_timing = "exact"
receptors.excitatory = { model = "exponential_current", parameters = { tau = "2 ms" } }

[stimuli.drive]
population = "cells"
kind = "constant"
amplitude = "200 pA"
"#;

fn open(text: &str, threads: usize) -> Result<Project, nsb::Error> {
    let overrides = Overrides {
        threads: Some(threads),
        ..Overrides::default()
    };
    Project::from_source(&Source::new("exact.toml", text), "exact", None, &overrides)
}

#[test]
fn rates_equal_the_closed_form_to_a_part_in_a_million() {
    // t_ref + τ·ln(RI / (RI − 15 mV)) with RI = 20 mV.
    #[allow(clippy::disallowed_methods)] // the closed form is evaluated independently
    let period = 2.0 + 20.0 * (20.0_f64 / 5.0).ln();
    for dt in ["0.1 ms", "0.7 ms"] {
        let text = PROJECT.replace("dt = \"0.1 ms\"", &format!("dt = \"{dt}\""));
        let run = open(&text, 1).unwrap().run(&RunOptions::default(), &mut ()).unwrap();
        let spikes = &run.recording.spikes[0];
        let times: Vec<f64> = spikes
            .times_ms
            .iter()
            .zip(&spikes.cells)
            .filter(|(_, c)| **c == 699)
            .map(|(t, _)| *t)
            .collect();
        assert!(times.len() > 30);
        let found = (times[times.len() - 1] - times[0]) / (times.len() - 1) as f64;
        assert!(
            (found / period - 1.0).abs() < 1e-10,
            "dt {dt}: {found} ms, expected {period}"
        );
    }
}

#[test]
fn a_coupled_network_has_one_hash_for_any_number_of_threads() {
    let text = format!(
        "{PROJECT}
[projections.recurrent]
source = \"cells\"
target = \"cells\"
receptor = \"excitatory\"
connect = {{ rule = \"pairwise_probability\", probability = 0.05 }}
weight = \"15 pA\"
delay = \"0.3 ms\"

[stimuli.more]
population = \"cells\"
cells = \"0..100\"
kind = \"constant\"
amplitude = \"37 pA\"
"
    )
    .replace("duration = \"1 s\"", "duration = \"150 ms\"");
    let hash = |threads| {
        let run = open(&text, threads)
            .unwrap()
            .run(&RunOptions::default(), &mut ())
            .unwrap();
        assert!(run.summary.spikes > 1000);
        run.summary.spike_hash
    };
    let one = hash(1);
    assert_eq!(one, hash(2));
    assert_eq!(one, hash(3));
    let grid = open(&text.replace("\"exact\"", "\"grid\""), 1).unwrap();
    assert_ne!(
        one,
        grid.run(&RunOptions::default(), &mut ()).unwrap().summary.spike_hash
    );
}

#[test]
fn exact_timing_is_refused_where_the_method_is_not_exact() {
    let text = PROJECT.replace("exponential_current", "exponential_conductance");
    let error = open(&text, 1)
        .unwrap()
        .run(&RunOptions::default(), &mut ())
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("exact spike timing needs the method `exact`"), "{text}");
}

#[test]
fn exact_timing_is_refused_where_chance_decides() {
    let text = PROJECT.replace("model = \"lif\"", "model = \"gif\"");
    let error = open(&text, 1)
        .unwrap()
        .run(&RunOptions::default(), &mut ())
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`gif` fires by chance"), "{text}");
    assert!(text.contains("`grid`"), "{text}");
}
