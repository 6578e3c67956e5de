//! `nsb plot RUN_DIR`: draw the figures and the report of a run again.

use std::path::PathBuf;

use super::run::files;
use crate::exit::{DONE, Failure};
use crate::output;

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb run level1 --no-figures --out first    # data only
  nsb plot first                             # figures and report, from the data";

/// What `nsb plot` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A folder that `nsb run` left; its figures, report and statistics are replaced
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,

    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

/// Draws and tells.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    let written = nsb::redraw(&args.folder)?;
    if !args.quiet {
        output::result(&files(&args.folder, &written))?;
    }
    Ok(DONE)
}
