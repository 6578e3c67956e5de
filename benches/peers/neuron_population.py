"""hh_population in NEURON and CoreNEURON: implicit Euler, rates from NEURON's table."""
import math
import os

import line


def main():
    given = line.arguments(["hh_population"], ["coreneuron", "neuron"])
    out, clock = line.only_line(), line.Clock()
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    with clock("import"):
        import neuron
        from neuron import h
    n = round(1000 * given.scale)
    with clock("build"):
        h.celsius = 6.3
        parallel = h.ParallelContext()
        if given.peer == "neuron":
            parallel.nthread(given.threads)
        kept = []
        for i in range(n):
            cell = h.Section(name=f"cell{i}")
            cell.L = cell.diam = math.sqrt(1000 / math.pi)  # 1000 um^2: 1 uA/cm^2 is 0.01 nA
            cell.cm = 1.0
            cell.insert("hh")
            cell.ena, cell.ek = 50.0, -77.0
            segment = cell(0.5)
            segment.hh.gnabar, segment.hh.gkbar, segment.hh.gl, segment.hh.el = 0.12, 0.036, 0.0003, -54.387
            clamp = h.IClamp(segment)
            clamp.delay, clamp.dur, clamp.amp = 0, 1e9, 0.2 * i / max(n - 1, 1)
            detector = h.NetCon(segment._ref_v, None, sec=cell)
            detector.threshold = 0.0
            parallel.set_gid2node(i, parallel.id())
            parallel.cell(i, detector)
            kept += [cell, clamp, detector]
        times, cells = h.Vector(), h.Vector()
        parallel.spike_record(-1, times, cells)
        h.dt = given.dt
        parallel.set_maxstep(10)
        if given.peer == "coreneuron":
            from neuron import coreneuron
            coreneuron.enable, coreneuron.verbose = True, 0
            h.CVode().cache_efficient(1)
        h.finitialize(-65.0)
    with clock("run"):
        parallel.psolve(given.seconds * 1000)
    line.write(out, given, neuron.__version__, clock, n, 0, len(times))


main()
