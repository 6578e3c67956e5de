//! No text makes the language panic, overflow the stack or hang: parse, check, join, lower, specialise.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::Role;
use nsb_lang::{ModelKind, Quantity, Source, System, model, syntax};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Quantity::parse(text);
    let source = Source::new("fuzz.model", text);
    let (file, _) = syntax::parse(&source);
    let (models, _) = model::check(&file, &source);
    let receptors: Vec<_> = models
        .iter()
        .filter(|m| m.kind == ModelKind::Receptor)
        .map(|m| (m.name.clone(), m.clone()))
        .collect();
    for neuron in models.iter().filter(|m| m.kind == ModelKind::Neuron) {
        for receptors in [&[][..], &receptors[..]] {
            let Ok(system) = System::join(neuron, receptors, &[]) else { continue };
            for method in Method::ALL {
                let Ok(program) = lower(&system, method) else { continue };
                let uniform: Vec<_> = program
                    .columns_with(Role::Parameter)
                    .map(|id| (id, program.columns()[id.0 as usize].default))
                    .collect();
                let _ = program.specialise(0.1, &uniform);
                let _ = program.specialise(0.1, &[]);
            }
        }
    }
});
