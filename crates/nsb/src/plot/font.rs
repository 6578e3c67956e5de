//! The embedded typeface and the width of text in it.
//!
//! Labels are placed by measured widths, so the advance widths are read from the very font files that draw them.

use std::sync::OnceLock;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Roboto-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/Roboto-Bold.ttf");

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    /// The TrueType file of this weight: Latin, Greek and the symbols of units.
    pub(crate) fn file(self) -> &'static [u8] {
        match self {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        }
    }

    fn metrics(self) -> &'static Metrics {
        static METRICS: [OnceLock<Metrics>; 2] = [OnceLock::new(), OnceLock::new()];
        METRICS[self as usize].get_or_init(|| {
            Metrics::read(self.file()).expect("the embedded fonts have head, hhea, hmtx and a cmap of format 4")
        })
    }
}

/// Width of `text` at `size`. Kerning, which only tightens, is left out: the text drawn is never wider.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let metrics = weight.metrics();
    let units: f64 = text
        .chars()
        .map(|character| f64::from(metrics.advance(character)))
        .sum();
    units * size / metrics.units_per_em
}

/// Whether the embedded font can draw `character`.
#[cfg(test)]
pub(crate) fn covers(character: char) -> bool {
    Weight::Regular.metrics().glyph(character) != 0 && Weight::Bold.metrics().glyph(character) != 0
}

/// Advance widths of one font file.
struct Metrics {
    units_per_em: f64,
    /// By glyph.
    advances: Vec<u16>,
    /// Ranges of code points with their glyphs, ascending.
    segments: Vec<Segment>,
}

struct Segment {
    first: u16,
    last: u16,
    glyphs: Vec<u16>,
}

impl Metrics {
    /// Reads the tables `head`, `hhea`, `hmtx` and `cmap` (OpenType 1.9); `None` when one is missing or cut off.
    fn read(file: &[u8]) -> Option<Self> {
        let units_per_em = f64::from(u16_at(table(file, b"head")?, 18)?);
        let count = usize::from(u16_at(table(file, b"hhea")?, 34)?);
        let hmtx = table(file, b"hmtx")?;
        let advances = (0..count)
            .map(|glyph| u16_at(hmtx, 4 * glyph))
            .collect::<Option<Vec<u16>>>()?;
        Some(Self {
            units_per_em,
            advances,
            segments: segments(table(file, b"cmap")?)?,
        })
    }

    fn glyph(&self, character: char) -> u16 {
        let Ok(code) = u16::try_from(u32::from(character)) else {
            return 0;
        };
        let index = self.segments.partition_point(|segment| segment.last < code);
        match self.segments.get(index) {
            Some(segment) if segment.first <= code => segment.glyphs[usize::from(code - segment.first)],
            _ => 0,
        }
    }

    fn advance(&self, character: char) -> u16 {
        let glyph = usize::from(self.glyph(character));
        // Glyphs beyond the table share its last entry.
        self.advances.get(glyph).or(self.advances.last()).copied().unwrap_or(0)
    }
}

/// The segments of the first subtable of format 4.
fn segments(cmap: &[u8]) -> Option<Vec<Segment>> {
    let count = usize::from(u16_at(cmap, 2)?);
    let subtables = (0..count).filter_map(|index| cmap.get(u32_at(cmap, 4 + 8 * index + 4)? as usize..));
    let subtable = subtables.into_iter().find(|subtable| u16_at(subtable, 0) == Some(4))?;
    let n = usize::from(u16_at(subtable, 6)?) / 2;
    let (ends, starts, deltas, offsets) = (14, 16 + 2 * n, 16 + 4 * n, 16 + 6 * n);
    (0..n)
        .map(|index| {
            let (first, last) = (
                u16_at(subtable, starts + 2 * index)?,
                u16_at(subtable, ends + 2 * index)?,
            );
            let delta = u16_at(subtable, deltas + 2 * index)?;
            let offset = usize::from(u16_at(subtable, offsets + 2 * index)?);
            let glyph = |code: u16| {
                if offset == 0 {
                    return Some(code.wrapping_add(delta));
                }
                match u16_at(subtable, offsets + 2 * index + offset + 2 * usize::from(code - first))? {
                    0 => Some(0),
                    glyph => Some(glyph.wrapping_add(delta)),
                }
            };
            Some(Segment {
                first,
                last,
                glyphs: (first..=last).map(glyph).collect::<Option<_>>()?,
            })
        })
        .collect()
}

fn table<'a>(file: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let count = usize::from(u16_at(file, 4)?);
    let record = (0..count)
        .map(|index| 12 + 16 * index)
        .find(|&at| file.get(at..at + 4) == Some(tag))?;
    let (offset, length) = (u32_at(file, record + 8)? as usize, u32_at(file, record + 12)? as usize);
    file.get(offset..offset.checked_add(length)?)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_the_width_that_the_typeface_gives_them() {
        // Roboto: 1151 of 2048 units for every digit, 1171 for the minus sign.
        for digit in '0'..='9' {
            assert_eq!(width(&digit.to_string(), 2048.0, Weight::Regular), 1151.0);
        }
        assert_eq!(width("\u{2212}", 2048.0, Weight::Regular), 1171.0);
        assert_eq!(width("", 20.0, Weight::Bold), 0.0);
    }

    #[test]
    fn width_grows_with_size_and_weight() {
        assert_eq!(
            width("spikes", 20.0, Weight::Regular),
            2.0 * width("spikes", 10.0, Weight::Regular)
        );
        assert!(width("spikes", 20.0, Weight::Bold) > width("spikes", 20.0, Weight::Regular));
    }

    #[test]
    fn the_font_covers_units_greek_and_signs() {
        for character in "AZaz09µΩ°²³⁰¹⁴⁹⁻⁺·−–—…×±≤≥≈∞αβγδτφω′‰∂√ÄÖÜßéčł".chars()
        {
            assert!(covers(character), "{character} is missing");
        }
        assert!(!covers('\u{4e2d}'));
    }

    #[test]
    fn a_cut_off_font_is_refused_not_read() {
        for length in [0, 3, 12, 100, 400] {
            assert!(Metrics::read(&REGULAR[..length]).is_none());
        }
    }
}
