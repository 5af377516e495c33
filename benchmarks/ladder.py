"""What can be learned: a ladder of formulas, ARGMINN beside a CNN and ExplaiNN with as many filters.

    python benchmarks/ladder.py [--seeds 5] [--jobs 2] [--rungs presence ...] [--models argminn cnn explainn]

One row per formula, model and seed in benchmarks/results/ladder.csv: accuracy and auROC on 10,000 fresh sequences. Sequences of 200 bases with up to four sites of SPI1 (A) and TEAD4 (B), drawn from their matrices, half of them
near the one before, no two overlapping; one half satisfies the formula, in one orientation or the other, and the other half holds
as many sites of each where the formula allows it. Every epoch is fresh: 100 batches of 128. ARGMINN by its default recipe but for 20 epochs; the others have its epochs, batches and 8 filters.
"""
import time

import numpy as np
import pandas as pd

from common import measure, parser

TABLE, KEYS = "ladder.csv", ("rung", "model", "seed")
LENGTH, EPOCHS, PER_EPOCH, VALID, TEST = 200, 20, 12_800, 3000, 10_000
RUNGS = {
    "presence": "exists x. A(x)", "conjunction": "(exists x. A(x)) & (exists x. B(x))", "negation": "(exists x. A(x)) & !(exists x. B(x))", "counting": "atleast 2 x. A(x)", "orientation": "exists x y. A(x,+) & B(y,+)",
    "order": "exists x y. A(x,+) & B(y) & x < y", "gap": "exists x y. A(x,+) & B(y,+) & gap(x,y) in [2,10]", "alternation": "(exists x y. A(x,+) & B(y,+) & gap(x,y) in [2,10]) | (exists x y. A(x,+) & B(y,-) & gap(x,y) in [20,30])",
    "universal": "(exists x. A(x)) & (forall x. A(x) -> exists y. B(y) & x < y)"}


def drawn(text, n, seed):
    "`Sequences` and labels: one half is true."
    from argminn.compiler import planned_sites, planted
    from argminn.data import Sequences
    from argminn.formulas import evaluate
    from argminn.motifs import Motif
    from argminn.simulation import named_motifs
    motifs, rng = [Motif(named_motifs()[m].ppm, m, i) for m, i in (("SPI1", "A"), ("TEAD4", "B"))], np.random.default_rng(seed)
    plans = 10 * n
    sites = planned_sites(motifs, LENGTH, plans, rng).sort_values(["row", "start"], kind="stable", ignore_index=True)
    touch = (sites.row.to_numpy()[1:] == sites.row.to_numpy()[:-1]) & (sites.start.to_numpy()[1:] < sites.end.to_numpy()[:-1])
    apart = np.setdiff1d(np.arange(plans), sites.row.to_numpy()[1:][touch])
    truth = evaluate(text, sites, plans, motifs, either=True, length=LENGTH)
    count = [np.bincount(sites.row[sites.motif == m], minlength=plans) for m in (0, 1)]
    kind, no = 5 * count[0] + count[1], apart[~truth[apart]]
    yes = rng.choice(apart[truth[apart]], n // 2)
    alike = {k: no[kind[no] == k] for k in np.unique(kind[yes])}
    rows = np.concatenate([yes, [rng.choice(alike[k] if len(alike[k]) else no) for k in kind[yes]]])
    rng.shuffle(rows)
    copies = pd.DataFrame(dict(plan=rows, row=np.arange(n))).merge(sites.rename(columns=dict(row="plan")), on="plan").drop(columns="plan")
    return Sequences.bare(planted(motifs, copies, LENGTH, n, rng, best=0), truth[rows, None])


def measured(rung, kind, seed):
    "One row of the table."
    import torch
    from argminn.baselines import fit_model
    from argminn.data import Data, Training
    from argminn.recipe import Recipe, binary_metrics, predict_logits
    torch.set_num_threads(1)

    class Fresh(Training):
        def epoch(self, k):
            s = drawn(RUNGS[rung], PER_EPOCH, [seed, 1 + k])
            return s.codes, s.labels

    started = time.perf_counter()
    data = Data(Fresh(drawn(RUNGS[rung], PER_EPOCH, [seed, 0]), random_state=seed), drawn(RUNGS[rung], VALID, [seed, 1000]), None, ("label",), LENGTH, "given")
    model = fit_model(kind, data, Recipe(epochs=EPOCHS), seed)
    seconds, test = time.perf_counter() - started, drawn(RUNGS[rung], TEST, [seed, 2000])
    m = binary_metrics(predict_logits(model, test.codes)[:, 0], test.labels[:, 0])
    return dict(rung=rung, model=kind, seed=seed, accuracy=round(m["accuracy"], 4), auroc=round(m["auroc"], 4), seconds=round(seconds))


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--rungs", nargs="+", default=list(RUNGS))
    p.add_argument("--kinds", nargs="+", default=["argminn", "cnn", "explainn"])
    args = p.parse_args()
    measure(TABLE, KEYS, measured, [((r, m, s), ()) for s in range(args.seeds) for r in args.rungs for m in args.kinds], args, [*RUNGS])
