"""What changes when the penalties' weights, the composition of the background, or the length of the sequences change.

    python benchmarks/robust.py [--parts weights gc length] [--pairs 16] [--epochs 20] [--jobs 2] [--models FOLDER] [--again]

One row per part, value, model and seed in robust.csv; half of the default recipe's epochs, fresh sequences in each; 10,000 test sequences; the motifs' recovery as in `rivals.py`.
* weights: ARGMINN on spi1; final weights of the overlap and L1 penalties drawn log-uniformly from 1 to 10^7 and from 10^-4 to 10^-1 (numpy, seed 0), each rising to it as by default;
* gc: rest in backgrounds of GC .1 to .9, and length: rest in sequences of 200 to 1,000 bases: ARGMINN, a CNN, ExplaiNN, 6-mers, the oracle.
"""
import time

import numpy as np

from common import measure, parser
from readable import PER_EPOCH, TEST
from rivals import filter_motifs

TABLE, KEYS = "robust.csv", ("part", "value", "kind", "seed")
KINDS = "argminn", "cnn", "explainn", "6-mers"
GC, LENGTHS = (.1, .3, .5, .7, .9), (200, 500, 1000)


def pairs(n):
    "[(overlap weight, L1 weight)]."
    rng = np.random.default_rng(0)
    return [(float(f"{10 ** rng.uniform(0, 7):.3g}"), float(f"{10 ** rng.uniform(-4, -1):.3g}")) for _ in range(n)]


def measured(part, value, kind, seed, epochs):
    "One row."
    import torch
    torch.set_num_threads(1)
    from argminn.baselines import fit_model
    from argminn.data import Data
    from argminn.evaluation import interpretability, motif_recovery
    from argminn.oracle import bayes_logits
    from argminn.readout import read_motifs
    from argminn.recipe import Recipe, binary_metrics, predict_logits
    from argminn.simulation import FreshTraining, simulate, simulated_set
    options, recipe = {}, Recipe(epochs=epochs)
    if part == "weights":
        overlap, l1 = map(float, value.split(" "))
        first = Recipe()
        recipe = Recipe(epochs=epochs, overlap_weight=(overlap * first.overlap_weight[0] / first.overlap_weight[1], overlap), l1_weight=(l1 * first.l1_weight[0] / first.l1_weight[1], l1))
    else: options[part] = float(value) if part == "gc" else int(value)
    design, started = simulated_set("spi1" if part == "weights" else "rest", **options), time.perf_counter()
    data = Data(FreshTraining(design, PER_EPOCH, seed), simulate(design, 1500, [seed, 1, 0])[0], None, ("label",), design.length, "given")
    model = fit_model(kind, data, recipe, seed)
    seconds, test = time.perf_counter() - started, simulate(design, TEST, [seed, 2, 0])[0]
    m, o = (binary_metrics(x, test.labels[:, 0]) for x in (predict_logits(model, test.codes)[:, 0], bayes_logits(design, test.codes)))
    row = dict(part=part, value=value, kind=kind, seed=seed, set=design.name, accuracy=m["accuracy"], auroc=m["auroc"], oracle_accuracy=o["accuracy"], oracle_auroc=o["auroc"])
    if kind != "6-mers":
        codes = simulate(design, PER_EPOCH, [seed, 3, 0])[0].codes
        motifs = [f.motif for f in read_motifs(model, codes, random_state=seed)] if kind == "argminn" else filter_motifs(model, codes)
        recovery = motif_recovery(motifs, design.planted)
        row |= dict(motifs=len(motifs), **{s: int((recovery.status == s).sum()) for s in ("recovered", "weak", "duplicate", "stranger", "missed")}, interpretability=interpretability(motifs, design.planted))
    return row | dict(epochs=epochs, seconds=round(seconds))


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--parts", nargs="+", choices=["weights", "gc", "length"], default=["weights", "gc", "length"])
    p.add_argument("--pairs", type=int, default=16)
    p.add_argument("--epochs", type=int, default=20)
    args = p.parse_args()
    todo = [(("weights", f"{o:g} {l:g}", "argminn", 0), (args.epochs,)) for o, l in pairs(args.pairs) if "weights" in args.parts]
    todo += [((part, f"{v:g}", kind, 0), (args.epochs,)) for part, values in (("gc", GC), ("length", LENGTHS)) if part in args.parts for v in values for kind in KINDS]
    measure(TABLE, KEYS, measured, todo, args, ["weights", "gc", "length", *KINDS], told=[*KEYS, "accuracy", "oracle_accuracy", "seconds"])
