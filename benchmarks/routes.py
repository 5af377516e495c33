"""From peaks to motifs and instances: seconds of each route, one after the other in one process, one thread.

    python benchmarks/routes.py [--set tal_gata] [--positives 5000] [--epochs 40]

Each network trains on the same fresh sequences (8 filters, seed 0); then its motifs are read and instances called in the same positives. ARGMINN: read_motifs, call_instances. CNN: DeepLIFT-SHAP of all these positives (10 shuffles, both strands), TF-MoDISco, and FIMO or Fi-NeMo. routes.csv has a row per route: seconds of
training, reading, calling; motifs recovered, and the rest; F1 of the calls at their best threshold. On a machine that does nothing else.
"""
import time

import numpy as np
import pandas as pd

from common import parser, put
from readable import PER_EPOCH, design_of
from argminn.simulation import SETS

TABLE, KEYS = "routes.csv", ("route",)


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--set", choices=SETS, default="tal_gata")
    p.add_argument("--positives", type=int, default=5000)
    p.add_argument("--epochs", type=int, default=40)
    args = p.parse_args()
    import torch
    torch.set_num_threads(1)
    import os
    os.environ["NUMBA_NUM_THREADS"] = "1"
    from argminn.attribution import contributions, finemo_calls, modisco_patterns
    from argminn.baselines import fit_model
    from argminn.data import Data
    from argminn.evaluation import fimo_calls, instance_scores, motif_recovery, named_calls, one_call_a_site, palindromes, under_true_names
    from argminn.instances import call_instances
    from argminn.motifs import best_matches, jaspar
    from argminn.readout import read_motifs
    from argminn.recipe import Recipe
    from argminn.simulation import FreshTraining, simulate
    design, rows, clock = design_of(args.set), [], time.perf_counter
    sequences, truth = simulate(design, args.positives, [0, 2])
    positives, flat = sequences[:args.positives], palindromes(design.planted)
    truth = truth[truth.sequence_name.isin(set(positives.names))]
    best_matches(jaspar()[:1]) # what is compiled at its first use is compiled before the clock starts, for all routes
    few, rng = positives[:300], np.random.default_rng(0)
    shown = rng.normal(0, .02, (300, 4, design.length)).astype(np.float32)
    number = {n: k for k, n in enumerate(few.names)}
    for t in truth[truth.sequence_name.isin(set(few.names))].itertuples(): shown[number[t.sequence_name], :, t.start:t.end] += 1
    fimo_calls(design.planted[:1], few); modisco_patterns(few.codes, shown)

    def add(route, motifs, calls, train, read, call):
        recovery = motif_recovery(motifs, design.planted)
        calls = named_calls(calls, recovery, [m.motif_id for m in motifs]) if "motif_id" in calls else one_call_a_site(under_true_names(calls, [m.name for m in motifs], recovery))
        rows.append(dict(route=route, set=args.set, positives=args.positives, epochs=args.epochs, train_seconds=train, read_seconds=read, call_seconds=call, motifs=len(motifs), recovered=int((recovery.status == "recovered").sum()),
                         superfluous=int(recovery.status.isin(["duplicate", "stranger"]).sum()), best_f1=instance_scores(calls, truth, flat)["best_f1"]))
        put(TABLE, KEYS, pd.DataFrame(rows), ["argminn", "cnn+modisco", "cnn+finemo"])
        print(rows[-1], flush=True)

    for kind in "argminn", "cnn":
        data = Data(FreshTraining(design, PER_EPOCH, 0), simulate(design, 1500, [0, 1, 0])[0], None, ("label",), design.length, "given")
        times = [clock()]
        model = fit_model(kind, data, Recipe(epochs=args.epochs))
        times.append(clock())
        if kind == "argminn":
            found = read_motifs(model, positives.codes)
            times.append(clock())
            calls = call_instances(model, found, positives, effects=False).table
            add(kind, [m.motif for m in found], calls, times[1] - times[0], times[2] - times[1], clock() - times[2])
        else:
            told = contributions(model, positives.codes)
            patterns = modisco_patterns(positives.codes, told)
            motifs, spent = [q.motif for q in patterns], clock() - times[1]
            for route, call in ("cnn+modisco", lambda: fimo_calls(motifs, positives)), ("cnn+finemo", lambda: finemo_calls(patterns, positives, told)):
                started = clock()
                calls = call()
                add(route, motifs, calls, times[1] - times[0], spent, clock() - started)
