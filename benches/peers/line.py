"""What the scripts of all peers share: arguments, clocks, and the line of JSON that compare.py reads.

Numbers are plain: ms on the inside, s where the name says so. The fields are those of `nsb bench`
(docs/reference/benchmarks.md).
"""
import argparse
import json
import os
import resource
import sys
import time

STEPS_MS = {"hh_population": 0.01, "cuba": 0.1, "coba": 0.1, "cobahh": 0.05, "brunel_stdp": 0.1,
            "microcircuit": 0.1}


def arguments(workloads, peers):
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True, choices=workloads)
    parser.add_argument("--peer", default=peers[0], choices=peers)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--dt", type=float)
    parser.add_argument("--delay", type=float, default=0.1)
    parser.add_argument("--transient", type=float, default=500.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.dt = given.dt or STEPS_MS[given.workload]
    return given


def only_line():
    """Sends what a peer prints to stderr; returns the true stdout for the line."""
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out


def age_s():
    """Seconds since this process was started, the start of Python included."""
    with open("/proc/self/stat") as file:
        ticks = int(file.read().rsplit(")", 1)[1].split()[19])
    with open("/proc/uptime") as file:
        return float(file.read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")


class Clock:
    """Wall and CPU time of named parts; `with clock("run"): ...` adds to run."""

    def __init__(self):
        self.wall, self.cpu = {}, {}

    def __call__(self, name):
        self.name = name
        return self

    def __enter__(self):
        self.start = (time.perf_counter(), time.process_time(), self.name)

    def __exit__(self, *_):
        wall, cpu, name = self.start
        self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall
        self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - cpu


def write(out, given, version, clock, n_neurons, n_synapses, spikes, peak_rss_mb=None, **more):
    run_s = clock.wall["run"]
    peak = peak_rss_mb or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = dict(
        workload=given.workload, peer=given.peer, version=str(version), threads=given.threads, scale=given.scale,
        dt_ms=given.dt, n_neurons=int(n_neurons), n_synapses=int(n_synapses), sim_ms=given.seconds * 1000,
        import_s=clock.wall.get("import", 0.0), build_s=clock.wall.get("build", 0.0),
        compile_s=clock.wall.get("compile"), run_s=run_s, run_cpu_s=clock.cpu["run"], total_s=age_s(),
        realtime_factor=run_s / given.seconds, spikes=int(spikes),
        mean_rate_hz=spikes / n_neurons / given.seconds, peak_rss_mb=peak)
    line.update(more)
    out.write(json.dumps(line) + "\n")
    out.flush()
