//! Diagnostics as text for people: the source line, a caret under the place, the reason, the fix.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use nsb_lang::{Diagnostic, Diagnostics, Severity};

/// Renders all findings, separated by empty lines and ended by a line feed; with terminal colours if asked.
pub fn render(diagnostics: &Diagnostics, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for (n, diagnostic) in diagnostics.0.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        text.push_str(&render_one(&renderer, diagnostic));
        text.push('\n');
    }
    text
}

fn render_one(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    // Labels and titles may quote what the user wrote; control characters must not reach the terminal.
    let title = level
        .primary_title(normalize_untrusted_str(&diagnostic.message))
        .id(diagnostic.code);
    let name = normalize_untrusted_str(&diagnostic.source.name);
    let (text, start, end) = visible_range(diagnostic);
    let label = normalize_untrusted_str(&diagnostic.label);
    let mut group: Group<'_> = if text.is_empty() {
        title.element(Origin::path(name))
    } else {
        let mut annotation = AnnotationKind::Primary.span(start..end);
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        title.element(Snippet::source(text).path(name).annotation(annotation))
    };
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
    }
    renderer.render(&[group])
}

/// The text to show and the byte range to mark: inside the text, on character borders, on one line, and never on
/// the line break itself, so that a place at the end of a line or file is marked just behind its last character.
fn visible_range(diagnostic: &Diagnostic) -> (&str, usize, usize) {
    let text = diagnostic.source.text.as_str();
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let mut start = floor(diagnostic.span.start);
    let mut end = floor(diagnostic.span.end).max(start);
    // A place behind a final line break belongs to the last line that has text.
    if start == text.len() {
        start = text.trim_end_matches(['\n', '\r']).len().min(start);
        end = start;
    }
    // Long places (a whole table) are marked on their first line.
    if let Some(line) = text[start..end].find('\n') {
        end = start + line;
    }
    while end > start && text[..end].ends_with('\r') {
        end -= 1;
    }
    (text, start, end)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nsb_lang::{Source, Span};

    use super::*;

    fn rendered(text: &str, span: Span) -> String {
        let source: Arc<Source> = Source::new("cell.model", text);
        let diagnostic = Diagnostic::error("E0301", &source, span, "wrong unit")
            .label("here")
            .hint("write `1 ms`");
        render(&Diagnostics(vec![diagnostic]), false)
    }

    fn caret_column(rendered: &str) -> usize {
        let line = rendered.lines().find(|l| l.contains('^')).expect("a caret is drawn");
        line[..line.find('^').expect("found above")].chars().count()
    }

    #[test]
    fn a_place_is_shown_with_line_caret_code_and_fix() {
        let text = rendered("a = 1\nb = 2 cm\nc = 3\n", Span::new(12, 14));
        assert!(text.contains("error[E0301]: wrong unit"), "{text}");
        assert!(text.contains("cell.model:2:7"), "{text}");
        assert!(text.contains("b = 2 cm"), "{text}");
        assert!(text.contains("^^ here"), "{text}");
        assert!(text.contains("help: write `1 ms`"), "{text}");
        assert!(text.is_ascii() && !text.contains('\x1b'), "{text}");
    }

    #[test]
    fn colours_appear_only_when_asked_for() {
        let source = Source::new("x", "abc");
        let all = Diagnostics(vec![Diagnostic::warning("E0001", &source, Span::new(0, 1), "odd")]);
        assert!(render(&all, true).contains('\x1b'));
        assert!(!render(&all, false).contains('\x1b'));
        assert!(render(&all, false).starts_with("warning[E0001]: odd"));
    }

    #[test]
    fn every_span_in_and_beyond_awkward_texts_is_rendered() {
        let texts = [
            "",
            "\n",
            "\r\n",
            "a",
            "a\n",
            "µm °C\r\nβ = 1 µA/cm²\r\n",
            "\n\n\n",
            "x\r\n\r\n",
            "\u{1F9E0}",
        ];
        for text in texts {
            for start in 0..text.len() + 3 {
                for end in 0..text.len() + 4 {
                    let shown = rendered(text, Span::new(start, end));
                    assert!(
                        shown.contains("wrong unit") && shown.contains("cell.model"),
                        "{text:?} {start}..{end}\n{shown}"
                    );
                    assert!(shown.contains("help: write `1 ms`"), "{text:?} {start}..{end}\n{shown}");
                }
            }
        }
    }

    #[test]
    fn carets_stand_under_characters_not_bytes() {
        let text = "µµ = 1 cm\r\n";
        let at = text.find("cm").expect("it is there");
        let shown = rendered(text, Span::new(at, at + 2));
        let line = shown.lines().find(|l| l.contains("µµ")).expect("the line is shown");
        let column = line[..line.find("cm").expect("it is there")].chars().count();
        assert_eq!(caret_column(&shown), column, "{shown}");
    }

    #[test]
    fn a_place_at_the_end_of_a_file_is_marked_behind_the_last_character() {
        let text = "abc = \n";
        let shown = rendered(text, Span::new(text.len(), text.len()));
        assert!(shown.contains("abc ="), "{shown}");
        assert!(shown.contains('^'), "{shown}");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let source = Source::new("x\x1b[31m", "a\x1b[31mb");
        let found = Diagnostic::error("E0001", &source, Span::new(0, 1), "bad \x1b[2J name").hint("\x07 no");
        let shown = render(&Diagnostics(vec![found]), false);
        assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{shown:?}");
    }
}
