//! `statistics.json`: what the spikes of each population say; measures that need more spikes are `null`.

use super::{OutputFile, Sink};
use crate::statistics::Statistics;

pub(super) fn file(statistics: &Statistics) -> OutputFile<'static> {
    let text = format!("{:#}\n", statistics.to_json());
    OutputFile {
        name: "statistics.json".to_owned(),
        write: Box::new(move |sink: &mut dyn Sink| sink.write_all(text.as_bytes())),
    }
}
