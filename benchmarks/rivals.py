"""The usual routes to motifs and instances, on the same simulated sets as `readable.py`: what they predict, find and call, and how long they take.

    python benchmarks/rivals.py [--sets spi1 ...] [--seeds 5] [--routes cnn ...] [--jobs 2] [--models FOLDER] [--again]

One row per set, route and seed in rivals.csv (curve: the best precision at 40 values of recall). Each network has 8 filters, the epochs (40) and fresh sequences of ARGMINN's recipe, and is judged on the same 10,000 test sequences (5,000 of each class), its calls on the same
1,000 positives:
* argminn: as `readable.py` trains it; its own calls;
* cnn, explainn: motifs from the first filters (10 and 19 columns; the mean of the windows above the share of a filter's maximum at which ARGMINN's are read, in the same 12,800 sequences, trimmed and filtered as ours), instances by FIMO with them;
* cnn+overlap, cnn+l1: the same with the overlap penalty (10^.5 to 10^5), or sparse activations (.001 to .1);
* cnn+modisco: DeepLIFT-SHAP (10 shuffles, both strands) of the same 1,000 positives, TF-MoDISco, FIMO with its motifs; cnn+finemo: the same, and Fi-NeMo for the instances;
* 6-mers: a logistic regression on counts of 6-mers, of both strands: prediction alone;
* oracle: the simulation's Bayes oracle, and its posterior of each site: the limit.
FIMO's calls are scored at the threshold that suits each best (best_f1). seconds: training, reading (less where TF-MoDISco's patterns were kept by an earlier run), calling; one thread, other jobs beside: `routes.py` measures times. Needs `argminn[baselines]`.
"""
import time
from pathlib import Path

import numpy as np

from common import measure, parser
from design import baseline
from readable import CALLED, PER_EPOCH, TEST, design_of, kept
from argminn.simulation import SETS

TABLE, KEYS = "rivals.csv", ("set", "route", "seed")
EPOCHS = 40 # those of ARGMINN's recipe
ROUTES = "argminn", "cnn", "cnn+overlap", "cnn+l1", "explainn", "cnn+modisco", "6-mers", "oracle" # cnn+finemo comes with cnn+modisco
RECALLS = np.linspace(.025, 1, 40)


def filter_motifs(model, codes):
    "Motifs of the first filters that pass the quality filter."
    import torch
    from argminn.motifs import Motif, passes_quality
    from argminn.scanner import STRONG
    from argminn.sequences import one_hot
    first = model.activations if hasattr(model, "activations") else lambda X: model.norm(model.filters(X)).exp()
    width = model.body[0].kernel_size[0] if hasattr(model, "body") else model.filters.kernel_size[0]
    with torch.no_grad():
        a = torch.cat([first(one_hot(codes[i:i + 512])) for i in range(0, len(codes), 512)])
    windows, found = np.lib.stride_tricks.sliding_window_view(codes, width, axis=1), []
    for f in range(a.shape[1]):
        row, at = (x.numpy() for x in (a[:, f] > STRONG * a[:, f].max()).nonzero(as_tuple=True))
        if not a[:, f].max() > 0 or len(row) < 10: continue
        motif = Motif.from_pfm((windows[row, at][..., None] == np.arange(4)).sum(0).T, f"filter_{f}", f"filter_{f}").trim()
        if passes_quality(motif): found.append(motif)
    return found


def kept_patterns(file, find):
    "TF-MoDISco's patterns, from the file where they are kept, if they are."
    from argminn.attribution import Pattern
    from argminn.motifs import Motif
    if not file.exists():
        patterns, part = find(), file.with_suffix(".part.npz")
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, n=len(patterns), **{f"ppm{k}": p.motif.ppm for k, p in enumerate(patterns)}, **{f"cwm{k}": p.cwm for k, p in enumerate(patterns)}, sites=[p.motif.n_sites for p in patterns], names=[p.motif.name for p in patterns])
        part.replace(file)
        return patterns
    with np.load(file) as z: return [Pattern(Motif(z[f"ppm{k}"], str(z["names"][k]), str(z["names"][k]), float(z["sites"][k])), z[f"cwm{k}"]) for k in range(int(z["n"]))]


def routes_of(name, route, seed, models):
    "Yields (route, logits of the test, motifs, their recovery, calls, dict of seconds): one; of cnn+modisco a second one, cnn+finemo, on the same motifs."
    from argminn.attribution import contributions, finemo_calls, modisco_patterns
    from argminn.evaluation import fimo_calls, motif_recovery, named_calls, one_call_a_site, under_true_names
    from argminn.instances import call_instances
    from argminn.oracle import bayes_logits, posterior_instances
    from argminn.readout import read_motifs
    from argminn.recipe import predict_logits
    from argminn.simulation import simulate
    design, test = design_of(name), simulate(design_of(name), TEST, [seed, 2, 0])[0]
    positives, clock = test[:CALLED], time.perf_counter
    if route == "oracle":
        yield route, bayes_logits(design, test.codes), None, None, one_call_a_site(posterior_instances(design, positives)), {}
        return
    if route == "argminn": _, model, spent = kept(name, "ours", seed, models)
    else: model, spent = baseline("cnn" if route == "cnn+modisco" else route, name, seed, models, EPOCHS)
    logits = predict_logits(model, test.codes)[:, 0]
    if route == "6-mers":
        yield route, logits, None, None, None, dict(train_seconds=spent)
        return
    started = clock()
    if route == "argminn":
        found = read_motifs(model, simulate(design, PER_EPOCH, [seed, 3, 0])[0].codes, random_state=seed)
        motifs = [m.motif for m in found]
    elif route == "cnn+modisco":
        told = contributions(model, positives.codes)
        patterns = kept_patterns(Path(models) / "modisco" / f"{name}_{seed}_{EPOCHS}.npz", lambda: modisco_patterns(positives.codes, told))
        motifs = [p.motif for p in patterns]
    else: motifs = filter_motifs(model, simulate(design, PER_EPOCH, [seed, 3, 0])[0].codes)
    seconds, recovery = dict(train_seconds=spent, read_seconds=clock() - started), motif_recovery(motifs, design.planted)
    started, names = clock(), [m.name for m in motifs]
    if route == "argminn": calls = named_calls(call_instances(model, found, positives, effects=False).table, recovery, [m.motif_id for m in motifs])
    else: calls = one_call_a_site(under_true_names(fimo_calls(motifs, positives), names, recovery))
    yield route, logits, motifs, recovery, calls, seconds | dict(call_seconds=clock() - started)
    if route == "cnn+modisco":
        started = clock()
        calls = one_call_a_site(under_true_names(finemo_calls(patterns, positives, told), names, recovery))
        yield "cnn+finemo", logits, motifs, recovery, calls, seconds | dict(call_seconds=clock() - started)


def measured(name, route, seed, models):
    "One row of the table, or two."
    import torch
    torch.set_num_threads(1)
    from argminn.evaluation import instance_scores, interpretability, palindromes, precision_recall
    from argminn.recipe import binary_metrics
    from argminn.simulation import simulate
    design, (test, truth), rows = design_of(name), simulate(design_of(name), TEST, [seed, 2, 0]), []
    sites, flat = truth[truth.sequence_name.isin(set(test.names[:CALLED]))], palindromes(design.planted)
    for route, logits, motifs, recovery, calls, seconds in routes_of(name, route, seed, models):
        m = binary_metrics(logits, test.labels[:, 0])
        row = dict(set=name, route=route, seed=seed, accuracy=m["accuracy"], auroc=m["auroc"])
        if motifs is not None: row |= dict(motifs=len(motifs), **{s: int((recovery.status == s).sum()) for s in ("recovered", "weak", "duplicate", "stranger", "missed")}, interpretability=interpretability(motifs, design.planted))
        if calls is not None:
            s, (precision, recall, _) = instance_scores(calls, sites, flat), precision_recall(calls, sites, flat)
            row |= {k: s[k] for k in ("precision", "recall", "f1", "best_f1", "average_precision")} | dict(curve=" ".join(f"{precision[recall >= r].max(initial=0):.3f}" for r in RECALLS))
        rows.append(row | seconds)
    return rows


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--sets", nargs="+", default=list(SETS))
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--routes", nargs="+", choices=ROUTES, default=list(ROUTES))
    args = p.parse_args()
    measure(TABLE, KEYS, measured, [((s, r, k), (args.models,)) for k in range(args.seeds) for s in args.sets for r in args.routes], args, [*SETS, *ROUTES[:6], "cnn+finemo", *ROUTES[6:]], told=[*KEYS, "accuracy", "auroc"])
