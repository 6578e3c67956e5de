//! `nsb phase MODEL`: the phase plane of a model with two states.

use nsb::analysis::ChosenModel;
use nsb::analysis::phase::{PhasePlane, View, phase};

use super::fi::{Output, Simulation};
use super::run::files;
use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::interrupt;
use crate::output::{self, Align, Table};

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb phase my_plane.model                                # a model with two states
  nsb phase my_plane.model --current 0.5 --duration \"200 ms\"
  nsb phase my_plane.model --start \"v=-1, w=1\" --start \"v=2, w=0\"";

/// What `nsb phase` takes. Quantities are written with their unit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A built-in neuron model with two states, or a model file (.model)
    #[arg(value_name = "MODEL")]
    model: String,

    /// Constant input, such as "40 uA/cm^2"; none if left out
    #[arg(long, value_name = "CURRENT", help_heading = "Plane", allow_hyphen_values = true)]
    current: Option<String>,

    /// Range of the first state, such as "-80 mV..60 mV"
    #[arg(long, value_name = "LOW..HIGH", help_heading = "Plane", allow_hyphen_values = true)]
    x: Option<String>,

    /// Range of the second state
    #[arg(long, value_name = "LOW..HIGH", help_heading = "Plane", allow_hyphen_values = true)]
    y: Option<String>,

    /// Where a trajectory starts, such as "V=-20 mV, w=0.1"; may be repeated
    #[arg(long, value_name = "STATES", help_heading = "Plane", allow_hyphen_values = true)]
    start: Vec<String>,

    #[command(flatten)]
    simulation: Simulation,

    #[command(flatten)]
    output: Output,
}

/// Simulates, analyses, writes, tells.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    interrupt::listen();
    let chosen = ChosenModel::open(&args.model)?;
    let folder = args.output.folder("phase", &chosen.model.name)?;
    let view = View {
        current: args.current,
        x: args.x,
        y: args.y,
        starts: args.start,
    };
    let mut observer = args.output.observer();
    let finished = phase(&chosen, &view, &args.simulation.setting(), &mut observer);
    observer.finish();
    let mut plane = finished?;
    if !args.output.quiet {
        output::warnings(&plane.run.warnings);
    }
    let written = plane.write(&folder)?;
    if args.output.json {
        output::result(&format!("{:#}\n", plane.to_json()))?;
    } else if !args.output.quiet {
        let name = &chosen.model.name;
        output::result(&format!(
            "Phase plane of {name}\n\n{}\n{}",
            told(&plane),
            files(folder.path(), &written)
        ))?;
    }
    Ok(if plane.run.interrupted { INTERRUPTED } else { DONE })
}

fn told(plane: &PhasePlane) -> String {
    if plane.fixed_points.is_empty() {
        return "  no fixed point in the range shown\n".to_owned();
    }
    let states = plane.states();
    let titled = |(name, unit): (&str, &str)| {
        if unit.is_empty() {
            name.to_owned()
        } else {
            format!("{name} ({unit})")
        }
    };
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Right, Align::Left]);
    table.row([
        "fixed point",
        &titled(states[0]),
        &titled(states[1]),
        "eigenvalues (1/ms)",
    ]);
    for point in &plane.fixed_points {
        let (x, y) = plane.shown((point.x, point.y));
        let [a, b] = point.eigenvalues;
        let eigenvalues = if a.1 == 0.0 {
            format!("{:.4}, {:.4}", a.0, b.0)
        } else {
            format!("{:.4} ± {:.4} i", a.0, a.1)
        };
        table.row([
            point.stability.name().to_owned(),
            format!("{x:.4}"),
            format!("{y:.4}"),
            eigenvalues,
        ]);
    }
    table.text()
}
