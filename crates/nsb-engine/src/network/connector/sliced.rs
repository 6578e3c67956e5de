//! A rule between slices, seen from the whole populations.

use super::{Link, Problem, Rule, WorkingMemory};
use crate::network::Slice;

/// A rule whose cells are numbers in slices; what it hands out are cells of the populations.
pub(crate) struct Sliced<'a> {
    rule: Box<dyn Rule + 'a>,
    sources: Slice,
    targets: Slice,
}

impl<'a> Sliced<'a> {
    pub(crate) fn new(rule: Box<dyn Rule + 'a>, sources: Slice, targets: Slice) -> Sliced<'a> {
        Sliced { rule, sources, targets }
    }
}

impl Rule for Sliced<'_> {
    fn problems(&self) -> Vec<Problem> {
        self.rule.problems()
    }

    fn expected(&self) -> f64 {
        self.rule.expected()
    }

    fn working_memory(&self) -> WorkingMemory {
        self.rule.working_memory()
    }

    fn needs_preparation(&self) -> bool {
        self.rule.needs_preparation()
    }

    fn prepare(&mut self) {
        self.rule.prepare();
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let Some(number) = self.sources.number(source) else {
            return;
        };
        let begin = links.len();
        self.rule.row(number, links);
        // Slices ascend, so targets do as well.
        for link in &mut links[begin..] {
            link.target = self.targets.cell(link.target);
        }
    }
}
