"""hh_population in Arbor: implicit Euler, vectorised."""
import math

import line


def recipe(A, U, n):
    radius = math.sqrt(1000 / math.pi) / 2
    tree = A.segment_tree()
    tree.append(A.mnpos, (-radius, 0, 0, radius), (radius, 0, 0, radius), tag=1)

    class Population(A.recipe):
        def __init__(self):
            A.recipe.__init__(self)
            self.properties = A.neuron_cable_properties()

        def num_cells(self):
            return n

        def cell_kind(self, gid):
            return A.cell_kind.cable

        def global_properties(self, kind):
            return self.properties

        def cell_description(self, gid):
            decor = A.decor()
            decor.set_property(Vm=-65 * U.mV, cm=0.01 * U.F / U.m2, tempK=279.45 * U.Kelvin)
            decor.set_ion("na", rev_pot=50 * U.mV)
            decor.set_ion("k", rev_pot=-77 * U.mV)
            decor.paint("(all)", A.density("hh", gnabar=0.12, gkbar=0.036, gl=0.0003, el=-54.387))
            decor.place("(location 0 0.5)", A.i_clamp(0.2 * gid / max(n - 1, 1) * U.nA))
            decor.place("(location 0 0.5)", A.threshold_detector(0 * U.mV), "detector")
            return A.cable_cell(tree, decor, A.label_dict({}), A.cv_policy_single())

    return Population()


def main():
    given = line.arguments(["hh_population"], ["arbor"])
    out, clock = line.only_line(), line.Clock()
    with clock("import"):
        import arbor as A
        from arbor import units as U
    n = round(1000 * given.scale)
    with clock("build"):
        cells, context = recipe(A, U, n), A.context(threads=given.threads)
        simulation = A.simulation(cells, context, A.partition_load_balance(cells, context))
        # `spike_recording.all` returns nothing in the wheel of 0.12.2.
        simulation.record(A.spike_recording.local)
    with clock("run"):
        simulation.run(given.seconds * 1000 * U.ms, given.dt * U.ms)
    line.write(out, given, A.__version__, clock, n, 0, len(simulation.spikes()))


main()
