//! From SVG to PNG, with the embedded fonts and no others, so that every machine draws the same pixels.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use resvg::{tiny_skia, usvg};

use super::figure::Figure;
use super::font::Weight;
use super::theme;

/// A figure that could not be turned into pixels.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The SVG was not understood.
    #[error("figure `{figure}` could not be drawn")]
    Svg {
        /// Name of the figure.
        figure: String,
        /// Reason.
        source: Box<usvg::Error>,
    },
    /// The picture is too large for memory.
    #[error("figure `{figure}` is too large: {width} × {height} pixels")]
    Size {
        /// Name of the figure.
        figure: String,
        /// Width in pixels.
        width: f32,
        /// Height in pixels.
        height: f32,
    },
    /// The pixels could not be encoded.
    #[error("figure `{figure}` could not be encoded as PNG")]
    Encode {
        /// Name of the figure.
        figure: String,
        /// Reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The PNG files of several figures, in their order, drawn on as many threads as the machine has cores.
pub fn pngs(figures: &[Figure]) -> Result<Vec<Vec<u8>>, PlotError> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(figures.len());
    let next = AtomicUsize::new(0);
    let draw = || {
        let mut drawn = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match figures.get(index) {
                Some(figure) => drawn.push((index, figure.png())),
                None => return drawn,
            }
        }
    };
    let mut drawn: Vec<(usize, Result<Vec<u8>, PlotError>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(draw)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("drawing does not panic"))
            .collect()
    });
    drawn.sort_by_key(|(index, _)| *index);
    drawn.into_iter().map(|(_, png)| png).collect()
}

pub(crate) fn png(figure: &str, svg: &str) -> Result<Vec<u8>, PlotError> {
    let tree = tree(svg).map_err(|source| PlotError::Svg {
        figure: figure.to_owned(),
        source: Box::new(source),
    })?;
    let (width, height) = (
        tree.size().width() * theme::PNG_SCALE,
        tree.size().height() * theme::PNG_SCALE,
    );
    let mut pixels =
        tiny_skia::Pixmap::new(width.ceil() as u32, height.ceil() as u32).ok_or_else(|| PlotError::Size {
            figure: figure.to_owned(),
            width,
            height,
        })?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(theme::PNG_SCALE, theme::PNG_SCALE),
        &mut pixels.as_mut(),
    );
    encode(&pixels).map_err(|source| PlotError::Encode {
        figure: figure.to_owned(),
        source: Box::new(source),
    })
}

/// Three channels, lightly compressed. Figures have a white ground, so nothing shows through and the fourth channel
/// would say nothing; thorough compression takes ten times as long as light compression and gives half the size.
fn encode(pixels: &tiny_skia::Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut colours = Vec::with_capacity(pixels.data().len() / 4 * 3);
    for pixel in pixels.data().chunks_exact(4) {
        colours.extend_from_slice(&pixel[..3]);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(file)
}

pub(crate) fn tree(svg: &str) -> Result<usvg::Tree, usvg::Error> {
    let options = usvg::Options {
        fontdb: fonts(),
        font_family: "Roboto".to_owned(),
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options)
}

fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        for weight in [Weight::Regular, Weight::Bold] {
            fonts.load_font_data(weight.file().to_vec());
        }
        fonts.set_sans_serif_family("Roboto");
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::font;

    fn drawn_width(text: &str, weight: &str) -> f64 {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2000\" height=\"100\"><text x=\"5\" y=\"60\" font-family=\"Roboto\" font-size=\"40\" font-weight=\"{weight}\">{text}</text></svg>"
        );
        let tree = tree(&svg).unwrap();
        let usvg::Node::Text(node) = &tree.root().children()[0] else {
            panic!("a text was lost")
        };
        f64::from(node.bounding_box().width())
    }

    #[test]
    fn measured_widths_are_those_that_are_drawn() {
        for text in ["time (ms)", "0.0025", "I (µA/cm²)", "excitatory, 320 cells"] {
            for (name, weight) in [("normal", Weight::Regular), ("bold", Weight::Bold)] {
                let (drawn, measured) = (drawn_width(text, name), font::width(text, 40.0, weight));
                assert!(
                    drawn <= measured + 0.01 && drawn > 0.93 * measured,
                    "{text}: drawn {drawn}, measured {measured}"
                );
            }
        }
    }

    #[test]
    fn bold_text_is_drawn_in_the_bold_face() {
        assert!(drawn_width("population", "bold") > drawn_width("population", "normal"));
    }

    #[test]
    fn a_file_has_three_channels_and_the_colours_that_were_drawn() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"2\"><rect width=\"4\" height=\"2\" fill=\"#ffffff\"/><rect x=\"2\" width=\"2\" height=\"2\" fill=\"#0072b2\"/></svg>";
        let file = png("x", svg).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (8, 4, png::ColorType::Rgb));
        let row: Vec<u8> = [[255; 3]; 4]
            .into_iter()
            .chain([[0, 0x72, 0xb2]; 4])
            .flatten()
            .collect();
        assert_eq!(pixels, row.repeat(4));
    }

    #[test]
    fn a_broken_svg_is_an_error_with_the_name_of_the_figure() {
        let error = png("raster", "<svg").unwrap_err();
        assert!(error.to_string().contains("raster"));
    }
}
