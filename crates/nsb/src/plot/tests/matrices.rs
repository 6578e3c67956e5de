//! Matrices and sorted rasters: squares and marks stand where their cells are, in colours that the bar explains.

use super::{Parsed, expected, heading, starts, text_of};
use crate::plot::{
    Band, ChartAxis, Group, MatrixData, MatrixPanel, SortedRasterData, SpikeClass, matrix, sorted_raster, theme,
};

fn group(label: &str, start: usize, end: usize) -> Group {
    Group {
        label: label.into(),
        places: start..end,
    }
}

fn data() -> MatrixData {
    MatrixData {
        heading: heading("weights"),
        squares: (4, 2),
        size: (4, 2),
        labels: ("from cell".into(), "to cell".into()),
        column_groups: vec![group("A", 0, 3), group("none", 3, 4)],
        row_groups: Vec::new(),
        panels: vec![
            MatrixPanel {
                title: "before".into(),
                values: vec![0.0; 8],
            },
            MatrixPanel {
                title: "after".into(),
                values: vec![0.0, 10.0, 10.0, f64::NAN, 5.0, 0.0, 0.0, 0.0],
            },
        ],
        scale: ChartAxis::new("weight", "pA").over(0.0..10.0),
        caption: "A caption.".into(),
    }
}

/// (left, top, width) of the squares of each matrix, with their colours.
type Squares = Vec<(f64, f64, f64, String)>;

fn squares(parsed: &Parsed<'_>) -> Vec<Squares> {
    let of = |node: resvg::usvg::roxmltree::Node<'_, '_>| {
        let mut squares: Squares = Vec::new();
        for path in node.children().filter(|child| child.has_tag_name("path")) {
            let colour = path.attribute("fill").unwrap();
            for part in path.attribute("d").unwrap().split('M').skip(1) {
                let (corner, width) = part.split_once('h').unwrap();
                let (x, y) = corner.split_once(' ').unwrap();
                let width: f64 = width.split('v').next().unwrap().parse().unwrap();
                squares.push((x.parse().unwrap(), y.parse().unwrap(), width, colour.to_owned()));
            }
        }
        squares.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
        squares
    };
    parsed.all("matrix").into_iter().map(of).collect()
}

#[test]
fn squares_have_the_colour_of_their_value_and_neighbours_of_one_colour_are_one() {
    let figure = matrix(&data());
    let parsed = Parsed::new(&figure);
    let all = squares(&parsed);
    let (before, after) = (&all[0], &all[1]);
    // Rows of nothing but zeros are one mark each.
    assert_eq!(before.len(), 2);
    let side = before[0].2 / 4.0;
    assert_eq!((2.0 * side).fract(), 0.0, "a square has whole pixels");
    // 0, then 10 and 10, and nothing where there is no value; below 5, then three zeros.
    let widths: Vec<f64> = after.iter().map(|square| square.2 / side).collect();
    assert_eq!(widths, [1.0, 2.0, 1.0, 3.0]);
    assert_eq!(after[1].0 - after[0].0, side);
    // Two rows are few: they are stretched, in both matrices alike, and to whole pixels.
    let height = after[2].1 - after[0].1;
    assert!(height > side && (2.0 * height).fract() == 0.0, "{height}");
    assert_eq!(before[1].1 - before[0].1, height);
    let lowest = theme::sequential(0.5 / 64.0);
    assert!(before[0].3 == lowest && after[0].3 == lowest && after[3].3 == lowest);
    assert_eq!(after[1].3, theme::sequential(63.5 / 64.0));
    assert_eq!(after[2].3, theme::sequential(32.5 / 64.0));
}

#[test]
fn the_bar_has_the_colours_of_the_squares_at_their_values() {
    let figure = matrix(&data());
    let parsed = Parsed::new(&figure);
    let bar = parsed.all("colour-bar")[0];
    let number = |node: &resvg::usvg::roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    // Label and place of the ticks.
    let elements: Vec<_> = bar.children().filter(|node| node.is_element()).collect();
    let ticks: Vec<(f64, f64)> = elements
        .windows(2)
        .filter(|pair| pair[0].has_tag_name("line") && pair[1].has_tag_name("text"))
        .map(|pair| (text_of(pair[1]).parse().unwrap(), number(&pair[0], "y1")))
        .collect();
    let at = expected(&ticks, 5.2);
    let shades = bar
        .descendants()
        .filter(|node| node.has_tag_name("rect") && node.attribute("stroke").is_none());
    let shade = shades
        .filter(|node| number(node, "y") <= at)
        .max_by(|a, b| number(a, "y").total_cmp(&number(b, "y")));
    // 5.2 of 10 is in the 34th of 64 shades.
    assert_eq!(
        shade.unwrap().attribute("fill"),
        Some(theme::sequential(33.5 / 64.0).as_str())
    );
    assert!(
        parsed.texts().iter().any(|text| text == "weight (pA)"),
        "{:?}",
        parsed.texts()
    );
}

#[test]
fn groups_have_names_and_borders_and_the_scale_of_colours_rises_in_lightness() {
    let figure = matrix(&data());
    let parsed = Parsed::new(&figure);
    let texts = parsed.texts();
    assert_eq!(texts.iter().filter(|text| *text == "A").count(), 2, "{texts:?}");
    let corner = squares(&parsed)[0][0].clone();
    let side = corner.2 / 4.0;
    let border = parsed.all("borders")[0]
        .children()
        .find(|node| node.has_tag_name("line"))
        .unwrap();
    let x: f64 = border.attribute("x1").unwrap().parse().unwrap();
    assert!((x - (corner.0 + 3.0 * side)).abs() < 0.02, "{x}");

    let luminance = |part: f64| {
        let colour = theme::sequential(part);
        let channel = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap());
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let steps: Vec<f64> = (0..=50).map(|n| luminance(f64::from(n) / 50.0)).collect();
    assert!(steps.is_sorted(), "{steps:?}");
}

#[test]
fn matrices_of_a_row_or_a_column_can_be_read_and_stay_within_the_figure() {
    for squares in [(1, 1), (150, 1), (1, 150), (180, 180), (180, 3)] {
        let figure = matrix(&MatrixData {
            squares,
            size: squares,
            column_groups: Vec::new(),
            panels: vec![
                MatrixPanel {
                    title: "x".into(),
                    values: vec![1.0; squares.0 * squares.1],
                };
                2
            ],
            ..data()
        });
        let parsed = Parsed::new(&figure);
        for frame in parsed.all("borders") {
            let rect = frame.children().find(|node| node.has_tag_name("rect")).unwrap();
            let number = |name: &str| -> f64 { rect.attribute(name).unwrap().parse().unwrap() };
            assert!(number("width") >= 125.0 && number("height") >= 125.0, "{squares:?}");
            assert!(number("height") <= 440.0 && number("x") + number("width") < theme::WIDTH - 60.0);
        }
    }
}

#[test]
fn matrices_without_values_do_no_harm() {
    for (squares, values) in [((0, 0), vec![]), ((2, 1), vec![f64::NAN; 2])] {
        let figure = matrix(&MatrixData {
            squares,
            size: squares,
            panels: vec![MatrixPanel {
                title: String::new(),
                values,
            }],
            scale: ChartAxis::new("weight", ""),
            ..data()
        });
        assert!(!figure.svg().contains("NaN") && !figure.svg().contains("inf"));
        assert!(figure.png().is_ok());
    }
}

#[test]
fn spikes_stand_in_their_rows_from_the_top_and_the_driven_cells_are_shaded() {
    let figure = sorted_raster(&SortedRasterData {
        heading: heading("recall"),
        period_ms: 0.0..100.0,
        n_rows: 10,
        groups: vec![group("A", 0, 4), group("none", 4, 10)],
        bands: vec![Band {
            period_ms: 20.0..60.0,
            label: "cue of A".into(),
        }],
        driven: vec![(20.0..60.0, 0..2)],
        classes: vec![SpikeClass {
            label: "recalled".into(),
            colour: 0,
            times_ms: vec![50.0, 10.0, 500.0, 20.0],
            rows: vec![0, 9, 0, 77],
        }],
        caption: "A caption.".into(),
    });
    let parsed = Parsed::new(&figure);
    let across = parsed.time_ticks();
    let paths = parsed.paths("recall", 0);
    let marks = starts(paths[0]);
    assert_eq!(marks.len(), 2, "outside of the period or below the last row: {marks:?}");
    assert!((marks[0].0 - expected(&across, 50.0)).abs() < 0.02);
    assert!(marks[0].1 < marks[1].1, "row 0 is on top: {marks:?}");
    let number = |name: &str| -> f64 { parsed.all("driven")[0].attribute(name).unwrap().parse().unwrap() };
    assert!((number("x") - expected(&across, 20.0)).abs() < 0.02);
    assert!((number("width") - (expected(&across, 60.0) - expected(&across, 20.0))).abs() < 0.02);
    // Two of ten rows; the mark of row 0 is in the middle of the upper one.
    let row = number("height") / 2.0;
    assert!((marks[1].1 - marks[0].1 - 9.0 * row).abs() < 0.02, "{marks:?} {row}");
    assert!(marks[0].1 > number("y") && marks[0].1 < number("y") + row);
    let texts = parsed.texts();
    for text in ["A", "none", "cue of A", "recalled", "driven by the cue"] {
        assert!(texts.iter().any(|known| known == text), "{text}: {texts:?}");
    }
}
