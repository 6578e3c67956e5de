//! `cargo xtask test`: every test of the workspace, and one line of totals at the end.

use std::io::{BufRead, BufReader};
use std::process::{ExitStatus, Stdio};
use std::time::Instant;

use crate::cargo;

/// What the test binaries reported, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
    binaries: u64,
}

/// Runs unit, integration and documentation tests, goes on after a failure, and prints the totals.
#[allow(clippy::print_stdout, clippy::print_stderr)] // relays cargo's output
pub(crate) fn run() -> Result<(), String> {
    let arguments = ["test", "--workspace", "--no-fail-fast"];
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("xtask: {line}");
    let started = Instant::now();
    let mut child = cargo::command(&arguments)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{line}`: {error}"))?;
    let output = BufReader::new(child.stdout.take().expect("stdout was asked to be piped"));
    let mut totals = Totals::default();
    for text in output.split(b'\n') {
        let text = text.map_err(|error| format!("cannot read what `{line}` prints: {error}"))?;
        let text = String::from_utf8_lossy(&text);
        println!("{text}");
        totals.add(&text);
    }
    let status = child.wait().map_err(|error| format!("lost `{line}`: {error}"))?;
    let verdict = verdict(&totals, status);
    println!(
        "{} in {:.0} s: {totals}",
        if verdict.is_ok() {
            "ALL TESTS PASSED"
        } else {
            "TESTS FAILED"
        },
        started.elapsed().as_secs_f64()
    );
    verdict.map_err(|reason| format!("{reason} (`{line}`)"))
}

/// Passed only if cargo says so and some test ran: a run of nothing proves nothing.
fn verdict(totals: &Totals, status: ExitStatus) -> Result<(), String> {
    if totals.failed > 0 {
        return Err(format!("{} failed", tests(totals.failed)));
    }
    if !status.success() {
        return Err("a test did not build or a test binary died".to_string());
    }
    if totals.passed == 0 {
        return Err("no test ran".to_string());
    }
    Ok(())
}

impl Totals {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; …`; others count nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        self.binaries += 1;
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Totals {
            passed,
            failed,
            ignored,
            binaries,
        } = self;
        write!(
            f,
            "{passed} passed, {failed} failed, {ignored} ignored, in {binaries} test programs"
        )
    }
}

fn tests(count: u64) -> String {
    if count == 1 {
        "1 test".to_string()
    } else {
        format!("{count} tests")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(text: &str) -> Totals {
        let mut totals = Totals::default();
        text.lines().for_each(|line| totals.add(line));
        totals
    }

    #[test]
    fn totals_add_up_over_test_programs() {
        let text = "running 4 tests\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.25s\n\
            test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.00s\n";
        assert_eq!(
            totals(text),
            Totals {
                passed: 13,
                failed: 2,
                ignored: 1,
                binaries: 2
            }
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            totals("test 3 passed ... ok\nfailures:\n  5 failed\n"),
            Totals::default()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_run_without_any_test_is_a_failure() {
        use std::os::unix::process::ExitStatusExt;
        let success = ExitStatus::from_raw(0);
        assert!(verdict(&Totals::default(), success).is_err());
        assert!(
            verdict(
                &Totals {
                    passed: 1,
                    ..Totals::default()
                },
                success
            )
            .is_ok()
        );
        assert!(
            verdict(
                &Totals {
                    passed: 1,
                    failed: 1,
                    ..Totals::default()
                },
                success
            )
            .is_err()
        );
        assert!(
            verdict(
                &Totals {
                    passed: 1,
                    ..Totals::default()
                },
                ExitStatus::from_raw(256)
            )
            .is_err()
        );
    }
}
