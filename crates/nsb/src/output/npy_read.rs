//! Reads the arrays of an archive (`.npz`) from beginning to end, without holding them in memory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use py_literal::Value;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::npy::Kind;
use crate::error::Error;

/// An archive of arrays, open for reading one of them at a time.
pub(super) struct Npz {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

/// An array, read from its beginning.
pub(super) struct Array<'a> {
    path: &'a Path,
    name: String,
    /// Length in each direction.
    pub(super) shape: Vec<u64>,
    elements: BufReader<ZipFile<'a, BufReader<File>>>,
}

impl Npz {
    pub(super) fn open(path: &Path) -> Result<Npz, Error> {
        let file = File::open(path).map_err(|reason| unreadable(path, &reason))?;
        Ok(Npz {
            path: path.to_owned(),
            archive: ZipArchive::new(BufReader::new(file)).map_err(|reason| unreadable(path, &reason))?,
        })
    }

    /// Whether there is an array `name` (without `.npy`).
    pub(super) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(&format!("{name}.npy")).is_some()
    }

    /// The array `name` (without `.npy`), which must be of this kind.
    pub(super) fn array(&mut self, name: &str, kind: Kind) -> Result<Array<'_>, Error> {
        let path = self.path.as_path();
        let failed = |reason: &dyn std::fmt::Display| unreadable(path, &format!("array `{name}`: {reason}"));
        let file = self
            .archive
            .by_name(&format!("{name}.npy"))
            .map_err(|reason| failed(&reason))?;
        let mut elements = BufReader::new(file);
        let (found, shape) = header(&mut elements).map_err(|reason| failed(&reason))?;
        if found != kind.descriptor() {
            return Err(failed(&format!(
                "its elements are `{found}`, not `{}`",
                kind.descriptor()
            )));
        }
        Ok(Array {
            path,
            name: name.to_owned(),
            shape,
            elements,
        })
    }
}

impl Array<'_> {
    /// The next elements, as many as there is room for.
    pub(super) fn read<T: Number>(&mut self, elements: &mut [T]) -> Result<(), Error> {
        for element in elements {
            let read = T::read(&mut self.elements);
            *element = read.map_err(|reason| unreadable(self.path, &format!("array `{}`: {reason}", self.name)))?;
        }
        Ok(())
    }
}

/// A number in little-endian order.
pub(super) trait Number: Sized {
    fn read(from: &mut impl Read) -> io::Result<Self>;
}

impl Number for f64 {
    fn read(from: &mut impl Read) -> io::Result<f64> {
        let mut bytes = [0; 8];
        from.read_exact(&mut bytes).map(|()| f64::from_le_bytes(bytes))
    }
}

impl Number for u32 {
    fn read(from: &mut impl Read) -> io::Result<u32> {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }
}

/// Kind of the elements, and shape.
fn header(from: &mut impl Read) -> io::Result<(String, Vec<u64>)> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut start = [0; 8];
    from.read_exact(&mut start)?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(wrong("it is no NumPy array"));
    }
    let length = if start[6] == 1 {
        let mut length = [0; 2];
        from.read_exact(&mut length)?;
        u64::from(u16::from_le_bytes(length))
    } else {
        u64::from(u32::read(from)?)
    };
    let mut text = String::new();
    from.take(length).read_to_string(&mut text)?;
    let dictionary: Value = text.trim().parse().map_err(|_| wrong("its header cannot be read"))?;
    let entry = |key: &str| {
        let entries = dictionary.as_dict()?.iter();
        entries
            .clone()
            .find(|(k, _)| k.as_string().is_some_and(|k| k == key))
            .map(|(_, value)| value)
    };
    let kind = entry("descr")
        .and_then(Value::as_string)
        .ok_or_else(|| wrong("its header has no `descr`"))?;
    let by_columns = entry("fortran_order").and_then(Value::as_boolean);
    let shape: Option<Vec<u64>> = entry("shape").and_then(Value::as_tuple).and_then(|shape| {
        let length = |n: &Value| n.as_integer().and_then(|n| n.to_string().parse().ok());
        shape.iter().map(length).collect()
    });
    let shape = shape.ok_or_else(|| wrong("its header has no `shape`"))?;
    if by_columns == Some(true) && shape.len() > 1 {
        return Err(wrong(
            "it is stored column by column; save it with numpy.ascontiguousarray",
        ));
    }
    Ok((kind.clone(), shape))
}

/// A file of a run that cannot be used.
pub(super) fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let name = path.display().to_string();
    let message = format!("`{name}` cannot be read: {reason}");
    Error::about("E0531", &name, message, "run the project again: nsb run project.toml")
}
