//! One `spike_hash` for every number of threads, every vector width and both executors, seen from outside.

use crate::sandbox::Sandbox;

const THREADS: [&str; 4] = ["1", "2", "3", "7"];
const EXECUTORS: [&str; 2] = ["generated", "interpreter"];
const WIDTHS: [&str; 3] = ["scalar", "avx2", "avx512"];

/// Two populations of several blocks each, coupled in both directions, with a list, a fan and a random projection.
const LARGER: &str = r#"
duration = "60 ms"
dt = "0.05 ms"
seed = 3

[populations.axons]
model = "hodgkin_huxley"
size = 700
receptors.excitatory = { model = "exponential_conductance", parameters = { tau = "2 ms" } }

[populations.cells]
model = "lif"
size = 2500
receptors.excitatory = { model = "exponential_current", parameters = { tau = "3 ms" } }
receptors.inhibitory = { model = "exponential_conductance", parameters = { E_rev = "-75 mV" } }

[projections.forward]
source = "axons"
target = "cells"
receptor = "excitatory"
connect = { rule = "pairwise_probability", probability = 0.05 }
weight = "90 pA"
delay = "1.35 ms"

[projections.recurrent]
source = "cells"
target = "cells"
receptor = "inhibitory"
connect = { rule = "pairwise_probability", probability = 0.02 }
weight = "1.5 nS"
delay = "0.8 ms"

[projections.back]
source = "cells"
target = "axons"
receptor = "excitatory"
connect = { rule = "pairwise_probability", probability = 0.02 }
weight = "0.7 nS"
delay = "2 ms"

[projections.pairs]
source = "axons"
target = "axons"
receptor = "excitatory"
connect = { rule = "list", pairs = [[0, 699], [699, 350], [350, 0]] }
weight = "5 nS"
delay = "0.05 ms"

[stimuli.drive]
population = "axons"
cells = "0..300"
kind = "step"
amplitude = "12 uA/cm^2"
start = "2 ms"

[stimuli.background]
population = "cells"
kind = "constant"
amplitude = "140 pA"

[recordings.few]
population = "cells"
variables = ["V"]
cells = [0, 2499]
interval = "1 ms"
"#;

/// Runs with all threads, widths and executors; returns the number of spikes and the number of runs compared.
fn compare(sandbox: &Sandbox, target: &str) -> (u64, usize) {
    let mut first: Option<(String, u64)> = None;
    let mut compared = 0;
    for simd in WIDTHS {
        for (threads, executor) in THREADS
            .iter()
            .flat_map(|threads| EXECUTORS.map(|executor| (*threads, executor)))
        {
            let ended = sandbox.nsb([
                "run",
                target,
                "--json",
                "--no-figures",
                "--threads",
                threads,
                "--simd",
                simd,
                "--executor",
                executor,
            ]);
            if ended.code == Some(2) && ended.stderr.contains(&format!("this CPU has no {simd}")) {
                eprintln!("skipped: this CPU has no {simd}");
                break;
            }
            let object = ended.json();
            assert_eq!(object["simd"], simd);
            // No more threads are used than there are blocks of cells.
            let used = object["threads"].as_u64().unwrap();
            assert!((1..=threads.parse().unwrap()).contains(&used), "{used}");
            assert_eq!(object["executor"], executor);
            let found = (
                object["spike_hash"].as_str().unwrap().to_string(),
                object["spikes"].as_u64().unwrap(),
            );
            let first = first.get_or_insert_with(|| found.clone());
            assert_eq!(
                *first, found,
                "{target} with {threads} threads, {simd} and {executor} differs"
            );
            compared += 1;
        }
    }
    (first.expect("scalar is always there").1, compared)
}

#[test]
fn level1_has_one_spike_hash_for_every_thread_count_width_and_executor() {
    let (spikes, compared) = compare(&Sandbox::new(), "level1");
    assert!(
        spikes > 10 && compared >= 8,
        "{spikes} spikes in {compared} runs prove little"
    );
}

#[test]
fn a_larger_network_has_one_spike_hash_for_every_thread_count_width_and_executor() {
    let sandbox = Sandbox::new();
    sandbox.write("larger.toml", LARGER);
    let (spikes, compared) = compare(&sandbox, "larger.toml");
    assert!(
        spikes > 1000 && compared >= 8,
        "{spikes} spikes in {compared} runs prove little"
    );
}

#[test]
fn recordings_do_not_change_the_spikes() {
    let sandbox = Sandbox::new();
    sandbox.write("larger.toml", LARGER);
    let hash = |more: &[&str]| {
        let mut arguments = vec!["run", "larger.toml", "--json", "--no-figures", "--duration", "20 ms"];
        arguments.extend(more);
        sandbox.nsb(arguments).json()["spike_hash"].clone()
    };
    let all = r#"recordings={ a = { population = "cells", variables = ["V", "inhibitory.g"] } }"#;
    let few = r#"recordings={ a = { kind = "spikes", population = "axons", cells = [0] } }"#;
    assert_eq!(hash(&[]), hash(&["--set", all]));
    assert_eq!(hash(&[]), hash(&["--set", few]));
}
