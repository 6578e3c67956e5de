//! Rates of the reference networks over five seeds: `cargo xtask rates` renews the table of `docs/reference/rates.md`,
//! and fails if a mean is outside its range.

#![allow(clippy::print_stdout)] // a program for the terminal

mod networks;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use networks::REFERENCES;

const SEEDS: u64 = 5;
const BEGIN: &str = "<!-- begin: cargo xtask rates -->\n";
const END: &str = "<!-- end -->";

fn main() -> Result<(), Box<dyn Error>> {
    let mut table = String::from("\n| network | ");
    (1..=SEEDS).for_each(|seed| table.push_str(&format!("seed {seed} | ")));
    table.push_str("mean | must lie in |\n|---|");
    table.push_str(&"---|".repeat(SEEDS as usize + 2));
    let mut wrong = Vec::new();
    for reference in &REFERENCES {
        let rates: Vec<f64> = (1..=SEEDS)
            .map(|seed| reference.mean_rate_hz(seed))
            .collect::<Result<_, _>>()?;
        let mean_hz = rates.iter().sum::<f64>() / rates.len() as f64;
        let _ = write!(table, "\n| `{}` | ", reference.name);
        for rate_hz in rates.iter().chain([&mean_hz]) {
            let _ = write!(table, "{rate_hz:.2} | ");
        }
        let (low, high) = reference.range_hz;
        let _ = write!(table, "{low}–{high} |");
        if !reference.holds(mean_hz) {
            wrong.push(format!("{}: {mean_hz:.2} Hz is not in {low}–{high} Hz", reference.name));
        }
    }
    table.push_str("\n\n");
    println!("{table}");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/rates.md");
    let text = fs::read_to_string(&page)?;
    let (before, rest) = text
        .split_once(BEGIN)
        .ok_or("the page has lost the beginning of its table")?;
    let (_, after) = rest.split_once(END).ok_or("the page has lost the end of its table")?;
    fs::write(page, format!("{before}{BEGIN}{table}{END}{after}"))?;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; ").into())
    }
}
