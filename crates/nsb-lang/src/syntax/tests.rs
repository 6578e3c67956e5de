//! Shapes of trees, and texts that must not hurt. What is wrong with wrong models stands in `tests/cases`.

use super::*;
use crate::source::Source;

fn parse_text(text: &str) -> (File, Diagnostics) {
    parse(&Source::new("test.model", text))
}

/// The only model of a text without errors.
fn model(text: &str) -> ModelSyntax {
    let (mut file, diagnostics) = parse_text(text);
    assert_eq!(diagnostics.to_string(), "", "in {text}");
    assert_eq!(file.models.len(), 1, "in {text}");
    file.models.remove(0)
}

fn codes(text: &str) -> Vec<&'static str> {
    parse_text(text).1.0.iter().map(|d| d.code).collect()
}

/// The expression in prefix form: `(+ a (* 2ms b))`.
fn prefix(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Number(number) => format!("{number}"),
        ExpressionKind::Quantity { number, unit, power: 1 } => format!("{number}{}", unit.value),
        ExpressionKind::Quantity { number, unit, power } => format!("{number}{}^{power}", unit.value),
        ExpressionKind::Name(name) => name.clone(),
        ExpressionKind::Unary(UnaryOperator::Negate, a) => format!("(- {})", prefix(a)),
        ExpressionKind::Unary(UnaryOperator::Not, a) => format!("(not {})", prefix(a)),
        ExpressionKind::Binary(operator, a, b) => format!("({operator:?} {} {})", prefix(a), prefix(b)),
        ExpressionKind::Call { function, arguments } => {
            let arguments: Vec<String> = arguments.iter().map(prefix).collect();
            format!("{}({})", function.value, arguments.join(", "))
        }
        ExpressionKind::Error => "ERROR".to_owned(),
    }
}

/// The prefix form of one expression.
fn read(expression: &str) -> String {
    let items = model(&format!("neuron n\nthreshold: {expression}")).items;
    match &items[..] {
        [Item::Threshold(value)] => prefix(value),
        other => panic!("{expression}: {other:?}"),
    }
}

fn parameter(line: &str) -> ParameterSyntax {
    match model(&format!("neuron n\nparameters:\n{line}")).items.remove(0) {
        Item::Parameter(parameter) => parameter,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn operators_group_as_in_mathematics() {
    for (written, grouped) in [
        ("a + b * c", "(Add a (Multiply b c))"),
        ("a - b - c", "(Subtract (Subtract a b) c)"),
        ("a / b / c", "(Divide (Divide a b) c)"),
        ("a / b * c", "(Multiply (Divide a b) c)"),
        ("-x^2", "(- (Power x 2))"),
        ("x^-2", "(Power x (- 2))"),
        ("a^b^c", "(Power a (Power b c))"),
        ("a**2", "(Power a 2)"),
        ("x²", "(Power x 2)"),
        ("-a * b", "(Multiply (- a) b)"),
        ("a - -b", "(Subtract a (- b))"),
        ("+a", "a"),
        ("(a + b) * c", "(Multiply (Add a b) c)"),
        ("a < b + c", "(Less a (Add b c))"),
        (
            "not a < b and c >= d or e == f",
            "(Or (And (not (Less a b)) (GreaterEqual c d)) (Equal e f))",
        ),
        ("a or not b", "(Or a (not b))"),
        ("a · b × c ≤ d", "(LessEqual (Multiply (Multiply a b) c) d)"),
        ("f()", "f()"),
        ("f(a, g(b, -c))", "f(a, g(b, (- c)))"),
        ("where(V > 0 mV, a, b)", "where((Greater V 0mV), a, b)"),
    ] {
        assert_eq!(read(written), grouped, "{written}");
    }
}

#[test]
fn a_number_takes_the_unit_that_follows_it() {
    for (written, grouped) in [
        ("40 mV", "40mV"),
        ("40mV", "40mV"),
        (".5 ms", "0.5ms"),
        ("1.e3ms", "1000ms"),
        ("120 mS/cm^2", "(Divide 120mS (Power cm 2))"),
        ("5 ms^-1", "5ms^-1"),
        ("5 ms⁻¹", "5ms^-1"),
        ("5 ms^(-1)", "5ms^-1"),
        ("0.1/ms/mV", "(Divide (Divide 0.1 ms) mV)"),
        ("2 and x", "(And 2 x)"),
        ("1e-3", "0.001"),
        ("20 µA/cm²", "(Divide 20µA (Power cm 2))"),
        ("6.3 °C", "6.3°C"),
        ("3 MΩ", "3MΩ"),
        ("50 %", "50%"),
        ("-65 mV", "(- 65mV)"),
        ("-2 degC", "-2degC"),
        (
            "3^((T - 6.3 degC) / 10 K)",
            "(Power 3 (Divide (Subtract T 6.3degC) 10K))",
        ),
    ] {
        assert_eq!(read(written), grouped, "{written}");
    }
}

#[test]
fn a_line_goes_on_within_brackets_and_after_operators() {
    for text in ["a + b\n", "a +\n b\n", "(a\n + b)\n", "(\n a + # why\n\n b\n)", "a\r\n"] {
        let model = model(&format!("neuron n\ncurrent: {text}"));
        assert_eq!(model.items.len(), 1, "{text}");
    }
    let items = model("neuron n\nequations:\n  dV/dt = (a +\n b) /\n c : mV \"doc\"\n x = f(a,\n\n b) : 1\n").items;
    assert_eq!(items.len(), 2);
}

#[test]
fn a_parameter_has_default_unit_range_and_description() {
    let area = parameter("area = 1000 um^2      in [1, 1e7] um^2         \"membrane area\"");
    assert_eq!(area.name.value, "area");
    assert_eq!(prefix(&area.default), "1000um^2");
    assert_eq!(area.unit.text, "um^2");
    let (low, high) = area.range.expect("a range");
    assert_eq!(
        (prefix(&low), prefix(&high)),
        ("1um^2".to_owned(), "10000000um^2".to_owned())
    );
    assert_eq!(area.doc.map(|d| d.value), Some("membrane area".to_owned()));

    let conductance = parameter("g = 120 mS/cm^2 in [0, 1000] mS/cm^2");
    assert_eq!(conductance.unit.text, "mS/cm^2");
    assert_eq!(
        prefix(&conductance.range.expect("a range").1),
        "(Divide 1000mS (Power cm 2))"
    );

    let reversal = parameter("E = -54.387 mV in [-200, 200] mV");
    assert_eq!(
        (prefix(&reversal.default), reversal.unit.text),
        ("(- 54.387mV)".to_owned(), "mV".to_owned())
    );
    assert_eq!(prefix(&reversal.range.expect("a range").0), "(- 200mV)");

    let temperature = parameter("T = 6.3 degC in [-2, 40] degC");
    assert_eq!(prefix(&temperature.range.expect("a range").0), "-2degC");

    for (line, unit) in [
        ("p = 0.3", "1"),
        ("p = 0.3 in [0, 1]", "1"),
        ("r = 0.1/ms/mV", "1/ms/mV"),
        ("r = 0.1/(ms*mV)", "1/(ms*mV)"),
        ("r = 5 ms^-1", "ms^-1"),
        ("r = 2 * 3 mV", "mV"),
        ("r = 5 mV + 3 mV", "mV"),
        ("r = 5 mV in [1 mV, 1 V]", "mV"),
        ("r = 1 pA*ms in [1, 2] pA ms", "pA*ms"),
        ("r = 0.1/ms in [1, 2] 1/ms", "1/ms"),
    ] {
        assert_eq!(parameter(line).unit.text, unit, "{line}");
    }
}

#[test]
fn every_section_gives_its_items() {
    let text = "\u{feff}# comment\nneuron n \"title with \\\"quotes\\\"\"\nreference \"a\"\nreference \"b\"\nmethod strang\nmax_dt 0.05 ms\n\
                inputs: I : uA/cm^2 \"in\"\nfunctions:\n f(v, w) = v * w \"doc\"\nequations:\ndV/dt = I : mV \"doc\"\n x = V : mS cm^-2\n\
                initial: V = 0 mV\nthreshold:\n  V > 0 mV\nrearm: V < 0 mV\nreset: V = 1 mV\n x += 1\n x *= 2\nrefractory: 2 ms holding V, x\n\
                receptor r\non spike: g += weight\ncurrent: g * (E - V)\n";
    let (file, diagnostics) = parse_text(text);
    assert_eq!(diagnostics.to_string(), "");
    let names: Vec<String> = file.models[0]
        .items
        .iter()
        .map(|item| format!("{item:?}").split(['(', ' ']).next().unwrap().to_owned())
        .collect();
    assert_eq!(
        names.join(" "),
        "Reference Reference Method MaxDt Input Function Equation Derived Initial Threshold Rearm Reset Reset Reset Refractory"
    );
    assert_eq!(file.models[0].title.as_ref().unwrap().value, "title with \"quotes\"");
    assert_eq!(file.models[1].name.value, "r");
    let Item::Equation(equation) = &file.models[0].items[6] else {
        panic!("an equation")
    };
    assert_eq!(equation.name.value, "V");
    assert_eq!(&text[equation.name.span.start..equation.name.span.end], "V");
    let Item::Derived(derived) = &file.models[0].items[7] else {
        panic!("a derived variable")
    };
    assert_eq!(derived.unit.text, "mS cm^-2");
    let span = file.models[1].span;
    assert_eq!(
        &text[span.start..span.end],
        "receptor r\non spike: g += weight\ncurrent: g * (E - V)"
    );
}

#[test]
fn spans_cover_what_was_written() {
    let text = "neuron n\ncurrent: (a + f(b)) * 20 mV\n";
    let items = model(text).items;
    let Item::Current(value) = &items[0] else {
        panic!("a current")
    };
    assert_eq!(&text[value.span.start..value.span.end], "(a + f(b)) * 20 mV");
    let ExpressionKind::Binary(_, left, right) = &value.kind else {
        panic!("a product")
    };
    assert_eq!(&text[left.span.start..left.span.end], "(a + f(b))");
    assert_eq!(&text[right.span.start..right.span.end], "20 mV");
}

#[test]
fn planned_kinds_keep_their_sections_without_complaint() {
    let text = "coupling s \"later\"\nparameters:\n a = 1 ms\nbetween:\n w : pA\nalgebraic:\n w -= pre.x @ 0\nstrange things:\n 1\n";
    let (file, diagnostics) = parse_text(&text.replace(" @ 0", ""));
    assert_eq!(diagnostics.to_string(), "");
    let what: Vec<&str> = file.models[0]
        .items
        .iter()
        .map(|item| match item {
            Item::Planned { what, .. } => what.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(what, ["parameters", "between", "algebraic", "strange things"]);
}

#[test]
fn a_planned_section_does_not_disturb_the_others() {
    let model = model("neuron n\nalgebraic:\n  0 = a b c\n  whatever\nequations:\n dV/dt = 0 mV/ms : mV\n");
    assert!(matches!(&model.items[..], [Item::Planned { .. }, Item::Equation(_)]));
    let Item::Planned { span, .. } = &model.items[0] else {
        panic!("planned")
    };
    assert_eq!(span.end - span.start, "algebraic:\n  0 = a b c\n  whatever".len());
}

#[test]
fn absurd_depth_and_length_give_one_diagnostic_each() {
    let deep = 100_000;
    for body in [
        "(".repeat(deep),
        format!("{}a{}", "(".repeat(deep), ")".repeat(deep)),
        "f(".repeat(deep),
        "-".repeat(deep),
        "not ".repeat(deep),
        format!("a{}", "^a".repeat(deep)),
        format!("a{}", " + a".repeat(deep)),
        format!("a{}", " < a".repeat(deep)),
        format!("1 {}", "mV/".repeat(deep)),
        "[".repeat(deep),
    ] {
        let start: String = body.chars().take(12).collect();
        assert_eq!(codes(&format!("neuron n\nthreshold: {body}\n")).len(), 1, "{start}…");
    }
    for line in [
        format!("I : {}", "(".repeat(deep)),
        format!("I : {}", "mV*".repeat(deep)),
        format!("I : {}", "mV ".repeat(deep)),
    ] {
        assert_eq!(codes(&format!("neuron n\ninputs:\n{line}\n")).len(), 1);
    }
    assert_eq!(codes(&"@\n".repeat(deep)).len(), 101);
    assert_eq!(codes(&"neuron\n".repeat(deep)).len(), 1);
}

#[test]
fn two_hundred_levels_are_enough_for_a_long_sum() {
    let sum = vec!["a"; 150].join(" + ");
    assert_eq!(codes(&format!("neuron n\ncurrent: {sum}")), Vec::<&str>::new());
}

#[test]
fn odd_characters_are_named_and_do_not_stop_the_parser() {
    for (text, code) in [
        ("neuron n\nthreshold: V > 0\0 mV", "E0101"),
        ("neuron n\nthreshold: V > 0\u{200b} mV", "E0101"),
        ("neuron n\nthreshold: V > 0 \u{1b} mV", "E0101"),
        ("neuron n \"a\u{7}b\"\nthreshold: V > 0 mV", "E0101"),
    ] {
        let (file, diagnostics) = parse_text(text);
        assert_eq!(
            diagnostics.0.iter().map(|d| d.code).collect::<Vec<_>>(),
            [code],
            "{text:?}"
        );
        assert!(diagnostics.0.iter().all(|d| !d.message.chars().any(char::is_control)));
        assert_eq!(file.models[0].items.len(), 1);
    }
    assert_eq!(codes("neuron n\r\nthreshold: V > 0 mV\r\n"), Vec::<&str>::new());
    assert_eq!(
        codes("\u{feff}neuron n\n\tthreshold:\u{a0}V > 0 mV"),
        Vec::<&str>::new()
    );
}

#[test]
fn a_broken_line_still_declares_its_name() {
    let (file, diagnostics) =
        parse_text("neuron n\nparameters:\n g = 3 + )\n h 5 mV\nequations:\n dV/dt = a b : mV \"doc\"\n x = V\n");
    assert_eq!(diagnostics.0.len(), 4, "{diagnostics}");
    let mut names = Vec::new();
    for item in &file.models[0].items {
        match item {
            Item::Parameter(p) => names.push((p.name.value.as_str(), p.unit.text.as_str())),
            Item::Equation(e) | Item::Derived(e) => names.push((e.name.value.as_str(), e.unit.text.as_str())),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(names, [("g", ""), ("h", ""), ("V", "mV"), ("x", "")]);
}
