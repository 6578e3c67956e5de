//! A file that grows under a temporary name, `NAME.partial`, and gets its own name when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The end of the name of a file that is not whole.
pub(crate) const PARTIAL: &str = ".partial";

/// The longest line that a failure cuts in two.
const LONGEST_LINE: u64 = 1 << 20;

/// A file in the making. Dropped before [`Part::finish`] it leaves nothing behind.
pub(super) struct Part {
    /// The file it is for: what messages speak of.
    path: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Part {
    /// Begins a file, and the folder it is in.
    pub(super) fn create(path: PathBuf) -> Result<Part, Error> {
        let partial = path.clone();
        Part::named(path, partial)
    }

    /// Begins a file of data for `path`, such as one array of an archive, that never gets a name of its own.
    pub(super) fn of(path: PathBuf, piece: &str) -> Result<Part, Error> {
        let partial = with_ending(&path, &format!(".{piece}"));
        Part::named(path, partial)
    }

    fn named(path: PathBuf, partial: PathBuf) -> Result<Part, Error> {
        let partial = with_ending(&partial, PARTIAL);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|reason| Error::output("create", folder, reason))?;
        let file = File::create(&partial).map_err(|reason| Error::output("write", &path, reason))?;
        Ok(Part {
            path,
            partial,
            file: Some(BufWriter::new(file)),
        })
    }

    /// Writes more.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
        let file = self.file.as_mut().expect("a part is open until it is finished");
        write(file).map_err(|reason| Error::output("write", &self.path, reason))
    }

    /// Hands what was written to the operating system.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        self.write(Write::flush)
    }

    /// Gives the file its name.
    pub(super) fn finish(mut self) -> Result<PathBuf, Error> {
        self.flush()?;
        fs::rename(&self.partial, &self.path).map_err(|reason| Error::output("write", &self.path, reason))?;
        self.file = None;
        Ok(self.path.clone())
    }

    /// What was written so far, to be read from its beginning.
    pub(super) fn read(&mut self) -> Result<impl Read + use<>, Error> {
        self.flush()?;
        let file = File::open(&self.partial).map_err(|reason| Error::output("read", &self.partial, reason))?;
        Ok(BufReader::new(file))
    }

    /// Leaves the file behind under its temporary name, cut after its last whole line. Best effort: the disk may be
    /// full or gone.
    pub(super) fn keep(mut self) {
        let _ = self.flush();
        if let Some(file) = self.file.take() {
            drop(file.into_parts());
            let _ = cut_after_last_line(&self.partial);
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Without writing what is left in the buffer.
            drop(file.into_parts());
            let _ = fs::remove_file(&self.partial);
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn cut_after_last_line(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::new();
    file.take(LONGEST_LINE).read_to_end(&mut end)?;
    let whole = end.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    OpenOptions::new().write(true).open(path)?.set_len(start + whole as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(folder: &Path) -> Part {
        let mut part = Part::create(folder.join("data/spikes.csv")).unwrap();
        part.write(|file| write!(file, "one\ntwo\nhal")).unwrap();
        part
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder.join("data")).unwrap().flatten();
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let base = tempfile::tempdir().unwrap();
        let part = part(base.path());
        assert_eq!(names(base.path()), ["spikes.csv.partial"]);
        let path = part.finish().unwrap();
        assert_eq!(names(base.path()), ["spikes.csv"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "one\ntwo\nhal");
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing_or_its_whole_lines() {
        let base = tempfile::tempdir().unwrap();
        drop(part(base.path()));
        assert!(names(base.path()).is_empty());
        part(base.path()).keep();
        let kept = base.path().join("data/spikes.csv.partial");
        assert_eq!(fs::read_to_string(kept).unwrap(), "one\ntwo\n");
    }
}
