//! No text makes the parser or the checker panic, and what they say points into the text.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use nsb_lang::{Diagnostics, Quantity, Source, Unit, model, syntax};
use proptest::prelude::*;

const MODELS: [&str; 9] = [
    include_str!("../../nsb-kernels/models/neurons/hodgkin_huxley.model"),
    include_str!("../../nsb-kernels/models/neurons/lif.model"),
    include_str!("../../nsb-kernels/models/neurons/adex.model"),
    include_str!("../../nsb-kernels/models/synapses/delta.model"),
    include_str!("../../nsb-kernels/models/synapses/exponential_conductance.model"),
    include_str!("../../nsb-kernels/models/synapses/exponential_current.model"),
    include_str!("../../nsb-kernels/models/plasticity/clopath.model"),
    include_str!("../../nsb-kernels/models/plasticity/reward_stdp.model"),
    include_str!("../../nsb-kernels/models/plasticity/tsodyks_markram.model"),
];

/// Pieces of the language, to be thrown together.
const PIECES: [&str; 66] = [
    "neuron",
    "receptor",
    "synapse",
    "n",
    "parameters:",
    "inputs:",
    "functions:",
    "equations:",
    "initial:",
    "threshold:",
    "rearm:",
    "reset:",
    "refractory:",
    "on spike:",
    "on pre:",
    "on post:",
    "on reward:",
    "on update:",
    "update every:",
    "update where:",
    "per source:",
    "per target:",
    "per synapse:",
    "bounds:",
    "transmit",
    "reward",
    "weight",
    "w",
    "dw/dt",
    "current:",
    "presets:",
    "reference",
    "method",
    "max_dt",
    "\n",
    "\n",
    "\n",
    "dV/dt",
    "V",
    "tau",
    "=",
    "+=",
    ":",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "/",
    "^",
    "<",
    "and",
    "not",
    "in",
    "holding",
    "1",
    "20 uA/cm^2",
    "mV",
    "\"text\"",
    "exp(",
    "uniform()",
    "normal()",
    "dt",
];

/// Lines of synapses, to be put under any section: many of them then fit, so that the checks behind the parser are met.
const LINES: [&str; 36] = [
    "per source:",
    "per target:",
    "per synapse:",
    "initial:",
    "on pre:",
    "on post:",
    "on reward:",
    "on update:",
    "dx/dt = -x / tau : 1",
    "dy/dt = (x - y) / tau : 1",
    "dz/dt = -z^2 / tau : 1",
    "dw/dt = a * x / tau : weight",
    "V : 1",
    "f = x * y : 1",
    "g = f + V : 1",
    "x = 1",
    "x += y",
    "y += x",
    "y = f + g",
    "z *= z",
    "w += a * f",
    "w -= w * x",
    "w = w / 0",
    "transmit = x",
    "transmit = w / a",
    "transmit = f^0.5",
    "x += reward",
    "w *= exp(-dt / tau)",
    "bounds: [0 weight, a]",
    "bounds: [a, a * b]",
    "update every: tau",
    "update every: b * tau",
    "update where: x > 1",
    "update where: V > y and not z < b",
    "x = dt / tau",
    "z = where(x > y, z, uniform())",
];

fn check_everything(text: &str) {
    let source = Source::new("random.model", text);
    let (file, findings) = syntax::parse(&source);
    point_into(&source, &findings);
    if file.models.is_empty() {
        assert!(findings.has_errors(), "a text without a model and without an error");
    }
    let (_, findings) = model::check(&file, &source);
    point_into(&source, &findings);
}

fn point_into(source: &Arc<Source>, findings: &Diagnostics) {
    for diagnostic in &findings.0 {
        let span = diagnostic.span;
        assert!(
            span.start <= span.end && source.text.get(span.start..span.end).is_some(),
            "{diagnostic:?}"
        );
        assert!(
            !diagnostic.message.is_empty() && !diagnostic.hints.is_empty(),
            "{diagnostic:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,80}|[\\x00-\\x7f]{0,200}") {
        check_everything(&text);
    }

    #[test]
    fn no_sequence_of_words_makes_the_parser_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60),
    ) {
        for kind in ["neuron", "synapse"] {
            check_everything(&format!("{kind} n\n{}", pieces.join(" ")));
        }
    }

    #[test]
    fn no_lines_of_a_synapse_make_the_checker_panic(
        lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..16),
    ) {
        let head = "synapse s\nparameters:\n tau = 10 ms\n a = 0.5 weight\n b = 0\nper source:\n";
        check_everything(&format!("{head}{}\n", lines.join("\n")));
    }

    #[test]
    fn no_change_to_a_model_makes_the_parser_panic(
        which in 0..MODELS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, "\\PC{0,3}|[\\n()\":=]{0,3}"), 1..6),
    ) {
        let mut letters: Vec<char> = MODELS[which].chars().collect();
        for (place, removed, added) in changes {
            let start = place.index(letters.len() + 1);
            let end = (start + removed).min(letters.len());
            letters.splice(start..end, added.chars());
        }
        check_everything(&letters.into_iter().collect::<String>());
    }

    #[test]
    fn no_truncated_model_makes_the_parser_panic(which in 0..MODELS.len(), place in any::<prop::sample::Index>()) {
        let letters: Vec<char> = MODELS[which].chars().collect();
        check_everything(&letters[..place.index(letters.len())].iter().collect::<String>());
    }

    #[test]
    fn no_text_makes_the_unit_reader_panic(text in "\\PC{0,40}|[0-9a-zA-Z/^*() .+-]{0,40}") {
        match Quantity::parse(&text) {
            Ok(quantity) => prop_assert!(quantity.engine().is_finite()),
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
        }
        if let Ok(unit) = Unit::parse(&text) {
            let again = Unit::parse(unit.symbol());
            prop_assert_eq!(again, Ok(unit));
        }
    }

    #[test]
    fn decimals_of_fifteen_digits_survive_conversion(
        digits in -999_999_999_999_999i64..=999_999_999_999_999,
        shift in 0..20,
        unit in prop::sample::select(vec!["uA/cm^2", "mS/cm^2", "nA", "s", "V", "Mohm", "uM", "m/s", "Hz", "um^3"]),
    ) {
        let value: f64 = format!("{digits}e-{shift}").parse().unwrap();
        let unit = Unit::parse(unit).unwrap();
        prop_assert_eq!(unit.from_engine(unit.to_engine(value)), value);
    }
}
