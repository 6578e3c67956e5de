//! `nsb fi MODEL`: how fast a cell fires at constant currents.

use std::path::PathBuf;

use nsb::RunFolder;
use nsb::analysis::ChosenModel;
use nsb::analysis::fi::{Currents, FiCurve, Setting, fi};

use super::run::{Speed, files, key_and_value};
use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::interrupt;
use crate::output::{self, Align, Table, count, number};
use crate::progress::RunObserver;

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb fi hodgkin_huxley --from \"0 uA/cm^2\" --to \"50 uA/cm^2\" --steps 26
  nsb fi lif --from \"140 pA\" --to \"400 pA\" --steps 27 --set tau_m=\"10 ms\"
  nsb fi my_lif.model --from \"0 pA\" --to \"400 pA\" --steps 9 --json   # your own model";

/// What `nsb fi` takes. Quantities are written with their unit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A built-in neuron model, or a model file (.model)
    #[arg(value_name = "MODEL")]
    model: String,

    /// First current, such as "0 uA/cm^2"
    #[arg(long, value_name = "CURRENT", help_heading = "Currents", allow_hyphen_values = true)]
    from: String,

    /// Last current
    #[arg(long, value_name = "CURRENT", help_heading = "Currents", allow_hyphen_values = true)]
    to: String,

    /// How many currents, both ends included
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 26,
        help_heading = "Currents",
        allow_negative_numbers = true
    )]
    steps: usize,

    #[command(flatten)]
    simulation: Simulation,

    #[command(flatten)]
    output: Output,
}

/// How an analysis simulates.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulation {
    /// Simulate each cell this long
    #[arg(long, value_name = "TIME", help_heading = "Simulation", allow_hyphen_values = true)]
    duration: Option<String>,

    /// Time step, such as "0.025 ms"
    #[arg(long, value_name = "TIME", help_heading = "Simulation", allow_hyphen_values = true)]
    dt: Option<String>,

    /// Integration method, such as rk4; that of the model if left out
    #[arg(long, value_name = "NAME", help_heading = "Simulation")]
    method: Option<String>,

    /// Change a parameter of the model; may be repeated
    #[arg(long, value_name = "PARAM=VALUE", value_parser = key_and_value, help_heading = "Simulation")]
    set: Vec<(String, String)>,

    #[command(flatten)]
    speed: Speed,
}

impl Simulation {
    pub(crate) fn setting(self) -> Setting {
        Setting {
            duration: self.duration,
            dt: self.dt,
            method: self.method,
            parameters: self.set,
            options: self.speed.options(),
            threads: self.speed.threads,
        }
    }
}

/// What an analysis prints and leaves behind.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Write here instead of a new folder in runs/; the folder must be new or empty
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,

    /// Print nothing but errors
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Print one JSON object; on failure nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

impl Output {
    /// The folder, refused or made before the work.
    pub(crate) fn folder(&self, verb: &str, model: &str) -> Result<RunFolder, nsb::Error> {
        RunFolder::create(self.out.as_deref(), &format!("{verb}_{model}"))
    }

    pub(crate) fn observer(&self) -> RunObserver {
        RunObserver::new(!self.quiet && output::stderr_is_terminal())
    }
}

/// Simulates, writes, tells.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    interrupt::listen();
    let chosen = ChosenModel::open(&args.model)?;
    let folder = args.output.folder("fi", &chosen.model.name)?;
    let currents = Currents {
        from: args.from,
        to: args.to,
        steps: args.steps,
    };
    let mut observer = args.output.observer();
    let finished = fi(&chosen, &currents, &args.simulation.setting(), &mut observer);
    observer.finish();
    let mut curve = finished?;
    // Half a curve says nothing: rates are those of the second half of the run.
    if curve.run.interrupted {
        return Ok(INTERRUPTED);
    }
    if !args.output.quiet {
        output::warnings(&curve.run.warnings);
    }
    let written = curve.write(&folder)?;
    if args.output.json {
        output::result(&format!("{:#}\n", curve.to_json()))?;
    } else if !args.output.quiet {
        output::result(&format!("{}\n{}", told(&curve), files(folder.path(), &written)))?;
    }
    Ok(DONE)
}

fn told(curve: &FiCurve) -> String {
    let mut table = Table::new(&[Align::Right, Align::Right, Align::Right, Align::Right]);
    table.row(["current", "rate", "first interval", "spikes"]);
    for n in 0..curve.current.len() {
        let hz = |rate: f64| {
            if rate > 0.0 {
                format!("{rate:.2} Hz")
            } else {
                "0 Hz".to_owned()
            }
        };
        let unit = if curve.unit == "1" {
            String::new()
        } else {
            format!(" {}", curve.unit)
        };
        table.row([
            format!("{}{unit}", number(curve.current[n])),
            hz(curve.rate_hz[n]),
            hz(curve.first_rate_hz[n]),
            count(curve.spikes[n]),
        ]);
    }
    let summary = &curve.run.summary;
    let method = curve.run.methods.first().map_or("", |method| method.name());
    format!(
        "f–I curve of {}\n\n{}\nrates from the second half of {} ms, {method}, dt = {} ms\n",
        curve.model,
        table.text(),
        number(summary.sim_ms),
        number(summary.dt_ms)
    )
}
