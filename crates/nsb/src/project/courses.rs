//! How something varies over time: what a stimulus of a varying kind, or a varying rate, says.

use nsb_engine::network::Course;
use nsb_lang::{Quantity, Unit};

use super::node::{Kind, Node};
use super::schema::{Findings, Section, milliseconds, number, quantity};

/// How a course is read: its kind and its keys.
pub(super) struct Reader {
    pub(super) kind: &'static str,
    pub(super) keys: &'static [&'static str],
    read: fn(&mut Keys<'_, '_>) -> Option<Course>,
}

pub(super) const READERS: [Reader; 6] = [
    Reader {
        kind: "ramp",
        keys: &["from", "to"],
        read: |keys| {
            let (from, to) = (keys.level("from"), keys.level("to"));
            Some(Course::Ramp { from: from?, to: to? })
        },
    },
    Reader {
        kind: "sine",
        keys: &["mean", "amplitude", "frequency", "phase"],
        read: |keys| {
            let (mean, amplitude) = (keys.level("mean"), keys.level("amplitude"));
            let frequency = keys.of("frequency", "10 Hz");
            let phase = keys.number("phase");
            Some(Course::Sine {
                mean: mean?,
                amplitude: amplitude?,
                frequency: frequency?,
                phase: phase?,
            })
        },
    },
    Reader {
        kind: "chirp",
        keys: &["amplitude", "from", "to"],
        read: |keys| {
            let amplitude = keys.level("amplitude");
            let (from, to) = (keys.of("from", "1 Hz"), keys.of("to", "100 Hz"));
            Some(Course::Chirp {
                amplitude: amplitude?,
                from: from?,
                to: to?,
            })
        },
    },
    Reader {
        kind: "pulses",
        keys: &["amplitude", "width", "interval"],
        read: |keys| {
            let amplitude = keys.level("amplitude");
            let (width, interval) = (keys.of("width", "1 ms"), keys.of("interval", "10 ms"));
            Some(Course::Pulses {
                amplitude: amplitude?,
                width: width?,
                interval: interval?,
            })
        },
    },
    Reader {
        kind: "pattern",
        keys: &["times", "levels"],
        read: |keys| {
            let times = keys.list("times", &[milliseconds()], "[\"0 ms\", \"50 ms\"]");
            let units = keys.units;
            let levels = keys.list("levels", units, "[\"1 pA\", \"2 pA\"]");
            Some(Course::Pattern {
                times: times?,
                levels: levels?,
            })
        },
    },
    Reader {
        kind: "noise",
        keys: &["mean", "sd", "tau"],
        read: |keys| {
            let (mean, sd) = (keys.level("mean"), keys.level("sd"));
            let tau = keys.of("tau", "5 ms");
            Some(Course::Noise {
                mean: mean?,
                sd: sd?,
                tau: tau?,
            })
        },
    },
];

impl Reader {
    /// Reads the course from a section that has its keys; what varies is a quantity of one of `units`.
    pub(super) fn read(&self, section: &Section<'_>, units: &[Unit], findings: &mut Findings) -> Option<Course> {
        (self.read)(&mut Keys {
            section,
            units,
            findings,
        })
    }
}

/// The values of a section, read as what they must be.
struct Keys<'a, 'f> {
    section: &'a Section<'a>,
    units: &'a [Unit],
    findings: &'f mut Findings,
}

impl Keys<'_, '_> {
    /// A quantity of what varies.
    fn level(&mut self, key: &str) -> Option<Quantity> {
        let unit = self.units.first().map_or("pA", Unit::symbol);
        let node = self.section.required(key, &format!("\"20 {unit}\""), self.findings)?;
        quantity(node, &format!("`{key}`"), self.units, self.findings)
    }

    /// A quantity of the kind of an example.
    fn of(&mut self, key: &str, example: &str) -> Option<Quantity> {
        let unit = Quantity::parse(example)
            .expect("examples are quantities")
            .unit()
            .clone();
        let node = self.section.required(key, &format!("\"{example}\""), self.findings)?;
        quantity(node, &format!("`{key}`"), &[unit], self.findings)
    }

    /// A pure number, 0 if it is left out.
    fn number(&mut self, key: &str) -> Option<f64> {
        self.section
            .get(key)
            .map_or(Some(0.0), |node| number(node, key, self.findings))
    }

    fn list(&mut self, key: &str, units: &[Unit], example: &str) -> Option<Vec<Quantity>> {
        let node = self.section.required(key, example, self.findings)?;
        quantities(node, key, units, example, self.findings)
    }
}

/// A list of quantities.
pub(super) fn quantities(
    node: &Node,
    key: &str,
    units: &[Unit],
    example: &str,
    findings: &mut Findings,
) -> Option<Vec<Quantity>> {
    let Kind::Array(items) = &node.kind else {
        findings.push(
            node.place
                .error("E0504", format!("`{key}` must be a list, not {}", node.kind.name()))
                .hint(format!("write `{key} = {example}`")),
        );
        return None;
    };
    let read: Vec<_> = items
        .iter()
        .map(|item| quantity(item, &format!("`{key}`"), units, findings))
        .collect();
    read.into_iter().collect()
}
