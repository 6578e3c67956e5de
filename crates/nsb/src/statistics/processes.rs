//! Statistics of processes whose answers are known. Random numbers are those of the simulator, so tests repeat.

use nsb_engine::random;
use nsb_lang::math;

use super::*;

/// Evenly distributed in (0, 1].
fn uniform(stream: u32, index: u64) -> f64 {
    let block = random::philox4x32([index as u32, (index >> 32) as u32, stream, 0], [17, 4]);
    (f64::from(block[0]) + 1.0) / 4_294_967_296.0
}

/// A train whose intervals are sums of `shape` exponential ones: a Poisson process for 1, ever more regular above.
fn gamma_train(stream: u32, shape: u64, rate_hz: f64, duration_ms: f64) -> Vec<f64> {
    let part_ms = 1000.0 / (rate_hz * shape as f64);
    let (mut times, mut time, mut drawn) = (Vec::new(), 0.0, 0);
    loop {
        for _ in 0..shape {
            time -= part_ms * math::log(uniform(stream, drawn));
            drawn += 1;
        }
        if time >= duration_ms {
            return times;
        }
        times.push(time);
    }
}

fn gamma(shape: u64, cells: u32, rate_hz: f64, duration_ms: f64) -> Trains {
    let train = |cell| gamma_train(1000 * shape as u32 + cell, shape, rate_hz, duration_ms);
    Trains::new(duration_ms, (0..cells).map(train).collect())
}

fn near(value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{value} is not {expected} ± {tolerance}"
    );
}

#[test]
fn a_clock_has_no_variability() {
    let clock = |phase: f64| (0..200).map(|n| 10.0 * f64::from(n) + phase).collect();
    let trains = Trains::new(2000.0, vec![clock(5.0), clock(2.0)]);
    let measured = intervals(&trains).unwrap();
    near(measured.mean_ms, 10.0, 1e-12);
    near(measured.cv.unwrap(), 0.0, 1e-12);
    near(measured.cv2.unwrap(), 0.0, 1e-12);
    near(fano_factor(&trains).unwrap().mean, 0.0, 1e-12);
    near(rates(&trains).mean_hz, 100.0, 1e-12);
    near(rates(&trains).standard_deviation_hz, 0.0, 1e-12);
    let histogram = measured.histogram.unwrap();
    assert_eq!(histogram.counts.iter().sum::<u64>() + histogram.beyond, 398);
    assert_eq!(histogram.counts.iter().filter(|count| **count > 0).count(), 1);
}

#[test]
fn a_poisson_process_has_a_variability_of_one_and_no_correlation() {
    let trains = gamma(1, 20, 20.0, 100_000.0);
    let measured = intervals(&trains).unwrap();
    // 40,000 intervals; the error of a CV is about 1 / √n for each cell of 2,000.
    near(measured.cv.unwrap(), 1.0, 0.02);
    near(measured.cv2.unwrap(), 1.0, 0.02);
    near(measured.mean_ms, 50.0, 1.0);
    near(fano_factor(&trains).unwrap().mean, 1.0, 0.04);
    let counts = Counts::new(&trains, COUNT_BIN_MS).unwrap();
    let correlation = pairwise_correlation(&counts).unwrap();
    assert_eq!(correlation.pairs, 190);
    near(correlation.mean, 0.0, 0.002);
    near(chi_of_counts(&counts).unwrap(), 1.0 / 20f64.sqrt(), 0.01);
    near(rates(&trains).mean_hz, 20.0, 0.4);
    near(rates(&trains).standard_deviation_hz, (20.0_f64 / 100.0).sqrt(), 0.2);
}

#[test]
fn the_intervals_of_a_poisson_process_fall_off_exponentially() {
    let histogram = intervals(&gamma(1, 20, 20.0, 100_000.0)).unwrap().histogram.unwrap();
    let n = (histogram.counts.iter().sum::<u64>() + histogram.beyond) as f64;
    for (bin, count) in histogram.counts.iter().enumerate() {
        let survival = |edge: usize| math::exp(-(edge as f64) * histogram.bin_ms / 50.0);
        let expected = n * (survival(bin) - survival(bin + 1));
        near(*count as f64, expected, 5.0 * expected.sqrt());
    }
}

#[test]
fn a_gamma_process_is_as_regular_as_its_shape_says() {
    for shape in [2, 4, 9] {
        let trains = gamma(shape, 10, 20.0, 50_000.0);
        let k = shape as f64;
        near(intervals(&trains).unwrap().cv.unwrap(), 1.0 / k.sqrt(), 0.02);
        // In windows of mean count µ: 1/k + (1 − 1/k²) / (6 µ), Cox (1962) Renewal Theory.
        near(
            fano_factor(&trains).unwrap().mean,
            1.0 / k + (1.0 - 1.0 / (k * k)) / 12.0,
            0.05,
        );
    }
}

#[test]
fn slow_changes_of_rate_raise_cv_but_not_cv2() {
    let slow = (0..100).map(|n| 50.0 * f64::from(n));
    let fast = (0..500).map(|n| 5000.0 + 10.0 * f64::from(n));
    let measured = intervals(&Trains::new(10_000.0, vec![slow.chain(fast).collect()])).unwrap();
    assert!(measured.cv.unwrap() > 0.8, "{measured:?}");
    near(measured.cv2.unwrap(), 0.0, 0.01);
}

#[test]
fn identical_trains_are_fully_correlated_and_synchronous() {
    let train = gamma_train(7, 1, 20.0, 20_000.0);
    let counts = Counts::new(&Trains::new(20_000.0, vec![train; 4]), COUNT_BIN_MS).unwrap();
    near(pairwise_correlation(&counts).unwrap().mean, 1.0, 1e-12);
    near(chi_of_counts(&counts).unwrap(), 1.0, 1e-12);
}

#[test]
fn correlation_is_the_share_of_common_spikes() {
    let common = gamma_train(1, 1, 6.0, 100_000.0);
    let train = |cell: u32| [common.clone(), gamma_train(10 + cell, 1, 14.0, 100_000.0)].concat();
    let trains = Trains::new(100_000.0, (0..10).map(train).collect());
    let counts = Counts::new(&trains, COUNT_BIN_MS).unwrap();
    near(pairwise_correlation(&counts).unwrap().mean, 0.3, 0.02);
    // χ² of n cells with correlation c is (1 + (n − 1) c) / n.
    near(chi_of_counts(&counts).unwrap(), (3.7_f64 / 10.0).sqrt(), 0.02);
}

#[test]
fn the_synchrony_of_sines_follows_from_their_phases() {
    let sines = |phase: f64| -> Vec<f64> {
        let angle = |row: u32| f64::from(row) * std::f64::consts::TAU / 100.0;
        (0..1000)
            .flat_map(|row| [math::sin(angle(row)) - 60.0, 2.0 + math::sin(angle(row) + phase)])
            .collect()
    };
    near(chi_of_traces(&sines(0.0), 2).unwrap(), 1.0, 1e-9);
    near(
        chi_of_traces(&sines(std::f64::consts::FRAC_PI_2), 2).unwrap(),
        0.5_f64.sqrt(),
        1e-9,
    );
    near(chi_of_traces(&sines(std::f64::consts::PI), 2).unwrap(), 0.0, 1e-6);
}

#[test]
fn the_spectrum_of_independent_cells_is_flat_at_twice_the_rate_over_their_number() {
    let spectrum = rate_spectrum(&gamma(1, 20, 20.0, 100_000.0)).unwrap();
    let mean = spectrum.power[1..].iter().sum::<f64>() / (spectrum.power.len() - 1) as f64;
    near(mean, 2.0, 0.06);
    assert!(spectrum.peak_over_mean < 1.6, "{spectrum:?}");
    assert_eq!(spectrum.rhythm_hz(), None);
}

#[test]
fn a_modulated_rate_has_its_peak_at_the_frequency_of_the_modulation() {
    for frequency_hz in [9.0, 40.0, 130.0] {
        // Thinning: a spike of a process of twice the rate is kept as the sine says.
        let train = |cell: u32| -> Vec<f64> {
            let all = gamma_train(50 + cell, 1, 40.0, 20_000.0).into_iter().enumerate();
            let kept = |time: f64| 0.5 + 0.5 * math::sin(std::f64::consts::TAU * frequency_hz * time / 1000.0);
            all.filter(|(n, time)| uniform(900 + cell, *n as u64) < kept(*time))
                .map(|(_, time)| time)
                .collect()
        };
        let spectrum = rate_spectrum(&Trains::new(20_000.0, (0..40).map(train).collect())).unwrap();
        near(spectrum.peak_hz, frequency_hz, spectrum.resolution_hz);
        assert!(spectrum.peak_over_mean > 10.0, "{}", spectrum.peak_over_mean);
    }
}

#[test]
fn too_few_spikes_give_no_number_rather_than_a_wrong_one() {
    let silent = Trains::new(1000.0, vec![Vec::new(); 3]);
    let single = Trains::new(1000.0, vec![vec![5.0], vec![7.0]]);
    for trains in [&silent, &single, &Trains::default()] {
        assert!(intervals(trains).is_none() && rate_spectrum(trains).is_none());
        let rates = rates(trains);
        assert!(rates.mean_hz.is_finite() && rates.lowest_hz.is_finite());
    }
    assert!(fano_factor(&silent).is_none());
    let counts = Counts::new(&silent, COUNT_BIN_MS).unwrap();
    assert!(pairwise_correlation(&counts).is_none() && chi_of_counts(&counts).is_none());
    assert!(Counts::new(&Trains::default(), COUNT_BIN_MS).is_none());
    assert!(chi_of_traces(&[1.0, 2.0], 2).is_none() && chi_of_traces(&[1.0; 8], 2).is_none());
    let two = intervals(&Trains::new(100.0, vec![vec![1.0, 4.0]])).unwrap();
    assert_eq!((two.count, two.cv, two.cv2, two.histogram), (1, None, None, None));
}
