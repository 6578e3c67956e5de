//! A batch of changes checked, and found in the store: for each list of synapses what dies and what is born.
//!
//! Nothing is changed here. So a batch that is refused leaves everything as it was, and lists can then be made anew one
//! by one, each by one thread, the old one given back before the next begins.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use super::edits::Edits;
use super::locate::{self, Coming, Dying, Missing};
use super::parallel::{each_in_parallel, in_parallel};
use super::rewire_error::RewireError;
use super::{CHUNK_SOURCES, Chunk};
use crate::index::{PopulationId, ProjectionId, Step};
use crate::network::{Deletion, Insertion, Rewiring};
use crate::plan::checker::without_noise;
use crate::plan::strength::MAX_DELAY;
use crate::plan::{MAX_EPOCH, MonitorKind, Plan, PlannedProjection};
use nsb_lang::Quantity;

/// Delays this close to the grid, as a part of a step, lie on it.
const ON_GRID: f64 = 1e-6;

/// A synapse that has been born or has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SynapseChange {
    /// The grid point at which it happened.
    pub step: Step,
    /// Whether it was born; else it died. Of one batch, deaths come first.
    pub born: bool,
    /// The projection.
    pub projection: ProjectionId,
    /// Cell of the source population.
    pub source: u32,
    /// Cell of the target population.
    pub target: u32,
    /// Delay, steps.
    pub delay: u32,
}

/// Which signs the weights of a static projection have or have had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    negative: bool,
    positive: bool,
}

/// What a batch changes.
#[derive(Debug, Default)]
pub(crate) struct Located {
    /// For each domain, by the number of the chunk.
    pub(crate) chunks: Vec<BTreeMap<u32, Edits>>,
    /// By the position among the plastic projections: the sign of weights, and the changes in each domain.
    pub(crate) plastic: BTreeMap<u32, (f64, Vec<Edits>)>,
    /// Deaths, then births; each sorted by (projection, source, target, delay).
    pub(crate) changes: Vec<SynapseChange>,
}

/// A list of synapses in a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    /// By its number.
    Chunk(u32),
    /// Of a plastic projection, by its position among those.
    Plastic(u32),
}

/// A list, and the domain in which it lies.
type Home = (List, u32);

/// Where synapses of a pair are.
struct Pair {
    home: Home,
    /// As the list counts sources.
    source: u32,
    rank: u32,
    /// As the list names targets.
    target: u16,
}

impl Plan {
    /// Checks a batch and finds what it changes. `signs` remembers what weights static projections had when a batch first
    /// named them: what has been deleted since still counts.
    pub(crate) fn locate(
        &self,
        rewiring: &Rewiring,
        at: Step,
        signs: &mut [Option<Signs>],
    ) -> Result<Located, RewireError> {
        let mut dying = Vec::with_capacity(rewiring.deletions.len());
        for (id, deletion) in (0u32..).zip(&rewiring.deletions) {
            let path = || format!("deletions[{id}]");
            self.check_pair(&path, deletion.projection, (deletion.source, deletion.target))?;
            let n = deletion.projection.0 as usize;
            if self.projections[n].plasticity.is_none() && signs[n].is_none() {
                signs[n] = Some(self.signs(deletion.projection));
            }
            let pair = self.pair(deletion.projection, (deletion.source, deletion.target));
            let dies = Dying {
                source: pair.source,
                rank: pair.rank,
                target: pair.target,
                number: deletion.number,
                id,
            };
            dying.push((pair.home, dies));
        }
        let mut coming = Vec::with_capacity(rewiring.insertions.len());
        let mut delays = Vec::with_capacity(rewiring.insertions.len());
        let (mut found_signs, mut plastic_signs) = (signs.to_vec(), BTreeMap::new());
        for (id, insertion) in rewiring.insertions.iter().enumerate() {
            let path = || format!("insertions[{id}]");
            self.check_pair(&path, insertion.projection, (insertion.source, insertion.target))?;
            let delay = self.check_delay(&path, insertion)?;
            self.check_weight(&path, insertion, &mut found_signs, signs, &mut plastic_signs)?;
            let pair = self.pair(insertion.projection, (insertion.source, insertion.target));
            let comes = Coming {
                source: pair.source,
                delay,
                rank: pair.rank,
                target: pair.target,
                weight: insertion.weight,
            };
            coming.push((pair.home, comes));
            delays.push(delay);
        }
        dying.sort_unstable_by_key(|(home, d)| (*home, d.source, d.rank, d.target, d.number, d.id));
        if let Some(id) = twice(&dying) {
            let path = format!("deletions[{id}]");
            return Err(RewireError::DeletedTwice { path });
        }
        coming.sort_unstable_by(|(home, a), (other, b)| {
            let of = |c: &Coming| (c.source, c.delay, c.rank, c.target);
            let order = (*home, of(a)).cmp(&(*other, of(b)));
            order.then(a.weight.total_cmp(&b.weight))
        });
        let (lists, died_after) = self.find(&dying, &coming, rewiring)?;
        let mut located = Located {
            chunks: vec![BTreeMap::new(); self.layout.domains.len()],
            plastic: BTreeMap::new(),
            changes: changes(rewiring, at, &died_after, &delays),
        };
        for ((list, domain), edits) in lists {
            match list {
                List::Chunk(chunk) => {
                    located.chunks[domain as usize].insert(chunk, edits);
                }
                List::Plastic(index) => {
                    let store = &self.plastic[0][index as usize];
                    let sign = plastic_signs.get(&store.projection()).copied();
                    let empty = || {
                        let edits = vec![Edits::default(); self.layout.domains.len()];
                        (sign.unwrap_or(store.sign()), edits)
                    };
                    located.plastic.entry(index).or_insert_with(empty).1[domain as usize] = edits;
                }
            }
        }
        signs.copy_from_slice(&found_signs);
        Ok(located)
    }

    /// Makes the chunks anew that change, one by one, and counts.
    pub(crate) fn rewire(&mut self, located: &Located) {
        let threads = self.settings.threads;
        let mut things: Vec<(&mut Chunk, &Edits)> = Vec::new();
        for (synapses, edits) in self.synapses.iter_mut().zip(&located.chunks) {
            let chunks = (0u32..).zip(&mut synapses.chunks);
            things.extend(chunks.filter_map(|(n, chunk)| Some((chunk, edits.get(&n)?))));
        }
        each_in_parallel(threads, things, |(chunk, edits)| *chunk = chunk.rewired(edits));
        for change in &located.changes {
            let projection = &mut self.projections[change.projection.0 as usize];
            if !change.born {
                projection.n_synapses -= 1;
                continue;
            }
            projection.n_synapses += 1;
            if let Err(place) = projection.delays.binary_search(&change.delay) {
                projection.delays.insert(place, change.delay);
            }
        }
    }

    /// The shortest delay that an inserted synapse may have, ms: threads exchange spikes no more often than the delays
    /// at the beginning ask for.
    pub fn shortest_new_delay_ms(&self) -> f64 {
        without_noise(Step(self.shortest_new_delay()).time_ms(self.settings.dt_ms))
    }

    fn shortest_new_delay(&self) -> u64 {
        if !self.gap_junctions.is_empty() {
            return 1;
        }
        let delays = self.projections.iter().filter_map(|p| p.delays.first());
        let shortest = delays.map(|&delay| u64::from(delay)).min();
        // Where all delays are long, epochs are shorter than they could be.
        shortest.unwrap_or(MAX_EPOCH).min(MAX_EPOCH - 1)
    }

    fn check_pair(
        &self,
        path: &dyn Fn() -> String,
        projection: ProjectionId,
        (source, target): (u32, u32),
    ) -> Result<(), RewireError> {
        let Some(planned) = self.projections.get(projection.0 as usize) else {
            return Err(RewireError::UnknownProjection {
                path: format!("{}.projection", path()),
                found: projection.0,
                n_projections: self.projections.len(),
            });
        };
        let ends = [
            ("source", planned.source, source, &planned.source_cells),
            ("target", planned.target, target, &planned.target_cells),
        ];
        for (end, population, cell, chosen) in ends {
            let population = &self.populations[population.index()];
            if cell >= population.size {
                return Err(RewireError::UnknownCell {
                    path: format!("{}.{end}", path()),
                    cell,
                    population: population.name.clone(),
                    size: population.size,
                });
            }
            if chosen.number(cell).is_none() {
                return Err(RewireError::NotConnected {
                    path: format!("{}.{end}", path()),
                    cell,
                    population: population.name.clone(),
                    projection: planned.name.clone(),
                });
            }
        }
        let watches = |kind: &MonitorKind| matches!(kind, MonitorKind::Weights { projection: of, interval: Some(_), .. } if *of == projection);
        if planned.plasticity.is_some()
            && let Some(monitor) = self.monitors.iter().find(|monitor| watches(monitor.kind()))
        {
            return Err(RewireError::Watched {
                path: path(),
                projection: planned.name.clone(),
                monitor: monitor.name().to_owned(),
            });
        }
        Ok(())
    }

    /// The delay in steps.
    fn check_delay(&self, path: &dyn Fn() -> String, insertion: &Insertion) -> Result<u32, RewireError> {
        let planned = &self.projections[insertion.projection.0 as usize];
        let (dt_ms, delay_ms) = (self.settings.dt_ms, insertion.delay_ms);
        let path = || format!("{}.delay_ms", path());
        let steps = (delay_ms / dt_ms).round();
        let distance = (steps - delay_ms / dt_ms).abs();
        if distance.is_nan() || distance > ON_GRID {
            let path = path();
            return Err(RewireError::OffGrid { path, delay_ms, dt_ms });
        }
        if steps < self.shortest_new_delay() as f64 {
            return Err(RewireError::DelayTooShort {
                path: path(),
                delay_ms,
                shortest_ms: self.shortest_new_delay_ms(),
            });
        }
        if steps > MAX_DELAY {
            let path = path();
            return Err(RewireError::DelayTooLong { path, delay_ms, dt_ms });
        }
        let dendritic = planned.plasticity.as_ref().map_or(0, |p| p.dendritic_steps());
        if steps < dendritic as f64 {
            return Err(RewireError::DendriticDelay {
                path: path(),
                projection: planned.name.clone(),
                delay_ms,
                dendritic_ms: without_noise(Step(dendritic).time_ms(dt_ms)),
            });
        }
        Ok(steps as u32)
    }

    /// Whether a weight can be kept, lies within bounds, and has the sign of the others. Signs that the batch adds go
    /// to `found`; `before` are those without it. Of a plastic projection that has no synapse, the batch decides.
    fn check_weight(
        &self,
        path: &dyn Fn() -> String,
        insertion: &Insertion,
        found: &mut [Option<Signs>],
        before: &mut [Option<Signs>],
        plastic: &mut BTreeMap<ProjectionId, f64>,
    ) -> Result<(), RewireError> {
        let &Insertion { projection, weight, .. } = insertion;
        let planned = &self.projections[projection.0 as usize];
        let path = || format!("{}.weight", path());
        if !(weight as f32).is_finite() {
            return Err(RewireError::Weight { path: path(), weight });
        }
        let wrong_sign = |excites: bool| RewireError::Sign {
            path: path(),
            projection: planned.name.clone(),
            weight,
            do_this: if excites { "excite" } else { "inhibit" },
        };
        let Some(plasticity) = &planned.plasticity else {
            let n = projection.0 as usize;
            let signs = *before[n].get_or_insert_with(|| self.signs(projection));
            if weight < 0.0 && signs.positive && !signs.negative || weight > 0.0 && signs.negative && !signs.positive {
                return Err(wrong_sign(signs.positive));
            }
            let all = found[n].get_or_insert(signs);
            all.negative |= weight < 0.0;
            all.positive |= weight > 0.0;
            return Ok(());
        };
        let (low, high) = plasticity.bounds();
        let size = weight.abs() as f32;
        // As when a plan is made.
        if size < low as f32 || size > high as f32 {
            let quantity = |size: f64| Quantity::from_engine(size, plasticity.unit().clone());
            return Err(RewireError::OutOfBounds {
                path: path(),
                projection: planned.name.clone(),
                sizes: Box::new([weight.abs(), low, high].map(quantity)),
            });
        }
        if weight == 0.0 {
            return Ok(());
        }
        let own = weight.signum();
        let there = self.plastic_of(projection).next().map(|store| store.sign());
        let sign = match there.filter(|_| planned.n_synapses > 0) {
            Some(sign) => sign,
            None => *plastic.entry(projection).or_insert(own),
        };
        if sign == own {
            Ok(())
        } else {
            Err(wrong_sign(sign > 0.0))
        }
    }

    /// Which signs the weights of a static projection have.
    fn signs(&self, projection: ProjectionId) -> Signs {
        let planned = &self.projections[projection.0 as usize];
        let n_chunks = self.populations[planned.source.index()].size.div_ceil(CHUNK_SOURCES) as usize;
        let n_domains = self.synapses.len();
        let (parts, _) = in_parallel(self.settings.threads, n_chunks * n_domains, |(): &mut (), n| {
            let (domain, mut signs) = (n % n_domains, Signs::default());
            let first = self.synapses[domain].bundles[planned.source.index()][planned.bundle as usize];
            let ranks = self.ranks(planned.source, planned.bundle, domain as u32);
            self.synapses[domain].chunks[first as usize + n / n_domains].synapses(|slot, weight| {
                let own = rank(&ranks, slot) == projection.0;
                signs.negative |= own && weight < 0.0;
                signs.positive |= own && weight > 0.0;
            });
            Ok::<Signs, Infallible>(signs)
        });
        let Ok(parts) = parts;
        parts.into_iter().fold(Signs::default(), |all, part| Signs {
            negative: all.negative | part.negative,
            positive: all.positive | part.positive,
        })
    }

    /// Where the synapses of a pair are.
    fn pair(&self, projection: ProjectionId, (source, target): (u32, u32)) -> Pair {
        let planned = &self.projections[projection.0 as usize];
        let pieces = &self.layout.pieces[planned.target.index()];
        let piece = &pieces[pieces.partition_point(|piece| piece.first <= target) - 1];
        let (domain, rank) = (piece.domain, projection.0);
        if planned.plasticity.is_some() {
            let stores = &self.plastic[domain as usize];
            let index = stores.partition_point(|store| store.projection() < projection);
            let number = stores[index].cells().number(target);
            return Pair {
                home: (List::Plastic(index as u32), domain),
                source,
                rank,
                target: number.expect("the cell lies in the domain") as u16,
            };
        }
        let first = self.synapses[domain as usize].bundles[planned.source.index()][planned.bundle as usize];
        Pair {
            home: (List::Chunk(first + source / CHUNK_SOURCES), domain),
            source: source % CHUNK_SOURCES,
            rank,
            target: (piece.slots[planned.receptor_index as usize] + target - piece.first) as u16,
        }
    }

    /// Whose slots are whose among the projections that share the chunks of a bundle: first slot, one after the last,
    /// projection.
    fn ranks(&self, source: PopulationId, bundle: u32, domain: u32) -> Vec<(u32, u32, u32)> {
        let mut ranks = Vec::new();
        let shares = |p: &PlannedProjection| p.plasticity.is_none() && (p.source, p.bundle) == (source, bundle);
        for (n, planned) in (0u32..).zip(&self.projections).filter(|(_, planned)| shares(planned)) {
            let pieces = self.layout.pieces[planned.target.index()].iter();
            ranks.extend(pieces.filter(|piece| piece.domain == domain).map(|piece| {
                let first = piece.slots[planned.receptor_index as usize];
                (first, first + piece.len, n)
            }));
        }
        ranks
    }

    /// Finds everything, list by list. For each deletion the delay of what dies, too.
    #[allow(clippy::type_complexity)]
    fn find(
        &self,
        dying: &[(Home, Dying)],
        coming: &[(Home, Coming)],
        rewiring: &Rewiring,
    ) -> Result<(Vec<(Home, Edits)>, Vec<u32>), RewireError> {
        let homes: BTreeSet<Home> = dying.iter().map(|d| d.0).chain(coming.iter().map(|c| c.0)).collect();
        let homes: Vec<Home> = homes.into_iter().collect();
        let (found, _) = in_parallel(self.settings.threads, homes.len(), |(): &mut (), n| {
            let (list, domain) = homes[n];
            let dying: Vec<Dying> = of_home(dying, homes[n]).map(|(_, dies)| *dies).collect();
            let coming: Vec<Coming> = of_home(coming, homes[n]).map(|(_, comes)| *comes).collect();
            let mut delays = Vec::with_capacity(dying.len());
            let note = |id, delay| delays.push((id, delay));
            let (edits, len) = match list {
                List::Chunk(chunk) => {
                    let ranks = self.ranks_of_chunk(chunk, domain);
                    let chunk = &self.synapses[domain as usize].chunks[chunk as usize];
                    let edits = locate::locate(chunk, |slot| rank(&ranks, slot), (&dying, &coming), note);
                    (edits, chunk.len())
                }
                List::Plastic(index) => {
                    let store = &self.plastic[domain as usize][index as usize];
                    let one = store.projection().0;
                    let edits = locate::locate(store, |_| one, (&dying, &coming), note);
                    (edits, store.len() as u64)
                }
            };
            Ok::<_, Infallible>(edits.map(|edits| (edits.fits(len, u64::from(u32::MAX)), edits, delays)))
        });
        let Ok(found) = found;
        let missing = found.iter().filter_map(|found| found.as_ref().err());
        if let Some(&Missing { id, found }) = missing.min_by_key(|missing| missing.id) {
            let deletion = &rewiring.deletions[id as usize];
            return Err(RewireError::NoSynapse {
                path: format!("deletions[{id}]"),
                projection: self.projections[deletion.projection.0 as usize].name.clone(),
                from: deletion.source,
                to: deletion.target,
                number: deletion.number,
                found,
            });
        }
        let (mut lists, mut died_after) = (Vec::new(), vec![0; rewiring.deletions.len()]);
        for (home, (fits, edits, delays)) in homes.iter().zip(found.into_iter().flatten()) {
            if !fits {
                let comes = of_home(coming, *home).next().map_or(0, |(_, comes)| comes.rank);
                return Err(RewireError::TooMany {
                    projection: self.projections[comes as usize].name.clone(),
                });
            }
            delays
                .into_iter()
                .for_each(|(id, delay)| died_after[id as usize] = delay);
            lists.push((*home, edits));
        }
        Ok((lists, died_after))
    }

    fn ranks_of_chunk(&self, chunk: u32, domain: u32) -> Vec<(u32, u32, u32)> {
        let mut all = (0u32..).zip(&self.synapses[domain as usize].bundles);
        let found = all.find_map(|(source, bundles)| {
            let n_chunks = self.populations[source as usize].size.div_ceil(CHUNK_SOURCES);
            let bundle = bundles
                .iter()
                .position(|&first| (first..first + n_chunks).contains(&chunk))?;
            Some((PopulationId(source), bundle as u32))
        });
        let (source, bundle) = found.expect("every chunk belongs to a bundle");
        self.ranks(source, bundle, domain)
    }
}

/// The projection whose synapses a slot takes.
fn rank(ranks: &[(u32, u32, u32)], slot: u16) -> u32 {
    let of = |&&(first, end, _): &&(u32, u32, u32)| (first..end).contains(&u32::from(slot));
    ranks
        .iter()
        .find(of)
        .expect("a synapse ends in a slot of its projection")
        .2
}

/// What lies in a list, of entries sorted by list.
fn of_home<T>(entries: &[(Home, T)], home: Home) -> impl Iterator<Item = &(Home, T)> {
    let first = entries.partition_point(|(other, _)| *other < home);
    entries[first..].iter().take_while(move |(other, _)| *other == home)
}

/// The first entry that deletes what another one deletes.
fn twice(dying: &[(Home, Dying)]) -> Option<u32> {
    let what = |(home, d): &(Home, Dying)| (*home, d.source, d.rank, d.target, d.number);
    let pairs = dying.windows(2).filter(|pair| what(&pair[0]) == what(&pair[1]));
    pairs.map(|pair| pair[1].1.id).min()
}

/// What the batch does, in an order that does not depend on that of its entries.
fn changes(rewiring: &Rewiring, step: Step, died_after: &[u32], delays: &[u32]) -> Vec<SynapseChange> {
    let died = |(deletion, &delay): (&Deletion, &u32)| SynapseChange {
        step,
        born: false,
        projection: deletion.projection,
        source: deletion.source,
        target: deletion.target,
        delay,
    };
    let born = |(insertion, &delay): (&Insertion, &u32)| SynapseChange {
        step,
        born: true,
        projection: insertion.projection,
        source: insertion.source,
        target: insertion.target,
        delay,
    };
    let deaths = rewiring.deletions.iter().zip(died_after).map(died);
    let births = rewiring.insertions.iter().zip(delays).map(born);
    let mut all: Vec<SynapseChange> = deaths.chain(births).collect();
    // By the order of fields.
    all.sort_unstable();
    all
}
