//! Pictures that are shown one after the other.

use std::sync::Arc;

/// Intensities of the cells of a population, each set of which holds for a while. Between them all are 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// From (included) to (excluded), ms after the start, and the number of the picture; ascending, without overlap.
    /// Times are rounded to whole steps.
    pub windows: Vec<(f64, f64, u32)>,
    /// One after the other, each with a number for every cell of the population; 1 is the full level.
    pub intensities: Arc<[f32]>,
    /// Number of cells.
    pub width: usize,
}

impl Frames {
    /// The intensities of a picture.
    pub fn picture(&self, number: u32) -> &[f32] {
        &self.intensities[number as usize * self.width..][..self.width]
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.intensities.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
