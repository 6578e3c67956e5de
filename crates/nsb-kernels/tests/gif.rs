//! The generalised integrate-and-fire neuron against closed forms for its chance of firing.

#![allow(clippy::disallowed_methods)] // the closed forms are evaluated independently

mod support;

use nsb_lang::lower::Method;
use support::{Cells, intervals};

/// Spike times of cells whose potential rests at a value, before and after spikes.
fn held(potential: &str, dt: f64, cells: usize, duration: f64) -> Vec<Vec<f64>> {
    let parameters = [("E_L", potential), ("V_reset", potential)];
    let mut cells = Cells::builtin("gif", Method::Auto, dt, cells, &parameters);
    cells.all_spikes_until(duration)
}

#[test]
fn a_held_potential_gives_the_rate_of_a_process_with_dead_time() {
    // λ = 1 Hz · e^((V − V_T)/Δ_V), rate λ / (1 + λ·t_ref). The step of 0.02 ms lengthens intervals by half of it.
    for (potential, value, n, duration) in [("-33 mV", -33.0_f64, 100, 5000.0), ("-31.5 mV", -31.5, 100, 1000.0)] {
        let lambda = 1e-3 * ((value + 35.0) / 0.5).exp();
        let spikes = held(potential, 0.02, n, duration);
        let count: usize = spikes.iter().map(Vec::len).sum();
        let mean = 1.0 / lambda + 4.0;
        // Renewal theory: from a fresh start, T/μ + (σ²/μ² − 1)/2 spikes, less the dead time that the start lacks.
        let spread = 1.0 / lambda / mean;
        let expected = n as f64 * (duration / mean + (spread * spread - 1.0) / 2.0 + 4.0 / mean);
        let deviation = spread * (n as f64 * duration / mean).sqrt();
        let z = (count as f64 - expected) / deviation;
        assert!(z.abs() < 4.0, "{potential}: {count} spikes, expected {expected}: {z}");
    }
}

#[test]
fn survival_at_a_held_potential_is_exponential() {
    let dt = 0.1;
    let lambda = 1e-3 * (4.0_f64).exp();
    let spikes = held("-33 mV", dt, 200, 5000.0);
    // Steps survived after the refractory time; the chance to survive k of them is e^(−λ·k·dt).
    let mut counts = [0u32; 40];
    let mut n = 0.0;
    for times in &spikes {
        for interval in intervals(times) {
            let steps = (interval / dt).round() - (4.0 / dt).round() - 1.0;
            assert!(steps >= 0.0, "interval {interval} ms");
            counts[(steps / 10.0).min(39.0) as usize] += 1;
            n += 1.0;
        }
    }
    assert!(n > 20_000.0);
    let survival = |bin: usize| (-lambda * dt * 10.0 * bin as f64).exp();
    let mut chi_square = 0.0;
    for (bin, &count) in counts.iter().enumerate() {
        let last = bin + 1 == counts.len();
        let expected = n * (survival(bin) - if last { 0.0 } else { survival(bin + 1) });
        chi_square += (f64::from(count) - expected) * (f64::from(count) - expected) / expected;
    }
    let z = (chi_square - 39.0) / 78.0_f64.sqrt();
    assert!(z.abs() < 4.0, "chi-square {chi_square} of 39 degrees of freedom");
}

#[test]
fn spikes_lie_at_the_ends_of_steps_and_the_refractory_time_is_kept() {
    let dt = 0.1;
    for times in held("-30 mV", dt, 20, 200.0) {
        for time in &times {
            assert!((time / dt - (time / dt).round()).abs() < 1e-6, "{time}");
        }
        for interval in intervals(&times) {
            assert!(interval > 4.0 + 0.5 * dt, "{interval}");
        }
    }
}

#[test]
fn seeds_and_cells_fire_differently_and_runs_do_not() {
    let run = |seed| {
        let mut cells = Cells::preset("gif", "adapting", 0.1, 3);
        cells.seed = seed;
        cells.set("I", "200 pA");
        cells.all_spikes_until(500.0)
    };
    let first = run(1);
    assert_eq!(first, run(1));
    assert_ne!(first, run(2));
    assert_ne!(first[0], first[1]);
}

/// The `adapting` preset in another integrator: Runge–Kutta for the potential, jumps where the spikes are.
struct Adapting {
    /// V, η₁, η₂, γ₁, γ₂
    state: [f64; 5],
}

impl Adapting {
    fn slopes(state: [f64; 5], current: f64) -> [f64; 5] {
        let [v, e1, e2, g1, g2] = state;
        [
            (current - 3.7 * (v + 67.0) - e1 - e2) / 83.1,
            -e1 / 57.8,
            -e2 / 218.2,
            -g1 / 53.8,
            -g2 / 640.0,
        ]
    }

    fn advance(&mut self, current: f64, dt: f64, hold: bool) {
        let at = |state: [f64; 5], slope: [f64; 5], h: f64| std::array::from_fn(|n| state[n] + h * slope[n]);
        let k1 = Self::slopes(self.state, current);
        let k2 = Self::slopes(at(self.state, k1, dt / 2.0), current);
        let k3 = Self::slopes(at(self.state, k2, dt / 2.0), current);
        let k4 = Self::slopes(at(self.state, k3, dt), current);
        let v = self.state[0];
        for n in 0..5 {
            self.state[n] += dt / 6.0 * (k1[n] + 2.0 * k2[n] + 2.0 * k3[n] + k4[n]);
        }
        if hold {
            self.state[0] = v;
        }
    }

    /// λ, 1/ms
    fn intensity(&self) -> f64 {
        let [v, _, _, g1, g2] = self.state;
        1e-3 * ((v + 39.6 - g1 - g2) / 1.4).exp()
    }

    fn spike(&mut self) {
        self.state[0] = -36.7;
        for (n, jump) in [56.7, -6.9, 11.7, 1.8].into_iter().enumerate() {
            self.state[n + 1] += jump;
        }
    }
}

#[test]
fn intervals_of_an_adapting_cell_rescaled_by_its_intensity_are_exponential() {
    // Time rescaling (Brown EN, Barbieri R, Ventura V, Kass RE, Frank LM (2002) Neural Comput 14:325-346): between
    // spikes the integral of the intensity is exponential with mean 1, whatever the history.
    // The first forty of each cell, so that none is cut off by the end: those would be the long ones.
    let (dt, n, each) = (0.05, 100, 40);
    let mut cells = Cells::preset("gif", "adapting", dt, n);
    cells.set("I", "200 pA");
    let mut twins: Vec<Adapting> = (0..n)
        .map(|_| Adapting {
            state: [-67.0, 0.0, 0.0, 0.0, 0.0],
        })
        .collect();
    let mut integrals = vec![0.0; n];
    let mut refractory = vec![0u32; n];
    let mut rescaled = vec![Vec::new(); n];
    let mut worst: f64 = 0.0;
    while rescaled.iter().any(|of_cell| of_cell.len() < each) {
        assert!(cells.steps < 200_000, "too few spikes");
        let fired: Vec<usize> = cells.step().into_iter().map(|(cell, _)| cell).collect();
        for (cell, twin) in twins.iter_mut().enumerate() {
            twin.advance(200.0, dt, refractory[cell] > 0);
            if refractory[cell] > 0 {
                refractory[cell] -= 1;
            } else {
                integrals[cell] += twin.intensity() * dt;
            }
            if fired.contains(&cell) {
                twin.spike();
                rescaled[cell].push(1.0 - (-integrals[cell]).exp());
                integrals[cell] = 0.0;
                refractory[cell] = 80;
            }
            worst = worst.max((twin.state[0] - cells.value("V", cell)).abs());
        }
    }
    assert!(worst < 1e-6, "the potentials differ by {worst} mV");
    let mut rescaled: Vec<f64> = rescaled.iter().flat_map(|of_cell| &of_cell[..each]).copied().collect();
    rescaled.sort_by(f64::total_cmp);
    let count = rescaled.len() as f64;
    // The distance of Kolmogorov and Smirnov; 1.95/√n is exceeded once in a thousand. Steps coarsen the integral by
    // half a step's worth, which is well below.
    let distance = rescaled
        .iter()
        .enumerate()
        .map(|(k, u)| (u - k as f64 / count).abs().max((u - (k + 1) as f64 / count).abs()))
        .fold(0.0, f64::max);
    assert!(distance < 1.95 / count.sqrt(), "{distance} with {count} spikes");
}
