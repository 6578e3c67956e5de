//! Whether there is memory for a network: asked before anything is built.

use super::{Forecast, PlanError, PlanErrors, Precision, Settings};

/// Refuses what the machine cannot hold; names the part that needs most. `forecast` is asked for other settings, too.
pub(super) fn check(settings: &Settings, forecast: impl Fn(&Settings) -> Forecast) -> Result<Forecast, PlanErrors> {
    let of_these = forecast(settings);
    let needed = of_these.total_bytes();
    let fits = match settings.memory_limit {
        Some(limit) => needed <= limit,
        None => can_be_had(needed),
    };
    let Some((path, what, bytes)) = of_these.largest().filter(|_| !fits) else {
        return Ok(of_these);
    };
    let available = settings.memory_limit;
    let compact = forecast(&Settings {
        precision: Precision::Compact,
        ..*settings
    });
    let compact = Some(compact.total_bytes()).filter(|&compact| compact < needed);
    Err(PlanErrors(vec![PlanError::Memory {
        path: path.to_owned(),
        what,
        bytes,
        needed,
        available,
        compact: compact.filter(|&bytes| available.is_none_or(|available| bytes <= available)),
    }]))
}

/// Asks for the memory and gives it back untouched, where nobody has said how much there is. Systems that promise more
/// than they have still refuse what is more than all of it, and that is the case to be caught here.
fn can_be_had(bytes: u64) -> bool {
    let mut probe: Vec<u8> = Vec::new();
    let had = usize::try_from(bytes).is_ok_and(|bytes| probe.try_reserve_exact(bytes).is_ok());
    // Keeps the compiler from removing an allocation that nobody uses.
    std::hint::black_box(&mut probe);
    had
}
