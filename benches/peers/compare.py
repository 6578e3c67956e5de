"""Runs the same workloads on `nsb` and its peers, one process at a time, and writes one Markdown table.

Every round runs each simulator once, so that a change of the machine's load meets all of them alike. The table has
medians over the rounds, and how many times longer than `nsb` each peer took in the loop (wall and CPU) and from the
start of the process to the end.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {
    "brian2-standalone": ("brian.py", ["hh_population", "cuba", "coba", "cobahh"]),
    "nest": ("nest_networks.py", ["hh_population", "cuba", "coba", "brunel_stdp", "microcircuit"]),
    "neuron": ("neuron_population.py", ["hh_population"]),
    "coreneuron": ("neuron_population.py", ["hh_population"]),
    "arbor": ("arbor_population.py", ["hh_population"]),
}
# The usual size; what is asked for on the command line replaces it.
SCALES = {"hh_population": 1.0, "cuba": 1.0, "coba": 1.0, "cobahh": 1.0, "brunel_stdp": 1.0, "microcircuit": 0.1}
COLUMNS = ["workload", "simulator", "threads", "scale", "synapses", "loop s", "loop CPU s", "build s", "compile s",
           "total s", "rate Hz", "memory MiB", "loop ratio", "CPU ratio", "total ratio"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nsb", required=True, help="the program nsb, a release build")
    parser.add_argument("--workloads", nargs="+", default=list(SCALES), choices=list(SCALES))
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--scale", type=float, help="for all workloads")
    parser.add_argument("--seconds", type=float, default=1.0, help="simulated time")
    parser.add_argument("--delay", type=float, help="ms, for cuba, coba and cobahh")
    parser.add_argument("--precision", default="double", help="of nsb")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which a run is given up")
    parser.add_argument("--out", default="peers", help="OUT.md and OUT.jsonl are written")
    given = parser.parse_args()

    cells = [cell for workload in given.workloads for threads in given.threads
             for cell in cells_of(given, workload, threads)]
    lines, failed = {}, {}
    with open(given.out + ".jsonl", "w") as kept:
        for round_ in range(given.rounds):
            for cell in cells:
                if cell in failed:
                    continue
                print(f"round {round_ + 1} of {given.rounds}: {' '.join(map(str, cell))}", file=sys.stderr)
                result = run(given, *cell)
                if isinstance(result, str):
                    failed[cell] = result
                    print(f"  failed: {result}", file=sys.stderr)
                else:
                    lines.setdefault(cell, []).append(result)
                    kept.write(json.dumps(result) + "\n")
                    kept.flush()
    text = table(cells, lines, failed, given.rounds)
    with open(given.out + ".md", "w") as page:
        page.write(text)
    print(text)


def cells_of(given, workload, threads):
    """(simulator, workload, threads) of all that can run it; ours first."""
    found = [("ours", workload, threads)]
    for peer in given.peers:
        # CoreNEURON's wheel takes its threads from MPI, which is not there.
        if workload in PEERS[peer][1] and (threads == 1 or peer != "coreneuron"):
            found.append((peer, workload, threads))
    return found


def run(given, simulator, workload, threads):
    """The line of one run, or why there is none."""
    if simulator == "ours":
        command = [given.nsb, "bench", "--quiet", "--precision", given.precision]
    else:
        command = [sys.executable, os.path.join(HERE, PEERS[simulator][0]), "--peer", simulator]
    scale = given.scale or SCALES[workload]
    command += ["--workload", workload, "--threads", str(threads), "--scale", str(scale),
                "--seconds", str(given.seconds)]
    if given.delay and workload in ("cuba", "coba", "cobahh"):
        command += ["--delay", str(given.delay)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=given.limit)
    except subprocess.TimeoutExpired:
        return f"not done after {given.limit:g} s"
    if ended.returncode:
        told = [row for row in ended.stderr.splitlines() if row.strip()]
        return f"exit code {ended.returncode}: {told[-1] if told else 'nothing said'}"
    return json.loads(ended.stdout.strip().splitlines()[-1])


def table(cells, lines, failed, rounds):
    text = "| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|\n"
    for cell in cells:
        if cell not in lines:
            continue
        simulator, workload, threads = cell
        of = medians(lines[cell])
        ours = medians(lines.get(("ours", workload, threads), []))
        version = lines[cell][0]["version"]
        row = [workload, f"nsb {version}" if simulator == "ours" else f"{simulator} {version}", threads,
               f"{of['scale']:g}", f"{of['n_synapses']:.0f}"]
        row += [number(of[key]) for key in ["run_s", "run_cpu_s", "build_s", "compile_s", "total_s", "mean_rate_hz",
                                            "peak_rss_mb"]]
        row += [ratio(of, ours, key) for key in ["run_s", "run_cpu_s", "total_s"]]
        text += "| " + " | ".join(map(str, row)) + " |\n"
    text += f"\nMedians of {rounds} rounds in which each simulator runs once. A ratio above 1: the peer takes so many times longer.\n"
    for (simulator, workload, threads), why in failed.items():
        text += f"\n{simulator}, {workload}, {threads} threads: {why}\n"
    return text


def medians(lines):
    keys = {key for line in lines for key, value in line.items() if isinstance(value, (int, float))}
    of = {key: statistics.median(line[key] for line in lines if line.get(key) is not None) for key in keys}
    return dict.fromkeys(["compile_s", "run_cpu_s", "peak_rss_mb"]) | of


def number(value):
    return "" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def ratio(of, ours, key):
    if not ours or not ours.get(key) or of.get(key) is None:
        return ""
    return f"{of[key] / ours[key]:.2g}" if of[key] < 10 * ours[key] else f"{of[key] / ours[key]:.0f}"


if __name__ == "__main__":
    main()
