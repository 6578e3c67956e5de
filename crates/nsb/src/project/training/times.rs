//! Times of a training.

use super::super::node::Node;
use super::super::schema::{Findings, Section, milliseconds, quantity};

/// Times that are whole numbers of steps, so that each presentation has as many.
pub(super) struct Times {
    pub(super) dt_ms: Option<f64>,
}

impl Times {
    pub(super) fn required(
        &self,
        section: &Section<'_>,
        key: &str,
        example: &str,
        findings: &mut Findings,
    ) -> Option<f64> {
        let node = section.required(key, example, findings)?;
        let time_ms = self.read(node, key, findings)?;
        if time_ms > 0.0 {
            return Some(time_ms);
        }
        let message = format!("`{key}` is {time_ms} ms; it must be more than 0 ms");
        findings.push(
            node.place
                .error("E0515", message)
                .hint(format!("write `{key} = {example}`")),
        );
        None
    }

    pub(super) fn optional(
        &self,
        section: &Section<'_>,
        key: &str,
        default_ms: f64,
        findings: &mut Findings,
    ) -> Option<f64> {
        section
            .get(key)
            .map_or(Some(default_ms), |node| self.read(node, key, findings))
    }

    fn read(&self, node: &Node, key: &str, findings: &mut Findings) -> Option<f64> {
        let time_ms = quantity(node, &format!("`{key}`"), &[milliseconds()], findings)?.engine();
        if time_ms < 0.0 {
            let message = format!("`{key}` is {time_ms} ms; a time cannot be negative");
            findings.push(
                node.place
                    .error("E0515", message)
                    .hint(format!("write `{key} = \"{} ms\"`", -time_ms)),
            );
            return None;
        }
        if let Some(dt_ms) = self.dt_ms {
            let steps = (time_ms / dt_ms).round();
            if (steps * dt_ms - time_ms).abs() > 1e-9 * time_ms {
                let message = format!("`{key}` is {time_ms} ms, no whole number of steps of {dt_ms} ms");
                let hint = format!("write `{key} = \"{} ms\"`", steps.max(1.0) * dt_ms);
                findings.push(node.place.error("E0515", message).hint(hint));
                return None;
            }
        }
        Some(time_ms)
    }
}
