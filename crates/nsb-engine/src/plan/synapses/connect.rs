//! Building all synapses of a network, chunk by chunk, by several threads.
//!
//! What a chunk holds depends on the seed, the projections and its source cells alone, so the number of threads and
//! the order of work do not matter.

use std::collections::BTreeSet;

use super::chunk::{Chunk, ChunkBuilder, Encoding};
use super::parallel::in_parallel;
use super::row_sort::{RowSort, Staged};
use super::{CHUNK_SOURCES, PlasticSynapses, Synapses};
use crate::index::PopulationId;
use crate::network::connector::{Link, Rule};
use crate::plan::layout::{Layout, Piece};
use crate::plan::projection::CheckedProjection;
use crate::plan::settings::Precision;
use crate::plan::{PlanError, PlannedPopulation, Settings};
use crate::random::{Purpose, Stream};
use nsb_lang::Quantity;

/// What has been built.
pub(in crate::plan) struct Connected {
    /// The store of each domain.
    pub(in crate::plan) synapses: Vec<Synapses>,
    /// For each domain, the synapses of each plastic projection, in the order of the network.
    pub(in crate::plan) plastic: Vec<Vec<PlasticSynapses>>,
    /// Facts about each projection.
    pub(in crate::plan) projections: Vec<Facts>,
}

/// What has been built of a projection.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct Facts {
    pub(in crate::plan) n_synapses: u64,
    /// Position among the bundles of the source population.
    pub(in crate::plan) bundle: u32,
    /// The different delays in steps.
    delays: Delays,
}

impl Facts {
    /// The different delays in steps, ascending.
    pub(in crate::plan) fn delays(&self) -> Vec<u32> {
        self.delays.ascending()
    }

    fn add(&mut self, other: &Facts) {
        self.n_synapses += other.n_synapses;
        other
            .delays
            .ascending()
            .into_iter()
            .for_each(|delay| self.delays.insert(delay));
    }
}

/// A projection with all that is needed to make its rows.
struct Prepared<'a, 'n> {
    projection: &'a CheckedProjection<'n>,
    rule: Box<dyn Rule + 'n>,
    /// Number of the first connection of each source, where lists ask for it.
    row_starts: Vec<u64>,
    pieces: &'a [Piece],
    weights: Stream,
    delays: Stream,
}

/// Projections of one source population that share rows.
pub(in crate::plan) struct Bundle {
    pub(in crate::plan) source: PopulationId,
    encoding: Encoding,
    pub(in crate::plan) projections: Vec<usize>,
    /// Whether its synapses go to a store of their own.
    is_plastic: bool,
}

/// A chunk to be built, in all domains at once.
struct Item {
    bundle: usize,
    first: u32,
    end: u32,
}

/// Builds the synapses of all projections.
pub(in crate::plan) fn connect(
    projections: &[CheckedProjection<'_>],
    settings: &Settings,
    populations: &[PlannedPopulation],
    layout: &Layout,
) -> Result<Connected, Box<PlanError>> {
    let prepared = in_parallel(settings.threads, projections.len(), |_: &mut (), n| {
        let projection = &projections[n];
        let mut rule = projection.rule(settings.seed, populations);
        rule.prepare();
        let n_sources = populations[projection.source.index()].size;
        let row_starts = row_starts(projection, &*rule, n_sources)?;
        let stream = |purpose| Stream::new(settings.seed, projection.id.0, purpose);
        Ok::<_, Box<PlanError>>(Prepared {
            row_starts,
            rule,
            pieces: &layout.pieces[projection.target.index()],
            weights: stream(Purpose::Weight),
            delays: stream(Purpose::Delay),
            projection,
        })
    });
    let prepared = prepared.0?;
    let bundles = bundles(projections.iter(), settings.precision, populations.len());
    let mut items = Vec::new();
    for (n, bundle) in bundles.iter().enumerate() {
        let n_sources = populations[bundle.source.index()].size;
        for first in (0..n_sources).step_by(CHUNK_SOURCES as usize) {
            items.push(Item {
                bundle: n,
                first,
                end: n_sources.min(first + CHUNK_SOURCES),
            });
        }
    }
    let n_domains = layout.domains.len();
    let (chunks, workers) = in_parallel(settings.threads, items.len(), |worker: &mut Worker, n| {
        worker.facts.resize_with(projections.len(), Facts::default);
        worker.chunk(&items[n], &bundles[items[n].bundle], &prepared, n_domains)
    });
    let mut facts = vec![Facts::default(); projections.len()];
    for worker in &workers {
        // A worker that found nothing to do has no facts.
        facts
            .iter_mut()
            .zip(&worker.facts)
            .for_each(|(sum, part)| sum.add(part));
    }
    for (facts, projection) in facts.iter_mut().zip(projections) {
        // A delay that all share is one of the projection even where there are no synapses.
        if let Some(delay) = projection.delays.uniform() {
            facts.delays.insert(delay as u32);
        }
    }
    for source in 0..populations.len() {
        let own = bundles.iter().filter(|bundle| bundle.source.index() == source);
        for (n, bundle) in own.enumerate() {
            bundle
                .projections
                .iter()
                .for_each(|&projection| facts[projection].bundle = n as u32);
        }
    }
    let mut synapses = vec![Synapses::default(); n_domains];
    for store in &mut synapses {
        store.bundles.resize(populations.len(), Vec::new());
    }
    // For each bundle and domain, the chunks that go elsewhere.
    let mut apart: Vec<Vec<Vec<Chunk>>> = bundles.iter().map(|_| vec![Vec::new(); n_domains]).collect();
    for (item, chunks) in items.iter().zip(chunks?) {
        let bundle = &bundles[item.bundle];
        if bundle.is_plastic {
            let of_domains = apart[item.bundle].iter_mut();
            of_domains.zip(chunks).for_each(|(list, chunk)| list.push(chunk));
            continue;
        }
        for (store, chunk) in synapses.iter_mut().zip(chunks) {
            if item.first == 0 {
                store.bundles[bundle.source.index()].push(store.chunks.len() as u32);
            }
            store.chunks.push(chunk);
        }
    }
    let mut plastic: Vec<Vec<PlasticSynapses>> = (0..n_domains).map(|_| Vec::new()).collect();
    let plastic_bundles = bundles.iter().zip(apart).filter(|(bundle, _)| bundle.is_plastic);
    for (bundle, of_domains) in plastic_bundles {
        let projection = &projections[bundle.projections[0]];
        for (stores, chunks) in plastic
            .iter_mut()
            .zip(plastic_projection(projection, of_domains, layout)?)
        {
            stores.push(chunks);
        }
    }
    for stores in &mut plastic {
        stores.sort_by_key(PlasticSynapses::projection);
    }
    Ok(Connected {
        synapses,
        plastic,
        projections: facts,
    })
}

/// The stores of a plastic projection, one for each domain. Its weights must have one sign and lie within the bounds.
fn plastic_projection(
    projection: &CheckedProjection<'_>,
    of_domains: Vec<Vec<Chunk>>,
    layout: &Layout,
) -> Result<Vec<PlasticSynapses>, Box<PlanError>> {
    let plasticity = projection.plasticity.as_ref().expect("a bundle apart is plastic");
    let (mut smallest, mut largest) = (0.0f32, 0.0f32);
    let (mut least, mut most) = (f32::INFINITY, 0.0f32);
    for chunk in of_domains.iter().flatten() {
        chunk.synapses(|_, weight| {
            (smallest, largest) = (smallest.min(weight), largest.max(weight));
            (least, most) = (least.min(weight.abs()), most.max(weight.abs()));
        });
    }
    let unit = plasticity.unit();
    let number = |weight: f32| Quantity::from_engine(f64::from(weight), unit.clone());
    let unfit = |reason: String, hint: &str| {
        Err(Box::new(PlanError::Unfit {
            path: projection.weights.path().to_owned(),
            reason,
            hint: hint.to_owned(),
        }))
    };
    if smallest < 0.0 && largest > 0.0 {
        return unfit(
            format!(
                "there are weights of both signs, {} and {}; a synapse that learns either excites or inhibits",
                number(smallest),
                number(largest)
            ),
            "limit the distribution with min = or max =, or make two projections",
        );
    }
    let (low, high) = plasticity.bounds();
    // As stored.
    let outside = |weight: f32| weight < low as f32 || weight > high as f32;
    if let Some(weight) = [least, most].into_iter().find(|&w| w.is_finite() && outside(w)) {
        let bound = |value: f64| Quantity::from_engine(value, unit.clone());
        return unfit(
            format!(
                "the weight {} lies outside the bounds of the rule, {} to {}",
                number(weight),
                bound(low),
                bound(high)
            ),
            "choose weights within the bounds, or other bounds; bounds are of the size of a weight, without its sign",
        );
    }
    let sign = if smallest < 0.0 { -1.0 } else { 1.0 };
    let pieces = &layout.pieces[projection.target.index()];
    let stores = of_domains.into_iter().enumerate().map(|(domain, chunks)| {
        let place = (&pieces[..], domain as u32, projection.receptor);
        let needs_incoming = plasticity.needs_incoming();
        let weights = (projection.weights.uniform(), sign);
        PlasticSynapses::new(projection.id, chunks.into_iter(), place, weights, needs_incoming)
    });
    Ok(stores.collect())
}

/// Groups projections by source population and by how weights are kept, in the order of the network. Those onto the
/// same receptor are kept apart, so that slots tell whose a synapse is. Of each source population, plastic projections
/// come last, each by itself.
pub(in crate::plan) fn bundles<'p, 'n: 'p>(
    projections: impl Iterator<Item = &'p CheckedProjection<'n>>,
    precision: Precision,
    n_populations: usize,
) -> Vec<Bundle> {
    let projections: Vec<_> = projections.collect();
    let mut bundles: Vec<Bundle> = Vec::new();
    for source in (0..n_populations).map(|n| PopulationId(n as u32)) {
        let begin = bundles.len();
        for (n, projection) in projections.iter().enumerate().filter(|(_, p)| p.source == source) {
            let encoding = match projection.weights.uniform() {
                Some(weight) => Encoding::Uniform(weight as f32),
                None if precision == Precision::Compact => Encoding::Compact,
                None => Encoding::Single,
            };
            if projection.plasticity.is_some() {
                continue;
            }
            let onto = |n: usize| (projections[n].target, projections[n].receptor);
            let fits = |bundle: &&mut Bundle| {
                bundle.encoding == encoding && bundle.projections.iter().all(|&other| onto(other) != onto(n))
            };
            match bundles[begin..].iter_mut().find(fits) {
                Some(bundle) => bundle.projections.push(n),
                None => bundles.push(Bundle {
                    source,
                    encoding,
                    projections: vec![n],
                    is_plastic: false,
                }),
            }
        }
        let plastic = projections.iter().enumerate();
        let plastic = plastic.filter(|(_, p)| p.source == source && p.plasticity.is_some());
        bundles.extend(plastic.map(|(n, _)| Bundle {
            source,
            encoding: Encoding::Single,
            projections: vec![n],
            is_plastic: true,
        }));
    }
    bundles
}

/// The working memory of a thread, and what it has counted.
#[derive(Default)]
struct Worker {
    links: Vec<Link>,
    weights: Vec<f64>,
    delays: Vec<f64>,
    staged: Vec<Staged>,
    sort: RowSort,
    builders: Vec<ChunkBuilder>,
    facts: Vec<Facts>,
}

impl Worker {
    /// One chunk for each domain.
    fn chunk(
        &mut self,
        item: &Item,
        bundle: &Bundle,
        prepared: &[Prepared<'_, '_>],
        n_domains: usize,
    ) -> Result<Vec<Chunk>, Box<PlanError>> {
        self.builders.resize_with(n_domains, ChunkBuilder::default);
        for source in item.first..item.end {
            self.staged.clear();
            for &n in &bundle.projections {
                self.row(source, n, &prepared[n])?;
            }
            for staged in self.sort.sort(&self.staged) {
                self.builders[staged.domain as usize].push(staged.delay, staged.slot, staged.weight);
            }
            self.builders.iter_mut().for_each(ChunkBuilder::end_source);
        }
        let chunks = self.builders.iter_mut().map(|builder| builder.finish(bundle.encoding));
        Ok(chunks.collect())
    }

    /// Stages the synapses of one source cell and projection.
    fn row(&mut self, source: u32, n: usize, prepared: &Prepared<'_, '_>) -> Result<(), Box<PlanError>> {
        let Prepared {
            projection,
            rule,
            row_starts,
            pieces,
            ..
        } = prepared;
        self.links.clear();
        rule.row(source, &mut self.links);
        let begin = self.staged.len();
        let first = row_starts.get(source as usize).copied().unwrap_or(0);
        let mut pieces = pieces.iter().peekable();
        let mut piece = pieces.next();
        projection
            .weights
            .row(source, first, &self.links, prepared.weights, &mut self.weights)?;
        projection
            .delays
            .row(source, first, &self.links, prepared.delays, &mut self.delays)?;
        for ((link, &weight), &delay) in self.links.iter().zip(&self.weights).zip(&self.delays) {
            // Targets ascend, and so do pieces.
            while piece.is_some_and(|piece| link.target >= piece.first + piece.len) {
                piece = pieces.next();
            }
            let piece = piece.expect("every cell lies in a piece");
            let slot = piece.slots[projection.receptor as usize] + (link.target - piece.first);
            self.staged.push(Staged {
                domain: piece.domain,
                delay: delay as u32,
                slot: slot as u16,
                weight: weight as f32,
            });
        }
        let staged = &mut self.staged[begin..];
        order_repeated(staged);
        let facts = &mut self.facts[n];
        facts.n_synapses += staged.len() as u64;
        staged.iter().for_each(|synapse| facts.delays.insert(synapse.delay));
        Ok(())
    }
}

/// Synapses of one pair are ordered by weight, so that the order of a list does not matter.
fn order_repeated(staged: &mut [Staged]) {
    let same = |a: &Staged, b: &Staged| (a.domain, a.slot) == (b.domain, b.slot);
    for run in staged.chunk_by_mut(same).filter(|run| run.len() > 1) {
        run.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    }
}

/// The number of the first connection of each source, if a list gives numbers to connections; checks its length.
fn row_starts(projection: &CheckedProjection<'_>, rule: &dyn Rule, n_sources: u32) -> Result<Vec<u64>, Box<PlanError>> {
    let lists: Vec<_> = [&projection.weights, &projection.delays]
        .into_iter()
        .filter_map(|strengths| Some((strengths, strengths.list_length()?)))
        .collect();
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let (mut starts, mut links, mut expected) = (Vec::new(), Vec::new(), 0u64);
    for source in 0..n_sources {
        starts.push(expected);
        links.clear();
        rule.row(source, &mut links);
        expected += links.len() as u64;
    }
    for (strengths, found) in lists {
        if found != expected {
            return Err(Box::new(PlanError::Unfit {
                path: strengths.path().to_owned(),
                reason: format!("the list has {found} values, the projection {expected} connections"),
                hint: "give one value per connection in the order of source, then target, or one for all".to_owned(),
            }));
        }
    }
    Ok(starts)
}

/// A set of delays in steps. Most are short, and bits are quick to set.
#[derive(Debug, Clone, Default)]
struct Delays {
    short: Vec<u64>,
    long: BTreeSet<u32>,
}

impl Delays {
    /// Delays below are kept as bits.
    const SHORT: u32 = 1 << 16;

    fn insert(&mut self, delay: u32) {
        if delay >= Delays::SHORT {
            self.long.insert(delay);
            return;
        }
        let word = delay as usize / 64;
        if word >= self.short.len() {
            self.short.resize(word + 1, 0);
        }
        self.short[word] |= 1 << (delay % 64);
    }

    fn ascending(&self) -> Vec<u32> {
        let is_set = |delay: &u32| self.short[*delay as usize / 64] >> (delay % 64) & 1 == 1;
        let short = (0..64 * self.short.len() as u32).filter(is_set);
        short.chain(self.long.iter().copied()).collect()
    }
}
