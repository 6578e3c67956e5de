//! Pictures: each cell receives its part of a level while a picture is shown, and nothing between.

use std::sync::Arc;

use nsb_engine::{CellSet, Course, Frames, Network, Plan, Stimulus, Waveform};

use crate::models::{lif, quantity, run, settings, watch};

/// Three cells, two pictures: the second from 1 to 2 ms, the first from 3 to 3.5 ms.
fn network(width: usize) -> Network {
    let frames = Frames {
        windows: vec![(1.0, 2.0, 1), (3.0, 3.5, 0)],
        intensities: Arc::from([0.5, 0.25, 1.0, 0.0, 0.75, 0.125]),
        width,
    };
    let stimulus = Stimulus {
        name: "pictures".to_owned(),
        population: "cells".to_owned(),
        cells: CellSet::All,
        receptor: None,
        waveform: Waveform::Varying {
            course: Course::Frames {
                level: quantity("80 pA"),
                frames: Arc::new(frames),
            },
            start: None,
            stop: None,
        },
    };
    Network {
        populations: vec![lif("cells", 3)],
        stimuli: vec![stimulus],
        monitors: vec![watch("current", "cells", &["I"])],
        ..Network::default()
    }
}

#[test]
fn a_picture_reaches_each_cell_by_its_intensity_and_only_while_it_is_shown() {
    let recording = run(&network(3), &settings(), 4.0);
    let rows: Vec<&[f64]> = recording.variables[0].series[0].values.chunks(3).collect();
    assert_eq!(rows.len(), 41);
    for (n, row) in rows.iter().enumerate() {
        let expected = match n {
            10..20 => [0.0, 60.0, 10.0],
            30..35 => [40.0, 20.0, 80.0],
            _ => [0.0; 3],
        };
        assert_eq!(*row, expected, "step {n}");
    }
}

#[test]
fn pictures_of_another_size_than_the_population_are_refused() {
    let errors = Plan::new(&network(2), &settings()).unwrap_err().to_string();
    assert!(errors.contains("2 pixels") && errors.contains("3 cells"), "{errors}");
}
