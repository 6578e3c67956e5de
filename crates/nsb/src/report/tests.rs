//! Pages read back: they must be well formed, escaped, complete, and need no network.

use resvg::usvg::roxmltree::{Document, Node};

use super::{LearningTable, ModelPage, ParameterRow, PopulationRow, Report, RulePage, StatisticsRow, html};
use crate::plot::{self, Band, Heading, RasterData, RasterPopulation};

const NASTY: &str = "<script>alert('x')</script> & \"quotes\" ]]> \u{1}";

fn figure(name: &str) -> plot::Figure {
    plot::raster(&RasterData {
        heading: Heading::new(name, NASTY, NASTY),
        period_ms: 0.0..100.0,
        populations: vec![RasterPopulation {
            name: NASTY.into(),
            size: 2,
            times_ms: vec![5.0, 50.0],
            cells: vec![0, 1],
            ..RasterPopulation::default()
        }],
        bands: vec![Band {
            period_ms: 0.0..50.0,
            label: NASTY.into(),
        }],
    })
}

fn full_report() -> Report {
    let parameter = |name: &str, value: &str, default: &str| ParameterRow {
        name: name.into(),
        value: value.into(),
        unit: "uA/cm^2".into(),
        default: default.into(),
        changed: value != default,
        doc: NASTY.into(),
    };
    let population = |name: &str, model: &str| PopulationRow {
        name: name.into(),
        model: model.into(),
        method: NASTY.into(),
        size: 10,
        spikes: 45,
        rate_hz: 12.3456,
    };
    Report {
        learning: Some(LearningTable {
            facts: vec![(NASTY.into(), NASTY.into())],
            head: vec!["epochs".into(), NASTY.into()],
            rows: vec![vec!["0".into(), NASTY.into()]],
            note: NASTY.into(),
        }),
        rules: vec![RulePage {
            projection: NASTY.into(),
            name: NASTY.into(),
            model: "hodgkin_huxley".into(),
            parameters: vec![parameter("w_max", "140", "1")],
        }],
        title: NASTY.into(),
        description: NASTY.into(),
        facts: vec![("Cells".into(), "10".into()), (NASTY.into(), NASTY.into())],
        populations: vec![population("driven", "hodgkin_huxley"), population(NASTY, "unlisted")],
        statistics: vec![StatisticsRow {
            name: NASTY.into(),
            rates_hz: (12.5, 0.25),
            cv: Some(0.875),
            ..StatisticsRow::default()
        }],
        figures: vec![figure("raster"), figure("voltage")],
        models: vec![ModelPage {
            name: "hodgkin_huxley".into(),
            title: NASTY.into(),
            references: vec![NASTY.into()],
            equations: vec!["dV/dt = (I - I_L) / C".into(), "x < 1 && y".into()],
            rules: vec!["threshold: V > V_th".into(), "reset:".into(), "  V = V_reset".into()],
            parameters: vec![parameter("g_Na", "120", "120"), parameter("E_L", "-54", "-54.4")],
        }],
        warnings: vec![NASTY.into()],
        project_text: "[populations]\nname = \"<cells>\"\n".into(),
        reproduce_command: "nsb run 'project.toml'".into(),
    }
}

/// The body as XML: all that is written there is well-formed XML too.
fn body(page: &str) -> String {
    let start = page.find("<body>").unwrap();
    page[start..page.find("</html>").unwrap()].to_owned()
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(|child| child.is_text())
        .map(|child| child.text().unwrap())
        .collect()
}

#[test]
fn a_page_is_well_formed_and_shows_hostile_text_as_text() {
    let page = html(&full_report());
    assert!(!page.contains("<script"), "text of the user became markup");
    let body = body(&page);
    let document = Document::parse(&body).unwrap();
    let title = document.descendants().find(|node| node.has_tag_name("h1")).unwrap();
    assert_eq!(title.text().unwrap(), NASTY.replace('\u{1}', "\u{fffd}"));
    let project = document.descendants().rfind(|node| node.has_tag_name("pre")).unwrap();
    assert_eq!(project.text().unwrap(), "[populations]\nname = \"<cells>\"\n");
}

#[test]
fn a_page_needs_no_network() {
    let page = html(&full_report()).replace("http://www.w3.org/2000/svg", "");
    for fetched in ["http:", "https:", "src=", "@import", "<link", "<iframe", "<script"] {
        assert!(!page.contains(fetched), "`{fetched}` in the page");
    }
    let outside = page
        .split("url(")
        .skip(1)
        .filter(|rest| !rest.starts_with("data:") && !rest.starts_with('#'));
    assert_eq!(outside.count(), 0);
}

#[test]
fn links_lead_to_sections_and_ids_are_unique() {
    let page = html(&full_report());
    let body = body(&page);
    let document = Document::parse(&body).unwrap();
    let mut ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let targets: Vec<_> = document
        .descendants()
        .filter_map(|node| node.attribute("href"))
        .collect();
    assert!(targets.contains(&"#model-0") && targets.contains(&"#reproduce"));
    for target in targets {
        assert!(ids.contains(&target.trim_start_matches('#')), "{target} leads nowhere");
    }
}

#[test]
fn the_first_screen_has_facts_warnings_and_the_first_figure_before_all_else() {
    let page = html(&full_report());
    let places = [
        "<h1>",
        "class=\"facts\"",
        "class=\"warnings\"",
        "figure-raster-0",
        "id=\"learning\"",
        "id=\"populations\"",
        "figure-voltage-0",
        "id=\"plasticity\"",
        "id=\"models\"",
        "id=\"reproduce\"",
    ];
    let found: Vec<usize> = places.iter().map(|place| page.rfind(place).unwrap()).collect();
    assert!(found.is_sorted(), "{found:?}");
}

#[test]
fn a_changed_parameter_is_marked_beside_its_default() {
    let page = html(&full_report());
    let body = body(&page);
    let document = Document::parse(&body).unwrap();
    let changed: Vec<_> = document
        .descendants()
        .filter(|node| node.attribute("class") == Some("changed"))
        .collect();
    // Of the rule of a projection, and of a model.
    assert_eq!(changed.len(), 2);
    let cells: Vec<String> = changed[0].children().map(text_of).collect();
    assert_eq!(cells[..2], ["w_max", "140"]);
    let cells: Vec<String> = changed[1].children().map(text_of).collect();
    assert_eq!(cells[..4], ["E_L", "\u{2212}54", "µA/cm²", "\u{2212}54.4"]);
    assert!(page.contains("1 parameter differs from its default"));
}

#[test]
fn a_statistic_that_could_not_be_measured_is_a_dash_and_not_a_number() {
    let page = body(&html(&full_report()));
    let row = page
        .split("12.50 ± 0.25")
        .nth(1)
        .unwrap()
        .split("</tr>")
        .next()
        .unwrap();
    let cells: Vec<&str> = row
        .split("\"number\">")
        .skip(1)
        .map(|cell| cell.split('<').next().unwrap())
        .collect();
    assert_eq!(cells, ["0", "–", "0.875", "–", "–", "–", "–", "–"]);
}

#[test]
fn sections_without_content_are_left_out() {
    let page = html(&Report {
        title: "empty".into(),
        ..Report::default()
    });
    for absent in ["<h2", "<nav", "<table", "<figure", "<dl", "class=\"warnings\"", "<pre"] {
        assert!(!page.contains(absent), "{absent}");
    }
    Document::parse(&body(&page)).unwrap();
}
