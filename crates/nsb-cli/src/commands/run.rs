//! `nsb run TARGET`: simulate a project and leave a run folder.

use std::path::{Path, PathBuf};

use nsb::conditioning::Conditioned;
use nsb::learning::{Detected, Learned};
use nsb::{Executor, OutputOptions, Overrides, Project, Run, RunFolder, RunOptions, Simd, Summary};

use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::output::{self, Align, Table, count, counted, number, seconds};
use crate::progress::RunObserver;
use crate::{browser, interrupt};

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb run level1                                                  # the built-in circuit
  nsb run level1 --open                                           # and show the report
  nsb run level1 --duration \"250 ms\" --seed 7                     # longer, wired differently
  nsb run level1 --set populations.cells.parameters.g_K=\"30 mS/cm^2\"
  nsb run level1 --json --no-figures                              # for scripts
  nsb run my.toml --out results --threads 2                       # your own project";

/// What `nsb run` takes. Quantities are written with their unit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A project file (.toml), or the name of a built-in project, such as level1
    #[arg(value_name = "TARGET")]
    target: String,

    /// Simulate this long, such as "250 ms" or "2 s"
    #[arg(long, value_name = "TIME", help_heading = "Simulation", allow_hyphen_values = true)]
    duration: Option<String>,

    /// Time step, such as "0.025 ms"
    #[arg(long, value_name = "TIME", help_heading = "Simulation", allow_hyphen_values = true)]
    dt: Option<String>,

    /// Seed of all random numbers
    #[arg(
        long,
        value_name = "NUMBER",
        help_heading = "Simulation",
        allow_negative_numbers = true
    )]
    seed: Option<u64>,

    /// Change a value of the project, named by its path there; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, help_heading = "Simulation")]
    set: Vec<(String, String)>,

    /// Use the models of this file; a single neuron model goes everywhere
    #[arg(long, value_name = "FILE", help_heading = "Simulation")]
    model: Option<PathBuf>,

    /// How numbers are kept: double, single or compact
    #[arg(long, value_name = "NAME", help_heading = "Simulation")]
    precision: Option<String>,

    #[command(flatten)]
    speed: Speed,

    /// Write here instead of runs/NAME-N; the folder must be new or empty
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,

    /// Leave out figures and report
    #[arg(long, conflicts_with = "open", help_heading = "Output")]
    no_figures: bool,

    /// Show report.html when done
    #[arg(long, help_heading = "Output")]
    open: bool,

    /// Print nothing but errors
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,

    /// Print the summary as one JSON object; on failure nothing
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// How fast to run; results do not depend on it.
#[derive(Debug, clap::Args)]
pub(crate) struct Speed {
    /// Worker threads; the spikes do not depend on their number
    #[arg(long, value_name = "NUMBER", help_heading = "Speed", allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,

    /// Vector width: scalar, avx2 or avx512 (the widest there is if left out)
    #[arg(long, value_name = "WIDTH", value_parser = Simd::ALL.map(Simd::name), hide_possible_values = true, help_heading = "Speed")]
    simd: Option<String>,

    /// Kernels: generated (built in, where there are any) or interpreter
    #[arg(long, value_name = "EXECUTOR", value_parser = Executor::ALL.map(Executor::name), default_value = Executor::Generated.name(), hide_possible_values = true, hide_default_value = true, help_heading = "Speed")]
    executor: String,
}

impl Speed {
    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            simd: self.simd.as_deref().and_then(Simd::from_name),
            executor: Executor::from_name(&self.executor).unwrap_or_default(),
        }
    }
}

/// Everything that can be refused is refused before the simulation starts.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    interrupt::listen();
    let options = args.speed.options();
    let overrides = Overrides {
        duration: args.duration,
        dt: args.dt,
        seed: args.seed,
        threads: args.speed.threads,
        precision: args.precision,
        set: args.set,
        model: args.model.as_deref().map(nsb::read_source).transpose()?,
    };
    let project = Project::open(&args.target, &overrides)?;
    let folder = RunFolder::create(args.out.as_deref(), &project.name)?;

    let mut observer = RunObserver::new(!args.quiet && output::stderr_is_terminal());
    let finished = project.run_into(&folder, &options, &mut observer);
    observer.finish();
    let mut run = finished?;
    if !args.quiet {
        output::warnings(&run.warnings);
    }
    let written = folder.write(
        &project,
        &mut run,
        &OutputOptions {
            figures: !args.no_figures,
        },
    )?;

    let report = folder.path().join("report.html");
    if args.json {
        output::result(&format!("{:#}\n", run.summary.to_json()))?;
    } else if !args.quiet {
        output::result(&told(&project.title, &run, folder.path(), &written))?;
    }
    if args.open
        && let Err(reason) = browser::open(&report)
    {
        output::remark(&format!("note: {reason}"));
    }
    Ok(if run.interrupted { INTERRUPTED } else { DONE })
}

/// Splits `KEY=VALUE` at the first `=`.
pub(crate) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_string(), value.trim().to_string())),
        _ => Err("write KEY=VALUE, such as populations.cells.size=20".to_string()),
    }
}

/// The run in a few lines: rates, speed, hash, files.
fn told(title: &str, run: &Run, folder: &Path, written: &[PathBuf]) -> String {
    let summary = &run.summary;
    let mut text = format!("{title}\n");
    if run.interrupted {
        text.push_str(&format!(
            "interrupted after {} ms; what was simulated is kept\n",
            number(summary.sim_ms)
        ));
    }
    text.push_str(&format!("\n{}\n", populations(summary)));

    if let Some(learned) = &summary.learning {
        text.push_str(&format!("{}\n", learning(learned)));
    }
    if let Some(detected) = &summary.detection {
        text.push_str(&format!("{}\n", detection(detected)));
    }
    if let Some(conditioned) = &summary.conditioning {
        text.push_str(&format!("{}\n", conditioning(conditioned)));
    }
    let mut facts = Table::new(&[Align::Left, Align::Left]);
    facts.row([
        "network".to_string(),
        format!(
            "{}, {}",
            counted(summary.n_neurons, "cell"),
            counted(summary.n_synapses, "synapse")
        ),
    ]);
    facts.row([
        "simulated".to_string(),
        format!(
            "{} ms with dt = {} ms, seed {}",
            number(summary.sim_ms),
            number(summary.dt_ms),
            summary.seed
        ),
    ]);
    facts.row([
        "took".to_string(),
        format!(
            "{} ({}), built in {}",
            seconds(summary.run_s),
            speed(summary),
            seconds(summary.build_s)
        ),
    ]);
    facts.row([
        "on".to_string(),
        format!(
            "{}, {}, {}",
            counted(summary.threads, "thread"),
            summary.simd,
            summary.executor
        ),
    ]);
    facts.row(["spike hash", &summary.spike_hash]);
    if let Some(hash) = &summary.weight_hash {
        facts.row(["weight hash", hash]);
    }
    text.push_str(&facts.text());

    text.push('\n');
    text.push_str(&files(folder, written));
    text
}

/// What was written where, and the report to open.
pub(crate) fn files(folder: &Path, written: &[PathBuf]) -> String {
    let names: Vec<String> = written
        .iter()
        .map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string())
        .collect();
    let mut text = format!("written to {}\n{}", folder.display(), wrapped(&names));
    if let Some(report) = written.iter().find(|path| path.ends_with("report.html")) {
        text.push_str(&format!("\nopen {}\n", report.display()));
    }
    text
}

/// Scores after each epoch, beside those of controls.
fn learning(learned: &Learned) -> String {
    scores(learned.table(), &learned.seeds(), "training")
}

/// How well a repeating pattern was found, beside controls.
fn detection(detected: &Detected) -> String {
    scores(detected.table(), &detected.seeds(), "detection")
}

/// Rewarded weights over time, beside those of controls.
fn conditioning(conditioned: &Conditioned) -> String {
    scores(conditioned.table(), &conditioned.seeds(), "conditioning")
}

/// A table over seeds. `section` is where their number stands.
fn scores((head, rows): (Vec<String>, Vec<Vec<String>>), seeds: &[u64], section: &str) -> String {
    let mut table = Table::new(&vec![Align::Right; head.len()]);
    table.row(head);
    rows.into_iter().for_each(|row| {
        table.row(row);
    });
    let over = match seeds {
        [first, .., last] => format!("mean ± s.d. over the seeds {first} to {last}"),
        _ => format!("of one seed; `seeds = 5` in [{section}] repeats it"),
    };
    format!("{}{over}\n", table.text())
}

fn populations(summary: &Summary) -> String {
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
    table.row(["population", "cells", "spikes", "rate"]);
    for population in &summary.populations {
        table.row([
            population.name.clone(),
            count(population.size),
            count(population.spikes),
            format!("{:.2} Hz", population.rate_hz),
        ]);
    }
    table.text()
}

/// How fast the run was, without the question which way round a factor is.
fn speed(summary: &Summary) -> String {
    let factor = summary.sim_ms / 1000.0 / summary.run_s;
    if !factor.is_finite() || factor <= 0.0 {
        "too short to tell".to_string()
    } else if factor >= 1.0 {
        format!("{} times faster than real time", number(factor))
    } else {
        format!("{} times slower than real time", number(1.0 / factor))
    }
}

/// Names side by side, as many as fit into a line of a terminal.
fn wrapped(names: &[String]) -> String {
    const WIDTH: usize = 88;
    let mut text = String::new();
    let mut column = 0;
    for name in names {
        if column > 0 && column + 2 + name.chars().count() > WIDTH {
            text.push('\n');
            column = 0;
        }
        text.push_str("  ");
        text.push_str(name);
        column += 2 + name.chars().count();
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_the_sign_that_separates_it_from_the_key() {
        assert_eq!(key_and_value("a.b=x=y"), Ok(("a.b".to_string(), "x=y".to_string())));
        assert_eq!(key_and_value(" a = 1 "), Ok(("a".to_string(), "1".to_string())));
        assert!(key_and_value("a").is_err());
        assert!(key_and_value("=a").is_err());
    }

    #[test]
    fn file_names_are_wrapped_without_loss() {
        let names: Vec<String> = (0..40).map(|n| format!("figures/figure_{n}.png")).collect();
        let text = wrapped(&names);
        assert!(
            text.lines().all(|line| line.len() <= 88 && line.starts_with("  ")),
            "{text}"
        );
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), names);
    }
}
