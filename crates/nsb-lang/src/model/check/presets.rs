//! Presets: each value must be one that a user could give to its parameter.

use super::Checker;
use crate::model::Preset;
use crate::suggest;
use crate::syntax::{AssignmentSyntax, PresetSyntax};

impl<'a> Checker<'a> {
    /// Checks a line of `presets:`; all parameters are known by now.
    pub(super) fn preset(&mut self, syntax: &'a PresetSyntax) {
        let name = &syntax.name;
        if self.model.preset(&name.value).is_some() {
            self.error(
                "E0202",
                name.span,
                format!("the preset `{}` is declared twice", name.value),
                "rename or remove one of the two",
            );
        }
        let mut values: Vec<(String, f64)> = Vec::with_capacity(syntax.values.len());
        for assignment in &syntax.values {
            let Some(value) = self.preset_value(assignment) else {
                continue;
            };
            let parameter = &assignment.name;
            if values.iter().any(|(set, _)| *set == parameter.value) {
                self.error(
                    "E0202",
                    parameter.span,
                    format!("the preset `{}` sets `{}` twice", name.value, parameter.value),
                    "remove one of the two values",
                );
                continue;
            }
            values.push((parameter.value.clone(), value));
        }
        self.model.presets.push(Preset {
            name: name.value.clone(),
            doc: syntax.doc.as_ref().map(|d| d.value.clone()).unwrap_or_default(),
            values,
        });
    }

    /// The value in engine units.
    fn preset_value(&mut self, assignment: &'a AssignmentSyntax) -> Option<f64> {
        let (name, span) = (&assignment.name.value, assignment.name.span);
        let Some(parameter) = self.model.parameters.iter().find(|p| p.name == *name) else {
            let known: Vec<&str> = self.model.parameters.iter().map(|p| p.name.as_str()).collect();
            let hint = match suggest::nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "declare it under `parameters:`".to_string(),
                None => format!("presets set parameters; this model has {}", known.join(", ")),
            };
            let message = format!("this model has no parameter `{name}`");
            self.error("E0203", span, message, hint);
            return None;
        };
        let (unit, range) = (parameter.unit.clone(), parameter.range);
        // A parameter whose unit could not be read was reported where it is declared.
        let dimension = self.dimension_of(name)?;
        let value = self.quantity_of(&assignment.value, &dimension)?;
        if let Some((low, high)) = range
            && (value < low || value > high)
        {
            let shown = |value: f64| {
                format!("{:.12e}", unit.from_engine(value))
                    .parse::<f64>()
                    .unwrap_or(value)
            };
            self.error(
                "E0204",
                assignment.value.span,
                format!("this value lies outside the range of `{name}`"),
                format!("allowed is {} to {} {}", shown(low), shown(high), unit.symbol()),
            );
            return None;
        }
        Some(value)
    }
}
