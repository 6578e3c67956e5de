//! The forecast of memory against what is really allocated, counted by the allocator. Alone in its process, so that
//! nobody else allocates.

// Tests may unwrap; an allocator is unsafe by nature.
#![allow(missing_docs, unsafe_code, clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use nsb::workloads::{Bench, BenchRequest};
use nsb::{Overrides, Project, RunOptions, Simulation, Source};

/// The forecast is right within a quarter …
const TOLERANCE: f64 = 0.25;
/// … and what programs, names and threads take, bytes.
const SLACK: f64 = 1.0e6;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    PEAK.fetch_max(NOW.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Relaxed);
        add(size);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes in use while something is made, beyond those before.
fn peak_of<T>(make: impl FnOnce() -> T) -> (T, f64) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let made = make();
    (made, (PEAK.load(Relaxed) - before) as f64)
}

fn workload(name: &str, scale: f64, threads: usize, precision: &str) -> Project {
    let request = BenchRequest {
        workload: name.to_owned(),
        scale,
        threads,
        seconds: None,
        dt_ms: None,
        delay_ms: None,
        transient_ms: None,
        seed: 1,
        precision: precision.to_owned(),
        options: RunOptions::default(),
    };
    Bench::prepare(&request).unwrap().project
}

/// Cells of which some are driven, with one projection.
fn project(size: usize, projection: &str) -> Project {
    let text = format!(
        "duration = \"1 s\"\ndt = \"0.1 ms\"\n[populations.cells]\nmodel = \"lif\"\nsize = {size}\n\
         receptors.synapse = {{ model = \"exponential_current\" }}\n\
         [projections.recurrent]\nsource = \"cells\"\ntarget = \"cells\"\nreceptor = \"synapse\"\n{projection}\n"
    );
    Project::from_source(&Source::new("test.toml", text), "test", None, &Overrides::default()).unwrap()
}

#[test]
fn the_forecast_is_what_is_allocated() {
    let drawn = "weight = { distribution = \"normal\", mean = \"1 pA\", sd = \"0.1 pA\" }";
    let delays = "delay = { distribution = \"uniform\", low = \"0.1 ms\", high = \"3 ms\" }";
    let fixed = "weight = \"1 pA\"\ndelay = \"0.1 ms\"";
    let networks = [
        ("coba", workload("coba", 8.0, 1, "double")),
        ("coba in single", workload("coba", 8.0, 1, "single")),
        ("microcircuit", workload("microcircuit", 0.05, 1, "double")),
        (
            "microcircuit on two threads",
            workload("microcircuit", 0.05, 2, "compact"),
        ),
        (
            "ring",
            project(
                100_000,
                &format!("connect = {{ rule = \"ring\", neighbours = 2 }}\n{fixed}"),
            ),
        ),
        (
            "dense",
            project(
                2000,
                &format!("connect = {{ rule = \"all_to_all\" }}\n{drawn}\n{delays}"),
            ),
        ),
        (
            "sparse, each synapse with its own delay",
            project(
                20_000,
                &format!("connect = {{ rule = \"pairwise_probability\", probability = 0.001 }}\n{drawn}\n{delays}"),
            ),
        ),
        (
            "in-degree",
            project(
                10_000,
                &format!("connect = {{ rule = \"fixed_in_degree\", degree = 200 }}\n{fixed}"),
            ),
        ),
        (
            "total number without multapses",
            project(
                3000,
                &format!("connect = {{ rule = \"fixed_total_number\", number = 2000000, multapses = false }}\n{fixed}"),
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, project) in &networks {
        let options = RunOptions::default();
        let (forecast, _) = project.forecast(&options).unwrap();
        let before = NOW.load(Relaxed);
        let (plan, building) = peak_of(|| project.plan(&options).unwrap());
        let (n_synapses, synapse_bytes) = (plan.n_synapses() as f64, plan.synapse_bytes() as f64);
        let (_simulation, _) = peak_of(|| {
            let mut simulation = Simulation::new(plan).unwrap();
            simulation.run_for(5.0, &mut ()).unwrap();
            simulation
        });
        let running = (PEAK.load(Relaxed) - before) as f64;
        for (what, found, forecast, slack) in [
            ("synapses", n_synapses, forecast.n_synapses() as f64, 0.0),
            ("bytes of synapses", synapse_bytes, forecast.synapse_bytes() as f64, 0.0),
            (
                "bytes while building",
                building,
                forecast.building_bytes() as f64,
                SLACK,
            ),
            ("bytes while running", running, forecast.running_bytes() as f64, SLACK),
        ] {
            let line = format!(
                "{name}: {found:.3e} {what}, forecast {forecast:.3e}, ratio {:.3}",
                forecast / found
            );
            if (forecast - found).abs() > TOLERANCE * found + slack {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
