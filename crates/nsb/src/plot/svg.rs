//! A small SVG writer: elements with attributes and children, escaped, with numbers to a hundredth of a unit.

use std::fmt::Write;

/// One SVG element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    /// A horizontal, vertical or slanted line.
    pub(crate) fn line(x1: f64, y1: f64, x2: f64, y2: f64, colour: &str, width: f64) -> Self {
        Self::new("line")
            .at("x1", x1)
            .at("y1", y1)
            .at("x2", x2)
            .at("y2", y2)
            .set("stroke", colour)
            .at("stroke-width", width)
    }

    /// A filled rectangle.
    pub(crate) fn rect(x: f64, y: f64, width: f64, height: f64, fill: &str) -> Self {
        Self::new("rect")
            .at("x", x)
            .at("y", y)
            .at("width", width)
            .at("height", height)
            .set("fill", fill)
    }

    /// With a text attribute.
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// With a number as attribute.
    pub(crate) fn at(self, name: &'static str, value: f64) -> Self {
        self.set(name, number(value))
    }

    /// With one more child.
    pub(crate) fn with(mut self, child: Element) -> Self {
        self.push(child);
        self
    }

    /// With text inside.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Node::Text(text.into()));
        self
    }

    pub(crate) fn push(&mut self, child: Element) {
        self.children.push(Node::Element(child));
    }

    /// The element as text, one child a line except inside `<text>`, where a line break would be a space.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let _ = write!(out, "<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = write!(out, " {name}=\"{}\"", escape(value));
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        let inline = self.name == "text" || self.name == "tspan";
        for child in &self.children {
            match child {
                Node::Element(element) => {
                    if !inline {
                        out.push('\n');
                    }
                    element.write(out);
                }
                Node::Text(text) => out.push_str(&escape(text)),
            }
        }
        if !inline && matches!(self.children.last(), Some(Node::Element(_))) {
            out.push('\n');
        }
        let _ = write!(out, "</{}>", self.name);
    }
}

/// A number to a hundredth, as short as possible. Callers pass finite values; anything else becomes 0 so that a file
/// stays valid.
pub(crate) fn number(value: f64) -> String {
    let mut text = String::new();
    push_number(&mut text, value);
    text
}

/// Appends [`number`] without an allocation, for long paths.
pub(crate) fn push_number(out: &mut String, value: f64) {
    debug_assert!(value.is_finite(), "a position in a figure must be finite");
    let hundredths = (if value.is_finite() { value } else { 0.0 } * 100.0).round() as i64;
    if hundredths < 0 {
        out.push('-');
    }
    let (whole, part) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let _ = match (part, part % 10) {
        (0, _) => write!(out, "{whole}"),
        (_, 0) => write!(out, "{whole}.{}", part / 10),
        _ => write!(out, "{whole}.{part:02}"),
    };
}

/// Escapes text for XML and HTML, in content and in double-quoted attributes. Characters that XML forbids become
/// U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let element = Element::new("text").set("id", "a\"<b>").text("I & <J> 'x' \u{0}");
        assert_eq!(
            element.to_text(),
            "<text id=\"a&quot;&lt;b&gt;\">I &amp; &lt;J&gt; &#39;x&#39; \u{fffd}</text>"
        );
    }

    #[test]
    fn numbers_are_short_and_keep_their_sign() {
        let shown: Vec<String> = [0.0, -0.004, 1.0, -1.5, 0.05, -0.05, 123.456, 2.999, -0.5]
            .map(number)
            .into();
        assert_eq!(shown, ["0", "0", "1", "-1.5", "0.05", "-0.05", "123.46", "3", "-0.5"]);
    }

    #[test]
    fn children_of_a_text_are_not_separated_by_line_breaks() {
        let element = Element::new("g").with(Element::new("text").text("a").with(Element::new("tspan").text("b")));
        assert_eq!(element.to_text(), "<g>\n<text>a<tspan>b</tspan></text>\n</g>");
    }
}
