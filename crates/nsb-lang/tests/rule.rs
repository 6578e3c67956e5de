//! What the programs of a synapse model compute, by the meaning of each operation.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::random::Draws;
use nsb_lang::{Dimension, Event, Model, Rule, Source, Transmits, model, syntax};

fn rule(text: &str) -> Rule {
    Rule::new(&model(text)).unwrap()
}

fn model(text: &str) -> Arc<Model> {
    let source = Source::new("test.model", text);
    let (file, mut findings) = syntax::parse(&source);
    let (models, further) = model::check(&file, &source);
    findings.0.extend(further.0);
    assert_eq!(findings.to_string(), "");
    Arc::clone(&models[0])
}

/// Columns of one synapse, parameters at their defaults.
fn columns(rule: &Rule) -> Vec<f64> {
    let mut columns = vec![0.0; rule.workbench().count()];
    for (n, parameter) in rule.parameters().iter().enumerate() {
        columns[rule.workbench().parameter(n).0 as usize] = parameter.default;
    }
    columns
}

fn run(rule: &Rule, event: Event, columns: &mut [f64]) {
    let program = rule
        .program(event)
        .unwrap_or_else(|| panic!("no program for {event:?}"));
    // Event programs ask for no step.
    let step = program.phase(PhaseKind::Step);
    step.evaluate(f64::NAN, Draws::default(), columns, &mut Vec::new());
}

fn at(columns: &mut [f64], id: ColumnId) -> &mut f64 {
    &mut columns[id.0 as usize]
}

const ORDERED: &str = r#"
synapse ordered "lines see what earlier ones left"
parameters:
    tau = 10 ms
    w_max = 100 weight
    extra = 0 weight
per source:
    dx/dt = -x / tau : 1
per target:
    V : mV
    dy/dt = -y / tau : 1
per synapse:
    dc/dt = -c / tau : weight
    half = 0.5 * c : weight
bounds: [extra, w_max]
on pre:
    x += 1
    c = 2 * x * (1 weight)
    w += half
    c += w
    transmit = x * y
on post:
    w -= x * (1 weight)
    y += 1 + V / (1 mV)
    y *= 2
"#;

#[test]
fn lines_of_a_block_see_what_earlier_ones_left() {
    let rule = rule(ORDERED);
    let bench = rule.workbench();
    let mut cells = columns(&rule);
    let names = |list: &[nsb_lang::rule::Variable]| list.iter().map(|v| v.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(rule.synapse()), names(rule.source())),
        (vec!["w".into(), "c".into()], vec!["x".into()])
    );
    assert_eq!(
        (names(rule.target()), names(rule.reads())),
        (vec!["y".into()], vec!["V".into()])
    );
    *at(&mut cells, bench.synapse(0)) = 10.0;
    *at(&mut cells, bench.source(0)) = 3.0;
    *at(&mut cells, bench.target(0)) = 0.5;
    *at(&mut cells, bench.read(0)) = 7.0;
    run(&rule, Event::Pre, &mut cells);
    // x is 4 within the block, c is 8 when its half is taken.
    assert_eq!(*at(&mut cells, bench.synapse(0)), 14.0);
    assert_eq!(*at(&mut cells, bench.synapse(1)), 22.0);
    assert_eq!(*at(&mut cells, bench.transmitted()), 2.0);
    assert_eq!(*at(&mut cells, bench.source(0)), 3.0, "the source comes later");
    // At the same grid point the post block sees the trace as it was.
    run(&rule, Event::Post, &mut cells);
    assert_eq!(*at(&mut cells, bench.synapse(0)), 11.0);
    run(&rule, Event::AfterPre, &mut cells);
    run(&rule, Event::AfterPost, &mut cells);
    assert_eq!(*at(&mut cells, bench.source(0)), 4.0);
    assert_eq!(*at(&mut cells, bench.target(0)), 17.0);
}

#[test]
fn weights_stay_within_bounds_and_not_a_number_stays_so() {
    let rule = rule(ORDERED);
    let w = rule.workbench().synapse(0);
    let x = rule.workbench().source(0);
    for (before, trace, after) in [(98.0, 5.0, 100.0), (1.0, -5.0, 0.0), (f64::NAN, 1.0, f64::NAN)] {
        let mut cells = columns(&rule);
        *at(&mut cells, w) = before;
        *at(&mut cells, x) = trace;
        run(&rule, Event::Pre, &mut cells);
        assert_eq!(at(&mut cells, w).to_bits(), f64::to_bits(after), "{before}");
    }
    assert_eq!(rule.bounds(&[10.0, 100.0, 3.0]), (3.0, 100.0));
    assert_eq!(rule.parameters()[1].unit.dimension(), Dimension::WEIGHT);
    assert_eq!(
        (0..3).map(|n| rule.must_be_given(n)).collect::<Vec<_>>(),
        [false, true, false]
    );
}

#[test]
fn a_factor_is_shared_where_it_depends_on_the_source_alone() {
    let with = |block: &str| {
        rule(&format!(
            "synapse s\nparameters:\n a = 2\nper source:\n dx/dt = -x / (10 ms) : 1\nper target:\n dy/dt = -y / (10 ms) : 1\non \
             pre:\n{block}\non post: y += a"
        ))
    };
    for (block, transmits, changes) in [
        ("x += a", Transmits::Unchanged, false),
        ("transmit = a * x\nx += 1", Transmits::BySource, false),
        ("x += a\ntransmit = x\nw *= 0.5", Transmits::BySource, true),
        ("transmit = y", Transmits::BySynapse, false),
        (
            "w *= y\ntransmit = 1 / (1 + w / (1 weight))",
            Transmits::BySynapse,
            true,
        ),
    ] {
        let rule = with(block);
        assert_eq!(
            (rule.transmits(), rule.changes_weights()),
            (transmits, changes),
            "{block}"
        );
        assert_eq!(
            rule.program(Event::Transmit).is_some(),
            transmits == Transmits::BySource,
            "{block}"
        );
        let in_pre = changes || transmits == Transmits::BySynapse;
        assert_eq!(rule.program(Event::Pre).is_some(), in_pre, "{block}");
        assert!(rule.program(Event::Post).is_none() && rule.program(Event::AfterPost).is_some());
        assert!(rule.program(Event::SynapsePassing).is_none() && rule.program(Event::SourcePassing).is_some());
        assert!(rule.program(Event::Where).is_none() && rule.program(Event::Update).is_none());
        assert_eq!(
            (rule.bounds(&[2.0]), rule.update_interval(&[2.0])),
            ((0.0, f64::INFINITY), None)
        );
    }
}

const PASSING: &str = r#"
synapse passing "between events"
parameters:
    tau = 10 ms
    slow = 40 ms
    a = 0.25
    every = 3 ms
    goal = 2
per source:
    dx/dt = (goal - x) / tau : 1
per target:
    dy/dt = (y_1 - y) / tau : 1
    y_1 = goal * tau / slow : 1
    dn/dt = (1 - n^2) / slow : 1
per synapse:
    dc/dt = -c / tau : weight
    dw/dt = a * c / slow : weight "of a kind"
    dk/dt = 0/ms : 1
initial:
    x = 3 * a
    n = 0.5
    y = n * a
    k = 2 * goal
update every: 2 * every
update where: y > a and not n > 0.9
on update:
    w += dt / tau * (1 weight)
    k -= dt / tau
    y = 0
on reward:
    w += reward^2 * k * (1 weight)
    n -= reward
"#;

#[test]
fn between_events_linear_equations_are_solved() {
    let rule = rule(PASSING);
    let bench = rule.workbench();
    for elapsed in [0.0, 1e-3, 7.0, 1e4] {
        let mut cells = columns(&rule);
        *at(&mut cells, bench.elapsed()) = elapsed;
        *at(&mut cells, bench.synapse(0)) = 5.0;
        *at(&mut cells, bench.synapse(1)) = 4.0;
        *at(&mut cells, bench.source(0)) = 0.5;
        run(&rule, Event::SourcePassing, &mut cells);
        run(&rule, Event::SynapsePassing, &mut cells);
        let decay = nsb_lang::math::exp(-elapsed / 10.0);
        for (name, id, expected) in [
            ("x", bench.source(0), 2.0 - 1.5 * decay),
            ("c", bench.synapse(1), 4.0 * decay),
            ("w", bench.synapse(0), 5.0 + 0.25 * 4.0 * (1.0 - decay) * 10.0 / 40.0),
        ] {
            let found = *at(&mut cells, id);
            assert!(
                (found - expected).abs() <= 1e-15 * expected.abs().max(1e-300) * 4.0,
                "{name}: {found} {expected}"
            );
        }
    }
    let w = rule.synapse()[0].clone();
    assert_eq!((w.doc.as_str(), rule.changes_weights()), ("of a kind", true));
}

#[test]
fn updates_know_their_interval_and_their_targets() {
    let rule = rule(PASSING);
    let bench = rule.workbench();
    assert_eq!(rule.update_interval(&[10.0, 40.0, 0.25, 1.5, 2.0]), Some(3.0));
    let mut cells = columns(&rule);
    for (y, n, holds) in [(0.2, 0.0, 0.0), (0.3, 0.0, 1.0), (0.3, 0.95, 0.0)] {
        *at(&mut cells, bench.target(0)) = y;
        *at(&mut cells, bench.target(1)) = n;
        run(&rule, Event::Where, &mut cells);
        assert_eq!(*at(&mut cells, bench.holds()), holds);
    }
    *at(&mut cells, bench.interval()) = 5.0;
    *at(&mut cells, bench.reward()) = 3.0;
    *at(&mut cells, bench.synapse(2)) = 4.0;
    run(&rule, Event::Update, &mut cells);
    assert_eq!((cells[0], cells[2]), (0.5, 3.5));
    run(&rule, Event::AfterUpdate, &mut cells);
    assert_eq!(*at(&mut cells, bench.target(0)), 0.0);
    run(&rule, Event::Reward, &mut cells);
    run(&rule, Event::AfterReward, &mut cells);
    assert_eq!(
        (cells[0], *at(&mut cells, bench.target(1))),
        (0.5 + 9.0 * 3.5, 0.95 - 3.0)
    );
}

#[test]
fn initial_values_of_sources_and_synapses_come_from_either_phase() {
    let rule = rule(PASSING);
    let program = rule.program(Event::Initial).unwrap();
    let bench = rule.workbench();
    for phase in [PhaseKind::Init, PhaseKind::Step] {
        let mut cells = columns(&rule);
        *at(&mut cells, bench.synapse(0)) = 9.0;
        program
            .phase(phase)
            .evaluate(f64::NAN, Draws::default(), &mut cells, &mut Vec::new());
        assert_eq!(cells[..4], [9.0, 0.0, 4.0, 0.75], "w, c, k, x");
        assert_eq!(*at(&mut cells, bench.target(0)), 0.0);
    }
}

#[test]
fn variables_of_targets_are_an_ordinary_program() {
    let rule = rule(PASSING);
    let program = rule.targets().unwrap();
    let states: Vec<&str> = program
        .columns_with(Role::State)
        .map(|id| program.columns()[id.0 as usize].name.as_str())
        .collect();
    assert_eq!(states, ["y", "n"]);
    let mut cells: Vec<f64> = program.columns().iter().map(|c| c.default).collect();
    let mut evaluate = |phase| {
        let phase = program.phase(phase);
        phase.evaluate(0.01, Draws::default(), &mut cells, &mut Vec::new());
        (cells[0], cells[1])
    };
    assert_eq!(evaluate(PhaseKind::Init), (0.125, 0.5));
    for _ in 0..1000 {
        evaluate(PhaseKind::Step);
    }
    let (y, n) = evaluate(PhaseKind::Step);
    let time = 10.01;
    // dn/dt = (1 − n²)/τ is tanh(t/τ + artanh n₀).
    let expected = (nsb_lang::math::tanh(time / 40.0) + 0.5) / (1.0 + 0.5 * nsb_lang::math::tanh(time / 40.0));
    assert!((n - expected).abs() < 1e-8, "{n} {expected}");
    let expected = 0.5 - 0.375 * nsb_lang::math::exp(-time / 10.0);
    assert!((y - expected).abs() < 1e-6, "{y} {expected}");
}

/// Known parameters need no column of their own, whatever the program.
#[test]
fn programs_with_known_parameters_need_no_further_column() {
    for text in [ORDERED, PASSING] {
        let rule = rule(text);
        let parameters: Vec<(ColumnId, f64)> = rule
            .parameters()
            .iter()
            .enumerate()
            .map(|(n, p)| (rule.workbench().parameter(n), p.default))
            .collect();
        for event in Event::ALL {
            let Some(program) = rule.program(event) else { continue };
            assert_eq!(program.columns().len(), rule.workbench().count());
            let special = program.specialise(0.1, &parameters);
            assert_eq!(special.columns().len(), rule.workbench().count(), "{event:?}");
        }
    }
}

#[test]
fn a_neuron_is_no_rule() {
    let source = Source::new(
        "test.model",
        "neuron n\nequations:\n dV/dt = 0 mV/ms : mV\ninitial:\n V = 0 mV\n",
    );
    let (file, _) = syntax::parse(&source);
    let (models, _) = model::check(&file, &source);
    let findings = Rule::new(&models[0]).unwrap_err();
    assert_eq!(findings.0[0].code, "E0212");
    assert_eq!(findings.0[0].message, "`n` is a neuron, but a synapse is due here");
}
