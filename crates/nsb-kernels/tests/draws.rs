//! Random numbers in models: their distribution, their independence, and what a call means.

#![allow(clippy::unwrap_used)] // tests may

mod support;

use nsb_lang::lower::Method;
use support::Cells;

/// Fires in every step and keeps what it drew.
const DICE: &str = r#"
neuron dice "shows its draws"
functions:
    twice(x) = x + x
    both() = uniform() - uniform()
equations:
    du/dt = 0/ms : 1
    dw/dt = 0/ms : 1
    dx/dt = 0/ms : 1
    dsame/dt = 0/ms : 1
    dother/dt = 0/ms : 1
initial:
    u = 0
    w = 0
    x = 0
    same = 0
    other = 0
threshold: u > -1
reset:
    u = uniform()
    w = uniform()
    x = normal()
    same = twice(uniform())
    other = both()
"#;

const CELLS: usize = 200;
const STEPS: usize = 5000;

/// What each cell drew in each step: [step][cell].
fn draws(name: &str, seed: u64) -> Vec<Vec<f64>> {
    let mut cells = Cells::text(DICE, Method::Euler, 0.1, CELLS);
    cells.seed = seed;
    let id = cells.id(name);
    (0..STEPS)
        .map(|_| {
            assert_eq!(cells.step().len(), CELLS);
            cells.columns.column(id).to_vec()
        })
        .collect()
}

/// The correlation of pairs, in units of its standard error where the two are independent.
fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        n += 1.0;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let covariance = xy / n - x / n * (y / n);
    let variances = (xx / n - (x / n) * (x / n)) * (yy / n - (y / n) * (y / n));
    covariance / variances.sqrt() * f64::sqrt(n)
}

/// The chi-square of counts against equal ones, as a deviation in units of its standard deviation.
fn chi_square(counts: &[u32]) -> f64 {
    let mean = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    let sum: f64 = counts
        .iter()
        .map(|&c| (f64::from(c) - mean) * (f64::from(c) - mean) / mean)
        .sum();
    let freedom = (counts.len() - 1) as f64;
    (sum - freedom) / (2.0 * freedom).sqrt()
}

// All bounds are five standard errors: with about twenty comparisons, one fails by chance once in 80,000 keys. The draws
// are fixed, so it fails always or never.

#[test]
fn uniform_draws_have_the_moments_and_fill_the_unit_interval_to_the_last_bit() {
    let all: Vec<f64> = draws("u", 1).concat();
    let n = all.len() as f64;
    assert!(all.iter().all(|&u| u > 0.0 && u < 1.0));
    let mean = all.iter().sum::<f64>() / n;
    assert!((mean - 0.5).abs() < 5.0 / (12.0 * n).sqrt(), "mean {mean}");
    // The fourth central moment is 1/80, so the squares spread by √(1/80 − 1/144).
    let variance = all.iter().map(|u| (u - 0.5) * (u - 0.5)).sum::<f64>() / n;
    assert!(
        (variance - 1.0 / 12.0).abs() < 5.0 * ((1.0 / 80.0 - 1.0 / 144.0) / n).sqrt(),
        "variance {variance}"
    );
    // The first ten binary digits, then the 20th to 30th, then the last ten before the final 1.
    for digits in [10, 30, 52] {
        let mut counts = vec![0u32; 1024];
        for u in &all {
            let word = (u * (1u64 << digits) as f64) as u64;
            counts[(word & 1023) as usize] += 1;
        }
        let z = chi_square(&counts);
        assert!(z.abs() < 5.0, "binary digits up to {digits}: {z}");
    }
}

#[test]
fn normal_draws_have_the_moments_and_tails_of_the_normal_distribution() {
    let all: Vec<f64> = draws("x", 1).concat();
    let n = all.len() as f64;
    let moment = |power: i32| all.iter().map(|x| (0..power).fold(1.0, |p, _| p * x)).sum::<f64>() / n;
    let error = 5.0 / n.sqrt();
    assert!(moment(1).abs() < error, "mean {}", moment(1));
    assert!((moment(2) - 1.0).abs() < 2f64.sqrt() * error, "variance {}", moment(2));
    assert!(moment(3).abs() < 15f64.sqrt() * error, "third {}", moment(3));
    assert!((moment(4) - 3.0).abs() < 96f64.sqrt() * error, "fourth {}", moment(4));
    // P(|x| > limit) from tables.
    for (limit, p) in [(0.674_489_75, 0.5), (1.959_964, 0.05), (3.290_527, 0.001)] {
        let beyond = all.iter().filter(|x| x.abs() > limit).count() as f64;
        assert!(
            (beyond - n * p).abs() < 5.0 * (n * p * (1.0 - p)).sqrt(),
            "{beyond} beyond {limit}"
        );
    }
}

#[test]
fn draws_of_cells_steps_calls_and_seeds_are_independent() {
    let (u, w, x, other_seed) = (draws("u", 1), draws("w", 1), draws("x", 1), draws("u", 2));
    let flat = |draws: &[Vec<f64>]| draws.concat();
    let neighbours = u.iter().flat_map(|step| step.windows(2)).map(|p| (p[0], p[1]));
    let blocks_apart = u
        .iter()
        .flat_map(|step| step.iter().zip(&step[64..]))
        .map(|(a, b)| (*a, *b));
    let steps = u.windows(2).flat_map(|p| p[0].iter().zip(&p[1])).map(|(a, b)| (*a, *b));
    for (name, z) in [
        ("neighbours", correlation(neighbours)),
        ("cells of two blocks", correlation(blocks_apart)),
        ("steps", correlation(steps)),
        ("calls", correlation(flat(&u).into_iter().zip(flat(&w)))),
        ("kinds", correlation(flat(&u).into_iter().zip(flat(&x)))),
        ("seeds", correlation(flat(&u).into_iter().zip(flat(&other_seed)))),
    ] {
        assert!(z.abs() < 5.0, "{name}: {z} standard errors");
        assert!(z != 0.0, "{name}");
    }
    // Pairs fill the square evenly, too.
    for lag in [1, 7] {
        let mut counts = vec![0u32; 1024];
        for p in u.windows(lag + 1) {
            for (a, b) in p[0].iter().zip(&p[lag]) {
                counts[(a * 32.0) as usize * 32 + (b * 32.0) as usize] += 1;
            }
        }
        let z = chi_square(&counts);
        assert!(z.abs() < 5.0, "pairs {lag} steps apart: {z}");
    }
}

#[test]
fn each_call_draws_anew_and_an_argument_is_drawn_once() {
    let (same, other) = (draws("same", 3).concat(), draws("other", 3).concat());
    let variance = |all: &[f64]| {
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len() as f64
    };
    // 2·u has the variance 4/12, the difference of two draws 2/12.
    assert!((variance(&same) * 12.0 - 4.0).abs() < 0.02, "{}", variance(&same));
    assert!((variance(&other) * 12.0 - 2.0).abs() < 0.02, "{}", variance(&other));
    assert!(same.iter().all(|x| (0.0..2.0).contains(x)));
}

#[test]
fn a_step_done_again_draws_the_same() {
    let mut cells = Cells::text(DICE, Method::Euler, 0.1, 10);
    let run = |cells: &mut Cells| {
        (0..5).for_each(|_| drop(cells.step()));
        cells.columns.clone()
    };
    run(&mut cells);
    let first = run(&mut cells);
    cells.steps = 5;
    assert_eq!(first, run(&mut cells));
    assert_ne!(first, run(&mut cells));
}
