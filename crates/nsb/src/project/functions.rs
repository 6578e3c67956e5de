//! `{ function = "2 nS * exp(-abs(i - j) / 20)" }`: numbers given by a formula in the model language.

use std::sync::Arc;

use nsb_engine::network::PairFunction;
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, PhaseKind};
use nsb_lang::random::Draws;
use nsb_lang::{Diagnostic, Program, Quantity, Source, Span, System, Unit};

use super::models::check_models;
use super::node::{Node, Place};
use super::schema::{Findings, Section};

/// What a formula about a pair may use: the numbers of source and target, and how many there are of each.
const PAIR: [&str; 4] = ["i", "j", "N_source", "N_target"];

/// What a formula about a cell may use: its number, and how many there are.
const CELL: [&str; 2] = ["i", "N"];

/// What comes before the formula. Its names are none that anybody would write.
const HEAD: &str =
    "equations:\n    dunused_state/dt = 0/ms : 1\ninitial:\n    unused_state = 0\nequations:\n    formula_value = (";

/// A formula that can be evaluated.
struct Formula {
    program: Program,
    value: ColumnId,
    variables: Vec<ColumnId>,
}

/// Reads a function of the pair; `sizes` are the numbers of source and target cells.
pub(super) fn pair(
    node: &Node,
    what: &str,
    unit: &Unit,
    sizes: (usize, usize),
    findings: &mut Findings,
) -> Option<PairFunction> {
    let formula = read(node, what, unit, &PAIR, findings)?;
    let (n_source, n_target) = (sizes.0 as f64, sizes.1 as f64);
    let own = unit.clone();
    Some(PairFunction::new(unit.clone(), move |source, target| {
        own.from_engine(formula.at(&[source as f64, target as f64, n_source, n_target]))
    }))
}

/// Reads a function of the cell and gives its value for each of so many cells.
pub(super) fn cells(node: &Node, what: &str, unit: &Unit, size: u64, findings: &mut Findings) -> Option<Vec<Quantity>> {
    let formula = read(node, what, unit, &CELL, findings)?;
    // What has too many cells is refused by the plan.
    let cells = 0..size.min(u64::from(u32::MAX >> 8));
    let at = |cell: u64| Quantity::from_engine(formula.at(&[cell as f64, size as f64]), unit.clone());
    Some(cells.map(at).collect())
}

impl Formula {
    /// Its value in engine units.
    fn at(&self, variables: &[f64]) -> f64 {
        let mut lane = vec![0.0; self.program.columns().len()];
        for (column, value) in self.variables.iter().zip(variables) {
            lane[column.0 as usize] = *value;
        }
        // Nothing in a formula depends on the step.
        self.program
            .phase(PhaseKind::Derive)
            .evaluate(1.0, Draws::default(), &mut lane, &mut Vec::new());
        lane[self.value.0 as usize]
    }
}

/// Reads the formula of a table with the key `function`: plain numbers `names` in, a quantity like `unit` out.
fn read(node: &Node, what: &str, unit: &Unit, names: &[&str], findings: &mut Findings) -> Option<Formula> {
    let section = Section::open(
        node,
        &node.place,
        format!("function of {what}"),
        &["function"],
        findings,
    )?;
    let example = if names.contains(&"j") {
        format!("\"2 {unit} * exp(-abs(i - j) / 20)\"")
    } else {
        format!("\"2 {unit} * (1 + i / N)\"")
    };
    let (text, node) = section.required_text("function", &example, findings)?;
    if let Some(c) = text.chars().find(|c| matches!(c, '\n' | '\r' | '#' | '"')) {
        findings.push(
            node.place
                .error("E0506", format!("a formula is one line and has no {c:?}"))
                .hint(format!("write a formula such as {example}")),
        );
        return None;
    }
    // The formula becomes the only equation of a model, so that the language's own parser and checker read it.
    let parameters: String = names.iter().map(|name| format!("    {name} = 0\n")).collect();
    let head = format!("neuron formula \"of a project\"\nparameters:\n{parameters}{HEAD}");
    let model = Source::new("formula", format!("{head}{text}) : {unit}\n"));
    let (models, diagnostics) = check_models(&model);
    let inside = (head.len(), head.len() + text.len());
    let mut failed = false;
    for diagnostic in diagnostics
        .0
        .into_iter()
        .filter(|d| d.severity == nsb_lang::Severity::Error)
    {
        failed = true;
        findings.push(relocated(diagnostic, inside, node, text, names));
    }
    if failed {
        return None;
    }
    let system = System::join(models.first()?, &[], &[]).ok()?;
    let program = lower(&system, Method::Euler).ok()?;
    Some(Formula {
        value: program.column("formula_value")?,
        variables: names.iter().map(|name| program.column(name)).collect::<Option<_>>()?,
        program,
    })
}

/// A finding about the formula at its place in the project. What is found behind it is about all of it.
fn relocated(found: Diagnostic, (begin, end): (usize, usize), node: &Node, text: &str, names: &[&str]) -> Diagnostic {
    let Place { source, span } = &node.place;
    let shown = &source.text[span.start..span.end];
    let mut moved = found.clone();
    moved.source = Arc::clone(source);
    moved.span = *span;
    // Within quotes, and not where the text has escapes.
    if found.span.start >= begin && found.span.end <= end && shown.get(1..=text.len()) == Some(text) {
        let shift = |at: usize| at - begin + span.start + 1;
        moved.span = Span::new(shift(found.span.start), shift(found.span.end));
    }
    if found.code == "E0203" {
        let known = names.join("`, `");
        moved.hints = vec![format!(
            "a formula may use `{known}`, numbers with units, and functions such as exp"
        )];
    }
    moved
}
