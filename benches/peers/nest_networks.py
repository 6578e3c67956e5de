"""hh_population, cuba, coba, brunel_stdp and microcircuit in NEST.

cobahh is left out: NEST's adaptive integrator takes more than a minute for a second of it, and its cell model
reports spikes at the maximum of the potential.
"""
import math

import line

NAMES = "L23E L23I L4E L4I L5E L5I L6E L6I".split()
CELLS = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
# A row per target, a column per source.
PROBABILITIES = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443]]
OUTSIDE = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
PUBLISHED_HZ = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829]
START = [(-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94), (-63.11, 4.94), (-61.66, 4.55),
         (-66.72, 5.46), (-61.43, 4.48)]
TAU_S, TAU_M, C = 0.5, 10.0, 250.0


def squid(nest, given):
    n = round(1000 * given.scale)
    v = -65.0
    alpha = [0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)), 0.07 * math.exp(-(v + 65) / 20),
             0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10))]
    beta = [4 * math.exp(-(v + 65) / 18), 1 / (1 + math.exp(-(v + 35) / 10)), 0.125 * math.exp(-(v + 65) / 80)]
    m, h, k = (a / (a + b) for a, b in zip(alpha, beta))
    # 100 pF stand for 1 uF/cm^2, so that 1 mS/cm^2 is 100 nS and 1 uA/cm^2 is 100 pA.
    cells = nest.Create("hh_psc_alpha", n, params=dict(
        C_m=100.0, g_Na=12000.0, g_K=3600.0, g_L=30.0, E_Na=50.0, E_K=-77.0, E_L=-54.387, t_ref=2.0,
        V_m=v, Act_m=m, Inact_h=h, Act_n=k))
    cells.set({"I_e": [2000.0 * i / max(n - 1, 1) for i in range(n)]})
    return cells, 0


def balanced(nest, given):
    excitatory, inhibitory = round(3200 * given.scale), round(800 * given.scale)
    n = excitatory + inhibitory
    shared = dict(C_m=200.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0, tau_syn_ex=5.0, tau_syn_in=10.0)
    if given.workload == "cuba":
        cells = nest.Create("iaf_psc_exp", n, params=dict(shared, tau_m=20.0, E_L=-49.0))
        cells.V_m = nest.random.uniform(min=-60.0, max=-50.0)
        weights = 16.2, -90.0
    else:
        cells = nest.Create("iaf_cond_exp", n, params=dict(shared, g_L=10.0, E_L=-60.0, E_ex=0.0, E_in=-80.0))
        cells.V_m = nest.random.normal(mean=-65.0, std=5.0)
        kick = nest.Create("poisson_generator", params=dict(rate=300.0, stop=50.0))
        nest.Connect(kick, cells, syn_spec=dict(weight=6.0, delay=given.dt))
        weights = 6.0, -67.0
    before = nest.num_connections
    rule = {"rule": "pairwise_bernoulli", "p": 80.0 / n, "allow_autapses": True}
    nest.Connect(cells[:excitatory], cells, rule, dict(weight=weights[0], delay=given.delay))
    nest.Connect(cells[excitatory:], cells, rule, dict(weight=weights[1], delay=given.delay))
    return cells, nest.num_connections - before


def learning(nest, given):
    """The whole delay of 1.5 ms is dendritic, as NEST always has it."""
    excitatory, inhibitory = round(9000 * given.scale), round(2250 * given.scale)
    tau_m, threshold, delay = 20.0, 20.0, 1.5
    ratio = TAU_S / tau_m
    peak = (ratio ** (ratio / (1 - ratio)) - ratio ** (1 / (1 - ratio))) * TAU_S / C / (1 - ratio)
    weight = 0.15 / peak
    cells = nest.Create("iaf_psc_exp", excitatory + inhibitory, params=dict(
        C_m=C, tau_m=tau_m, E_L=0.0, V_th=threshold, V_reset=10.0, t_ref=2.0, tau_syn_ex=TAU_S, tau_syn_in=TAU_S,
        tau_minus=20.0))
    cells.V_m = nest.random.uniform(min=0.0, max=threshold)
    first, rest = cells[:excitatory], cells[excitatory:]
    nest.CopyModel("stdp_synapse_hom", "learning", {
        "Wmax": 2 * weight, "lambda": 0.005, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "tau_plus": 20.0})
    outside = nest.Create("poisson_generator", params=dict(
        rate=1.05 * threshold * C / (tau_m * weight * TAU_S) * 1000))
    nest.Connect(outside, cells, syn_spec=dict(weight=weight, delay=delay))
    before = nest.num_connections
    inputs = [dict(rule="fixed_indegree", indegree=degree) for degree in (900, 225)]
    nest.Connect(first, first, inputs[0], dict(synapse_model="learning", weight=weight, delay=delay))
    nest.Connect(first, rest, inputs[0], dict(weight=weight, delay=delay))
    nest.Connect(rest, cells, inputs[1], dict(weight=-5 * weight, delay=delay))
    given.delay = delay
    return cells, nest.num_connections - before


def microcircuit(nest, given):
    scale, root = given.scale, math.sqrt(given.scale)
    ratio = TAU_S / TAU_M
    peak = (ratio ** (ratio / (1 - ratio)) - ratio ** (1 / (1 - ratio))) * TAU_S / C / (1 - ratio)
    weight = 0.15 / peak
    populations, connected = [], 0
    for target, name in enumerate(NAMES):
        inputs = [math.log1p(-p) / math.log1p(-1 / (CELLS[target] * n)) / CELLS[target]
                  for p, n in zip(PROBABILITIES[target], CELLS)]
        strengths = [weight * (2 if (target, s) == (0, 2) else 1 if s % 2 == 0 else -4) for s in range(8)]
        mean = sum(k * w * r for k, w, r in zip(inputs, strengths, PUBLISHED_HZ)) + OUTSIDE[target] * weight * 8
        cells = nest.Create("iaf_psc_exp", round(CELLS[target] * scale), params=dict(
            C_m=C, tau_m=TAU_M, tau_syn_ex=TAU_S, tau_syn_in=TAU_S, E_L=-65.0, V_th=-50.0, V_reset=-65.0,
            t_ref=2.0, I_e=1e-3 * TAU_S * (1 - root) * mean))
        cells.V_m = nest.random.normal(mean=START[target][0], std=START[target][1])
        outside = nest.Create("poisson_generator", params=dict(rate=8.0 * OUTSIDE[target] * scale))
        nest.Connect(outside, cells, syn_spec=dict(weight=weight / root, delay=1.5))
        populations.append((cells, inputs, strengths))
    for target, (cells, inputs, strengths) in enumerate(populations):
        for source in range(8):
            number = round(inputs[source] * CELLS[target] * scale * scale)
            if number == 0:
                continue
            w, d = strengths[source] / root, 1.5 if source % 2 == 0 else 0.75
            low, high = (0.0, math.inf) if w > 0 else (-math.inf, 0.0)
            nest.Connect(populations[source][0], cells, dict(rule="fixed_total_number", N=number), dict(
                weight=nest.math.redraw(nest.random.normal(w, 0.1 * abs(w)), low, high),
                delay=nest.math.redraw(nest.random.normal(d, 0.5 * d), given.dt, math.inf)))
            connected += number
    return [cells for cells, _, _ in populations], connected


def main():
    given = line.arguments(["hh_population", "cuba", "coba", "brunel_stdp", "microcircuit"], ["nest"])
    out, clock = line.only_line(), line.Clock()
    with clock("import"):
        import nest
    nest.verbosity = nest.VerbosityLevel.ERROR
    transient = given.transient if given.workload == "microcircuit" else 0.0
    with clock("build"):
        nest.ResetKernel()
        nest.set(local_num_threads=given.threads, rng_seed=given.seed, resolution=given.dt)
        make = dict(hh_population=squid, brunel_stdp=learning, microcircuit=microcircuit).get(given.workload, balanced)
        cells, connected = make(nest, given)
        groups = cells if isinstance(cells, list) else [cells]
        recorders = []
        for group in groups:
            recorders.append(nest.Create("spike_recorder", params=dict(start=transient)))
            nest.Connect(group, recorders[-1])
        nest.Prepare()
    with clock("transient"):
        if transient:
            nest.Run(transient)
    with clock("run"):
        nest.Run(given.seconds * 1000)
    n = sum(len(group) for group in groups)
    counts = [recorder.n_events for recorder in recorders]
    more = {}
    if given.workload == "microcircuit":
        rates = [count / len(group) / given.seconds for count, group in zip(counts, groups)]
        more["rates_hz"] = dict(zip(NAMES, (round(rate, 3) for rate in rates)))
    elif connected:
        late = (recorders[0].events["times"] > given.seconds * 500).sum() / n / (given.seconds / 2)
        more.update(delay_ms=given.delay, rate_last_half_hz=round(float(late), 3))
    line.write(out, given, nest.__version__, clock, n, connected, sum(counts), **more)


main()
