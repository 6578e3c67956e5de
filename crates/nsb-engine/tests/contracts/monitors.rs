//! Recordings hold what happened, in the order they promise.

use std::ops::ControlFlow;

use nsb_engine::{CellSet, Monitor, Network, Observer, Outcome, Progress, Recording, SimulationError};

use crate::models::{constant, hodgkin_huxley, lif, quantity, run, settings, simulation, watch, watch_spikes};

fn variables(cells: CellSet, interval: Option<&str>) -> Monitor {
    Monitor::Variables {
        name: "trace".to_owned(),
        population: "cells".to_owned(),
        variables: vec!["V".to_owned()],
        cells,
        interval: interval.map(quantity),
    }
}

fn driven(size: usize, monitors: Vec<Monitor>) -> Network {
    Network {
        populations: vec![lif("cells", size)],
        stimuli: vec![constant("drive", "cells", CellSet::All, "300 pA")],
        monitors,
        ..Network::default()
    }
}

#[test]
fn samples_begin_at_zero_and_come_at_their_interval() {
    let recording = run(
        &driven(1, vec![variables(CellSet::All, Some("0.7 ms"))]),
        &settings(),
        10.0,
    );
    let trace = &recording.variables[0];
    assert_eq!(trace.times_ms.len(), 15);
    for (n, &time) in trace.times_ms.iter().enumerate() {
        assert!((time - 0.7 * n as f64).abs() < 1e-9, "sample {n} at {time} ms");
    }
    assert_eq!(trace.series[0].values.len(), 15);
    assert_eq!(trace.series[0].values[0], -65.0);
    assert_eq!(trace.series[0].unit.symbol(), "mV");
}

/// Columns are cells in ascending order, also where a monitor spans blocks.
#[test]
fn selected_cells_are_the_columns_of_the_full_recording() {
    let mut network = driven(1100, vec![variables(CellSet::All, None)]);
    network.stimuli = (0..11)
        .map(|n| constant(&format!("drive {n}"), "cells", CellSet::Range(100 * n, 1100), "20 pA"))
        .collect();
    let all = run(&network, &settings(), 2.0);
    network.monitors = vec![variables(CellSet::List(vec![1099, 0, 513, 511, 700]), Some("0.5 ms"))];
    let some = run(&network, &settings(), 2.0);
    let cells = [0, 511, 513, 700, 1099];
    assert_eq!(some.variables[0].cells, cells);
    let (full, part) = (&all.variables[0].series[0].values, &some.variables[0].series[0].values);
    assert_eq!(part.len(), 5 * 5);
    for row in 0..5 {
        for (column, &cell) in cells.iter().enumerate() {
            assert_eq!(
                part[row * 5 + column],
                full[row * 5 * 1100 + cell as usize],
                "row {row}, cell {cell}"
            );
        }
    }
    assert_ne!(part[20], part[24], "cells differ");
}

/// Monitors that share blocks but neither cells, variables nor intervals.
#[test]
fn monitors_do_not_disturb_each_other() {
    let monitor = |name: &str, variables: &[&str], cells, interval| Monitor::Variables {
        name: name.to_owned(),
        population: "cells".to_owned(),
        variables: variables.iter().map(|&v| v.to_owned()).collect(),
        cells,
        interval: Some(quantity(interval)),
    };
    let alone = [
        monitor("a", &["V"], CellSet::Range(500, 520), "0.3 ms"),
        monitor("b", &["I", "V"], CellSet::List(vec![2, 510]), "0.2 ms"),
        monitor("c", &["V", "I"], CellSet::Range(515, 517), "0.1 ms"),
    ];
    let record = |monitors| {
        let mut network = driven(600, monitors);
        network
            .stimuli
            .push(constant("more", "cells", CellSet::Range(505, 516), "50 pA"));
        run(&network, &settings(), 3.0).variables
    };
    let together = record(alone.to_vec());
    for (n, monitor) in alone.into_iter().enumerate() {
        assert_eq!(record(vec![monitor])[0], together[n]);
    }
}

/// The leak current is g_L (V − E_L) of the same sample: −65 mV gives 0.3 mS/cm² · −10.613 mV.
#[test]
fn derived_variables_belong_to_their_sample() {
    let network = Network {
        populations: vec![hodgkin_huxley("cells", 2)],
        stimuli: vec![constant("drive", "cells", CellSet::List(vec![1]), "10 uA/cm^2")],
        monitors: vec![watch("trace", "cells", &["V", "I_L"])],
        ..Network::default()
    };
    let recording = run(
        &network,
        &nsb_engine::Settings {
            dt_ms: 0.025,
            ..settings()
        },
        10.0,
    );
    let [voltage, leak] = &recording.variables[0].series[..] else {
        panic!("two series")
    };
    assert_eq!(voltage.values.len(), 2 * 401);
    for (v, i) in voltage.values.iter().zip(&leak.values) {
        let shown = leak.unit.from_engine(*i);
        let expected = 0.3 * (v + 54.387);
        assert!(
            (shown - expected).abs() < 1e-9,
            "{shown} at {v} mV, expected {expected}"
        );
    }
    assert!((leak.unit.from_engine(leak.values[0]) + 3.1839).abs() < 1e-9);
}

#[test]
fn spike_monitors_see_their_cells_in_order_and_counts_see_all() {
    let some = Monitor::Spikes {
        name: "some".to_owned(),
        population: "cells".to_owned(),
        cells: CellSet::Range(510, 514),
    };
    let mut network = driven(600, vec![watch_spikes("all", "cells"), some]);
    // The later a cell in the list, the stronger its drive.
    network.stimuli = (0..6)
        .map(|n| constant(&format!("{n}"), "cells", CellSet::Range(100 * n, 600), "200 pA"))
        .collect();
    let recording = run(&network, &settings(), 100.0);
    let (all, some) = (&recording.spikes[0], &recording.spikes[1]);
    assert_eq!(recording.populations[0].spikes, all.times_ms.len() as u64);
    assert_eq!(
        (all.monitor.as_str(), all.population.as_str(), all.population_size),
        ("all", "cells", 600)
    );
    let keys: Vec<(u64, u32)> = all
        .times_ms
        .iter()
        .zip(&all.cells)
        .map(|(t, &cell)| ((t / 0.1).ceil() as u64, cell))
        .collect();
    assert!(keys.is_sorted(), "sorted by step, then cell");
    let expected: Vec<(f64, u32)> = all
        .times_ms
        .iter()
        .zip(&all.cells)
        .filter(|(_, cell)| (510..514).contains(*cell))
        .map(|(&t, &cell)| (t, cell))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(
        some.times_ms
            .iter()
            .copied()
            .zip(some.cells.iter().copied())
            .collect::<Vec<_>>(),
        expected
    );
}

/// Period of the closed form, rounded up to whole steps: the exact propagator makes no other error.
#[test]
fn integrate_and_fire_cells_fire_at_the_rate_of_the_closed_form() {
    let recording = run(&driven(1, vec![watch_spikes("spikes", "cells")]), &settings(), 1000.0);
    // R I = 20 ms / 200 pF · 300 pA = 30 mV: 15 mV of 30 take τ ln 2.
    let integration = 20.0 * std::f64::consts::LN_2;
    let period_steps = (integration / 0.1).ceil() + 20.0;
    let steps: Vec<f64> = recording.spikes[0].times_ms.iter().map(|t| (t / 0.1).ceil()).collect();
    assert_eq!(steps.len(), ((10_000.0 + 20.0) / period_steps).floor() as usize);
    for (n, &step) in steps.iter().enumerate() {
        assert_eq!(step, (n as f64 + 1.0) * period_steps - 20.0, "spike {n}");
    }
    // The reported time is interpolated within the step: the chord of a curve that bends by dt/τ = 0.5 % is off by
    // at most an eighth of that times dt.
    let error = (recording.spikes[0].times_ms[0] - integration).abs();
    assert!(error < 0.1 * 0.1 / 20.0 / 8.0 * 1.5, "first spike is off by {error} ms");
}

/// The hash as design and documents define it, computed from the recordings of all populations.
#[test]
fn the_spike_hash_is_that_of_the_recorded_spikes() {
    let mut network = driven(600, vec![watch_spikes("a", "cells"), watch_spikes("b", "more")]);
    network.populations.push(lif("more", 20));
    network
        .stimuli
        .push(constant("other drive", "more", CellSet::Range(3, 17), "400 pA"));
    let recording = run(&network, &settings(), 50.0);
    let mut records: Vec<(u64, u32, u32, u64)> = Vec::new();
    for (population, spikes) in recording.spikes.iter().enumerate() {
        for (&time, &cell) in spikes.times_ms.iter().zip(&spikes.cells) {
            records.push(((time / 0.1).ceil() as u64, population as u32, cell, time.to_bits()));
        }
    }
    assert!(records.len() > 600);
    records.sort_unstable();
    let mut bytes = Vec::new();
    for (step, population, cell, time) in records {
        bytes.extend(step.to_le_bytes());
        bytes.extend(population.to_le_bytes());
        bytes.extend(cell.to_le_bytes());
        bytes.extend(time.to_le_bytes());
    }
    assert_eq!(
        recording.spike_hash,
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes))
    );
}

#[test]
fn durations_that_are_none_are_refused() {
    let mut simulation = simulation(&driven(1, Vec::new()), &settings());
    for duration_ms in [-1.0, f64::NAN, f64::INFINITY, 0.01, 1e300] {
        let result = simulation.run_for(duration_ms, &mut ());
        assert!(
            matches!(result, Err(SimulationError::Duration { .. })),
            "{duration_ms} ms: {result:?}"
        );
    }
    assert_eq!(simulation.time_ms(), 0.0);
    assert_eq!(simulation.run_for(0.0, &mut ()), Ok(Outcome::Completed));
    assert_eq!(simulation.run_for(0.3, &mut ()), Ok(Outcome::Completed));
}

#[test]
fn a_network_of_nothing_runs() {
    let recording = run(&Network::default(), &settings(), 10.0);
    assert_eq!(recording.spike_hash, "2d06800538d394c2");
    assert_eq!(recording.simulated_ms, 10.0);
}

/// Takes what was recorded as soon as there are 8 KiB of it.
struct Taker {
    most_held: usize,
    spikes: Vec<(f64, u32)>,
    samples: Vec<(f64, f64)>,
}

impl Taker {
    fn take(&mut self, held: &mut Recording) {
        self.most_held = self.most_held.max(held.held_bytes());
        let (spikes, trace) = (&held.spikes[0], &held.variables[0]);
        self.spikes
            .extend(spikes.times_ms.iter().copied().zip(spikes.cells.iter().copied()));
        let values = trace.series[0].values.iter().copied();
        self.samples.extend(trace.times_ms.iter().copied().zip(values));
        held.clear();
    }
}

impl Observer for Taker {
    fn progress(&mut self, _now: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        if held.held_bytes() >= 8192 {
            self.take(held);
        }
        ControlFlow::Continue(())
    }
}

/// What is held does not grow with the duration, and its pieces put together are the whole.
#[test]
fn a_recording_taken_in_pieces_is_the_same_and_takes_bounded_memory() {
    let network = driven(
        20,
        vec![watch_spikes("spikes", "cells"), variables(CellSet::Range(0, 1), None)],
    );
    let mut most_held = Vec::new();
    for duration_ms in [500.0, 5000.0] {
        let whole = run(&network, &settings(), duration_ms);
        let mut simulation = simulation(&network, &settings());
        let mut taker = Taker {
            most_held: 0,
            spikes: Vec::new(),
            samples: Vec::new(),
        };
        simulation.run_for(duration_ms, &mut taker).unwrap();
        let mut rest = simulation.into_recording();
        taker.take(&mut rest);
        assert_eq!(rest.held_bytes(), 0);
        assert_eq!(
            (&rest.populations, &rest.spike_hash),
            (&whole.populations, &whole.spike_hash)
        );
        let times: Vec<f64> = taker.spikes.iter().map(|(time, _)| *time).collect();
        let cells: Vec<u32> = taker.spikes.iter().map(|(_, cell)| *cell).collect();
        assert!(!times.is_empty() && times == whole.spikes[0].times_ms && cells == whole.spikes[0].cells);
        let values: Vec<f64> = taker.samples.iter().map(|(_, value)| *value).collect();
        assert_eq!(values, whole.variables[0].series[0].values);
        assert!(
            taker
                .samples
                .iter()
                .map(|(time, _)| time)
                .eq(&whole.variables[0].times_ms)
        );
        most_held.push(taker.most_held);
    }
    // The threshold, and what one epoch brings beyond it.
    assert!(most_held[1] < 8192 + 4096, "{most_held:?}");
}

/// Bins hold the spikes of their steps, of the cells watched, and end with the last whole one.
#[test]
fn a_rate_is_spikes_per_cell_and_second_in_each_bin() {
    let rate = |name: &str, cells, bin| Monitor::Rate {
        name: name.to_owned(),
        population: "cells".to_owned(),
        cells,
        bin: quantity(bin),
    };
    let mut network = driven(
        10,
        vec![
            watch_spikes("spikes", "cells"),
            rate("all", CellSet::All, "2 ms"),
            rate("some", CellSet::Range(0, 3), "0.7 ms"),
        ],
    );
    network
        .stimuli
        .push(constant("more", "cells", CellSet::Range(0, 3), "50 pA"));
    let recording = run(&network, &settings(), 101.0);
    let spikes = &recording.spikes[0];
    for (rate, cells, bin_ms, n_bins) in [(&recording.rates[0], 10, 2.0, 50), (&recording.rates[1], 3, 0.7, 144)] {
        assert_eq!((rate.n_cells, rate.times_ms.len()), (cells, n_bins));
        assert!((rate.bin_ms - bin_ms).abs() < 1e-12);
        let mut counts = vec![0.0; n_bins];
        for (time, cell) in spikes.times_ms.iter().zip(&spikes.cells) {
            // Interpolated times lie within the step before the grid point.
            let bin = (time / bin_ms) as usize;
            if (*cell as usize) < cells && bin < n_bins {
                counts[bin] += 1.0;
            }
        }
        assert!(counts.iter().sum::<f64>() > 0.0);
        for (n, count) in counts.iter().enumerate() {
            assert!((rate.times_ms[n] - n as f64 * bin_ms).abs() < 1e-9);
            let expected = count / (cells as f64 * bin_ms / 1000.0);
            assert!(
                (rate.rates_hz[n] - expected).abs() < 1e-9 * expected.max(1.0),
                "bin {n}"
            );
        }
    }
    // The same in pieces.
    let mut simulation = simulation(&network, &settings());
    for duration_ms in [0.3, 50.0, 50.7] {
        simulation.run_for(duration_ms, &mut ()).unwrap();
    }
    assert_eq!(simulation.recording().rates, recording.rates);
}
