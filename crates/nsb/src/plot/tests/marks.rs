//! Spikes of a raster stand where they belong, one by one and gathered.

use resvg::tiny_skia;

use super::{Parsed, expected, population, raster_of, scattered, starts};

#[test]
fn a_spike_stands_at_its_time_and_in_the_row_of_its_cell() {
    let spikes = [(0.0, 0), (12.5, 3), (50.0, 9), (99.975, 5), (100.0, 2)];
    let figure = raster_of(vec![population("cells", 10, &spikes)], 100.0);
    let parsed = Parsed::new(&figure);
    let marks = starts(parsed.paths("raster", 0)[0]);
    assert_eq!(marks.len(), spikes.len());
    // A tick mark is four fifths of its row of 22 units, so its upper end is 8.8 units above the middle of the row.
    for ((time, cell), mark) in spikes.into_iter().zip(marks) {
        assert!(
            (mark.0 - expected(&parsed.time_ticks(), time)).abs() < 0.011,
            "{time} ms at {}",
            mark.0
        );
        assert!(
            (mark.1 + 8.8 - expected(&parsed.y_ticks(0), f64::from(cell))).abs() < 0.011,
            "cell {cell} at {}",
            mark.1
        );
    }
}

#[test]
fn spikes_of_each_population_stand_in_its_own_panel() {
    let figure = raster_of(
        vec![
            population("a", 400, &[(20.0, 100)]),
            population("b", 100, &[(70.0, 99)]),
        ],
        100.0,
    );
    let parsed = Parsed::new(&figure);
    for (index, time, cell) in [(0, 20.0, 100.0), (1, 70.0, 99.0)] {
        let mark = starts(parsed.paths("raster", index)[0])[0];
        assert!((mark.0 - expected(&parsed.time_ticks(), time)).abs() < 0.011);
        assert!((mark.1 - expected(&parsed.y_ticks(index), cell)).abs() < 0.011);
    }
}

#[test]
fn long_periods_are_labelled_in_seconds_without_moving_spikes() {
    let figure = raster_of(vec![population("cells", 1, &[(15_000.0, 0)])], 20_000.0);
    let parsed = Parsed::new(&figure);
    assert!(parsed.texts().contains(&"time (s)".to_owned()));
    assert!((starts(parsed.paths("raster", 0)[0])[0].0 - expected(&parsed.time_ticks(), 15.0)).abs() < 0.011);
}

#[test]
fn a_raster_of_very_many_spikes_is_bounded_and_each_mark_is_a_spike() {
    let spikes = scattered(400_000, 5000, 1000.0);
    let figure = raster_of(vec![population("cells", 5000, &spikes)], 1000.0);
    assert!(figure.svg().len() < 1_500_000, "{} bytes", figure.svg().len());
    let few = scattered(30_000, 5000, 1000.0);
    let figure = raster_of(vec![population("cells", 5000, &few)], 1000.0);
    let parsed = Parsed::new(&figure);
    let (x, y) = (parsed.time_ticks(), parsed.y_ticks(0));
    let square = |at: (f64, f64)| (at.0.floor() as i64, at.1.floor() as i64);
    let mut wanted: Vec<_> = few
        .iter()
        .map(|&(time, cell)| square((expected(&x, time), expected(&y, f64::from(cell)))))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut drawn = Vec::new();
    for path in parsed.paths("raster", 0) {
        for part in path.split('M').skip(1) {
            let (start, rest) = part.split_once('h').unwrap();
            let (left, top) = start.split_once(' ').unwrap();
            let width: i64 = rest.split_once('v').unwrap().0.parse().unwrap();
            drawn.extend((0..width).map(|i| (left.parse::<i64>().unwrap() + i, top.parse::<i64>().unwrap())));
        }
    }
    drawn.sort_unstable();
    // Positions read back from labels carry an error of a hundredth, which may move a spike at the very border of a
    // square.
    let distance = |a: (i64, i64), b: (i64, i64)| (a.0 - b.0).abs().max((a.1 - b.1).abs());
    let differing = wanted
        .iter()
        .filter(|square| drawn.binary_search(square).is_err())
        .count();
    assert!(
        differing < wanted.len() / 20,
        "{differing} of {} squares differ",
        wanted.len()
    );
    assert!(drawn.len().abs_diff(wanted.len()) < wanted.len() / 50);
    for mark in drawn.iter().filter(|mark| wanted.binary_search(mark).is_err()).take(50) {
        assert!(
            wanted.iter().any(|spike| distance(*mark, *spike) <= 1),
            "no spike near the mark at {mark:?}"
        );
    }
}

/// Twice as many spikes in one half of the time: darker there, and said so.
#[test]
fn a_crowd_of_spikes_is_drawn_as_density() {
    let early = scattered(150_000, 4000, 500.0);
    let late = scattered(300_000, 4000, 500.0)
        .into_iter()
        .map(|(time, cell)| (time + 500.0, cell));
    let spikes: Vec<(f64, u32)> = early.into_iter().chain(late).collect();
    let mut crowd = population("cells", 4000, &spikes);
    let figure = raster_of(vec![crowd.clone()], 1000.0);
    assert!(
        figure.caption.contains("450000 spikes") && figure.caption.contains("density"),
        "{}",
        figure.caption
    );
    let pixels = tiny_skia::Pixmap::decode_png(&figure.png().unwrap()).unwrap();
    let ticks = Parsed::new(&figure).time_ticks();
    let mean = |from: f64, to: f64| {
        let (left, right) = (
            (2.0 * expected(&ticks, from)) as u32,
            (2.0 * expected(&ticks, to)) as u32,
        );
        let (mut sum, mut n) = (0.0, 0.0);
        for x in left..right {
            for y in pixels.height() / 3..pixels.height() / 2 {
                // White minus the colour, in its weakest channel.
                sum += f64::from(255 - pixels.pixel(x, y).unwrap().red());
                n += 1.0;
            }
        }
        sum / n
    };
    let (first, second) = (mean(50.0, 450.0), mean(550.0, 950.0));
    assert!(second > 1.5 * first && first > 10.0, "{first} {second}");

    // Only a part is given: the rate counts all, and the caption tells.
    crowd.left_out = 900_000;
    let figure = raster_of(vec![crowd], 1000.0);
    assert!(figure.caption.contains("one spike in 3"), "{}", figure.caption);
    let rate = Parsed::new(&figure).texts().iter().any(|text| text.contains("338 Hz"));
    assert!(rate, "{:?}", Parsed::new(&figure).texts());
}

#[test]
fn very_many_spikes_of_few_cells_are_bounded_too() {
    let figure = raster_of(vec![population("cells", 10, &scattered(200_000, 10, 1000.0))], 1000.0);
    assert!(figure.svg().len() < 800_000, "{} bytes", figure.svg().len());
}

#[test]
fn a_spike_colours_its_pixels_and_nothing_else() {
    let figure = raster_of(vec![population("cells", 10, &[(50.0, 4)])], 100.0);
    let parsed = Parsed::new(&figure);
    let pixels = tiny_skia::Pixmap::decode_png(&figure.png().unwrap()).unwrap();
    assert_eq!(pixels.width(), 1920);
    let colour = |x: f64, y: f64| {
        let pixel = pixels.pixel((2.0 * x) as u32, (2.0 * y) as u32).unwrap();
        (pixel.red(), pixel.green(), pixel.blue())
    };
    let (x, y) = (expected(&parsed.time_ticks(), 50.0), expected(&parsed.y_ticks(0), 4.0));
    assert_eq!(colour(x, y), (0x00, 0x72, 0xb2));
    assert_ne!(colour(x + 3.0, y - 3.0), (0x00, 0x72, 0xb2));
    assert_ne!(colour(x, expected(&parsed.y_ticks(0), 5.0)), (0x00, 0x72, 0xb2));
}

#[test]
fn a_raster_without_spikes_says_so() {
    let figure = raster_of(vec![population("cells", 10, &[])], 100.0);
    assert!(Parsed::new(&figure).texts().contains(&"no spikes".to_owned()));
    let figure = raster_of(Vec::new(), 100.0);
    assert!(
        Parsed::new(&figure)
            .texts()
            .contains(&"no population recorded".to_owned())
    );
}

#[test]
fn spikes_that_cannot_be_placed_are_left_out() {
    let figure = raster_of(
        vec![population(
            "cells",
            2,
            &[(5.0, 2), (-1.0, 0), (101.0, 0), (f64::NAN, 1), (50.0, 1)],
        )],
        100.0,
    );
    assert_eq!(starts(Parsed::new(&figure).paths("raster", 0)[0]).len(), 1);
    assert!(figure.caption.contains("1 spike of 2 cells"), "{}", figure.caption);
}
