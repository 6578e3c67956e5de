//! Labelled images: some to learn from, the others to be told.

use std::sync::Arc;

use nsb_engine::network::Frames;

use super::schedule::Window;

/// The images that come with the program, by the name used in projects.
const DATA: [(&str, &str); 1] = [("digits", include_str!("../../data/digits.txt"))];

/// Images of one size, each with the class it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    /// The labels of the classes.
    pub labels: Vec<String>,
    /// The class of each image, a position among the labels.
    pub classes: Vec<u32>,
    /// Of each image a number for every pixel: 0 is dark, 1 the full rate.
    pub intensities: Arc<[f32]>,
    /// Pixels of an image.
    pub width: usize,
    /// So many are learned from, the first ones; the others are tested.
    pub n_training: usize,
}

impl Images {
    /// The names of the data that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        DATA.iter().map(|(name, _)| *name)
    }

    /// Labels and pixels of the data of a name, one image after the other; pixels go from 0 to 16.
    pub fn named(name: &str) -> Option<Vec<(String, Vec<f32>)>> {
        let (_, text) = DATA.iter().find(|(known, _)| *known == name)?;
        let images = text.lines().filter(|line| !line.starts_with('#'));
        let read = |line: &str| {
            let (label, pixels) = line.split_once(' ')?;
            let pixels = pixels.chars().map(|c| c.to_digit(17).map(|value| value as f32));
            Some((label.to_owned(), pixels.collect::<Option<_>>()?))
        };
        images.map(read).collect()
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Number of images that are tested.
    pub fn n_tested(&self) -> usize {
        self.len() - self.n_training
    }

    /// The class of the n-th image that is learned, or tested.
    pub fn class(&self, n: usize, tested: bool) -> usize {
        self.classes[self.position(n, tested)] as usize
    }

    fn position(&self, n: usize, tested: bool) -> usize {
        if tested { self.n_training + n } else { n }
    }

    /// The images as they are shown in windows of time.
    pub(super) fn frames(&self, windows: &[Window], tested: bool) -> Frames {
        let window = |w: &Window| (w.start_ms, w.stop_ms, self.position(w.pattern, tested) as u32);
        Frames {
            windows: windows.iter().map(window).collect(),
            intensities: Arc::clone(&self.intensities),
            width: self.width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_the_published_set() {
        let digits = Images::named("digits").unwrap();
        assert_eq!(digits.len(), 1797);
        assert!(digits.iter().all(|(_, pixels)| pixels.len() == 64));
        // How often each digit occurs, by the description of the data set.
        let count = |label: &str| digits.iter().filter(|(own, _)| own == label).count();
        let counts: Vec<usize> = (0..10).map(|digit| count(&digit.to_string())).collect();
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let brightest = digits
            .iter()
            .flat_map(|(_, pixels)| pixels)
            .fold(0.0, |a: f32, b| a.max(*b));
        assert_eq!(brightest, 16.0);
        assert_eq!(digits[0].1[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        assert!(Images::named("letters").is_none());
    }
}
