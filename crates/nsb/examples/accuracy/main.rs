//! Work and precision of every method: `cargo xtask accuracy` renews the figure and the table of
//! `docs/reference/accuracy.md`.
//!
//! Precision is the worst spike-time error of `hh_single`; work is the time that a kernel takes for a step of 1,024
//! cells, the best of several tries, on one thread.

#![allow(clippy::print_stdout)] // a program for the terminal

mod hh_single;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use nsb::Method;
use nsb::plot::{ChartAxis, ChartData, ChartPanel, Curve, Heading, Mark, chart};
use nsb_kernels::{Catalogue, Columns, Draws, Executor, Float, Simd};
use nsb_lang::System;
use nsb_lang::lower::lower;
use nsb_lang::program::{ColumnId, PhaseKind, Role};

const METHODS: [Method; 5] = [
    Method::Euler,
    Method::ExponentialEuler,
    Method::Rk2,
    Method::Strang,
    Method::Rk4,
];
/// Steps that divide all times of the protocol, ms.
const STEPS_MS: [f64; 6] = [0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125];
const CELLS: usize = 1024;
const STEPS_TIMED: u32 = 400;
const TRIES: u32 = 9;
const BEGIN: &str = "<!-- begin: cargo xtask accuracy -->\n";
const END: &str = "<!-- end -->";

struct Measured {
    method: Method,
    step_ns: f64,
    /// Step and worst error, ms.
    errors: Vec<(f64, Option<f64>)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut all = Vec::new();
    for method in METHODS {
        let mut errors = Vec::new();
        for dt_ms in STEPS_MS {
            // A step that the method does not allow is refused; that is an answer too.
            match hh_single::worst_error_ms(method.name(), dt_ms) {
                Ok(error) => errors.push((dt_ms, error)),
                Err(nsb::Error::User(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        all.push(Measured {
            method,
            step_ns: step_ns(method)?,
            errors,
        });
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let figure = chart(&figure(&all));
    fs::write(docs.join("images/accuracy.png"), figure.png()?)?;
    fs::write(docs.join("images/accuracy.svg"), figure.svg())?;
    let table = table(&all);
    println!("{table}");
    renew(&docs.join("reference/accuracy.md"), &table)
}

/// Nanoseconds for one step of one cell.
fn step_ns(method: Method) -> Result<f64, Box<dyn Error>> {
    let catalogue = Catalogue::builtin();
    let model = catalogue.get("hodgkin_huxley").ok_or("the model is built in")?;
    let general = lower(&System::join(model, &[], &[])?, method)?;
    let parameters = general.columns_with(Role::Parameter);
    let uniform: Vec<(ColumnId, f64)> = parameters
        .map(|id| (id, general.columns()[id.0 as usize].default))
        .collect();
    let (program, kernel) = Executor::default().prepare(&general, 0.0125, &uniform, Float::Double, Simd::best());
    let mut columns = Columns::new(program.columns().len(), CELLS);
    let mut scratch = kernel.scratch();
    kernel.run(PhaseKind::Init, &mut columns, Draws::default(), &mut scratch);
    // From silence to fast firing: up to 20 µA/cm².
    let input = program.column("I").ok_or("the input is called I")?;
    let currents = columns.column_mut(input).iter_mut().enumerate();
    currents.for_each(|(cell, current)| *current = 0.2 * cell as f64 / CELLS as f64);
    let mut best = f64::INFINITY;
    for _ in 0..TRIES {
        let start = Instant::now();
        for _ in 0..STEPS_TIMED {
            kernel.run(PhaseKind::Step, &mut columns, Draws::default(), &mut scratch);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best * 1e9 / f64::from(STEPS_TIMED) / CELLS as f64)
}

fn figure(all: &[Measured]) -> ChartData {
    let curve = |measured: &Measured| {
        let good = measured
            .errors
            .iter()
            .filter_map(|(dt_ms, error)| Some((*dt_ms, (*error)?)));
        let (x, y) = good
            .map(|(dt_ms, error)| (measured.step_ns / dt_ms / 1000.0, error))
            .unzip();
        Curve {
            label: measured.method.name().replace('_', " "),
            mark: Mark::LineAndDots,
            x,
            y,
            ..Curve::default()
        }
    };
    ChartData {
        heading: Heading::new(
            "accuracy",
            "Work and precision of the integration methods",
            format!(
                "one Hodgkin\u{2013}Huxley cell, 13 spikes; {} on one core",
                Simd::best().name()
            ),
        ),
        x: ChartAxis::new("work per cell and simulated millisecond", "us").logarithmic(),
        panels: vec![ChartPanel {
            y: ChartAxis::new("worst spike-time error", "ms").logarithmic(),
            curves: all.iter().map(curve).collect(),
            height: 420.0,
            ..ChartPanel::default()
        }],
        caption:
            "Worst spike-time error against the time to simulate a cell for a millisecond; a dot for each step dt, \
                  halved from left to right. Lower left is better."
                .to_owned(),
    }
}

fn table(all: &[Measured]) -> String {
    let mut text = "| method | ns per neuron-step |".to_owned();
    STEPS_MS
        .iter()
        .for_each(|dt_ms| text.push_str(&format!(" {dt_ms} ms |")));
    text.push_str(&format!("\n|---|---|{}\n", "---|".repeat(STEPS_MS.len())));
    for measured in all {
        text.push_str(&format!("| `{}` | {:.1} |", measured.method.name(), measured.step_ns));
        for dt_ms in STEPS_MS {
            let cell = match measured.errors.iter().find(|(known, _)| *known == dt_ms) {
                None => "refused".to_owned(),
                Some((_, None)) => "wrong number of spikes".to_owned(),
                Some((_, Some(error))) => format!("{error:.2e}"),
            };
            text.push_str(&format!(" {cell} |"));
        }
        text.push('\n');
    }
    text
}

/// Puts the table between its marks.
fn renew(page: &Path, table: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).ok_or("the page has no end of the table")?;
    fs::write(page, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?;
    Ok(())
}
