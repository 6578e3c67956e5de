//! The command line as data: one variant of [`Command`] per verb. What a verb takes stands in its own file.

use clap::{Parser, Subcommand};

use crate::commands::{bench, check, fi, models, phase, plot, protocol, run};

/// What `nsb` alone prints: the shortest way to a picture first.
pub(crate) const GREETING: &str = "\
nsb, the Neural Simulator Builder: spiking networks from single action potentials upwards

Start here:
  nsb run level1 --open    ten Hodgkin-Huxley neurons; figures and a report in runs/level1-1
  nsb run my.toml          your own project
  nsb check my.toml        what is wrong with it, or what it would build
  nsb models               the neuron and receptor models
  nsb fi lif --from \"140 pA\" --to \"400 pA\"    how fast a model fires at which current

More: nsb --help, nsb run --help
";

/// The Neural Simulator Builder: spiking networks from single action potentials upwards.
#[derive(Debug, Parser)]
#[command(name = "nsb", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do; nothing prints a greeting.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "\
Start with: nsb run level1

Exit codes:
  0    done
  1    a failure during work: a value that is not finite, a full disk
  2    something wrong in what was given: arguments, project, model
  130  interrupted; what was simulated is kept";

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate a project and write figures, data and a report
    #[command(after_help = run::EXAMPLES)]
    Run(run::Args),
    /// Report everything that is wrong with a project or model file, without running it
    #[command(after_help = check::EXAMPLES)]
    Check(check::Args),
    /// List the built-in models, or show the page of one
    #[command(after_help = models::EXAMPLES)]
    Models(models::Args),
    /// Measure the f–I curve of a neuron model: its firing rate over constant currents
    #[command(after_help = fi::EXAMPLES)]
    Fi(fi::Args),
    /// Draw the phase plane of a neuron model with two states
    #[command(after_help = phase::EXAMPLES)]
    Phase(phase::Args),
    /// Measure what pairs of spikes do to a synapse: the window of a rule of plasticity
    #[command(after_help = protocol::EXAMPLES)]
    Protocol(protocol::Args),
    /// Draw the figures and the report of a run again from its data
    #[command(after_help = plot::EXAMPLES)]
    Plot(plot::Args),
    /// Time one of the benchmark networks; prints one line of JSON
    #[command(after_help = bench::EXAMPLES)]
    Bench(bench::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_greeting_shows_level1_before_any_other_command() {
        let first = GREETING
            .lines()
            .find(|line| line.starts_with("  nsb "))
            .expect("the greeting has commands");
        assert!(first.starts_with("  nsb run level1"), "{first}");
    }
}
