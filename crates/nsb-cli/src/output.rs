//! All printing: results to stdout, everything about the work to stderr.
//!
//! Nothing else in the program writes to the two streams, apart from the progress bar.

use std::io::{self, IsTerminal, Write};

use nsb::Diagnostics;

use crate::exit::Failure;

/// Writes a result. An error is returned rather than panicked on: a closed pipe is an ordinary end.
pub(crate) fn result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes a remark about the work. If stderr is closed there is nobody left to tell.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Writes warnings.
pub(crate) fn warnings(diagnostics: &Diagnostics) {
    if !diagnostics.0.is_empty() {
        remark(&nsb::render(diagnostics, stderr_has_colour()));
    }
}

/// Writes why the command failed. A closed pipe is silent.
pub(crate) fn failure(failure: &Failure) {
    match failure {
        Failure::Library(nsb::Error::User(diagnostics)) => remark(&nsb::render(diagnostics, stderr_has_colour())),
        Failure::Library(error) => remark(&explained(
            &error.to_string(),
            error.hint().as_deref().unwrap_or_default(),
        )),
        Failure::Argument { message, hint } => remark(&explained(message, hint)),
        Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Failure::Stdout(error) => remark(&explained(&format!("cannot write to stdout: {error}"), "")),
    }
}

/// Whether a progress bar makes sense.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Colours are for terminals, and for people who have not said no (<https://no-color.org>).
fn stderr_has_colour() -> bool {
    stderr_is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A message without a place, in the form of the diagnostics that have one.
fn explained(message: &str, hint: &str) -> String {
    if hint.is_empty() {
        format!("error: {message}")
    } else {
        format!("error: {message}\n  = help: {hint}")
    }
}

/// How a column of a [`Table`] is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells, printed in aligned columns.
#[derive(Debug)]
pub(crate) struct Table {
    align: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table; one entry a column.
    pub(crate) fn new(align: &[Align]) -> Table {
        Table {
            align: align.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        debug_assert_eq!(cells.len(), self.align.len(), "each row has a cell for each column");
        self.rows.push(cells);
    }

    /// The rows as text, each with two spaces before it and between its cells, columns that are empty throughout left out.
    pub(crate) fn text(&self) -> String {
        let widths: Vec<usize> = (0..self.align.len())
            .map(|column| {
                self.rows
                    .iter()
                    .map(|row| row[column].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, &width), align) in row.iter().zip(&widths).zip(&self.align) {
                if width == 0 {
                    continue;
                }
                match align {
                    Align::Left => line.push_str(&format!("  {cell:<width$}")),
                    Align::Right => line.push_str(&format!("  {cell:>width$}")),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A count with a comma between groups of three digits: `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Counts things: `1 cell`, `2,000 cells`, `3 synapses`.
pub(crate) fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A measured time: `430 µs`, `12.3 ms`, `4.56 s`.
pub(crate) fn seconds(s: f64) -> String {
    if s < 1e-3 {
        format!("{:.0} µs", s * 1e6)
    } else if s < 1.0 {
        format!("{:.1} ms", s * 1e3)
    } else {
        format!("{s:.2} s")
    }
}

/// A number to three significant digits, without needless zeros: `0.025`, `86.5`, `100`, `12345`.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let decimals =
        (0..12).find(|&d| value.abs() >= [100.0, 10.0, 1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 0.0][d]);
    let text = format!("{value:.*}", decimals.unwrap_or(0));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_empty_ones_disappear() {
        let mut table = Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left]);
        table.row(["name", "n", "", "unit"]);
        table.row(["µ", "100", "", "mV"]);
        assert_eq!(table.text(), "  name    n  unit\n  µ     100  mV\n");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), text);
        }
        assert_eq!(counted(1, "cell"), "1 cell");
        assert_eq!(counted(2000, "synapse"), "2,000 synapses");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(seconds(0.000_43), "430 µs");
        assert_eq!(seconds(0.0123), "12.3 ms");
        assert_eq!(seconds(4.5612), "4.56 s");
    }

    #[test]
    fn numbers_keep_three_digits_and_no_trailing_zeros() {
        for (value, text) in [
            (0.025, "0.025"),
            (86.47, "86.5"),
            (100.0, "100"),
            (12345.0, "12345"),
            (1.0, "1"),
            (0.0, "0"),
            (-54.387, "-54.4"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
