"""hh_population, cuba, coba and cobahh in Brian 2, as a C++ program of its own (`cpp_standalone`).

Method: exact for cuba, exponential Euler for the rest, which is what Brian's own examples use.
"""
import os
import shutil
import subprocess
import tempfile
import time

import line

RATES = """
    dm/dt = am*(1 - m) - bm*m : 1
    dh/dt = ah*(1 - h) - bh*h : 1
    dn/dt = an*(1 - n) - bn*n : 1
"""
SQUID = "dv/dt = (I - 120*m**3*h*(v - 50) - 36*n**4*(v + 77) - 0.3*(v + 54.387))/ms : 1" + RATES + """
    am = 1/exprel(-(v + 40)/10)/ms : Hz
    bm = 4*exp(-(v + 65)/18)/ms : Hz
    ah = 0.07*exp(-(v + 65)/20)/ms : Hz
    bh = 1/(1 + exp(-(v + 35)/10))/ms : Hz
    an = 0.1/exprel(-(v + 55)/10)/ms : Hz
    bn = 0.125*exp(-(v + 65)/80)/ms : Hz
    I : 1 (constant)
"""
# Conductances in nS, capacitance 200 pF.
TRAUB = """dv/dt = (10*(-65 - v) + ge*(0 - v) + gi*(-80 - v)
        - 20000*m*m*m*h*(v - 50) - 6000*n*n*n*n*(v + 90))/200/ms : 1""" + RATES + """
    dge/dt = -ge/(5*ms) : 1
    dgi/dt = -gi/(10*ms) : 1
    u = v + 63 : 1
    am = 1.28/exprel((13 - u)/4)/ms : Hz
    bm = 1.4/exprel((u - 40)/5)/ms : Hz
    ah = 0.128*exp((17 - u)/18)/ms : Hz
    bh = 4/(1 + exp((40 - u)/5))/ms : Hz
    an = 0.16/exprel((15 - u)/5)/ms : Hz
    bn = 0.5*exp((10 - u)/40)/ms : Hz
"""
CURRENTS = """dv/dt = (ge + gi - (v + 49))/(20*ms) : 1 (unless refractory)
    dge/dt = -ge/(5*ms) : 1
    dgi/dt = -gi/(10*ms) : 1
"""
# Conductances in units of the leak.
CONDUCTANCES = """dv/dt = (ge*(0 - v) + gi*(-80 - v) - (v + 60))/(20*ms) : 1 (unless refractory)
    dge/dt = -ge/(5*ms) : 1
    dgi/dt = -gi/(10*ms) : 1
"""


def population(b2, given):
    size = round(1000 * given.scale)
    cells = b2.NeuronGroup(size, SQUID, threshold="v > 0", refractory="v > 0", method="exponential_euler")
    cells.v = -65
    for gate in "mhn":
        setattr(cells, gate, f"a{gate}/(a{gate} + b{gate})")
    cells.I = f"20.0*i/{max(size - 1, 1)}"
    return size, cells, []


def network(b2, given):
    ms = b2.ms
    excitatory, inhibitory = round(3200 * given.scale), round(800 * given.scale)
    size = excitatory + inhibitory
    spiking = dict(threshold="v > -50", reset="v = -60", refractory=5 * ms)
    more = []
    if given.workload == "cuba":
        cells = b2.NeuronGroup(size, CURRENTS, method="exact", **spiking)
        cells.v = "-60 + 10*rand()"
        steps = 1.62, -9.0
    elif given.workload == "coba":
        cells = b2.NeuronGroup(size, CONDUCTANCES, method="exponential_euler", **spiking)
        cells.v = "-65 + 5*randn()"
        more = [b2.PoissonInput(cells, "ge", 10, 30 * b2.Hz, "0.6*int(t < 50*ms)")]
        steps = 0.6, 6.7
    else:
        cells = b2.NeuronGroup(size, TRAUB, threshold="v > -20", refractory="v > -20", method="exponential_euler")
        cells.v = "-70 + 5*randn()"
        for gate in "mhn":
            setattr(cells, gate, f"a{gate}/(a{gate} + b{gate})")
        cells.ge = "clip(40 + 15*randn(), 0, inf)"
        cells.gi = "clip(200 + 120*randn(), 0, inf)"
        steps = 6.0, 67.0
    for part, variable, step in [(cells[:excitatory], "ge", steps[0]), (cells[excitatory:], "gi", steps[1])]:
        synapses = b2.Synapses(part, cells, on_pre=f"{variable} += {step}", delay=given.delay * ms)
        synapses.connect(p=80.0 / size)
        more.append(synapses)
    return size, cells, more


def main():
    given = line.arguments(["hh_population", "cuba", "coba", "cobahh"], ["brian2-standalone"])
    out, clock = line.only_line(), line.Clock()
    with clock("import"):
        import brian2 as b2
    folder = tempfile.mkdtemp(prefix="brian2_")
    try:
        with clock("build"):
            if given.threads > 1:
                b2.prefs.devices.cpp_standalone.openmp_threads = given.threads
            b2.set_device("cpp_standalone", build_on_run=False, directory=folder)
            b2.seed(given.seed)
            b2.defaultclock.dt = given.dt * b2.ms
            size, cells, more = (population if given.workload == "hh_population" else network)(b2, given)
            spikes = b2.SpikeMonitor(cells)
            whole = b2.Network(cells, spikes, *more)
        with clock("compile"):
            whole.run(given.seconds * b2.second)
            b2.device.build(directory=folder, compile=True, run=False)
        peak_mb = run(b2, folder, clock)
        times_ms = b2.asarray(spikes.t / b2.ms)
        connected = sum(len(part) for part in more if isinstance(part, b2.Synapses))
        late = (times_ms > given.seconds * 500).sum() / size / (given.seconds / 2)
        line.write(out, given, b2.__version__, clock, size, connected, spikes.num_spikes, peak_rss_mb=peak_mb,
                   delay_ms=given.delay if connected else None, rate_last_half_hz=round(float(late), 3))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(b2, folder, clock):
    """Runs the compiled program; its own clock tells the loop, what is left is building. Returns its peak, MiB."""
    start = time.perf_counter()
    program = subprocess.Popen([os.path.join(folder, "main")], cwd=folder, stdout=2)
    peak_mb = 0.0
    while True:
        try:
            with open(f"/proc/{program.pid}/status") as status:
                peak_mb = max([peak_mb] + [int(row.split()[1]) / 1024 for row in status if row.startswith("VmHWM")])
        except OSError:
            pass
        ended, status, used = os.wait4(program.pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.01)
    if status:
        raise SystemExit("the compiled program failed")
    b2.get_device().has_been_run = True
    with open(os.path.join(folder, "results", "last_run_info.txt")) as info:
        clock.wall["run"] = float(info.read().split()[0])
    clock.cpu["run"] = used.ru_utime + used.ru_stime
    clock.wall["build"] += time.perf_counter() - start - clock.wall["run"]
    return peak_mb


main()
