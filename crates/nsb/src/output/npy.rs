//! Arrays as NumPy stores them (`.npy`, version 1.0, little-endian, row by row), and archives of them (`.npz`).
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::{self, Write};
use std::path::PathBuf;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::part::Part;
use crate::error::Error;

/// Characters of a text (`<U64`): UTF-32, filled up with zeros.
const TEXT_LENGTH: usize = 64;
/// From this length on an entry needs the large form of the format.
const LARGE: u64 = 0xFFFF_0000;

/// What the numbers of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    F64,
    U32,
    Text,
}

impl Kind {
    pub(super) fn descriptor(self) -> &'static str {
        match self {
            Kind::F64 => "<f8",
            Kind::U32 => "<u4",
            Kind::Text => "<U64",
        }
    }

    /// Bytes of an element.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Kind::F64 => 8,
            Kind::U32 => 4,
            Kind::Text => 4 * TEXT_LENGTH as u64,
        }
    }
}

/// Numbers and texts as bytes.
pub(super) trait Element {
    fn push(&self, bytes: &mut Vec<u8>);
}

impl Element for f64 {
    fn push(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

impl Element for u32 {
    fn push(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

impl Element for &str {
    fn push(&self, bytes: &mut Vec<u8>) {
        let end = bytes.len() + Kind::Text.bytes() as usize;
        self.chars()
            .take(TEXT_LENGTH)
            .for_each(|c| bytes.extend(u32::from(c).to_le_bytes()));
        bytes.resize(end, 0);
    }
}

/// Elements as bytes.
pub(super) fn bytes<T: Element>(elements: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::new();
    elements.into_iter().for_each(|element| element.push(&mut bytes));
    bytes
}

/// One array of an archive.
pub(super) struct Entry {
    /// Name without `.npy`.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Length in each direction; empty for a single element.
    pub(super) shape: Vec<u64>,
    pub(super) content: Content,
}

/// Where the elements of an array are.
pub(super) enum Content {
    Bytes(Vec<u8>),
    File(Part),
}

/// Packs arrays with constant memory. Files of elements are gone afterwards.
pub(super) fn pack(path: PathBuf, entries: Vec<Entry>) -> Result<PathBuf, Error> {
    let mut archive = Part::create(path)?;
    archive.write(|file| {
        let mut zip = ZipWriter::new(file);
        let packed = entries.into_iter().try_for_each(|entry| add(&mut zip, entry));
        if let Err(reason) = packed {
            // Dropped, it would try to write the rest, and print when that fails too.
            std::mem::forget(zip);
            return Err(reason);
        }
        zip.finish().map(|_| ()).map_err(io::Error::from)
    })?;
    archive.finish()
}

fn add<W: Write + io::Seek>(zip: &mut ZipWriter<W>, entry: Entry) -> io::Result<()> {
    let header = header(entry.kind, &entry.shape);
    let length = entry.shape.iter().product::<u64>() * entry.kind.bytes();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(length > LARGE);
    zip.start_file(format!("{}.npy", entry.name), options)?;
    zip.write_all(&header)?;
    match entry.content {
        Content::Bytes(bytes) => zip.write_all(&bytes),
        Content::File(mut part) => {
            let mut elements = part.read().map_err(io::Error::other)?;
            io::copy(&mut elements, zip).map(|_| ())
        }
    }
}

fn header(kind: Kind, shape: &[u64]) -> Vec<u8> {
    let mut text = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
        kind.descriptor(),
        shape.iter().map(|n| format!("{n}, ")).collect::<String>().trim_end()
    );
    // Magic, version and length take ten bytes; data begin at a multiple of 64.
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text.bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NumPy's own writer gives these bytes.
    #[test]
    fn headers_are_those_of_numpy() {
        let one = header(Kind::F64, &[3]);
        assert_eq!(one.len() % 64, 0);
        assert!(
            one.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } ")
        );
        let text = |shape: &[u64]| String::from_utf8_lossy(&header(Kind::U32, shape)).into_owned();
        assert!(text(&[2, 5]).contains("'shape': (2, 5,), }"));
        assert!(text(&[]).contains("'shape': (), }"));
        assert!(one.ends_with(b" \n"));
    }

    #[test]
    fn texts_are_filled_up_or_cut_to_their_length() {
        assert_eq!(bytes(["ab", ""]).len(), 512);
        assert_eq!(bytes(["é"])[..8], [0xE9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes([&*"x".repeat(100)]).len(), 256);
    }
}
