//! What holds for every rule.

use std::path::Path;

use nsb_kernels::{Catalogue, Columns, Draws, Executor, Simd};
use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::{Event, ModelKind, Rule};

use crate::bench::builtin;

#[test]
fn the_page_of_the_rules_counts_their_variables() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/plasticity.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page
        .split("\n\n")
        .find(|part| part.starts_with("| rule | what it does"))
        .unwrap();
    let found: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .map(|row| row.split('|').map(str::trim).collect())
        .collect();
    let mut listed: Vec<&str> = found.iter().map(|row| row[1].trim_matches('`')).collect();
    listed.sort_unstable();
    let catalogue = Catalogue::builtin();
    let rules = catalogue.models().filter(|m| m.kind == ModelKind::Synapse);
    assert_eq!(listed, rules.map(|m| m.name.as_str()).collect::<Vec<_>>());
    for row in found {
        let rule = Rule::new(&builtin(row[1].trim_matches('`'))).unwrap();
        let counts = [rule.synapse().len() - 1, rule.source().len(), rule.target().len()];
        assert_eq!(row[3..6], counts.map(|n| n.to_string()), "{}", rule.name());
    }
}

/// Executors and widths give equal bits, and these are the ones that the operations define.
#[test]
fn every_program_of_every_rule_gives_equal_bits_at_every_width() {
    let catalogue = Catalogue::builtin();
    let rules = catalogue.models().filter(|m| m.kind == ModelKind::Synapse);
    let rules: Vec<Rule> = rules.map(|model| Rule::new(model).unwrap()).collect();
    assert!(rules.len() >= 10);
    let lanes = 70;
    let draws = Draws {
        seed: 5,
        ..Draws::default()
    };
    for rule in &rules {
        let programs = Event::ALL.iter().filter_map(|&event| rule.program(event));
        for program in programs.chain(rule.targets()) {
            let uniform: Vec<(ColumnId, f64)> = program
                .columns_with(Role::Parameter)
                .map(|id| (id, program.columns()[id.0 as usize].default))
                .collect();
            let value = |column: usize, lane: usize| {
                let step = (column * lanes + lane) as u64;
                draws_at(draws, step) * if column.is_multiple_of(3) { 0.9 } else { 30.0 }
            };
            let special = program.specialise(0.1, &uniform);
            let mut expected = Vec::new();
            for lane in 0..lanes {
                let mut columns: Vec<f64> = (0..special.columns().len()).map(|column| value(column, lane)).collect();
                special
                    .phase(PhaseKind::Step)
                    .evaluate(0.1, draws, &mut columns, &mut Vec::new());
                expected.push(columns);
            }
            for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
                for executor in Executor::ALL {
                    let (special, kernel) = executor.prepare(program, 0.1, &uniform, nsb_kernels::Float::Double, simd);
                    let mut columns = Columns::new(special.columns().len(), lanes);
                    for column in 0..special.columns().len() {
                        for (lane, cell) in columns.column_mut(ColumnId(column as u32)).iter_mut().enumerate() {
                            *cell = value(column, lane);
                        }
                    }
                    kernel.run(PhaseKind::Step, &mut columns, draws, &mut kernel.scratch());
                    for column in 0..special.columns().len() {
                        let found = columns.column(ColumnId(column as u32));
                        for (lane, expected) in expected.iter().enumerate() {
                            let what = (rule.name(), column, lane, simd, executor);
                            assert_eq!(found[lane].to_bits(), expected[column].to_bits(), "{what:?}");
                        }
                    }
                }
            }
        }
    }
}

fn draws_at(draws: Draws, step: u64) -> f64 {
    Draws { step, ..draws }.uniform(0, 0)
}
