//! `nsb models [NAME]`: the models that projects can name, and the page of one.

use nsb::{Catalogue, Model, ModelKind, Unit};

use crate::exit::{DONE, Failure};
use crate::output::{self, Align, Table, number};

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb models                                # the list
  nsb models hodgkin_huxley                 # equations, parameters, references
  nsb models lif --source > my_lif.model    # the text, to change and run with --model";

/// What `nsb models` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show the page of this model
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Print the model's text in the model language
    #[arg(long, requires = "name")]
    source: bool,
}

/// Prints the list or the page.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    let catalogue = Catalogue::builtin();
    let text = match args.name {
        None => list(&catalogue),
        Some(name) => {
            let model = catalogue.get(&name).ok_or_else(|| unknown(&catalogue, &name))?;
            if args.source {
                model.source.text.clone()
            } else {
                page(model)
            }
        }
    };
    output::result(&text)?;
    Ok(DONE)
}

fn unknown(catalogue: &Catalogue, name: &str) -> Failure {
    let hint = match nsb::suggest::nearest(name, catalogue.models().map(|model| model.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`nsb models` lists all models".to_string(),
    };
    Failure::argument(format!("no built-in model is called `{name}`"), hint)
}

fn list(catalogue: &Catalogue) -> String {
    let mut table = Table::new(&[Align::Left, Align::Left]);
    let mut text = String::new();
    let mut kind = None;
    let mut flush = |kind: Option<ModelKind>, table: &mut Table| {
        if let Some(kind) = kind {
            text.push_str(&format!("{kind}s\n{}\n", table.text()));
        }
        *table = Table::new(&[Align::Left, Align::Left]);
    };
    for model in catalogue.models() {
        if kind != Some(model.kind) {
            flush(kind, &mut table);
            kind = Some(model.kind);
        }
        table.row([model.name.as_str(), &model.title]);
    }
    flush(kind, &mut table);
    text.push_str("nsb models NAME shows equations and parameters of one.\n");
    text
}

fn page(model: &Model) -> String {
    let mut text = format!("{} ({})\n{}\n", model.name, model.kind, model.title);
    section(&mut text, "equations", &lines(&model.equations));
    section(&mut text, "rules", &lines(&nsb::report::rules(model)));

    let mut variables = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Left]);
    // Of a synapse one wants to know whose a variable is.
    let synapse = model.synapse.as_ref();
    for (n, state) in model.states.iter().enumerate() {
        let role = synapse.map_or("state", |synapse| synapse.owner(n).name());
        variables.row([role, &state.name, symbol(&state.unit), &state.doc]);
    }
    for (n, derived) in model.derived.iter().enumerate() {
        let role = synapse.map_or("derived", |synapse| synapse.derived[n].name());
        variables.row([role, &derived.name, symbol(&derived.unit), &derived.doc]);
    }
    for input in &model.inputs {
        let role = synapse.map_or("input", |_| "neuron");
        variables.row([role, &input.name, symbol(&input.unit), &input.doc]);
    }
    if let Some(unit) = &model.weight_unit {
        variables.row(["input", "weight", symbol(unit), "what each arriving spike brings"]);
    }
    section(&mut text, "variables", &variables.text());

    let mut parameters = Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left, Align::Left]);
    if !model.parameters.is_empty() {
        parameters.row(["name", "default", "", "range", "meaning"]);
    }
    for parameter in &model.parameters {
        let shown = |value: f64| exact(parameter.unit.from_engine(value));
        let range = parameter
            .range
            .map_or_else(String::new, |(low, high)| format!("{} to {}", shown(low), shown(high)));
        let weight = parameter.unit.dimension().has_weight() && parameter.default != 0.0;
        parameters.row([
            parameter.name.clone(),
            // Its unit is known only in a project, which must give it.
            if weight {
                "none".to_owned()
            } else {
                shown(parameter.default)
            },
            symbol(&parameter.unit).to_string(),
            range,
            parameter.doc.clone(),
        ]);
    }
    section(&mut text, "parameters", &parameters.text());

    section(&mut text, "presets", &presets(model));

    let mut integration = Table::new(&[Align::Left, Align::Left]);
    if let Some(method) = model.method {
        integration.row(["method", method.name()]);
    }
    if let Some(max_dt_ms) = model.max_dt {
        integration.row(["largest dt", &format!("{} ms for explicit methods", number(max_dt_ms))]);
    }
    section(&mut text, "integration", &integration.text());
    section(&mut text, "references", &lines(&model.references));
    text
}

/// Each preset with what it means and what it sets, in the units of the parameters.
fn presets(model: &Model) -> String {
    let mut text = String::new();
    for preset in &model.presets {
        let values: Vec<String> = preset
            .values
            .iter()
            .map(|(name, value)| {
                let unit = model.parameters.iter().find(|p| p.name == *name).map(|p| &p.unit);
                let shown = unit.map_or(*value, |unit| unit.from_engine(*value));
                format!("{name} = {} {}", exact(shown), unit.map_or("", symbol))
                    .trim_end()
                    .to_string()
            })
            .collect();
        let meaning = if preset.doc.is_empty() {
            String::new()
        } else {
            format!(": {}", preset.doc)
        };
        text.push_str(&format!("  {}{meaning}\n      {}\n", preset.name, values.join(", ")));
    }
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        text.push_str(&format!("\n{title}\n{body}"));
    }
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// Dimensionless variables have no unit to print.
fn symbol(unit: &Unit) -> &str {
    match unit.symbol() {
        "1" => "",
        symbol => symbol,
    }
}

/// A value as someone would write it; conversion between units leaves noise in the last digit of an f64.
fn exact(value: f64) -> String {
    let rounded: f64 = format!("{value:.12e}").parse().expect("a printed number can be read");
    if rounded != 0.0 && !(1e-3..1e6).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_listed_once_under_its_kind() {
        let catalogue = Catalogue::builtin();
        let text = list(&catalogue);
        for model in catalogue.models() {
            assert_eq!(text.matches(&format!("  {} ", model.name)).count(), 1, "{text}");
        }
        assert!(text.starts_with("neurons\n"), "{text}");
        assert!(text.contains("\nreceptors\n"), "{text}");
    }

    #[test]
    fn a_page_has_each_parameter_with_default_unit_and_range() {
        let catalogue = Catalogue::builtin();
        let text = page(catalogue.get("hodgkin_huxley").unwrap());
        let line = text
            .lines()
            .find(|line| line.contains("g_Na ") && line.contains("maximal"))
            .unwrap();
        assert_eq!(
            line.split_whitespace().take(6).collect::<Vec<_>>(),
            ["g_Na", "120", "mS/cm^2", "0", "to", "1000"]
        );
        assert!(text.contains("-54.387"), "{text}");
    }

    #[test]
    fn a_page_has_the_functions_and_rules_of_the_text_and_no_declaration_twice() {
        let catalogue = Catalogue::builtin();
        let text = page(catalogue.get("hodgkin_huxley").unwrap());
        for part in ["alpha_m(v) = ", "threshold: V > V_spike", "rearm: ", "  initial:\n"] {
            assert_eq!(text.matches(part).count(), 1, "{part}\n{text}");
        }
        assert!(page(catalogue.get("exponential_conductance").unwrap()).contains("current: g * (E_rev - V)"));
    }

    #[test]
    fn a_page_has_each_preset_with_its_values_in_the_units_of_the_parameters() {
        let catalogue = Catalogue::builtin();
        let text = page(catalogue.get("morris_lecar").unwrap());
        assert!(text.contains("\npresets\n  hopf: type II"), "{text}");
        assert!(
            text.contains("g_Ca = 4 mS/cm^2, V_3 = 12 mV, V_4 = 17.4 mV, phi = 0.06666666666667 1/ms"),
            "{text}"
        );
        assert!(!page(catalogue.get("lif").unwrap()).contains("presets"));
    }

    #[test]
    fn a_page_of_a_synapse_says_whose_its_variables_are() {
        let text = page(Catalogue::builtin().get("clopath").unwrap());
        let words: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().take(3).collect())
            .collect();
        for row in [
            ["synapse", "w", "weight"],
            ["source", "x", "1/ms"],
            ["target", "u", "mV"],
            ["neuron", "V", "mV"],
        ] {
            assert!(words.contains(&row.to_vec()), "{row:?}\n{text}");
        }
        assert!(words.contains(&vec!["w_max", "none", "weight"]), "{text}");
        assert!(text.contains("  on update:\n    w += "), "{text}");
    }

    #[test]
    fn conversion_noise_is_not_printed() {
        assert_eq!(exact(0.1 + 0.2), "0.3");
        assert_eq!(exact(1e7), "1e7");
        assert_eq!(exact(-54.387), "-54.387");
        assert_eq!(exact(0.0), "0");
    }
}
