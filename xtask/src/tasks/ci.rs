//! `cargo xtask ci`: what a change must pass before it lands.

/// Lint first, because it is quick and its findings are cheap to mend; fuzzing last, because it always takes a minute.
pub(crate) fn run() -> Result<(), String> {
    super::lint::run()?;
    super::test::run()?;
    super::fuzz::run()
}
