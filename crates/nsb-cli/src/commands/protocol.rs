//! `nsb protocol RULE`: what pairs of spikes do to a synapse.

use nsb::RunOptions;
use nsb::analysis::protocol::{Protocol, ProtocolCurves, open_rule, protocol};

use super::fi::Output;
use super::run::{Speed, files, key_and_value};
use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::interrupt;
use crate::output::{self, Align, Table, number};

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb protocol pair_stdp --pairs 20 --frequencies \"1 Hz, 10 Hz, 50 Hz\"
  nsb protocol triplet_stdp --preset minimal --pairs 5 --frequencies \"10 Hz, 50 Hz\"
  nsb protocol pair_stdp --set tau_minus=\"40 ms\" --pairs 5 --frequencies \"10 Hz\" --json

A rule that reads V sees a lif cell that rests at -70.6 mV; --cell changes it.";

/// What `nsb protocol` takes. Quantities are written with their unit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A built-in rule of plasticity, or a model file (.model)
    #[arg(value_name = "RULE")]
    rule: String,

    /// A preset of the rule
    #[arg(long, value_name = "NAME", help_heading = "Rule")]
    preset: Option<String>,

    /// Change a parameter of the rule; may be repeated
    #[arg(long, value_name = "PARAM=VALUE", value_parser = key_and_value, help_heading = "Rule")]
    set: Vec<(String, String)>,

    /// Change a parameter of the postsynaptic lif cell; may be repeated
    #[arg(long, value_name = "PARAM=VALUE", value_parser = key_and_value, help_heading = "Rule")]
    cell: Vec<(String, String)>,

    /// Initial weight, relative to the w_max of the rule
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.5,
        help_heading = "Rule",
        allow_negative_numbers = true
    )]
    weight: f64,

    /// Pairs of spikes of each synapse
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 60,
        help_heading = "Spikes",
        allow_negative_numbers = true
    )]
    pairs: usize,

    /// Largest distance of two spikes in the window
    #[arg(
        long,
        value_name = "TIME",
        default_value = "100 ms",
        help_heading = "Spikes",
        allow_hyphen_values = true
    )]
    window: String,

    /// Between two distances of the window
    #[arg(
        long,
        value_name = "TIME",
        default_value = "1 ms",
        help_heading = "Spikes",
        allow_hyphen_values = true
    )]
    spacing: String,

    /// How often pairs come in the window
    #[arg(
        long,
        value_name = "RATE",
        default_value = "1 Hz",
        help_heading = "Spikes",
        allow_hyphen_values = true
    )]
    rate: String,

    /// Distance of two spikes where the frequency varies
    #[arg(
        long,
        value_name = "TIME",
        default_value = "10 ms",
        help_heading = "Spikes",
        allow_hyphen_values = true
    )]
    distance: String,

    /// How often pairs come; 0.1 to 50 Hz if left out
    #[arg(
        hide_default_value = true,
        long,
        value_name = "RATES",
        default_value = "0.1 Hz, 1 Hz, 5 Hz, 10 Hz, 15 Hz, 20 Hz, 25 Hz, 30 Hz, 35 Hz, 40 Hz, 45 Hz, 50 Hz",
        help_heading = "Spikes",
        allow_hyphen_values = true
    )]
    frequencies: String,

    /// Time step, such as "0.025 ms"; 0.1 ms if left out
    #[arg(long, value_name = "TIME", help_heading = "Simulation", allow_hyphen_values = true)]
    dt: Option<String>,

    #[command(flatten)]
    speed: Speed,

    #[command(flatten)]
    output: Output,
}

/// Simulates, writes, tells.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    interrupt::listen();
    let options: RunOptions = args.speed.options();
    let asked = Protocol {
        pairs: args.pairs,
        window: args.window,
        spacing: args.spacing,
        rate: args.rate,
        distance: args.distance,
        frequencies: args.frequencies,
        weight: args.weight,
        preset: args.preset,
        parameters: args.set,
        cell: args.cell,
        dt: args.dt,
        threads: args.speed.threads,
        options,
    };
    // Refused before the folder is made, which bears its name.
    let chosen = open_rule(&args.rule)?;
    let folder = args.output.folder("protocol", &chosen.model.name)?;
    let mut observer = args.output.observer();
    let finished = protocol(&chosen, &asked, &mut observer);
    observer.finish();
    let mut curves = finished?;
    // A part of the pairs says nothing.
    if curves.run.interrupted {
        return Ok(INTERRUPTED);
    }
    if !args.output.quiet {
        output::warnings(&curves.run.warnings);
    }
    let written = curves.write(&folder)?;
    if args.output.json {
        output::result(&format!("{:#}\n", curves.to_json()))?;
    } else if !args.output.quiet {
        output::result(&format!("{}\n{}", told(&curves), files(folder.path(), &written)))?;
    }
    Ok(DONE)
}

fn told(curves: &ProtocolCurves) -> String {
    let signed = |change: f64| format!("{change:+.5}");
    let mut window = Table::new(&[Align::Right, Align::Right]);
    window.row(["post - pre", "change"]);
    // A line for each tenth of the window; all are in the file.
    let every = curves.dt_ms.len().div_ceil(20).max(1);
    let shown = curves.dt_ms.iter().zip(&curves.change).step_by(every);
    for (dt, change) in shown {
        window.row([format!("{} ms", number(*dt)), signed(*change)]);
    }
    let mut frequencies = Table::new(&[Align::Right, Align::Right, Align::Right]);
    let distance = number(curves.distance_ms);
    frequencies.row([
        "frequency".to_owned(),
        format!("+{distance} ms"),
        format!("-{distance} ms"),
    ]);
    for (n, hz) in curves.frequency_hz.iter().enumerate() {
        let (plus, minus) = (curves.change_plus[n], curves.change_minus[n]);
        frequencies.row([format!("{} Hz", number(*hz)), signed(plus), signed(minus)]);
    }
    let mut text = format!(
        "{} pairs of spikes on {}, change relative to {}\n\n{}\n{}",
        curves.pairs,
        curves.rule,
        curves.relative_to,
        window.text(),
        frequencies.text()
    );
    if curves.at_bound > 0 {
        text.push_str(&format!(
            "\n{} of {} weights ended at a bound; fewer --pairs show their whole change\n",
            curves.at_bound,
            curves.dt_ms.len() + 2 * curves.frequency_hz.len()
        ));
    }
    text
}
