"""The usual routes to motifs and instances, on the same simulated sets as `readable.py`: what they predict, find and call, and how long they take.

    python benchmarks/rivals.py [--sets spi1 ...] [--seeds 1] [--routes cnn ...] [--jobs 2] [--models FOLDER]

One row per set, route and seed in benchmarks/results/rivals.csv. Each network has 8 filters, the epochs (40) and fresh sequences of ARGMINN's recipe, and is judged on the same 10,000 test sequences (5,000 of each class), its calls on the same 1,000 positives:
* cnn, explainn: motifs from the first filters (the mean of the windows above half of a filter's maximum, trimmed and filtered as ours), instances by FIMO with them;
* cnn+overlap, cnn+l1: the same with the overlap penalty (10^.5 to 10^5), or sparse activations (.001 to .1);
* cnn+modisco: DeepLIFT-SHAP (10 shuffles, both strands) of the same 1,000 positives, TF-MoDISco, FIMO with its motifs;
* 6-mers: a logistic regression on counts of 6-mers, of both strands: prediction alone.
ARGMINN's own rows are those of readable.csv. FIMO's calls are scored at the threshold that suits each best (best_f1), as those of the true motifs there. seconds: training, reading, calling; one thread. Needs `argminn[baselines]`.
"""
import argparse
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd

from design import baseline
from readable import CALLED, PER_EPOCH, TEST, design_of
from argminn.simulation import SETS

TABLE = Path(__file__).with_name("results") / "rivals.csv"
EPOCHS = 40 # those of ARGMINN's recipe
PENALTIES = {"cnn+overlap": [("overlap", (10 ** .5, 1e5))], "cnn+l1": [("activation_l1", (1e-3, 1e-1))]}
ROUTES = "cnn", "cnn+overlap", "cnn+l1", "explainn", "cnn+modisco", "6-mers"


def filter_motifs(model, codes):
    "Motifs of the first filters that pass the quality filter."
    import torch
    from argminn.motifs import Motif, passes_quality
    from argminn.sequences import one_hot
    first = model.activations if hasattr(model, "activations") else lambda X: model.norm(model.filters(X)).exp()
    width = model.body[0].kernel_size[0] if hasattr(model, "body") else model.filters.kernel_size[0]
    with torch.no_grad():
        a = torch.cat([first(one_hot(codes[i:i + 512])) for i in range(0, len(codes), 512)])
    windows, found = np.lib.stride_tricks.sliding_window_view(codes, width, axis=1), []
    for f in range(a.shape[1]):
        row, at = (x.numpy() for x in (a[:, f] > .5 * a[:, f].max()).nonzero(as_tuple=True))
        if not a[:, f].max() > 0 or len(row) < 10: continue
        motif = Motif.from_pfm((windows[row, at][..., None] == np.arange(4)).sum(0).T, f"filter_{f}", f"filter_{f}").trim()
        if passes_quality(motif): found.append(motif)
    return found


def instances(motifs, design, positives, true_sites):
    "(scores of FIMO's calls under the true motifs' names, recovery)."
    from argminn.evaluation import fimo_calls, instance_scores, motif_recovery, one_call_a_site, palindromes
    recovery = motif_recovery(motifs, design.planted)
    if not motifs: return dict(best_f1=0., average_precision=0.), recovery
    good = recovery[recovery.status.isin(["recovered", "weak"])]
    name, turned = {motifs[i].name: t for i, t in zip(good.found, good.true_motif)}, {motifs[i].name for i in good.found[good.flipped]}
    calls = fimo_calls(motifs, positives)
    calls = calls.assign(strand=calls.strand.where(~calls.motif.isin(turned), calls.strand.map({"+": "-", "-": "+"})), motif=calls.motif.map(lambda m: name.get(m, m)))
    return instance_scores(one_call_a_site(calls), true_sites, palindromes(design.planted)), recovery


def kmers(codes, k=6):
    "Counts of k-mers, both strands as one, (N, 4^k), as a sparse matrix."
    from scipy.sparse import csr_matrix
    windows = np.lib.stride_tricks.sliding_window_view(codes.astype(int), k, axis=1)
    power = 4 ** np.arange(k)
    number = np.minimum((windows * power).sum(-1), ((3 - windows) * power[::-1]).sum(-1))
    rows = np.repeat(np.arange(len(codes)), number.shape[1])
    return csr_matrix((np.ones(number.size, np.float32), (rows, number.ravel())), shape=(len(codes), 4 ** k))


def measured(name, route, seed, models):
    "One row of the table."
    import torch
    torch.set_num_threads(1)
    from argminn.attribution import contributions, modisco_motifs
    from argminn.recipe import binary_metrics, predict_logits
    from argminn.simulation import simulate
    design, (test, truth) = design_of(name), simulate(design_of(name), TEST, [seed, 2, 0])
    positives, row = test[:CALLED], dict(set=name, route=route, seed=seed)
    if route == "6-mers":
        from sklearn.linear_model import LogisticRegression
        started, train = time.perf_counter(), simulate(design, 4 * PER_EPOCH, [seed, 1])[0]
        fitted = LogisticRegression(C=1e-3, max_iter=300).fit(kmers(train.codes), train.labels[:, 0] > .5)
        m = binary_metrics(fitted.decision_function(kmers(test.codes)), test.labels[:, 0])
        return row | dict(accuracy=m["accuracy"], auroc=m["auroc"], train_seconds=time.perf_counter() - started)
    model, seconds = baseline("cnn" if route == "cnn+modisco" else route, name, seed, models, EPOCHS, PENALTIES.get(route, ()))
    m = binary_metrics(predict_logits(model, test.codes)[:, 0], test.labels[:, 0])
    started = time.perf_counter()
    motifs = modisco_motifs(positives.codes, contributions(model, positives.codes)) if route == "cnn+modisco" else filter_motifs(model, simulate(design, 1000, [seed, 3, 0])[0].codes)
    read, started = time.perf_counter() - started, time.perf_counter()
    scores, recovery = instances(motifs, design, positives, truth[truth.sequence_name.isin(set(positives.names))])
    counts = recovery.status.value_counts()
    return row | dict(accuracy=m["accuracy"], auroc=m["auroc"], motifs=len(motifs), **{s: int(counts.get(s, 0)) for s in ("recovered", "weak", "duplicate", "stranger", "missed")}, best_f1=scores["best_f1"],
                      average_precision=scores["average_precision"], train_seconds=seconds, read_seconds=read, call_seconds=time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--routes", nargs="+", choices=ROUTES, default=list(ROUTES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--models", type=Path, default=TABLE.parent / "models")
    args = parser.parse_args()
    table = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame(columns=["set", "route", "seed"])
    order = lambda c: c.map({k: i for i, k in enumerate([*SETS, *ROUTES])}) if c.name in ("set", "route") else c
    with ProcessPoolExecutor(args.jobs) as pool:
        for done in as_completed([pool.submit(measured, s, r, k, args.models) for k in range(args.seeds) for s in args.sets for r in args.routes]):
            new = done.result()
            print(new, flush=True)
            same = (table.set == new["set"]) & (table.route == new["route"]) & (table.seed == new["seed"])
            table = pd.concat([table[~same], pd.DataFrame([new])], ignore_index=True)
            table.sort_values(["set", "route", "seed"], key=order).to_csv(TABLE, index=False, float_format="%.4g")
