//! How much memory a network will take, from its description alone.
//!
//! What a rule, a list or a population lays down is counted exactly. What is drawn is estimated from the rows of a few
//! source cells, made as they will be made, or, where rules draw everything beforehand, from rows of the same mean
//! length. Of recordings only a piece is held, because they are written while the run goes on
//! (`nsb::RunFolder`); who keeps them in memory needs more.

use std::fmt;

use nsb_kernels::{Columns, LANES};

use super::gap_junction::CheckedGapJunctions;
use super::layout::{Layout, PlannedBlock};
use super::projection::CheckedProjection;
use super::summary::{bytes, counted};
use super::synapses::{self, Bundle, CHUNK_SOURCES, Chunk};
use super::{HalfJunction, MAX_EPOCH, PlannedPopulation, Precision, RowPair, Settings, WINDOW};
use crate::network::Network;
use crate::network::connector::{Link, Rule};
use crate::random::{Purpose, Stream};
use crate::simulation::Spike;

/// Columns live twice: as they are, and as they were some steps ago (to find the origin of a non-finite state).
const COPIES_OF_COLUMNS: u64 = 2;

/// Spikes on their way take memory in proportion to rates, which nobody knows beforehand: those of a busy network.
const BUSY_HZ: f64 = 20.0;

/// A domain gathers the arrivals of several steps up to this size (`simulation/domain.rs`), bytes.
const GATHERED: u64 = 1 << 18;

/// Synapses drawn to estimate the rows of a bundle.
const SAMPLED_SYNAPSES: f64 = 20_000.0;

/// Of a longer row only so many synapses are drawn.
const SAMPLED_ROW: usize = 1 << 16;

/// What memory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// State and parameters.
    Cells,
    /// Targets and weights.
    Synapses,
    /// Where the synapses of each source and delay are.
    Rows,
    /// What arrives in the next steps, and spikes that are still on their way or may be needed again.
    Spikes,
    /// What rules hold until all synapses are made.
    Building,
}

impl Use {
    const ALL: [Use; 5] = [Use::Cells, Use::Synapses, Use::Rows, Use::Spikes, Use::Building];

    fn name(self) -> &'static str {
        match self {
            Use::Cells => "cells",
            Use::Synapses => "synapses",
            Use::Rows => "rows of synapses",
            Use::Spikes => "spikes on their way",
            Use::Building => "building",
        }
    }

    /// In a sentence: "memory for ...".
    fn purpose(self) -> &'static str {
        match self {
            Use::Cells => "these cells",
            Use::Synapses => "these synapses",
            Use::Rows => "rows of these synapses",
            Use::Spikes => "spikes on their way",
            Use::Building => "making synapses",
        }
    }
}

/// A part of a network and what it needs.
#[derive(Debug, Clone)]
struct Entry {
    used_for: Use,
    path: String,
    bytes: f64,
}

/// How much memory a network will take.
#[derive(Debug, Clone)]
pub struct Forecast {
    n_cells: u64,
    n_synapses: f64,
    entries: Vec<Entry>,
    /// Bytes that are needed before the first synapse is made, and given back then.
    preparing: f64,
}

/// A list that grows doubles its room, so it has half of what it holds to spare on average.
const SPARE: f64 = 1.5;

impl Forecast {
    /// Cells alone, for networks so large that they cannot even be laid out.
    pub(super) fn of_cells(settings: &Settings, populations: &[PlannedPopulation]) -> Forecast {
        let entries = populations.iter().map(|population| {
            let cells = u64::from(population.size).next_multiple_of(LANES as u64);
            Entry {
                used_for: Use::Cells,
                path: format!("populations.{}.size", population.name),
                bytes: (cells * bytes_per_cell(settings, population)) as f64,
            }
        });
        Forecast {
            n_cells: populations.iter().map(|population| u64::from(population.size)).sum(),
            n_synapses: 0.0,
            entries: entries.collect(),
            preparing: 0.0,
        }
    }

    /// Everything.
    pub(super) fn new(
        network: &Network,
        settings: &Settings,
        populations: &[PlannedPopulation],
        projections: &[CheckedProjection<'_>],
        junctions: &[CheckedGapJunctions<'_>],
        layout: &Layout,
    ) -> Forecast {
        let mut forecast = Forecast::of_cells(settings, populations);
        for (n, entry) in forecast.entries.iter_mut().enumerate() {
            let blocks = layout.blocks.iter().filter(|block| block.population.index() == n);
            entry.bytes = blocks
                .map(|block| of_block(settings, block, &populations[n]))
                .sum::<u64>() as f64;
        }
        for junctions in junctions {
            let n = junctions.expected(settings.seed);
            // Each junction is filed at both ends.
            let filed = 2.0 * 1.5 * size_of::<HalfJunction>() as f64;
            forecast.add(Use::Synapses, junctions.path(), filed * n);
            forecast.add(Use::Building, junctions.path(), 1.5 * 16.0 * n);
        }
        let prepared: Vec<Prepared<'_, '_>> = projections
            .iter()
            .map(|projection| Prepared::new(projection, settings, populations))
            .collect();
        let mut passing = 0.0f64;
        for (prepared, described) in prepared.iter().zip(&network.projections) {
            let path = format!("projections.{}", described.name);
            let n = prepared.rule.expected();
            let per_synapse = match prepared.projection.weights.uniform() {
                _ if prepared.projection.plasticity.is_some() => prepared.projection.bytes_per_plastic_synapse(),
                Some(_) => 2.0,
                None if settings.precision == Precision::Compact => 4.0,
                None => 6.0,
            };
            forecast.n_synapses += n;
            forecast.add(Use::Synapses, path.clone(), per_synapse * n);
            let working = prepared.rule.working_memory();
            let numbered = [&prepared.projection.weights, &prepared.projection.delays]
                .iter()
                .any(|strengths| strengths.list_length().is_some());
            let numbers = if numbered {
                8.0 * f64::from(prepared.n_sources)
            } else {
                0.0
            };
            forecast.add(Use::Building, path, working.held + numbers);
            passing = passing.max(working.passing);
        }
        // Each thread prepares one rule at a time.
        forecast.preparing = passing * settings.threads.min(projections.len()) as f64;
        forecast.add_rows(network, settings, populations, &prepared, layout);
        forecast
    }

    fn add(&mut self, used_for: Use, path: String, bytes: f64) {
        self.entries.push(Entry { used_for, path, bytes });
    }

    /// Rows, and what is on its way along them.
    fn add_rows(
        &mut self,
        network: &Network,
        settings: &Settings,
        populations: &[PlannedPopulation],
        prepared: &[Prepared<'_, '_>],
        layout: &Layout,
    ) {
        let n_domains = layout.domains.len() as f64;
        let (mut longest, mut on_their_way) = (0.0f64, 0.0);
        let (mut making, mut packing, mut n_chunks_of_all) = (0.0f64, 0.0f64, 0.0);
        let projections = prepared.iter().map(|prepared| prepared.projection);
        for bundle in synapses::bundles(projections, settings.precision, populations.len()) {
            let n_sources = f64::from(populations[bundle.source.index()].size);
            let rows = Sample::of_bundle(&bundle, prepared, settings.seed, layout);
            let n_chunks = (n_sources / f64::from(CHUNK_SOURCES)).ceil();
            let directory = n_domains * (4.0 * n_sources + n_chunks * (size_of::<Chunk>() as f64 + 12.0));
            let path = format!("projections.{}", network.projections[bundle.projections[0]].name);
            self.add(Use::Rows, path, 8.0 * rows.n_rows + directory);
            longest = longest.max(rows.longest_steps);
            // A thread gathers a chunk for all domains, target and weight of each synapse, and packs one of them.
            let degree: f64 = bundle.projections.iter().map(|&n| prepared[n].degree()).sum();
            let chunk = n_sources.min(f64::from(CHUNK_SOURCES));
            let gathered = SPARE * (6.0 * degree + 8.0 * rows.n_rows / n_sources);
            making = making.max(chunk * gathered);
            packing = packing.max(chunk * degree * 4.0 / n_domains);
            n_chunks_of_all += n_chunks;
            on_their_way += rows.n_rows * BUSY_HZ / 1000.0 * rows.longest_steps * settings.dt_ms;
        }
        let makers = (settings.threads as f64).min(n_chunks_of_all);
        if settings.precision == Precision::Compact {
            making += packing;
        }
        self.add(Use::Building, "projections".to_owned(), makers * making);
        let remembered_ms = settings.dt_ms * (longest + 2.0 * MAX_EPOCH as f64);
        let history = self.n_cells as f64 * BUSY_HZ / 1000.0 * remembered_ms * size_of::<Spike>() as f64;
        let near = (longest + MAX_EPOCH as f64).clamp(1.0, 4096.0) * size_of::<Vec<RowPair>>() as f64;
        let arrivals: u64 = layout
            .domains
            .iter()
            .map(|domain| {
                let step = settings.precision.float().bytes() as u64 * u64::from(domain.n_slots.max(1));
                step * (GATHERED / step).clamp(WINDOW, MAX_EPOCH)
            })
            .sum();
        let on_their_way = SPARE * size_of::<RowPair>() as f64 * on_their_way;
        let all = arrivals as f64 + history + on_their_way + n_domains * near;
        self.add(Use::Spikes, "projections".to_owned(), all);
    }

    /// Number of cells.
    pub fn n_cells(&self) -> u64 {
        self.n_cells
    }

    /// Number of synapses to expect.
    pub fn n_synapses(&self) -> u64 {
        self.n_synapses as u64
    }

    /// Bytes needed when the need is greatest: while synapses are made, or while the network runs.
    pub fn total_bytes(&self) -> u64 {
        self.building_bytes().max(self.running_bytes())
    }

    /// Bytes needed while the network runs.
    pub fn running_bytes(&self) -> u64 {
        self.sum(|used_for| used_for != Use::Building)
    }

    /// Bytes needed while synapses are made.
    pub fn building_bytes(&self) -> u64 {
        let held = self.sum(|used_for| used_for == Use::Building);
        held.saturating_add(self.synapse_bytes().max(self.preparing as u64))
    }

    /// Bytes for synapses and their rows.
    pub fn synapse_bytes(&self) -> u64 {
        self.sum(|used_for| matches!(used_for, Use::Synapses | Use::Rows))
    }

    /// Bytes for the states and parameters of cells.
    pub fn cell_bytes(&self) -> u64 {
        self.sum(|used_for| used_for == Use::Cells)
    }

    /// The part that needs most: its place, what it needs memory for, and how much.
    pub(super) fn largest(&self) -> Option<(&str, &'static str, u64)> {
        let largest = self.entries.iter().max_by(|a, b| a.bytes.total_cmp(&b.bytes))?;
        Some((&largest.path, largest.used_for.purpose(), largest.bytes as u64))
    }

    fn sum(&self, wanted: impl Fn(Use) -> bool) -> u64 {
        let entries = self.entries.iter().filter(|entry| wanted(entry.used_for));
        entries.map(|entry| entry.bytes).sum::<f64>() as u64
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |used_for: Use| format!("{} {}", used_for.name(), bytes(self.sum(|other| other == used_for)));
        let used = Use::ALL.into_iter().filter(|&used_for| used_for != Use::Building);
        let parts: Vec<String> = used.map(part).collect();
        write!(
            f,
            "memory: about {} ({}); {} while it is built; recordings are written as they come",
            bytes(self.running_bytes()),
            parts.join(", "),
            bytes(self.building_bytes()),
        )
    }
}

impl Forecast {
    /// What it is a forecast of.
    pub fn network(&self) -> String {
        let synapses = counted(self.n_synapses(), "synapse");
        format!("{}, about {synapses}", counted(self.n_cells, "cell"))
    }
}

/// Bytes for a cell, padding not counted. Specialising a program can add a few columns more.
fn bytes_per_cell(settings: &Settings, population: &PlannedPopulation) -> u64 {
    let columns = COPIES_OF_COLUMNS * population.program.columns().len() as u64;
    // Exact spike times need the states at the start of the step.
    let start = if population.exact_timing() { columns / 2 } else { 0 };
    let of_states = settings.precision.float().bytes() as u64 * (columns + start);
    of_states + (size_of::<f64>() * population.per_cell.len()) as u64
}

fn of_block(settings: &Settings, block: &PlannedBlock, population: &PlannedPopulation) -> u64 {
    Columns::new(0, block.len as usize).stride() as u64 * bytes_per_cell(settings, population)
}

/// A projection whose rows can be sampled.
struct Prepared<'a, 'n> {
    projection: &'a CheckedProjection<'n>,
    rule: Box<dyn Rule + 'n>,
    n_sources: u32,
}

/// Rows of a bundle.
#[derive(Default)]
struct Sample {
    /// Rows with at least one synapse.
    n_rows: f64,
    longest_steps: f64,
}

impl<'a, 'n> Prepared<'a, 'n> {
    fn new(
        projection: &'a CheckedProjection<'n>,
        settings: &Settings,
        populations: &[PlannedPopulation],
    ) -> Prepared<'a, 'n> {
        Prepared {
            projection,
            rule: projection.rule(settings.seed, populations),
            n_sources: projection.sides().sources.len(),
        }
    }

    /// Mean number of synapses of a source cell.
    fn degree(&self) -> f64 {
        self.rule.expected() / f64::from(self.n_sources.max(1))
    }

    /// Targets of a source cell.
    fn targets(&self, source: u32, stream: Stream, links: &mut Vec<Link>) {
        links.clear();
        let degree = self.degree();
        if !self.rule.needs_preparation() && degree <= SAMPLED_ROW as f64 {
            self.rule.row(source, links);
            return;
        }
        let targets = &self.projection.sides().targets;
        let number = poisson(stream, source, degree).min(SAMPLED_ROW);
        let index = |n: usize| u64::from(source) << 32 | n as u64;
        let target = |n: usize| targets.cell(stream.below(index(n), u64::from(targets.len())) as u32);
        links.extend((0..number).map(|n| Link {
            target: target(n),
            entry: None,
        }));
    }
}

impl Sample {
    /// Projections share the rows of a bundle where they have the same sources.
    fn of_bundle(bundle: &Bundle, prepared: &[Prepared<'_, '_>], seed: u64, layout: &Layout) -> Sample {
        let members = || bundle.projections.iter().map(|&n| &prepared[n]);
        let first = &members()
            .next()
            .expect("a bundle has projections")
            .projection
            .sides()
            .sources;
        if members().all(|member| member.projection.sides().sources == *first) {
            return Sample::of(&members().collect::<Vec<_>>(), seed, layout);
        }
        let each = members().map(|member| Sample::of(&[member], seed, layout));
        each.fold(Sample::default(), |all, one| Sample {
            n_rows: all.n_rows + one.n_rows,
            longest_steps: all.longest_steps.max(one.longest_steps),
        })
    }

    fn of(members: &[&Prepared<'_, '_>], seed: u64, layout: &Layout) -> Sample {
        let sources = &members[0].projection.sides().sources;
        let degree: f64 = members.iter().map(|member| member.degree()).sum();
        let n_sampled = ((SAMPLED_SYNAPSES / (1.0 + degree)) as u32)
            .clamp(4, 1000)
            .min(sources.len());
        let (mut links, mut delays, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut sample = Sample::default();
        for n in 0..n_sampled {
            let source = sources.cell((u64::from(n) * u64::from(sources.len()) / u64::from(n_sampled)) as u32);
            keys.clear();
            for member in members {
                let projection = member.projection;
                let stream = |purpose| Stream::new(seed, projection.id.0, purpose);
                member.targets(source, stream(Purpose::Connect), &mut links);
                let first = (f64::from(source) * member.degree()) as u64;
                projection
                    .delays
                    .sample(source, first, &links, stream(Purpose::Delay), &mut delays);
                let pieces = &layout.pieces[projection.target.index()];
                for (link, &delay) in links.iter().zip(&delays) {
                    let after = pieces.partition_point(|piece| piece.first <= link.target);
                    keys.push((pieces[after - 1].domain, delay as u32));
                    sample.longest_steps = sample.longest_steps.max(delay);
                }
            }
            let drawn = keys.len() as f64;
            keys.sort_unstable();
            keys.dedup();
            // Where nearly all synapses have rows of their own, those that were not drawn have, too.
            let more = if keys.len() as f64 > 0.5 * drawn {
                (degree / drawn).max(1.0)
            } else {
                1.0
            };
            let more = if drawn >= SAMPLED_ROW as f64 { more } else { 1.0 };
            sample.n_rows += keys.len() as f64 * more;
        }
        sample.n_rows *= f64::from(sources.len()) / f64::from(n_sampled.max(1));
        sample
    }
}

/// A number of synapses with that mean: Poisson's where that matters.
fn poisson(stream: Stream, source: u32, mean: f64) -> usize {
    if mean > 50.0 {
        return mean.round() as usize;
    }
    // Draws beyond all that a row could need.
    let indices = (u64::from(source) << 32 | 1 << 31)..;
    let limit = nsb_lang::math::exp(-mean);
    let (mut product, mut count) = (1.0, 0);
    for index in indices {
        product *= stream.uniform(index);
        if product <= limit {
            break;
        }
        count += 1;
    }
    count
}
