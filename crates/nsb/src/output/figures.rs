//! Which figures a run gets, and what they show: raster, membrane potential, population rate, and for recordings of
//! several variables one figure with a panel for each kind of quantity.

use std::path::Path;

use nsb_engine::monitor::{Series, VariableRecording};
use nsb_engine::network::{CellSet, Population, Stimulus, Waveform};
use nsb_lang::Dimension;

use super::run_data::{self, SpikeData};
use super::{
    OutputFile, Sink, conditioning_figure, learning_figures, recall_figure, statistics_figures, weight_figures,
};
use crate::error::Error;
use crate::plot::{
    self, Band, Figure, Heading, Panel, PanelStack, RasterData, RasterPopulation, RateData, RatePopulation, TraceData,
    pretty_unit,
};
use crate::project::Project;
use crate::run::Run;
use crate::statistics::Statistics;

/// Cells shown in a figure of membrane potentials.
const MOST_CELLS: usize = 10;

/// Draws all figures of a run whose data are in `folder`, the most telling first.
pub(super) fn draw(
    project: &Project,
    run: &Run,
    folder: &Path,
    spikes: &SpikeData,
    statistics: &Statistics,
) -> Result<Vec<Figure>, Error> {
    let context = Context::new(project, run, folder, spikes);
    let learned = run.summary.learning.as_ref();
    let mut figures: Vec<Figure> = learned
        .and_then(|learned| learning_figures::draw(project, learned))
        .into_iter()
        .collect();
    figures.extend(recall_figure::draw(project, run, spikes));
    figures.extend(weight_figures::draw(project, run, folder)?);
    let conditioned = run.summary.conditioning.as_ref();
    figures.extend(conditioned.and_then(|conditioned| conditioning_figure::draw(project, conditioned)));
    figures.push(context.raster());
    let voltages: Vec<(&Population, &VariableRecording, &Series)> = project
        .network
        .populations
        .iter()
        .filter_map(|p| context.voltage_of(p))
        .collect();
    for (population, recording, series) in &voltages {
        let name = if voltages.len() == 1 {
            "voltage".to_owned()
        } else {
            format!("voltage_{}", population.name)
        };
        figures.push(context.voltage(&name, population, recording, series)?);
    }
    figures.push(context.rate());
    if !run.recording.rates.is_empty() {
        figures.push(context.recorded_rates()?);
    }
    for recording in &run.recording.variables {
        if let (Some(population), 2..) = (context.population(recording), recording.series.len()) {
            let taken = |name: &str| figures.iter().any(|f| f.name == name);
            let gates = recording
                .series
                .iter()
                .any(|s| kind(population, s) == VariableKind::Gate);
            let name = if gates && !taken("gates") {
                "gates".to_owned()
            } else {
                format!("variables_{}", recording.monitor)
            };
            figures.push(context.variables(&name, population, recording)?);
        }
    }
    figures.extend(statistics_figures::draw(project, statistics));
    Ok(figures)
}

/// Each figure as SVG and PNG in `figures/`.
pub(super) fn files(figures: &[Figure]) -> Result<Vec<OutputFile<'_>>, Error> {
    let pictures = plot::pngs(figures)?;
    let mut files = Vec::new();
    for (figure, picture) in figures.iter().zip(pictures) {
        let svg = move |sink: &mut dyn Sink| sink.write_all(figure.svg().as_bytes());
        files.push(OutputFile {
            name: format!("figures/{}.svg", figure.name),
            write: Box::new(svg),
        });
        let png = move |sink: &mut dyn Sink| sink.write_all(&picture);
        files.push(OutputFile {
            name: format!("figures/{}.png", figure.name),
            write: Box::new(png),
        });
    }
    Ok(files)
}

/// What a variable is, for grouping in panels. The order is that of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum VariableKind {
    Voltage,
    Gate,
    Derived,
    Other,
    Input,
}

fn kind(population: &Population, series: &Series) -> VariableKind {
    let model = &population.model;
    let name = &series.variable;
    if model.inputs.iter().any(|i| i.name == *name) {
        VariableKind::Input
    } else if series.unit.dimension() == Dimension::VOLTAGE {
        VariableKind::Voltage
    } else if model
        .states
        .iter()
        .any(|s| s.name == *name && s.unit.dimension().is_dimensionless())
    {
        VariableKind::Gate
    } else if model.derived.iter().any(|d| d.name == *name) {
        VariableKind::Derived
    } else {
        VariableKind::Other
    }
}

/// What stands beside the axis of a panel.
fn axis_label(kind: VariableKind, series: &Series) -> String {
    let dimension = series.unit.dimension();
    let is_current = [Dimension::CURRENT, Dimension::CURRENT_DENSITY].contains(&dimension);
    match kind {
        VariableKind::Voltage => "membrane potential".to_owned(),
        VariableKind::Gate => "gating variable".to_owned(),
        VariableKind::Input => "stimulus".to_owned(),
        VariableKind::Derived if is_current => "ionic current".to_owned(),
        VariableKind::Derived | VariableKind::Other => dimension.name().unwrap_or("value").to_owned(),
    }
}

struct Context<'a> {
    project: &'a Project,
    run: &'a Run,
    folder: &'a Path,
    spikes: &'a SpikeData,
    end_ms: f64,
    bands: Vec<Band>,
}

impl<'a> Context<'a> {
    fn new(project: &'a Project, run: &'a Run, folder: &'a Path, spikes: &'a SpikeData) -> Context<'a> {
        let simulated = run.recording.simulated_ms;
        let end_ms = if simulated > 0.0 {
            simulated
        } else {
            project.duration_ms
        };
        let bands = project
            .network
            .stimuli
            .iter()
            .filter_map(|s| band(project, s))
            .collect();
        Context {
            project,
            run,
            folder,
            spikes,
            end_ms,
            bands,
        }
    }

    fn heading(&self, name: &str, title: impl Into<String>) -> Heading {
        Heading::new(name, title, &self.project.title)
    }

    fn population(&self, recording: &VariableRecording) -> Option<&'a Population> {
        self.project
            .network
            .populations
            .iter()
            .find(|p| p.name == recording.population)
    }

    fn raster(&self) -> Figure {
        let (every, rows) = match &self.spikes.sample {
            Some((every, rows)) => (*every, rows),
            None => (1, &self.spikes.last),
        };
        let recorded = self.run.recording.populations.iter().zip(&self.spikes.counts);
        let mut populations: Vec<RasterPopulation> = recorded
            .map(|(p, counts)| RasterPopulation {
                name: p.name.clone(),
                size: p.size,
                left_out: if every > 1 { counts.iter().sum() } else { 0 },
                ..RasterPopulation::default()
            })
            .collect();
        for (time_ms, population, cell) in rows {
            let shown = &mut populations[*population as usize];
            shown.times_ms.push(*time_ms);
            shown.cells.push(*cell);
            shown.left_out = shown.left_out.saturating_sub(1);
        }
        plot::raster(&RasterData {
            heading: self.heading("raster", "Spikes"),
            period_ms: 0.0..self.end_ms,
            populations,
            bands: self.bands.clone(),
        })
    }

    fn rate(&self) -> Figure {
        let mut populations: Vec<RatePopulation> = self
            .run
            .recording
            .populations
            .iter()
            .map(|p| RatePopulation {
                name: p.name.clone(),
                size: p.size,
                ..RatePopulation::default()
            })
            .collect();
        if self.spikes.sample.is_some() {
            let part_ms = self.spikes.part_ms();
            for (population, counts) in populations.iter_mut().zip(&self.spikes.binned) {
                let middle = |part: usize| ((part as f64 + 0.5) * part_ms).min(self.end_ms);
                population.times_ms = (0..counts.len()).map(middle).collect();
                population.counts.clone_from(counts);
            }
        } else {
            for (time_ms, population, _) in &self.spikes.last {
                populations[*population as usize].times_ms.push(*time_ms);
            }
        }
        let bin_ms = self.spikes.bin_ms;
        plot::rate(&RateData {
            heading: self.heading("rate", "Population firing rate"),
            period_ms: 0.0..self.end_ms,
            bin_ms,
            smoothing_ms: Some(2.0 * bin_ms),
            populations,
            bands: self.bands.clone(),
        })
    }

    /// Recorded rates, each in a panel.
    fn recorded_rates(&self) -> Result<Figure, Error> {
        let mut panels = Vec::new();
        for recording in &self.run.recording.rates {
            panels.push(Panel {
                y_label: recording.monitor.clone(),
                unit: "Hz".to_owned(),
                lines: vec![run_data::rate(self.folder, recording)?],
                y_range: None,
            });
        }
        Ok(plot::panels(&PanelStack {
            heading: self.heading("rates", "Recorded rates"),
            period_ms: 0.0..self.end_ms,
            panels,
            bands: self.bands.clone(),
        }))
    }

    /// Whether an input changes all the time, so that samples are joined rather than held.
    fn has_varying_stimulus(&self, population: &Population) -> bool {
        let mut own = self
            .project
            .network
            .stimuli
            .iter()
            .filter(|s| s.population == population.name);
        own.any(|s| matches!(s.waveform, Waveform::Varying { .. }))
    }

    /// The recording with the potential of the most cells of a population.
    fn voltage_of(&self, population: &'a Population) -> Option<(&'a Population, &'a VariableRecording, &'a Series)> {
        let recordings = self
            .run
            .recording
            .variables
            .iter()
            .filter(|r| r.population == population.name && !r.cells.is_empty());
        recordings
            .filter_map(|r| {
                r.series
                    .iter()
                    .find(|s| kind(population, s) == VariableKind::Voltage)
                    .map(|s| (population, r, s))
            })
            // Of equally large recordings the first one.
            .reduce(|best, next| {
                if next.1.cells.len() > best.1.cells.len() {
                    next
                } else {
                    best
                }
            })
    }

    fn voltage(
        &self,
        name: &str,
        population: &Population,
        recording: &VariableRecording,
        series: &Series,
    ) -> Result<Figure, Error> {
        let step = recording.cells.len().div_ceil(MOST_CELLS).max(1);
        let columns: Vec<usize> = (0..recording.cells.len()).step_by(step).collect();
        let shown: Vec<u32> = columns.iter().map(|&column| recording.cells[column]).collect();
        let mut cells = run_data::lines(self.folder, recording, series, &columns)?;
        for (line, &column) in cells.iter_mut().zip(&columns) {
            line.label = format!("cell {}", recording.cells[column]);
        }
        let title = if self.project.network.populations.len() == 1 {
            "Membrane potential".to_owned()
        } else {
            format!("Membrane potential: {}", population.name)
        };
        Ok(plot::traces(&TraceData {
            heading: self.heading(name, title),
            period_ms: 0.0..self.end_ms,
            variable: series.variable.clone(),
            unit: series.unit.symbol().to_owned(),
            cells,
            threshold: None,
            y_range: None,
            stimulus: None,
            bands: self.bands_of(population, &shown),
        }))
    }

    /// All variables of the first cell of a recording.
    fn variables(&self, name: &str, population: &Population, recording: &VariableRecording) -> Result<Figure, Error> {
        let mut groups: Vec<(VariableKind, String, Panel)> = Vec::new();
        for series in &recording.series {
            let kind = kind(population, series);
            let mut lines = run_data::lines(self.folder, recording, series, &[0])?;
            for line in &mut lines {
                line.label.clone_from(&series.variable);
                line.steps = kind == VariableKind::Input && !self.has_varying_stimulus(population);
            }
            let unit = if series.unit.is_one() {
                String::new()
            } else {
                series.unit.symbol().to_owned()
            };
            match groups
                .iter_mut()
                .find(|(k, u, _)| (*k, u.as_str()) == (kind, unit.as_str()))
            {
                Some((.., panel)) => panel.lines.append(&mut lines),
                None => {
                    let panel = Panel {
                        y_label: axis_label(kind, series),
                        unit: unit.clone(),
                        lines,
                        y_range: None,
                    };
                    groups.push((kind, unit, panel));
                }
            }
        }
        groups.sort_by_key(|(kind, ..)| *kind);
        let cell = recording.cells.first().copied().unwrap_or_default();
        let of = if self.project.network.populations.len() == 1 {
            format!("cell {cell}")
        } else {
            format!("cell {cell} of {}", population.name)
        };
        let title = if name == "gates" {
            format!("Gating variables and currents of {of}")
        } else {
            format!("Variables of {of}")
        };
        Ok(plot::panels(&PanelStack {
            heading: self.heading(name, title),
            period_ms: 0.0..self.end_ms,
            panels: groups.into_iter().map(|(.., panel)| panel).collect(),
            bands: self.bands_of(population, &[cell]),
        }))
    }

    /// The stimuli of any of the cells.
    fn bands_of(&self, population: &Population, shown: &[u32]) -> Vec<Band> {
        self.project
            .network
            .stimuli
            .iter()
            .filter(|s| s.population == population.name && shown.iter().any(|cell| has(&s.cells, *cell)))
            .filter_map(|s| band(self.project, s))
            .collect()
    }
}

fn band(project: &Project, stimulus: &Stimulus) -> Option<Band> {
    let (amplitude, start, end) = match &stimulus.waveform {
        // What varies has no one level to be told in a label.
        Waveform::Varying { .. } => return None,
        Waveform::Constant { amplitude } => (amplitude, 0.0, f64::INFINITY),
        Waveform::Step { amplitude, start, stop } => (
            amplitude,
            start.engine(),
            stop.as_ref().map_or(f64::INFINITY, |stop| stop.engine()),
        ),
    };
    let population = if project.network.populations.len() == 1 {
        String::new()
    } else {
        format!(" of {}", stimulus.population)
    };
    let label = format!(
        "{} {} into {}{population}",
        amplitude.value(),
        pretty_unit(amplitude.unit().symbol()),
        cells(&stimulus.cells)
    );
    Some(Band {
        period_ms: start..end,
        label,
    })
    .filter(|_| end > start)
}

fn has(set: &CellSet, cell: u32) -> bool {
    let cell = cell as usize;
    match set {
        CellSet::All => true,
        CellSet::Range(start, end) => (*start..*end).contains(&cell),
        CellSet::List(cells) => cells.contains(&cell),
    }
}

fn cells(set: &CellSet) -> String {
    match set {
        CellSet::All => "all cells".to_owned(),
        CellSet::Range(start, end) if end - start == 1 => format!("cell {start}"),
        CellSet::Range(start, end) => format!("cells {start}–{}", end.saturating_sub(1)),
        CellSet::List(cells) if cells.len() == 1 => format!("cell {}", cells[0]),
        CellSet::List(cells) if cells.len() <= 5 => format!(
            "cells {}",
            cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
        CellSet::List(cells) => format!("{} cells", cells.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_cells_read_well() {
        assert_eq!(cells(&CellSet::Range(0, 3)), "cells 0–2");
        assert_eq!(cells(&CellSet::Range(4, 5)), "cell 4");
        assert_eq!(cells(&CellSet::List(vec![1, 5])), "cells 1, 5");
        assert_eq!(cells(&CellSet::All), "all cells");
    }

    #[test]
    fn a_set_has_its_cells_and_no_others() {
        for (set, expected) in [
            (CellSet::All, [true; 4]),
            (CellSet::Range(1, 3), [false, true, true, false]),
            (CellSet::List(vec![3, 0]), [true, false, false, true]),
        ] {
            assert_eq!([0, 1, 2, 3].map(|cell| has(&set, cell)), expected, "{set}");
        }
    }
}
