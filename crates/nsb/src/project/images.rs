//! `images` of `[patterns]`: labelled images, those that come with the program or a table of the user's own.

use nsb_engine::network::Population;

use super::node::{Node, Place};
use super::patterns::label_is_good;
use super::schema::{self, Findings, Section, number, whole};
use super::table::{Line, Lines};
use crate::learning::Images;

const KEYS: [&str; 6] = ["data", "file", "csv", "training", "test", "full"];
/// Problems reported for one table; more are usually the same.
const MAX_PROBLEMS: usize = 10;

/// An image as it is given: its label, where that stands, and its pixels.
struct Image {
    label: String,
    place: Option<Place>,
    pixels: Vec<f32>,
}

/// `{ data = "digits", training = 1200 }`
pub(super) fn read(node: &Node, population: Option<&Population>, findings: &mut Findings) -> Option<Images> {
    let section = Section::open(node, &node.place, "`images` of the patterns", &KEYS, findings)?;
    let training = section.required("training", "1200", findings);
    let training = training.and_then(|node| Some((whole(node, "training", 0, findings)? as usize, node)));
    let tested = match section.get("test") {
        Some(node) => Some((whole(node, "test", 1, findings)? as usize, node)),
        None => None,
    };
    let images = given(&section, population, findings)?;
    let width = images.first().map_or(0, |image| image.pixels.len());
    if let Some(population) = population.filter(|population| population.size != width) {
        let (name, size) = (&population.name, population.size);
        let than = if width > size { "longer than" } else { "shorter than" };
        let message = format!("images of {width} pixels are {than} the population `{name}` of {size} cells");
        let hint = format!("each pixel needs a cell: write `size = {width}` in [populations.{name}]");
        findings.push(node.place.error("E0515", message).hint(hint));
        return None;
    }
    let (n_training, training) = training?;
    let n_tested = split(images.len(), (n_training, training), tested, findings)?;
    let images = &images[..n_training + n_tested];
    let labels = labels(images);
    let class = |image: &Image| labels.iter().position(|label| *label == image.label);
    let classes: Vec<u32> = images.iter().filter_map(class).map(|class| class as u32).collect();
    if labels.len() < 2 {
        let message = format!("all images have the label `{}`", labels.concat());
        findings.push(
            node.place
                .error("E0515", message)
                .hint("give images of two labels or more to tell apart"),
        );
        return None;
    }
    for (class, label) in labels.iter().enumerate() {
        if !classes[..n_training].contains(&(class as u32)) {
            let message =
                format!("the label `{label}` is tested, but none of the {n_training} images to learn from has it");
            let hint = "raise `training`, or put the images in an order in which each label comes early";
            findings.push(training.place.error("E0515", message).hint(hint));
            return None;
        }
        let place = images[classes.iter().position(|own| *own as usize == class)?]
            .place
            .as_ref();
        if !label_is_good(label, place.unwrap_or(&node.place), findings) {
            return None;
        }
    }
    let full = full(&section, images, findings)?;
    let pixels = images
        .iter()
        .flat_map(|image| image.pixels.iter().map(|pixel| pixel / full));
    Some(Images {
        intensities: pixels.collect(),
        labels,
        classes,
        width,
        n_training,
    })
}

/// How many images are tested.
fn split(
    n_images: usize,
    (n_training, training): (usize, &Node),
    tested: Option<(usize, &Node)>,
    findings: &mut Findings,
) -> Option<usize> {
    if n_training == 0 {
        findings.push(training.place.error("E0515", "the training set is empty").hint(format!(
            "write how many of the {n_images} images are learned from: `training = {}`",
            n_images / 2
        )));
        return None;
    }
    let left = n_images.saturating_sub(n_training);
    if left == 0 {
        let message = format!("of {n_images} images {n_training} are learned from, so none is left to be tested");
        let hint = format!("write `training = {}` or less", n_images.saturating_sub(1).max(1));
        findings.push(training.place.error("E0515", message).hint(hint));
        return None;
    }
    let Some((n_tested, node)) = tested else {
        return Some(left);
    };
    if n_tested > left {
        let message = format!("{n_tested} images are to be tested, but only {left} are left");
        findings.push(
            node.place
                .error("E0515", message)
                .hint(format!("write `test = {left}` or less")),
        );
        return None;
    }
    Some(n_tested)
}

/// All labels, short ones first, so that numbers come in their order.
fn labels(images: &[Image]) -> Vec<String> {
    let mut labels: Vec<String> = images.iter().map(|image| image.label.clone()).collect();
    labels.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    labels.dedup();
    labels
}

/// The pixel that stands for the full rate: the brightest of all, if nothing is said.
fn full(section: &Section<'_>, images: &[Image], findings: &mut Findings) -> Option<f32> {
    let pixels = images.iter().flat_map(|image| &image.pixels);
    let brightest = pixels.fold(0.0, |a: f32, b| a.max(*b));
    let (full, place) = match section.get("full") {
        Some(node) => (number(node, "full", findings)? as f32, &node.place),
        None => (brightest, section.place()),
    };
    if full > 0.0 && full.is_finite() {
        return Some(full);
    }
    let message = format!("`full`, the pixel that stands for the full rate, is {full}");
    findings.push(
        place
            .error("E0515", message)
            .hint("give images with pixels above 0, and write `full = 16`"),
    );
    None
}

/// The images of a name, or of a table.
fn given(section: &Section<'_>, population: Option<&Population>, findings: &mut Findings) -> Option<Vec<Image>> {
    if let Some((name, node)) = section.text("data", findings) {
        if let Some(other) = section.get("csv").or(section.get("file")) {
            let error = other
                .place
                .error("E0515", "images are given both by `data` and by a table");
            findings.push(error.hint("remove one of the two"));
        }
        let Some(images) = Images::named(name) else {
            let message = format!("no images of the name `{name}` come with the program");
            findings.unknown("E0513", &node.place, message, name, Images::names());
            return None;
        };
        let image = |(label, pixels)| Image {
            label,
            place: None,
            pixels,
        };
        return Some(images.into_iter().map(image).collect());
    }
    if section.get("file").is_some() {
        // The file could not be read, which has been said.
        return None;
    }
    let Some(node) = section.get("csv") else {
        section.required("file", "\"images.csv\"", findings);
        return None;
    };
    table(node, population, findings)
}

/// Lines of a label and a pixel for each cell; a first line whose pixels are no numbers is a header.
fn table(node: &Node, population: Option<&Population>, findings: &mut Findings) -> Option<Vec<Image>> {
    let text = schema::text(node, "csv", findings)?;
    let mut images: Vec<Image> = Vec::new();
    let mut problems = 0;
    for (n, line) in Lines::new(node, text).enumerate() {
        let fields = line.fields();
        let is_number = |(_, field): &(usize, &str)| field.parse::<f32>().is_ok();
        if n == 0 && !fields.iter().skip(1).all(is_number) {
            continue;
        }
        let width = images.first().map(|image| image.pixels.len());
        match image(&line, &fields, width, population, findings) {
            Some(image) => images.push(image),
            None => problems += 1,
        }
        if problems >= MAX_PROBLEMS {
            break;
        }
    }
    if images.is_empty() && problems == 0 {
        let message = "the table has no image";
        let hint = "write a line for each image: its label, then its pixels, with commas between";
        findings.push(node.place.error("E0521", message).hint(hint));
        return None;
    }
    (problems == 0).then_some(images)
}

fn image(
    line: &Line<'_>,
    fields: &[(usize, &str)],
    width: Option<usize>,
    population: Option<&Population>,
    findings: &mut Findings,
) -> Option<Image> {
    let (at, label) = fields[0];
    if label.is_empty() {
        let message = format!("line {}: the image has no label", line.number);
        findings.push(
            line.whole()
                .error("E0521", message)
                .hint("begin each line with the label: `7,0,0.5,1,…`"),
        );
        return None;
    }
    let n_pixels = fields.len() - 1;
    let size = population.map(|population| population.size);
    if size == Some(fields.len()) {
        let message = format!(
            "line {}: {n_pixels} pixels after the label, one less than cells; was the label forgotten?",
            line.number
        );
        findings.push(
            line.whole()
                .error("E0521", message)
                .hint("begin each line with the label: `7,0,0.5,1,…`"),
        );
        return None;
    }
    if let Some(width) = width.filter(|width| *width != n_pixels) {
        let message = format!(
            "line {}: an image of {n_pixels} pixels among those of {width}",
            line.number
        );
        findings.push(
            line.whole()
                .error("E0521", message)
                .hint("give all images the same number of pixels"),
        );
        return None;
    }
    let mut pixels = Vec::with_capacity(n_pixels);
    for &(at, field) in &fields[1..] {
        match field.parse::<f32>() {
            Ok(pixel) if pixel.is_finite() && pixel >= 0.0 => pixels.push(pixel),
            _ => {
                let message = format!("line {}: the pixel `{field}` is no number of 0 or more", line.number);
                let hint = "pixels are brightnesses; 0 is dark, and the largest of all is the full rate";
                findings.push(line.place(at, field).error("E0521", message).hint(hint));
                return None;
            }
        }
    }
    Some(Image {
        label: label.to_owned(),
        place: Some(line.place(at, label)),
        pixels,
    })
}
