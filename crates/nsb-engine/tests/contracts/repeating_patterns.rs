//! A pattern that repeats in spikes that do not: rates, times, and what comes back.

use nsb_engine::{Network, Plan, RepeatingPattern, Settings, SourceSpikes};

use crate::models::{lif, quantity, run, settings, watch_spikes};
use crate::sources::{counts, network};

/// A pattern of 10 ms in 40 ms, without noise and jitter. A step has 0.1 ms.
fn pattern(size: usize) -> RepeatingPattern {
    RepeatingPattern {
        label: "A".to_owned(),
        size,
        duration: quantity("10 ms"),
        share: 0.25,
        jitter: quantity("0 ms"),
        low: quantity("0 Hz"),
        high: quantity("200 Hz"),
        change: quantity("5 ms"),
        noise: quantity("0 Hz"),
        shuffled: false,
    }
}

/// The spikes of the cells while the pattern is shown, for each time it is: (step since its beginning, cell).
fn shown(pattern: &RepeatingPattern, counts: &[Vec<f64>], seed: u64) -> Vec<Vec<(usize, usize)>> {
    let lengths = pattern.steps(0.1);
    assert_eq!(lengths, (100, 400));
    let periods = 0..counts.len() / 400;
    let of_period = |period: usize| {
        let begin = period * 400 + pattern.offset(period as u64, lengths, 0, seed) as usize;
        let mut spikes = Vec::new();
        for (n, row) in counts[begin..begin + 100].iter().enumerate() {
            let fired = row.iter().enumerate().filter(|(_, count)| **count > 0.0);
            spikes.extend(fired.map(|(cell, _)| (n, cell)));
        }
        spikes
    };
    periods.map(of_period).collect()
}

#[test]
fn the_pattern_comes_back_spike_by_spike_and_all_else_does_not() {
    let described = pattern(30);
    let counts = counts(&network(60, SourceSpikes::Repeating(described.clone())), 2000.0);
    let shown = shown(&described, &counts, 1);
    assert_eq!(shown.len(), 50);
    let members = described.cells(60, 1);
    let of = |spikes: &[(usize, usize)], member: bool| -> Vec<(usize, usize)> {
        let wanted = spikes
            .iter()
            .filter(|(_, cell)| members.contains(&(*cell as u32)) == member);
        wanted.copied().collect()
    };
    // 30 cells of about 100 Hz for 10 ms: 30 spikes, by another seed more or less.
    let first = of(&shown[0], true);
    assert!((12..60).contains(&first.len()), "{}", first.len());
    assert!(shown.iter().all(|spikes| of(spikes, true) == first));
    assert!(shown.windows(2).all(|pair| of(&pair[0], false) != of(&pair[1], false)));
}

#[test]
fn rates_are_the_mean_of_the_levels_and_the_noise_on_top() {
    let mut described = pattern(1);
    described.noise = quantity("40 Hz");
    let counts = counts(&network(400, SourceSpikes::Repeating(described)), 1000.0);
    let total: f64 = counts.iter().flatten().sum();
    // Levels of 0 to 200 Hz, 100 on average, and 40: 140 per cell. The standard error of the mean of 400 cells with 200
    // levels each is 0.2 Hz, that of the number of spikes 0.6 Hz; five of each.
    assert!((total / 400.0 - 140.0).abs() < 4.0, "{}", total / 400.0);
    assert!(
        counts.iter().flatten().all(|count| *count <= 1.0),
        "at most one in a step"
    );
}

#[test]
fn jitter_moves_each_spike_by_its_deviation_each_time_anew() {
    let mut described = pattern(200);
    let clean = counts(&network(200, SourceSpikes::Repeating(described.clone())), 40.0);
    described.jitter = quantity("0.5 ms");
    let moved = counts(&network(200, SourceSpikes::Repeating(described.clone())), 4000.0);
    let clean = &shown(&described, &clean, 1)[0];
    // Cells with a single spike, far from the ends of the pattern.
    let alone = |cell: usize| clean.iter().filter(|(_, own)| *own == cell).count() == 1;
    let chosen: Vec<_> = clean
        .iter()
        .filter(|(at, cell)| alone(*cell) && (30..70).contains(at))
        .collect();
    assert!(chosen.len() > 10);
    let mut distances = Vec::new();
    for spikes in shown(&described, &moved, 1) {
        for (at, cell) in &chosen {
            let now = spikes.iter().find(|(_, own)| own == cell).unwrap().0;
            distances.push((now as f64 - *at as f64) * 0.1);
        }
    }
    let n = distances.len() as f64;
    let mean = distances.iter().sum::<f64>() / n;
    let variance = distances.iter().map(|d| d * d).sum::<f64>() / n;
    // Rounding to steps of 0.1 ms adds 0.1² / 12. Five standard errors.
    assert!(mean.abs() < 5.0 * 0.5 / n.sqrt(), "{mean}");
    assert!(
        (variance - 0.25 - 0.01 / 12.0).abs() < 5.0 * 0.25 * (2.0 / n).sqrt(),
        "{variance}"
    );
}

#[test]
fn shuffled_patterns_have_as_many_spikes_and_other_cells_each_time() {
    let mut described = pattern(30);
    described.shuffled = true;
    let counts = counts(&network(60, SourceSpikes::Repeating(described.clone())), 2000.0);
    let shown = shown(&described, &counts, 1);
    let members = described.cells(60, 1);
    // Of the some 60 spikes of a time, two times share about 60 · 0.01, the chance of a spike in a step; not half of them.
    let agree = |a: &[(usize, usize)], b: &[(usize, usize)]| a.iter().filter(|spike| b.contains(spike)).count();
    let agreeing: usize = shown.windows(2).map(|pair| agree(&pair[0], &pair[1])).sum();
    let spikes: usize = shown[1..].iter().map(Vec::len).sum();
    assert!((agreeing as f64) < 0.05 * spikes as f64, "{agreeing} of {spikes}");
    // A cell of the pattern fires as often as any other.
    let all: Vec<&(usize, usize)> = shown.iter().flatten().collect();
    let own = all.iter().filter(|(_, cell)| members.contains(&(*cell as u32))).count() as f64;
    let part = own / all.len() as f64;
    assert!((part - 0.5).abs() < 0.06, "{part}");
}

#[test]
fn spikes_do_not_depend_on_threads() {
    let mut cells = lif("cells", 3000);
    cells.receptors[0] = nsb_engine::Receptor::new("synapse", crate::models::built_in("delta"));
    let described = SourceSpikes::Repeating(RepeatingPattern {
        jitter: quantity("1 ms"),
        noise: quantity("10 Hz"),
        ..pattern(1500)
    });
    let network = Network {
        populations: vec![cells],
        spike_sources: vec![nsb_engine::SpikeSource {
            name: "source".to_owned(),
            population: "cells".to_owned(),
            receptor: "synapse".to_owned(),
            weight: quantity("100 mV"),
            spikes: described,
        }],
        monitors: vec![watch_spikes("spikes", "cells")],
        ..Network::default()
    };
    let hash = |threads| run(&network, &Settings { threads, ..settings() }, 100.0);
    let (one, three) = (hash(1), hash(3));
    assert!(one.spikes[0].cells.len() > 10_000);
    assert_eq!(one.spike_hash, three.spike_hash);
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let refused = |change: &dyn Fn(&mut RepeatingPattern)| {
        let mut described = pattern(30);
        change(&mut described);
        let network = network(60, SourceSpikes::Repeating(described));
        Plan::new(&network, &settings()).unwrap_err().to_string()
    };
    assert!(refused(&|p| p.size = 61).contains("61 cells"));
    assert!(refused(&|p| p.share = 1.0).contains("share"));
    assert!(refused(&|p| p.low = quantity("300 Hz")).contains("low"));
    assert!(refused(&|p| p.high = quantity("20 kHz")).contains("at most one"));
    assert!(refused(&|p| p.duration = quantity("0.01 ms")).contains("duration"));
    assert!(refused(&|p| p.noise = quantity("3 mV")).contains("noise"));
}
