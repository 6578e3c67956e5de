//! `nsb bench`: the line that other programs read, networks of the right size, equal results, and refusals.

use serde_json::Value;

use crate::sandbox::Sandbox;

fn line(sandbox: &Sandbox, arguments: &str) -> Value {
    let ended = sandbox.nsb(["bench", "--workload"].into_iter().chain(arguments.split_whitespace()));
    let object = ended.json();
    assert!(sandbox.names().is_empty(), "a benchmark writes no file");
    object
}

fn number(object: &Value, key: &str) -> f64 {
    object[key].as_f64().unwrap_or_else(|| panic!("{key} in {object}"))
}

#[test]
fn the_line_has_every_field_and_times_that_fit_together() {
    let sandbox = Sandbox::new();
    let object = line(&sandbox, "cuba --scale 0.25 --seconds 0.1 --delay 0.2 --seed 5");
    for key in [
        "import_s",
        "build_s",
        "run_s",
        "total_s",
        "realtime_factor",
        "mean_rate_hz",
        "rate_last_half_hz",
    ] {
        assert!(number(&object, key) >= 0.0, "{key}");
    }
    assert_eq!(object["workload"], "cuba");
    assert_eq!(object["peer"], "ours");
    assert_eq!(object["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(object["precision"], "double");
    assert_eq!(object["compile_s"], Value::Null);
    assert_eq!(object["spike_hash"].as_str().unwrap().len(), 16);
    for (key, value) in [
        ("threads", 1.0),
        ("scale", 0.25),
        ("dt_ms", 0.1),
        ("delay_ms", 0.2),
        ("n_neurons", 1000.0),
        ("sim_ms", 100.0),
        ("seed", 5.0),
    ] {
        assert_eq!(number(&object, key), value, "{key}");
    }
    // 80 inputs per cell, binomial: deviation √(80 000 · 0.92) = 271.
    assert!((number(&object, "n_synapses") - 80_000.0).abs() < 5.0 * 271.0);
    let (run_s, total_s) = (number(&object, "run_s"), number(&object, "total_s"));
    assert!((number(&object, "realtime_factor") / run_s - 10.0).abs() < 0.01);
    // The age of the process is known to 10 ms at both ends.
    assert!(number(&object, "build_s") + run_s < total_s + 0.03, "{object}");
    let rate_hz = number(&object, "spikes") / 1000.0 / 0.1;
    assert!((number(&object, "mean_rate_hz") - rate_hz).abs() < 1e-3);
    #[cfg(target_os = "linux")]
    {
        assert!(
            number(&object, "run_cpu_s") > 0.0 && number(&object, "run_cpu_s") < 1.5 * run_s + 0.01,
            "{object}"
        );
        assert!(number(&object, "peak_rss_mb") > 1.0);
    }
}

#[test]
fn results_do_not_depend_on_threads_width_or_executor() {
    let sandbox = Sandbox::new();
    for workload in [
        "coba --scale 0.2 --seconds 0.04",
        "microcircuit --scale 0.01 --seconds 0.02 --transient 20",
    ] {
        let hashes = ["", "--threads 2", "--simd scalar", "--executor interpreter"].map(|more| {
            let object = line(&sandbox, &format!("{workload} {more}"));
            assert!(number(&object, "spikes") > 0.0, "{object}");
            object["spike_hash"].clone()
        });
        assert!(
            hashes.windows(2).all(|pair| pair[0] == pair[1]),
            "{workload}: {hashes:?}"
        );
    }
}

#[test]
fn the_shown_project_gives_the_spikes_of_the_benchmark() {
    let sandbox = Sandbox::new();
    let arguments = [
        "bench",
        "--workload",
        "cobahh",
        "--scale",
        "0.05",
        "--seconds",
        "0.02",
        "--delay",
        "1.5",
    ];
    let benched = sandbox.nsb(arguments).json();
    let project = sandbox.nsb(arguments.iter().chain(&["--show-project"])).success();
    sandbox.write("shown.toml", project);
    let run = sandbox.nsb(["run", "shown.toml", "--json", "--no-figures"]).json();
    assert_eq!(run["spike_hash"], benched["spike_hash"]);
    assert_eq!(run["spikes"], benched["spikes"]);
}

#[test]
fn cells_of_a_population_get_currents_from_none_to_the_largest() {
    let sandbox = Sandbox::new();
    let object = line(&sandbox, "hh_population --scale 0.05 --seconds 0.1 --dt 0.025");
    assert_eq!(number(&object, "n_neurons"), 50.0);
    assert_eq!(number(&object, "n_synapses"), 0.0);
    // A third of the cells is below the onset of 6.3 µA/cm², the fastest fires at 86.5 Hz; the peers' mean is 51.4 to
    // 51.8 Hz over half a second, and more over the first tenth, in which also silent cells fire once or twice.
    let rate_hz = number(&object, "mean_rate_hz");
    assert!((50.0..62.0).contains(&rate_hz), "{rate_hz} Hz");
}

#[test]
fn the_microcircuit_has_the_synapses_of_the_formula_and_counts_after_the_transient() {
    let sandbox = Sandbox::new();
    let object = line(&sandbox, "microcircuit --scale 0.02 --seconds 0.05 --transient 50");
    // Σ round(0.02² · ln(1 − C) / ln(1 − 1/(N_t N_s))), computed in Python with log1p.
    assert_eq!(number(&object, "n_synapses"), 119_548.0);
    assert_eq!(number(&object, "n_neurons"), 1544.0);
    assert_eq!(number(&object, "sim_ms"), 50.0);
    assert_eq!(number(&object, "transient_ms"), 50.0);
    let whole = line(&sandbox, "microcircuit --scale 0.02 --seconds 0.1 --transient 0");
    let half = line(&sandbox, "microcircuit --scale 0.02 --seconds 0.05 --transient 0");
    assert_eq!(object["spike_hash"], whole["spike_hash"]);
    assert_eq!(
        number(&object, "spikes"),
        number(&whole, "spikes") - number(&half, "spikes")
    );
    let names = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"];
    let sizes = [414.0, 117.0, 438.0, 110.0, 97.0, 21.0, 288.0, 59.0];
    let spikes = names
        .iter()
        .zip(sizes)
        .map(|(name, size)| number(&object["rates_hz"], name) * size * 0.05);
    assert!(
        (spikes.sum::<f64>() - number(&object, "spikes")).abs() < 0.5,
        "{object}"
    );
    assert!(
        names.iter().all(|name| object["cv_isi"].get(name).is_some()),
        "{object}"
    );
}

#[test]
fn errors_of_a_single_cell_fall_with_the_square_of_the_step() {
    let sandbox = Sandbox::new();
    let errors = ["0.025", "0.0125"].map(|dt| {
        let object = line(&sandbox, &format!("hh_single_accuracy --dt {dt}"));
        ["step20", "step10"].map(|step| {
            let compared = &object[step];
            assert_eq!(compared["n_got"], compared["n_ref"]);
            // Both ways of timing a spike interpolate the same two samples.
            assert_eq!(compared["native"]["max_abs_err_ms"], compared["max_abs_err_ms"]);
            assert!(number(compared, "peak_max_abs_err_mV") < 0.1, "{object}");
            number(compared, "max_abs_err_ms")
        })
    });
    for (coarse, fine) in errors[0].iter().zip(errors[1]) {
        // Second order: a quarter; five decimals are printed.
        assert!((coarse / fine - 4.0).abs() < 0.4, "{errors:?}");
        // NEURON and Arbor: 0.35 to 0.39 ms at this step.
        assert!(*coarse < 0.02, "{errors:?}");
    }
    let curve = line(&sandbox, "hh_fi");
    assert_eq!(curve["firing_differs_at_I"], serde_json::json!([]));
    // Brian 2 2 %, NEURON and Arbor 0.7 %.
    assert!(number(&curve, "max_rel_err_pct") < 0.1, "{curve}");
}

/// Truths are closed forms; spikes lie on the grid. In numbers of 32 bits the weights have six digits.
#[test]
fn synapses_under_given_spikes_follow_the_closed_form_to_round_off() {
    let sandbox = Sandbox::new();
    for dt in ["0.1", "0.05"] {
        let pairs = line(&sandbox, &format!("stdp_pair --dt {dt}"));
        assert_eq!(number(&pairs, "n_synapses"), 120.0);
        // One spike on each side of 46 pairs; 3, 4 and 120 of the others.
        assert_eq!(
            number(&pairs, "spikes"),
            46.0 * 2.0 + 6.0 * 3.0 + 6.0 * 4.0 + 2.0 * 120.0
        );
        // A trace is multiplied at each of up to 38,000 steps, with a rounding of 1e-16 each time.
        assert!(number(&pairs, "max_abs_dev") < 1e-13, "{pairs}");
        // Not a comparison of nothing with nothing.
        assert!(number(&pairs["worst"][0], "dev") == number(&pairs, "max_abs_dev"));
        let train = &pairs["worst"].as_array().unwrap()[0];
        assert!(train["got"][0].as_f64().unwrap().abs() > 1e-3, "{pairs}");

        let short_term = line(&sandbox, &format!("tsodyks_markram --dt {dt}"));
        assert!(number(&short_term, "max_rel_dev_psc") < 1e-13, "{short_term}");
        for set in [
            "depressing",
            "depressing_weak_facil",
            "facilitating",
            "facilitating_strong",
        ] {
            let compared = &short_term["results"][set];
            assert_eq!(number(compared, "n"), 11.0);
            // Samples miss the peak by at most half a step.
            assert!(number(compared, "max_rel_dev_psp") < 2e-5, "{short_term}");
        }
    }
    let single = line(&sandbox, "stdp_pair --precision single");
    // What learns is kept in 64 bits in every precision.
    assert!(number(&single, "max_abs_dev") < 1e-13, "{single}");
}

#[test]
fn what_does_not_fit_a_workload_is_refused_with_a_fix() {
    let sandbox = Sandbox::new();
    for (arguments, parts) in [
        ("cubba", &["E0541", "did you mean `cuba`?"][..]),
        ("cuba --scale 0", &["E0541", "--scale"]),
        ("cuba --scale 0.01", &["E0541", "from 0.02"]),
        ("cuba --scale 1e9", &["E0541", "1000"]),
        ("hh_population --scale 1e9", &["E0541", "100"]),
        ("microcircuit --scale 2", &["E0541", "up to 1"]),
        ("microcircuit --scale 0.0001", &["E0541", "no cells"]),
        ("cuba --scale nan", &["E0541"]),
        ("cuba --seconds -1", &["E0541", "--seconds"]),
        ("cuba --seconds inf", &["E0541", "--seconds"]),
        ("cuba --seconds 1s", &["--seconds", "plain number"]),
        ("cuba --dt 0", &["E0541", "--dt"]),
        ("cuba --delay 0.06", &["E0609", "below the step of 0.1 ms"]),
        ("cuba --delay 0.25", &["E0541", "no multiple", "0.3"]),
        ("cuba --delay 0", &["E0541", "--delay"]),
        ("microcircuit --delay 1", &["E0541", "cuba, coba, cobahh"]),
        ("microcircuit --transient -1", &["E0541", "--transient"]),
        ("hh_fi --scale 2", &["E0541", "protocol"]),
        ("hh_single_accuracy --seconds 1", &["E0541", "protocol"]),
        ("stdp_pair --dt 0.03", &["E0541", "0.025"]),
        ("stdp_pair --dt 0.2", &["E0541", "grid"]),
        ("stdp_pair --delay 2", &["E0541", "cuba"]),
        ("tsodyks_markram --dt 0.3", &["E0541", "multiple"]),
        ("tsodyks_markram --scale 2", &["E0541", "protocol"]),
        ("cuba --threads 0", &["E0515", "threads"]),
        ("cuba --threads 10000", &["E0614", "1024"]),
        ("cuba --precision half", &["E0541", "double, single, compact"]),
    ] {
        let all = ["bench", "--workload"].into_iter().chain(arguments.split_whitespace());
        sandbox.nsb(all).refusal(2, parts);
    }
}
