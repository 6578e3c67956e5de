//! `nsb bench --workload NAME`: time a benchmark network and print one line that can be compared with other simulators.

use nsb::workloads::{Bench, BenchRequest};
use nsb::{Executor, Precision, RunOptions, Simd};

use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::interrupt;
use crate::output;
use crate::progress::RunObserver;

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb bench --workload cuba --seconds 0.1
  nsb bench --workload cobahh --scale 0.1 --seconds 0.05 --delay 1.5
  nsb bench --workload microcircuit --scale 0.02 --threads 2 --seconds 0.1 --transient 50
  nsb bench --workload hh_single_accuracy --dt 0.01
  nsb bench --workload stdp_pair
  nsb bench --workload coba --show-project > coba.toml   # the network as a project

Workloads: hh_population, cuba, coba, cobahh, brunel_stdp, microcircuit, hh_single_accuracy, hh_fi,
stdp_pair, tsodyks_markram
Numbers are plain here, ms and s, as in the scripts of other simulators.
The networks and the fields of the line: docs/reference/benchmarks.md";

/// What `nsb bench` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Network to time; the names stand below
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    workload: String,

    /// Size of the network; 1 is the published one
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, value_parser = plain, help_heading = "Network", allow_negative_numbers = true)]
    scale: f64,

    /// Delay, ms: of cuba, coba, cobahh (0.1 if left out) and brunel_stdp (1.5)
    #[arg(long, value_name = "MS", value_parser = plain, help_heading = "Network", allow_negative_numbers = true)]
    delay: Option<f64>,

    /// Seed of all random numbers
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 1,
        help_heading = "Network",
        allow_negative_numbers = true
    )]
    seed: u64,

    /// Time to simulate and count, s (1 if left out)
    #[arg(long, value_name = "S", value_parser = plain, help_heading = "Simulation", allow_negative_numbers = true)]
    seconds: Option<f64>,

    /// Time to simulate before anything counts, ms (500 for microcircuit, else 0)
    #[arg(long, value_name = "MS", value_parser = plain, help_heading = "Simulation", allow_negative_numbers = true)]
    transient: Option<f64>,

    /// Time step, ms; that of the workload if left out
    #[arg(long, value_name = "MS", value_parser = plain, help_heading = "Simulation", allow_negative_numbers = true)]
    dt: Option<f64>,

    /// Worker threads; the spikes do not depend on their number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 1,
        help_heading = "Speed",
        allow_negative_numbers = true
    )]
    threads: usize,

    /// How numbers are kept: double, single or compact
    #[arg(long, value_name = "NAME", default_value = Precision::default().name(), help_heading = "Speed")]
    precision: String,

    /// Vector width: scalar, avx2 or avx512 (the widest there is if left out)
    #[arg(long, value_name = "WIDTH", value_parser = Simd::ALL.map(Simd::name), hide_possible_values = true, help_heading = "Speed")]
    simd: Option<String>,

    /// Kernels: generated (built in, where there are any) or interpreter
    #[arg(long, value_name = "EXECUTOR", value_parser = Executor::ALL.map(Executor::name), default_value = Executor::Generated.name(), hide_possible_values = true, hide_default_value = true, help_heading = "Speed")]
    executor: String,

    /// Print the network as a project file instead of running it
    #[arg(long, help_heading = "Output")]
    show_project: bool,

    /// Print nothing but the line and errors
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

/// A plain number. Units are for projects.
fn plain(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .map_err(|_| "a plain number is due here, such as 0.5; ms and s are understood".to_owned())
}

/// Everything that can be refused is refused before the network is built.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    interrupt::listen();
    let bench = Bench::prepare(&BenchRequest {
        workload: args.workload,
        scale: args.scale,
        threads: args.threads,
        seconds: args.seconds,
        dt_ms: args.dt,
        delay_ms: args.delay,
        transient_ms: args.transient,
        seed: args.seed,
        precision: args.precision,
        options: RunOptions {
            simd: args.simd.as_deref().and_then(Simd::from_name),
            executor: Executor::from_name(&args.executor).unwrap_or_default(),
        },
    })?;
    if args.show_project {
        output::result(&bench.project.text)?;
        return Ok(DONE);
    }
    let mut observer = RunObserver::new(!args.quiet && output::stderr_is_terminal());
    let finished = bench.run(&mut observer);
    observer.finish();
    let (line, warnings) = finished?;
    if !args.quiet {
        output::warnings(&warnings);
    }
    match line {
        Some(line) => {
            output::result(&format!("{line}\n"))?;
            Ok(DONE)
        }
        None => {
            output::remark("interrupted; half a measurement is none, so nothing is printed");
            Ok(INTERRUPTED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EXAMPLES;

    #[test]
    fn the_help_names_every_workload() {
        let names = nsb::workloads::WORKLOADS.map(|workload| workload.name).join(", ");
        let words = EXAMPLES.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("Workloads: {names}")), "{names}");
    }
}
