//! Spectrum of the population rate: which rhythm the cells share.
//!
//! One-sided power density in Hz²/Hz of the rate per cell, by Welch's method: segments that overlap by half, a Hann
//! window, the mean of each segment taken away (Welch PD (1967) IEEE Trans Audio Electroacoust 15:70-73). For N
//! independent Poisson cells of rate r it is flat at 2 r / N.

use std::f64::consts::PI;

use nsb_lang::math;

use super::{Counts, Trains};

/// Width of a bin, ms: frequencies up to 500 Hz.
const BIN_MS: f64 = 1.0;
/// Spikes from which a spectrum says something.
const LEAST_SPIKES: usize = 100;
/// Bins of the longest segment: a resolution of 1 Hz.
const LONGEST_SEGMENT: usize = 1024;
/// Bins of the shortest segment.
const SHORTEST_SEGMENT: usize = 128;
/// Segment lengths that a run must hold, so that the estimate is an average.
const LEAST_SEGMENTS: usize = 4;
/// The highest power of a rhythm that stands out, over the mean.
const CLEAR: f64 = 4.0;
/// The slowest rhythm looked for, in steps of the resolution: below, a trend of the rate would be taken for one.
const FIRST_LINE: usize = 3;

/// Power of the population rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Distance between two frequencies, Hz.
    pub resolution_hz: f64,
    /// Power density from 0 Hz on, Hz²/Hz.
    pub power: Vec<f64>,
    /// The frequency of the highest power, Hz.
    pub peak_hz: f64,
    /// The highest power over the mean power.
    pub peak_over_mean: f64,
}

impl Spectrum {
    /// The frequency of a rhythm that stands out: chance alone gives a highest power of two to three times the mean.
    pub fn rhythm_hz(&self) -> Option<f64> {
        (self.peak_over_mean > CLEAR).then_some(self.peak_hz)
    }
}

/// Measures it; `None` for fewer than 100 spikes or less than 512 ms.
pub fn rate_spectrum(trains: &Trains) -> Option<Spectrum> {
    let counts = Counts::new(trains, BIN_MS)?;
    let counted: usize = counts.cells.iter().flatten().map(|(_, count)| *count as usize).sum();
    let longest = (counts.n_bins / LEAST_SEGMENTS).min(LONGEST_SEGMENT);
    if counted < LEAST_SPIKES || longest < SHORTEST_SEGMENT {
        return None;
    }
    let length = if longest.is_power_of_two() {
        longest
    } else {
        longest.next_power_of_two() / 2
    };
    let bin_s = counts.bin_ms / 1000.0;
    let per_cell = 1.0 / (counts.cells.len() as f64 * bin_s);
    let rate_hz: Vec<f64> = counts.total().iter().map(|count| count * per_cell).collect();
    let power = welch(&rate_hz, length, bin_s);
    let resolution_hz = 1.0 / (length as f64 * bin_s);
    let rhythm = power.iter().enumerate().skip(FIRST_LINE);
    let (line, highest) = rhythm.max_by(|a, b| a.1.total_cmp(b.1))?;
    let mean = power[FIRST_LINE..].iter().sum::<f64>() / (power.len() - FIRST_LINE) as f64;
    Some(Spectrum {
        peak_hz: line as f64 * resolution_hz,
        peak_over_mean: if mean > 0.0 { highest / mean } else { 0.0 },
        resolution_hz,
        power,
    })
}

/// One-sided power density of a sampled signal in segments of `length`, a power of two.
fn welch(signal: &[f64], length: usize, step_s: f64) -> Vec<f64> {
    let window: Vec<f64> = (0..length)
        .map(|n| 0.5 - 0.5 * math::cos(2.0 * PI * n as f64 / length as f64))
        .collect();
    let norm: f64 = window.iter().map(|w| w * w).sum();
    let mut power = vec![0.0; length / 2 + 1];
    let mut segments = 0.0;
    for start in (0..=signal.len() - length).step_by(length / 2) {
        let segment = &signal[start..start + length];
        let mean = segment.iter().sum::<f64>() / length as f64;
        let mut real: Vec<f64> = segment.iter().zip(&window).map(|(x, w)| (x - mean) * w).collect();
        let mut imaginary = vec![0.0; length];
        transform(&mut real, &mut imaginary);
        for (line, power) in power.iter_mut().enumerate() {
            *power += real[line] * real[line] + imaginary[line] * imaginary[line];
        }
        segments += 1.0;
    }
    let sides = |line: usize| if line == 0 || line == length / 2 { 1.0 } else { 2.0 };
    let scale = step_s / (norm * segments);
    power
        .iter()
        .enumerate()
        .map(|(line, power)| power * scale * sides(line))
        .collect()
}

/// Discrete Fourier transform in place, of a length that is a power of two (Cooley and Tukey).
fn transform(real: &mut [f64], imaginary: &mut [f64]) {
    let n = real.len();
    debug_assert!(n.is_power_of_two() && imaginary.len() == n);
    let unused_bits = usize::BITS - n.trailing_zeros();
    for index in 0..n {
        let mirrored = if n == 1 { 0 } else { index.reverse_bits() >> unused_bits };
        if index < mirrored {
            real.swap(index, mirrored);
            imaginary.swap(index, mirrored);
        }
    }
    let mut half = 1;
    while half < n {
        for offset in 0..half {
            let angle = -PI * offset as f64 / half as f64;
            let (cos, sin) = (math::cos(angle), math::sin(angle));
            for even in (offset..n).step_by(2 * half) {
                let odd = even + half;
                let (re, im) = (
                    real[odd] * cos - imaginary[odd] * sin,
                    real[odd] * sin + imaginary[odd] * cos,
                );
                (real[odd], imaginary[odd]) = (real[even] - re, imaginary[even] - im);
                real[even] += re;
                imaginary[even] += im;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_that_of_its_definition() {
        for n in [1_usize, 2, 8, 64] {
            let signal: Vec<f64> = (0..n).map(|i| ((i * i * 7 + 3 * i) % 11) as f64 - 4.0).collect();
            let (mut real, mut imaginary) = (signal.clone(), vec![0.0; n]);
            transform(&mut real, &mut imaginary);
            for line in 0..n {
                let angle = |i: usize| -2.0 * PI * (i * line) as f64 / n as f64;
                let re: f64 = signal.iter().enumerate().map(|(i, x)| x * math::cos(angle(i))).sum();
                let im: f64 = signal.iter().enumerate().map(|(i, x)| x * math::sin(angle(i))).sum();
                assert!(
                    (real[line] - re).abs() < 1e-11 && (imaginary[line] - im).abs() < 1e-11,
                    "{n} {line}"
                );
            }
        }
    }

    #[test]
    fn the_power_of_a_sine_is_half_its_squared_amplitude() {
        // 50 Hz sampled at 1 kHz; line 12.8 of 256: the window spreads it, the sum keeps it.
        let signal: Vec<f64> = (0..4096)
            .map(|n| 3.0 * math::sin(2.0 * PI * 0.05 * f64::from(n)) + 7.0)
            .collect();
        let power = welch(&signal, 256, 1e-3);
        let total: f64 = power.iter().sum::<f64>() * 1000.0 / 256.0;
        assert!((total - 4.5).abs() < 0.01, "{total}");
    }
}
