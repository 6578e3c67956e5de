//! What is asked of a workload, checked before anything is built.

use nsb_engine::Precision;
use nsb_lang::suggest::nearest;

use super::{WORKLOADS, Workload};
use crate::error::Error;
use crate::run::RunOptions;

/// The code of everything that does not fit a workload.
const CODE: &str = "E0541";

/// A benchmark as it is asked for: plain numbers in ms and s, as in the scripts of other simulators. What is `None` is
/// the workload's own.
#[derive(Debug, Clone)]
pub struct BenchRequest {
    /// Name of the workload.
    pub workload: String,
    /// Size of the network, 1 as published.
    pub scale: f64,
    /// Worker threads.
    pub threads: usize,
    /// Simulated and counted time, s.
    pub seconds: Option<f64>,
    /// Step, ms.
    pub dt_ms: Option<f64>,
    /// Delay of all synapses, ms.
    pub delay_ms: Option<f64>,
    /// Simulated before anything is counted, ms.
    pub transient_ms: Option<f64>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Name of a [`Precision`].
    pub precision: String,
    /// Vector width and executor.
    pub options: RunOptions,
}

/// A request with every value filled in and sensible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions {
    pub(super) scale: f64,
    pub(super) dt_ms: f64,
    /// Counted time, ms.
    pub(super) counted_ms: f64,
    pub(super) transient_ms: f64,
    pub(super) delay_ms: Option<f64>,
}

impl BenchRequest {
    /// The workload and its conditions.
    pub(super) fn check(&self) -> Result<(&'static Workload, Conditions), Error> {
        let workload = find(&self.workload)?;
        let name = workload.name;
        positive("--scale", self.scale, "a size such as 0.1 or 1")?;
        precision(&self.precision)?;
        let seconds = self.seconds.unwrap_or(workload.seconds);
        positive("--seconds", seconds, "a time in seconds, such as 0.5")?;
        let dt_ms = self.dt_ms.unwrap_or(workload.dt_ms);
        positive("--dt", dt_ms, "a step in milliseconds, such as 0.1")?;
        let transient_ms = self.transient_ms.unwrap_or(workload.transient_ms);
        if !(transient_ms.is_finite() && transient_ms >= 0.0) {
            let message = format!("a transient of {transient_ms} ms is not possible");
            return Err(unfit("--transient", message, "give 0 or more milliseconds"));
        }
        if workload.fixed {
            let own = [
                ("--scale", self.scale, 1.0),
                ("--seconds", seconds, workload.seconds),
                ("--transient", transient_ms, workload.transient_ms),
            ];
            if let Some((option, given, laid_down)) = own.into_iter().find(|(_, given, own)| given != own) {
                let message = format!("`{name}` is a protocol with {option} {laid_down}, not {given}");
                return Err(unfit(
                    option,
                    message,
                    format!("leave out {option}; only --dt can be chosen"),
                ));
            }
        }
        Ok((
            workload,
            Conditions {
                scale: self.scale,
                dt_ms,
                // Without the last bits of a product such as 1.1 · 1000.
                counted_ms: super::rounded(seconds * 1000.0, 9),
                transient_ms,
                delay_ms: self.delay(workload, dt_ms)?,
            },
        ))
    }

    fn delay(&self, workload: &Workload, dt_ms: f64) -> Result<Option<f64>, Error> {
        let Some(given) = self.delay_ms else {
            // A default below the step is told like one that was given.
            return workload.delay_ms.map(|own| whole_steps(own, dt_ms)).transpose();
        };
        if workload.delay_ms.is_none() {
            let choosable = WORKLOADS.iter().filter(|w| w.delay_ms.is_some()).map(|w| w.name);
            let message = format!("`{}` has no delay to choose", workload.name);
            let hint = format!("--delay is for {}", choosable.collect::<Vec<_>>().join(", "));
            return Err(unfit("--delay", message, hint));
        }
        positive("--delay", given, "a delay in milliseconds, such as 1.5")?;
        whole_steps(given, dt_ms).map(Some)
    }
}

/// A delay that the engine would round or refuse is refused here, so that the line tells the delay that was used.
fn whole_steps(delay_ms: f64, dt_ms: f64) -> Result<f64, Error> {
    let steps = (delay_ms / dt_ms).round();
    if (steps * dt_ms - delay_ms).abs() <= 1e-9 * delay_ms {
        return Ok(delay_ms);
    }
    if delay_ms < dt_ms {
        let message = format!("a delay of {delay_ms} ms is below the step of {dt_ms} ms");
        let hint = format!("give a --delay of {dt_ms} or more, or a smaller --dt");
        return Err(Error::about("E0609", "--delay", message, hint));
    }
    let message = format!("a delay of {delay_ms} ms is no multiple of the step of {dt_ms} ms");
    let nearest = super::rounded(steps * dt_ms, 9);
    Err(unfit(
        "--delay",
        message,
        format!("give --delay {nearest}, or another --dt"),
    ))
}

fn find(name: &str) -> Result<&'static Workload, Error> {
    if let Some(workload) = WORKLOADS.iter().find(|workload| workload.name == name) {
        return Ok(workload);
    }
    let hint = match nearest(name, WORKLOADS.iter().map(|workload| workload.name)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("choose one of {}", known()),
    };
    Err(unfit("--workload", format!("no workload is called `{name}`"), hint))
}

fn known() -> String {
    WORKLOADS.map(|workload| workload.name).join(", ")
}

/// The precision of that name.
fn precision(name: &str) -> Result<Precision, Error> {
    Precision::from_name(name).ok_or_else(|| {
        let message = format!("no precision is called `{name}`");
        let known = Precision::ALL.map(Precision::name).join(", ");
        unfit("--precision", message, format!("choose one of {known}"))
    })
}

fn positive(option: &'static str, value: f64, fix: &str) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(unfit(
        option,
        format!("{option} {value} is not possible; it must be more than 0"),
        format!("give {fix}"),
    ))
}

/// A request that does not fit.
pub(super) fn unfit(option: &str, message: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::about(CODE, option, message, hint)
}
