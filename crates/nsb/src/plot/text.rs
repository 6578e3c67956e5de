//! Labels: units and variable names as a scientist writes them (`µA/cm²`, `I` with subscript `Na`), measured and drawn.

use super::font::{self, Weight};
use super::svg::Element;

/// Size and shift of a subscript or superscript relative to its text.
const SCRIPT_SIZE: f64 = 0.72;
const SUBSCRIPT_SHIFT: f64 = 0.22;
const SUPERSCRIPT_SHIFT: f64 = -0.36;

/// A line of text with subscripts and superscripts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Label {
    spans: Vec<(String, Level)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Base,
    Subscript,
    Superscript,
}

/// How a label is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style<'a> {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) colour: &'a str,
    pub(crate) anchor: Anchor,
}

/// Which point of a text its position means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Label {
    /// Text as it stands.
    pub(crate) fn plain(text: &str) -> Self {
        Self::default().then(text, Level::Base)
    }

    /// The name of a variable: what follows the first underscore is a subscript, Greek names become letters,
    /// and a variable of a receptor (`excitatory.g`) carries the receptor as a subscript.
    pub(crate) fn variable(name: &str) -> Self {
        let (owner, own) = name
            .rsplit_once('.')
            .map_or((None, name), |(owner, own)| (Some(owner), own));
        let (base, subscript) = match own.split_once('_') {
            Some((base, rest)) if !base.is_empty() && !rest.is_empty() => (base, Some(rest.replace('_', ","))),
            _ => (own, None),
        };
        let subscripts: Vec<String> = subscript.into_iter().chain(owner.map(str::to_owned)).collect();
        Self::default()
            .then(greek(base).unwrap_or(base), Level::Base)
            .then(&subscripts.join(", "), Level::Subscript)
    }

    /// This label, then ` (unit)`, or ` (10ⁿ unit)` when the axis is scaled; nothing for a pure number on a plain axis.
    pub(crate) fn with_unit(self, unit: &str, exponent: i32) -> Self {
        let unit = pretty_unit(unit);
        let space = if self.spans.is_empty() { "" } else { " " };
        match (unit.is_empty(), exponent) {
            (true, 0) => self,
            (false, 0) => self.then(&format!("{space}({unit})"), Level::Base),
            _ => {
                let power = exponent.to_string().replace('-', "\u{2212}");
                let end = if unit.is_empty() {
                    ")".to_owned()
                } else {
                    format!(" {unit})")
                };
                self.then(&format!("{space}(10"), Level::Base)
                    .then(&power, Level::Superscript)
                    .then(&end, Level::Base)
            }
        }
    }

    /// Splits before the unit, for an axis too short for one line.
    pub(crate) fn lines(&self, most_width: f64, size: f64, weight: Weight) -> Vec<Label> {
        if self.width(size, weight) <= most_width {
            return vec![self.clone()];
        }
        let split = self
            .spans
            .iter()
            .enumerate()
            .find_map(|(index, (text, _))| text.find(" (").map(|at| (index, at)));
        let Some((index, at)) = split else {
            return vec![self.shortened(most_width, size, weight)];
        };
        let (mut first, mut second) = (Label::default(), Label::default());
        first.spans = self.spans[..index].to_vec();
        first = first.then(&self.spans[index].0[..at], Level::Base);
        second = second.then(&self.spans[index].0[at + 1..], Level::Base);
        second.spans.extend_from_slice(&self.spans[index + 1..]);
        vec![
            first.shortened(most_width, size, weight),
            second.shortened(most_width, size, weight),
        ]
    }

    fn then(mut self, text: &str, level: Level) -> Self {
        if !text.is_empty() {
            self.spans.push((text.to_owned(), level));
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The text without its typesetting, for captions and for readers that cannot see the figure.
    pub(crate) fn to_plain(&self) -> String {
        self.spans.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// Width at `size`.
    pub(crate) fn width(&self, size: f64, weight: Weight) -> f64 {
        self.spans
            .iter()
            .map(|(text, level)| font::width(text, level.size(size), weight))
            .sum()
    }

    /// This label cut to `most_width` with an ellipsis at the end when it is longer.
    pub(crate) fn shortened(&self, most_width: f64, size: f64, weight: Weight) -> Self {
        if self.width(size, weight) <= most_width {
            return self.clone();
        }
        let mut left = most_width - font::width("…", size, weight);
        let mut out = Self::default();
        for (text, level) in &self.spans {
            let mut kept = String::new();
            for character in text.chars() {
                left -= font::width(character.encode_utf8(&mut [0; 4]), level.size(size), weight);
                if left < 0.0 {
                    return out.then(kept.trim_end(), *level).then("…", Level::Base);
                }
                kept.push(character);
            }
            out = out.then(&kept, *level);
        }
        out
    }

    /// The label as a `<text>` whose baseline is at `y`.
    pub(crate) fn element(&self, x: f64, y: f64, style: &Style<'_>) -> Element {
        let mut text = Element::new("text")
            .at("x", x)
            .at("y", y)
            .at("font-size", style.size)
            .set("fill", style.colour);
        if style.weight == Weight::Bold {
            text = text.set("font-weight", "bold");
        }
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => text = text.set("text-anchor", "middle"),
            Anchor::End => text = text.set("text-anchor", "end"),
        }
        let mut shift = 0.0;
        for (span, level) in &self.spans {
            let wanted = level.shift() * style.size;
            // `dy` moves all that follows, so each span moves by the difference. (`baseline-shift` is not drawn by all
            // browsers.)
            if wanted == shift && *level == Level::Base {
                text = text.text(span.clone());
            } else {
                let tspan = Element::new("tspan")
                    .at("dy", wanted - shift)
                    .at("font-size", level.size(style.size));
                text = text.with(tspan.text(span.clone()));
            }
            shift = wanted;
        }
        text
    }
}

impl Level {
    fn size(self, size: f64) -> f64 {
        if self == Level::Base { size } else { size * SCRIPT_SIZE }
    }

    fn shift(self) -> f64 {
        match self {
            Level::Base => 0.0,
            Level::Subscript => SUBSCRIPT_SHIFT,
            Level::Superscript => SUPERSCRIPT_SHIFT,
        }
    }
}

/// A unit as written in a model, for people: `uA/cm^2` becomes `µA/cm²`, `mM*um^3` becomes `mM·µm³`, `ms^-1` becomes
/// `ms⁻¹`.
pub fn pretty_unit(unit: &str) -> String {
    let unit = unit.trim();
    if unit == "1" {
        return String::new();
    }
    let mut out = String::new();
    let mut rest = unit;
    while let Some(character) = rest.chars().next() {
        let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if length > 0 {
            out.push_str(&pretty_symbol(&rest[..length]));
            rest = &rest[length..];
        } else if character == '^' {
            let power = rest[1..]
                .find(|c: char| !(c.is_ascii_digit() || c == '-' || c == '+'))
                .map_or(rest.len(), |at| at + 1);
            out.extend(rest[1..power].chars().map(superscript));
            rest = &rest[power..];
        } else {
            out.push(if character == '*' { '·' } else { character });
            rest = &rest[character.len_utf8()..];
        }
    }
    out
}

fn pretty_symbol(symbol: &str) -> String {
    /// What may follow a `u` that means micro.
    const SCALABLE: [&str; 22] = [
        "A", "V", "S", "F", "C", "W", "J", "N", "M", "m", "s", "g", "l", "L", "H", "Hz", "Pa", "mol", "ohm", "Ohm",
        "eV", "K",
    ];
    let (micro, base) = match symbol.strip_prefix('u') {
        Some(base) if SCALABLE.contains(&base) => ("µ", base),
        _ => ("", symbol),
    };
    let base = match base {
        "ohm" | "Ohm" => "Ω",
        "degC" => "°C",
        "kohm" => "kΩ",
        "Mohm" => "MΩ",
        "Gohm" => "GΩ",
        other => other,
    };
    format!("{micro}{base}")
}

fn superscript(character: char) -> char {
    match character {
        '-' => '⁻',
        '+' => '⁺',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + (character as u32 - '4' as u32)).expect("U+2074 to U+2079 are digits"),
        other => other,
    }
}

fn greek(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => "α",
        "beta" => "β",
        "gamma" => "γ",
        "delta" => "δ",
        "epsilon" => "ε",
        "eta" => "η",
        "theta" => "θ",
        "kappa" => "κ",
        "lambda" => "λ",
        "mu" => "μ",
        "nu" => "ν",
        "xi" => "ξ",
        "rho" => "ρ",
        "sigma" => "σ",
        "tau" => "τ",
        "phi" => "φ",
        "chi" => "χ",
        "psi" => "ψ",
        "omega" => "ω",
        "Delta" => "Δ",
        "Sigma" => "Σ",
        "Phi" => "Φ",
        "Omega" => "Ω",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style<'static> = Style {
        size: 10.0,
        weight: Weight::Regular,
        colour: "#000",
        anchor: Anchor::Start,
    };

    #[test]
    fn units_are_written_as_in_print() {
        for (unit, shown) in [
            ("uA/cm^2", "µA/cm²"),
            ("mS/cm^2", "mS/cm²"),
            ("um", "µm"),
            ("um^3", "µm³"),
            ("us", "µs"),
            ("mM*um^3", "mM·µm³"),
            ("ms^-1", "ms⁻¹"),
            ("m^-12", "m⁻¹²"),
            ("1/ms", "1/ms"),
            ("degC", "°C"),
            ("Mohm", "MΩ"),
            ("mV", "mV"),
            ("umol/l", "µmol/l"),
            ("µA/cm²", "µA/cm²"),
            ("unit", "unit"),
            ("1", ""),
            ("", ""),
        ] {
            assert_eq!(pretty_unit(unit), shown, "{unit}");
        }
    }

    #[test]
    fn variables_get_subscripts_and_greek_letters() {
        assert_eq!(
            Label::variable("I_Na").spans,
            [("I".into(), Level::Base), ("Na".into(), Level::Subscript)]
        );
        assert_eq!(
            Label::variable("tau_m").spans,
            [("τ".into(), Level::Base), ("m".into(), Level::Subscript)]
        );
        assert_eq!(Label::variable("V").spans, [("V".into(), Level::Base)]);
        assert_eq!(
            Label::variable("excitatory.g").spans,
            [("g".into(), Level::Base), ("excitatory".into(), Level::Subscript)]
        );
        assert_eq!(Label::variable("_x").spans, [("_x".into(), Level::Base)]);
        assert_eq!(Label::plain("my_cells").spans, [("my_cells".into(), Level::Base)]);
    }

    #[test]
    fn subscripts_are_lowered_and_the_text_after_them_returns() {
        let text = Label::variable("I_Na")
            .with_unit("uA/cm^2", 0)
            .element(0.0, 0.0, &STYLE)
            .to_text();
        assert!(
            text.contains(
                "I<tspan dy=\"2.2\" font-size=\"7.2\">Na</tspan><tspan dy=\"-2.2\" font-size=\"10\"> (µA/cm²)</tspan>"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_power_of_ten_stands_in_the_label() {
        assert_eq!(Label::plain("g").with_unit("nS", -12).to_plain(), "g (10\u{2212}12 nS)");
        assert_eq!(Label::plain("m").with_unit("", 6).to_plain(), "m (106)");
        assert_eq!(Label::plain("m").with_unit("", 0).to_plain(), "m");
    }

    #[test]
    fn long_labels_are_cut_to_the_width_given() {
        let label = Label::plain("a population with a very long name indeed");
        let short = label.shortened(60.0, 10.0, Weight::Bold);
        assert!(short.to_plain().ends_with('…') && short.width(10.0, Weight::Bold) <= 60.0);
        assert!(
            short.width(10.0, Weight::Bold) > 40.0,
            "too much was cut: {}",
            short.to_plain()
        );
        assert_eq!(label.shortened(1000.0, 10.0, Weight::Bold), label);
    }

    #[test]
    fn a_label_too_long_for_its_axis_breaks_before_the_unit() {
        let label = Label::plain("ionic current").with_unit("uA/cm^2", -6);
        let lines: Vec<String> = label
            .lines(80.0, 10.0, Weight::Regular)
            .iter()
            .map(Label::to_plain)
            .collect();
        assert_eq!(lines, ["ionic current", "(10\u{2212}6 µA/cm²)"]);
        assert_eq!(label.lines(500.0, 10.0, Weight::Regular).len(), 1);
    }
}
