//! Ctrl-C: the first asks the simulation to stop and keep what it has, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::INTERRUPTED;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Starts to listen. Without a handler (a system that refuses one) Ctrl-C ends the program as usual.
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    });
}

/// Whether the user asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
