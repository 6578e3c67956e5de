//! The spikes of a protocol, and the project that gives them.

use nsb_engine::network::PairValue;
use nsb_lang::{Dimension, Quantity, Source};

use super::{CODE, Protocol, SNAPSHOT_MS, positive, unfit};
use crate::analysis::chosen::{ChosenModel, written};
use crate::error::Error;
use crate::project::{Overrides, Project};
use crate::puppets::puppets;

/// Synapses at most.
const MOST: usize = 10_000;
/// Spikes of each side at most: what a run of an hour at the largest rate has.
const MOST_SPIKES: usize = 1_000_000;
/// Steps from a presynaptic spike to its arrival, so that threads and queues have something to do at once.
const DELAY_STEPS: f64 = 10.0;
/// A train is over so long after its last spike: what spikes leave in a voltage has died away.
const TAIL_MS: f64 = 300.0;
/// Where the rest of the cells is if nothing is said: that of the cells to which the voltage-based rule was fitted.
const RESTING: &str = "E_L = \"-70.6 mV\", V_reset = \"-70.6 mV\", t_ref = \"0 ms\"";

/// The pairs of spikes of all synapses.
#[derive(Debug, Clone)]
pub(super) struct Pairs {
    pub(super) dt_ms: f64,
    /// Distances of the window, post minus pre, ascending, without 0.
    pub(super) distances_ms: Vec<f64>,
    /// Frequencies, ascending.
    pub(super) frequencies_hz: Vec<f64>,
    /// How often pairs come in the window.
    pub(super) rate_hz: f64,
    /// Distance where the frequency varies.
    pub(super) distance_ms: f64,
    count: usize,
}

/// The spikes of one synapse, as it sees them.
struct Train {
    distance_ms: f64,
    frequency_hz: f64,
}

impl Pairs {
    /// Reads what is asked for.
    pub(super) fn read(protocol: &Protocol) -> Result<Pairs, Error> {
        let dt_ms = positive("--dt", protocol.dt.as_deref().unwrap_or("0.1 ms"), "0.1 ms")?;
        let on_grid = |time: f64| crate::round::decimals((time / dt_ms).round() * dt_ms);
        let window = on_grid(positive("--window", &protocol.window, "100 ms")?);
        let spacing = on_grid(positive("--spacing", &protocol.spacing, "1 ms")?);
        let distance_ms = on_grid(positive("--distance", &protocol.distance, "10 ms")?);
        // Frequencies in 1/ms.
        let rate_hz = 1000.0 * positive("--rate", &protocol.rate, "1 Hz")?;
        let mut frequencies_hz = Vec::new();
        for part in protocol.frequencies.split(',') {
            frequencies_hz.push(1000.0 * positive("--frequencies", part.trim(), "10 Hz")?);
        }
        frequencies_hz
            .iter_mut()
            .for_each(|hz| *hz = crate::round::decimals(*hz));
        frequencies_hz.sort_by(f64::total_cmp);
        frequencies_hz.dedup();
        for (option, time) in [
            ("--spacing", spacing),
            ("--distance", distance_ms),
            ("--window", window),
        ] {
            if time < dt_ms {
                let message = format!("{option} is below the step of {dt_ms} ms");
                return Err(unfit(
                    option,
                    message,
                    format!("write \"{dt_ms} ms\" or more, or a smaller --dt"),
                ));
            }
        }
        let reach = (window / spacing + 1e-9).floor();
        if 2.0 * reach + 2.0 * frequencies_hz.len() as f64 > MOST as f64 {
            let message = format!("a window of {} distances is too fine", 2.0 * reach);
            return Err(unfit(
                "--spacing",
                message,
                format!("choose a --spacing for up to {MOST} synapses"),
            ));
        }
        if !(protocol.weight.is_finite() && (0.0..=1.0).contains(&protocol.weight)) {
            let message = format!("an initial weight of {} times `w_max` is not possible", protocol.weight);
            return Err(unfit("--weight", message, "give a number from 0 to 1, such as 0.5"));
        }
        let reach = reach as i32;
        let distances_ms: Vec<f64> = (-reach..=reach)
            .filter(|n| *n != 0)
            .map(|n| crate::round::decimals(f64::from(n) * spacing))
            .collect();
        let synapses = distances_ms.len() + 2 * frequencies_hz.len();
        if protocol.pairs == 0 || synapses.saturating_mul(protocol.pairs) > MOST_SPIKES {
            let message = format!(
                "{} pairs for each of {synapses} synapses are not possible",
                protocol.pairs
            );
            return Err(unfit(
                "--pairs",
                message,
                format!("choose 1 to {}", MOST_SPIKES / synapses),
            ));
        }
        let fastest = frequencies_hz.iter().copied().fold(rate_hz, f64::max);
        if 1000.0 / fastest < 3.0 * dt_ms {
            let option = if fastest == rate_hz { "--rate" } else { "--frequencies" };
            let message = format!("{fastest} Hz leaves fewer than three steps between pairs");
            return Err(unfit(option, message, format!("stay below {} Hz", 333.0 / dt_ms)));
        }
        Ok(Pairs {
            dt_ms,
            distances_ms,
            frequencies_hz,
            rate_hz,
            distance_ms,
            count: protocol.pairs,
        })
    }

    /// The window, then pre before post at all frequencies, then post before pre.
    fn trains(&self) -> Vec<Train> {
        let window = self.distances_ms.iter().map(|&distance_ms| Train {
            distance_ms,
            frequency_hz: self.rate_hz,
        });
        let frequencies = [1.0, -1.0].into_iter().flat_map(|sign| {
            self.frequencies_hz.iter().map(move |&frequency_hz| Train {
                distance_ms: sign * self.distance_ms,
                frequency_hz,
            })
        });
        window.chain(frequencies).collect()
    }

    /// The first arrival: later than the most negative distance, and than the way of the first spike.
    fn start_ms(&self) -> f64 {
        let earliest = self
            .distances_ms
            .first()
            .map_or(0.0, |distance| -distance)
            .max(self.distance_ms);
        let steps = (earliest / self.dt_ms).ceil() + DELAY_STEPS + 1.0;
        steps * self.dt_ms
    }

    /// Arrivals and spikes of the target, ms. Pairs come on the grid, so that their distance is exact.
    fn spikes(&self, train: &Train) -> (Vec<f64>, Vec<f64>) {
        let arrivals = (0..self.count).map(|n| {
            let time = self.start_ms() + n as f64 * 1000.0 / train.frequency_hz;
            (time / self.dt_ms).round() * self.dt_ms
        });
        let arrivals: Vec<f64> = arrivals.collect();
        let spikes = arrivals.iter().map(|time| time + train.distance_ms).collect();
        (arrivals, spikes)
    }

    /// When the weight of each synapse is read, ms.
    pub(super) fn over_ms(&self) -> Vec<f64> {
        let over = |train: &Train| {
            let (arrivals, spikes) = self.spikes(train);
            let last = [arrivals, spikes]
                .iter()
                .filter_map(|times| times.last().copied())
                .fold(0.0, f64::max);
            ((last + TAIL_MS) / SNAPSHOT_MS).ceil() * SNAPSHOT_MS
        };
        self.trains().iter().map(over).collect()
    }

    /// The weight of all synapses at the start, engine units.
    pub(super) fn initial_weight(project: &Project) -> f64 {
        let weight = project
            .network
            .projections
            .first()
            .and_then(|projection| projection.weight.as_ref());
        match weight {
            Some(PairValue::Uniform(weight)) => weight.engine(),
            _ => f64::NAN,
        }
    }

    /// Two populations of cells that fire at the given times, and one connection from each cell to its partner.
    pub(super) fn project(&self, chosen: &ChosenModel, protocol: &Protocol) -> Result<Project, Error> {
        let name = &chosen.model.name;
        let sent = |times: Vec<f64>, earlier_steps: f64| -> Vec<f64> {
            let shifted = times.iter().map(|time| time - earlier_steps * self.dt_ms);
            shifted.map(crate::round::decimals).collect()
        };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for train in self.trains() {
            let (arrivals, spikes) = self.spikes(&train);
            before.push(sent(arrivals, DELAY_STEPS + 1.0));
            after.push(sent(spikes, 1.0));
        }
        // One snapshot after the last that is needed.
        let duration_ms = self.over_ms().into_iter().fold(0.0, f64::max) + SNAPSHOT_MS;
        let mut text = format!("title = \"Pairs of spikes for {name}\"\nname = \"{name}\"\nduration = \"1 s\"\n");
        text.push_str(&puppets("before", "t_ref = \"0 ms\"", &before));
        text.push_str(&puppets("after", RESTING, &after));
        // Potentials, which are recorded where nothing is said, would fill the disk and show nothing new.
        text.push_str("\n[recordings.spikes]\npopulation = \"after\"\nkind = \"spikes\"\n");
        let mut set: Vec<(String, String)> = Vec::new();
        let parameter = |name: &str| format!("projections.pairs.plasticity.rule.parameters.{name}");
        let mut weight = "1 pA".to_owned();
        if chosen
            .model
            .parameters
            .iter()
            .any(|parameter| parameter.name == "w_max")
        {
            let largest = protocol.parameters.iter().rev().find(|(name, _)| name == "w_max");
            let largest = largest.map_or("1 pA", |(_, value)| value);
            // What is no current is refused with the parameter.
            if let Ok(largest) = Quantity::parse(largest)
                && largest.dimension() == Dimension::CURRENT
            {
                let unit = largest.unit().clone();
                weight = written(&Quantity::new(protocol.weight * largest.value(), unit));
            }
            set.push((parameter("w_max"), largest.to_owned()));
        }
        text.push_str(&format!(
            "\n[populations.after.receptors.synaptic]\nmodel = \"exponential_current\"\n\n[projections.pairs]\n\
             source = \"before\"\ntarget = \"after\"\nreceptor = \"synaptic\"\nconnect = {{ rule = \"one_to_one\" }}\n\
             weight = \"{weight}\"\ndelay = \"{} ms\"\n\n[projections.pairs.plasticity.rule]\nmodel = \"{name}\"\n",
            crate::round::decimals(DELAY_STEPS * self.dt_ms)
        ));
        if let Some(preset) = &protocol.preset {
            if chosen.model.preset(preset).is_none() {
                let known: Vec<&str> = chosen.model.presets.iter().map(|preset| preset.name.as_str()).collect();
                let hint = match nsb_lang::suggest::nearest(preset, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "leave out --preset; --set changes single parameters".to_owned(),
                    None => format!("choose one of {}", known.join(", ")),
                };
                return Err(Error::about(
                    CODE,
                    "--preset",
                    format!("`{name}` has no preset `{preset}`"),
                    hint,
                ));
            }
            text.push_str(&format!("preset = \"{preset}\"\n"));
        }
        set.extend(
            protocol
                .parameters
                .iter()
                .map(|(key, value)| (parameter(key), value.clone())),
        );
        let cell = |key: &str| format!("populations.after.parameters.{key}");
        set.extend(protocol.cell.iter().map(|(key, value)| (cell(key), value.clone())));
        let overrides = Overrides {
            duration: Some(format!("{duration_ms} ms")),
            dt: Some(format!("{:?} ms", self.dt_ms)),
            threads: protocol.threads,
            set,
            model: chosen.source.clone(),
            ..Overrides::default()
        };
        let source = Source::new(format!("protocol of {name}"), text);
        Project::from_source(&source, name, None, &overrides)
    }
}
