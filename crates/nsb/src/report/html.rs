//! Writes the page. The first screen has the title, the key facts, warnings and the first figure.

use std::fmt::Write;

use super::base64;
use super::data::{LearningTable, ModelPage, ParameterRow, PopulationRow, Report, RulePage, StatisticsRow};
use crate::plot::{Figure, Weight, escape, pretty_unit};

const STYLE: &str = include_str!("../../assets/report.css");

/// The page as one self-contained document.
pub fn html(report: &Report) -> String {
    let title = escape(&report.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n",
        font_faces()
    );
    if !report.description.is_empty() {
        push(
            &mut page,
            &format!("<p class=\"lead\">{}</p>", escape(&report.description)),
        );
    }
    push(&mut page, &navigation(report));
    push(&mut page, "</header>\n<main>");
    push(&mut page, &facts(&report.facts));
    push(&mut page, &warnings(&report.warnings));
    let (first, others) = report.figures.split_at(report.figures.len().min(1));
    first.iter().for_each(|first| push(&mut page, &figure(first)));
    if let Some(table) = &report.learning {
        push(&mut page, "<h2 id=\"learning\">Learning</h2>");
        push(&mut page, &learning(table));
    }
    if !report.populations.is_empty() {
        push(&mut page, "<h2 id=\"populations\">Populations</h2>");
        push(&mut page, &populations(report));
    }
    if !report.statistics.is_empty() {
        push(&mut page, "<h2 id=\"statistics\">Statistics</h2>");
        push(&mut page, &statistics(&report.statistics));
    }
    if !others.is_empty() {
        push(&mut page, "<h2 id=\"figures\">Figures</h2>");
        others.iter().for_each(|other| push(&mut page, &figure(other)));
    }
    if !report.rules.is_empty() {
        push(&mut page, "<h2 id=\"plasticity\">Plasticity</h2>");
        report.rules.iter().for_each(|of| push(&mut page, &rule(report, of)));
    }
    if !report.models.is_empty() {
        push(&mut page, "<h2 id=\"models\">Models</h2>");
        report
            .models
            .iter()
            .enumerate()
            .for_each(|(index, page_of)| push(&mut page, &model(index, page_of)));
    }
    push(&mut page, &reproduction(report));
    page + "</main>\n</body>\n</html>\n"
}

fn push(page: &mut String, part: &str) {
    if !part.is_empty() {
        page.push_str(part);
        page.push('\n');
    }
}

/// The typeface of the figures, so that their text has the widths it was placed by.
fn font_faces() -> String {
    let face = |weight: Weight, name: &str| {
        let data = base64::encode(weight.file());
        format!(
            "@font-face {{ font-family: Roboto; font-weight: {name}; src: url(data:font/ttf;base64,{data}) format(\"truetype\"); }}\n"
        )
    };
    face(Weight::Regular, "normal") + &face(Weight::Bold, "bold")
}

fn navigation(report: &Report) -> String {
    let sections = [
        ("learning", "Learning", report.learning.is_some()),
        ("populations", "Populations", !report.populations.is_empty()),
        ("statistics", "Statistics", !report.statistics.is_empty()),
        ("figures", "Figures", report.figures.len() > 1),
        ("plasticity", "Plasticity", !report.rules.is_empty()),
        ("models", "Models", !report.models.is_empty()),
        ("reproduce", "Run it again", has_reproduction(report)),
    ];
    let links: Vec<String> = sections
        .iter()
        .filter(|(_, _, there)| *there)
        .map(|(id, name, _)| format!("<a href=\"#{id}\">{name}</a>"))
        .collect();
    if links.len() < 2 {
        String::new()
    } else {
        format!("<nav>{}</nav>", links.join(" "))
    }
}

fn facts(facts: &[(String, String)]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let fact = |(label, value): &(String, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(label), escape(value))
    };
    format!(
        "<dl class=\"facts\">\n{}</dl>",
        facts.iter().map(fact).collect::<String>()
    )
}

fn warnings(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let title = if warnings.len() == 1 {
        "1 warning".to_owned()
    } else {
        format!("{} warnings", warnings.len())
    };
    let items: String = warnings
        .iter()
        .map(|warning| format!("<li>{}</li>\n", escape(warning)))
        .collect();
    format!("<div class=\"warnings\" role=\"note\"><strong>{title}</strong>\n<ul>\n{items}</ul></div>")
}

fn figure(figure: &Figure) -> String {
    format!(
        "<figure>\n<div class=\"plate\">\n{}</div>\n<figcaption>{}</figcaption>\n</figure>",
        figure.svg(),
        escape(&figure.caption)
    )
}

fn learning(table: &LearningTable) -> String {
    let cells = |tag: &str, texts: &[String]| -> String {
        let cell = |text: &String| format!("<{tag} class=\"number\">{}</{tag}>", escape(text));
        texts.iter().map(cell).collect()
    };
    let rows: String = table
        .rows
        .iter()
        .map(|row| format!("<tr>{}</tr>\n", cells("td", row)))
        .collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n<p class=\"note\">{}</p>\n{}",
        cells("th", &table.head),
        escape(&table.note),
        done(&table.facts)
    )
}

/// What was shown and tested, line by line.
fn done(facts: &[(String, String)]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let row = |(label, value): &(String, String)| {
        format!(
            "<tr><td><strong>{}</strong></td><td>{}</td></tr>\n",
            escape(label),
            escape(value)
        )
    };
    let rows: String = facts.iter().map(row).collect();
    format!("<div class=\"wide\"><table>\n<tbody>\n{rows}</tbody></table></div>")
}

/// A rule with the values of this run.
fn rule(report: &Report, rule: &RulePage) -> String {
    let (projection, own) = (escape(&rule.projection), escape(&rule.name));
    let name = format!("<code>{}</code>", escape(&rule.model));
    let model = match report.models.iter().position(|page| page.name == rule.model) {
        Some(index) => format!("<a href=\"#model-{index}\">{name}</a>"),
        None => name,
    };
    let table = if rule.parameters.is_empty() {
        String::new()
    } else {
        parameters(&rule.parameters)
    };
    format!("<section>\n<h3>{projection}: {own} {model}</h3>\n{table}</section>")
}

fn populations(report: &Report) -> String {
    let row = |population: &PopulationRow| {
        let name = escape(&population.model);
        let model = match report.models.iter().position(|page| page.name == population.model) {
            Some(index) => format!("<a href=\"#model-{index}\">{name}</a>"),
            None => name,
        };
        format!(
            "<tr><td><strong>{}</strong></td><td class=\"name\">{model}</td><td class=\"name\">{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{:.2}</td></tr>\n",
            escape(&population.name),
            escape(&population.method),
            population.size,
            population.spikes,
            population.rate_hz
        )
    };
    let rows: String = report.populations.iter().map(row).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th>Population</th><th>Model</th><th>Method</th><th class=\"number\">Cells</th>\
         <th class=\"number\">Spikes</th><th class=\"number\">Mean rate per cell (Hz)</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
    )
}

fn statistics(rows: &[StatisticsRow]) -> String {
    let number = |value: Option<f64>, decimals: usize| match value {
        Some(value) => minus(&format!("{value:.decimals$}")),
        None => "\u{2013}".to_owned(),
    };
    let row = |row: &StatisticsRow| {
        let cells = [
            format!("{:.2} ± {:.2}", row.rates_hz.0, row.rates_hz.1),
            row.silent.to_string(),
            number(row.interval_ms, 2),
            number(row.cv, 3),
            number(row.cv2, 3),
            number(row.fano, 3),
            number(row.correlation, 3),
            number(row.chi, 3),
            number(row.peak_hz, 1),
        ];
        let cells: String = cells
            .iter()
            .map(|cell| format!("<td class=\"number\">{cell}</td>"))
            .collect();
        format!("<tr><td><strong>{}</strong></td>{cells}</tr>\n", escape(&row.name))
    };
    let head: String = [
        "Rate of cells (Hz)",
        "Silent cells",
        "Mean interval (ms)",
        "CV",
        "CV2",
        "Fano factor",
        "Correlation",
        "Synchrony χ",
        "Rhythm (Hz)",
    ]
    .iter()
    .map(|title| format!("<th class=\"number\">{title}</th>"))
    .collect();
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th>Population</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n\
         <p class=\"note\">Over the whole run. A dash stands where there are too few spikes, or no clear rhythm. More numbers: \
         <code>statistics.json</code>.</p>"
    )
}

fn model(index: usize, model: &ModelPage) -> String {
    let mut out = format!(
        "<section id=\"model-{index}\">\n<h3>{} <code>{}</code></h3>\n",
        escape(&model.title),
        escape(&model.name)
    );
    if !model.equations.is_empty() {
        let lines: Vec<String> = model.equations.iter().map(|equation| escape(equation)).collect();
        let _ = writeln!(out, "<pre class=\"equations\">{}</pre>", lines.join("\n"));
    }
    if !model.rules.is_empty() {
        let lines: Vec<String> = model.rules.iter().map(|rule| escape(rule)).collect();
        let _ = writeln!(out, "<pre class=\"equations rules\">{}</pre>", lines.join("\n"));
    }
    if !model.parameters.is_empty() {
        out.push_str(&parameters(&model.parameters));
    }
    if !model.references.is_empty() {
        let items: String = model
            .references
            .iter()
            .map(|reference| format!("<li>{}</li>\n", escape(reference)))
            .collect();
        let _ = writeln!(out, "<ul class=\"references\">\n{items}</ul>");
    }
    out + "</section>"
}

fn parameters(parameters: &[ParameterRow]) -> String {
    let row = |parameter: &ParameterRow| {
        let class = if parameter.changed { " class=\"changed\"" } else { "" };
        format!(
            "<tr{class}><td class=\"name\">{}</td><td class=\"number\">{}</td><td class=\"unit\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
            escape(&parameter.name),
            minus(&parameter.value),
            escape(&pretty_unit(&parameter.unit)),
            minus(&parameter.default),
            escape(&parameter.doc)
        )
    };
    let rows: String = parameters.iter().map(row).collect();
    let changed = parameters.iter().filter(|parameter| parameter.changed).count();
    let note = match changed {
        0 => String::new(),
        1 => "<p class=\"note\">1 parameter differs from its default (marked).</p>\n".to_owned(),
        n => format!("<p class=\"note\">{n} parameters differ from their defaults (marked).</p>\n"),
    };
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th>Parameter</th><th class=\"number\">Value</th><th>Unit</th><th class=\"number\">Default</th>\
         <th>Meaning</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n{note}"
    )
}

/// Escaped text; a number gets a true minus sign, which is as wide as a digit.
fn minus(text: &str) -> String {
    let text = escape(text);
    if text.parse::<f64>().is_ok() {
        text.replace('-', "\u{2212}")
    } else {
        text
    }
}

fn has_reproduction(report: &Report) -> bool {
    !report.project_text.is_empty() || !report.reproduce_command.is_empty()
}

fn reproduction(report: &Report) -> String {
    if !has_reproduction(report) {
        return String::new();
    }
    let mut out = "<h2 id=\"reproduce\">Run it again</h2>\n".to_owned();
    if !report.reproduce_command.is_empty() {
        let _ = writeln!(
            out,
            "<p>This command repeats the run, spike for spike:</p>\n<pre>{}</pre>",
            escape(&report.reproduce_command)
        );
    }
    if !report.project_text.is_empty() {
        let _ = writeln!(
            out,
            "<p>The project file, with all changes made on the command line:</p>\n<pre>{}</pre>",
            escape(&report.project_text)
        );
    }
    out.trim_end().to_owned()
}
