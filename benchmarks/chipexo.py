"""Instances on real data: calls in held-out windows of yeast, by each route, beside the events that ChIP-exo saw.

    python benchmarks/chipexo.py --data ../shared/data [--jobs 2] [--again]

Reb1, Abf1 and Fkh1; chrXII and chrXV are held out (real.py's case yeast). A call is right where the middle of an event lies within 15 bp of its own, an event is found where a call lies so near. Any motif of a route may call: the events' factors are not asked for. One row per route in chipexo.csv:
precision, recall and F1 at the route's own threshold (ours; Fi-NeMo's hits; FIMO p < 1e-4), the best F1, and the best precision at 40 values of recall.
* argminn: its own calls; argminn+fimo: FIMO with its motifs;
* cnn, explainn: FIMO with the motifs of their first filters;
* cnn+modisco, cnn+finemo: DeepLIFT-SHAP of 1,000 training positives, TF-MoDISco; FIMO, or Fi-NeMo on the contributions of the held-out windows.
Seed 0; each network has 8 filters and 40 epochs.
"""
from pathlib import Path

import numpy as np
import pandas as pd

from common import measure, parser
from rivals import RECALLS, filter_motifs

TABLE, KEYS = "chipexo.csv", ("route",)
ROUTES = "argminn", "cnn", "explainn", "cnn+modisco"
NEAR = 15


def scored(calls, events, limit):
    "Columns of a row; calls: DataFrame chrom, middle, score; limit: least score of the route's own threshold."
    calls = calls.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)
    right, found_at = np.zeros(len(calls), bool), np.full(len(events), np.inf)
    for k, e in enumerate(events.itertuples()):
        near = ((calls.chrom == e.chrom) & ((calls.middle - e.centre).abs() <= NEAR)).to_numpy()
        right |= near
        if near.any(): found_at[k] = near.argmax() # the rank of the first call that finds it
    at = np.arange(1, len(calls) + 1)
    precision, recall = right.cumsum() / at, np.array([(found_at < n).mean() for n in at]) if len(calls) else np.zeros(0)
    last = np.r_[np.diff(calls.score) != 0, True] if len(calls) else np.zeros(0, bool)
    f1 = np.where(last, 2 * precision * recall / np.maximum(precision + recall, 1e-9), 0)
    own = int((calls.score >= limit).sum()) - 1
    row = dict(calls=own + 1, precision=precision[own], recall=recall[own], f1=f1[own]) if own >= 0 else dict(calls=0, precision=np.nan, recall=0., f1=0.)
    return row | dict(best_f1=f1.max(initial=0), events=len(events), curve=" ".join(f"{precision[last & (recall >= r)].max(initial=0):.3f}" for r in RECALLS))


def measured(route, data):
    "One row, or two."
    import torch
    torch.set_num_threads(1)
    import real
    from argminn.attribution import contributions, finemo_calls, modisco_patterns
    from argminn.baselines import fit_model
    from argminn.data import load_data, read_loci
    from argminn.evaluation import fimo_calls
    from argminn.instances import call_instances
    from argminn.readout import read_motifs
    case, _ = real.files_of("yeast", data)
    splits = load_data(**case, random_state=0)
    test, (codes, labels) = splits.test[splits.test.labels[:, 0] > 0], splits.train.epoch(0)
    positives = codes[labels[:, 0] > 0]
    events = pd.concat([read_loci(f) for f in case["positives"]])
    inside = [((test.chrom == e.chrom) & (test.start <= e.centre) & (e.centre < test.start + splits.length)).any() for e in events.itertuples()]
    events = events[inside]
    start = dict(zip(test.names, test.start)), dict(zip(test.names, test.chrom))
    model, rows = fit_model(route.split("+")[0], splits), []

    def add(name, calls, limit, coordinates="window"):
        middle = (calls.start + calls.end) // 2
        if coordinates == "window": calls, middle = calls.assign(chrom=calls.sequence_name.map(start[1])), middle + calls.sequence_name.map(start[0])
        unique = calls.assign(middle=middle).sort_values("score", ascending=False).drop_duplicates(["chrom", "middle"]) # windows overlap
        rows.append(dict(route=name, **scored(unique[["chrom", "middle", "score"]], events, limit)))

    if route == "argminn":
        found = read_motifs(model, codes)
        table = call_instances(model, found, test, effects=False).table
        add(route, table.assign(score=-np.log10(np.maximum(table.p_value.astype(float), 1e-300))), -np.inf, "genome")
        add("argminn+fimo", fimo_calls([m.motif for m in found], test), 4)
    elif route == "cnn+modisco":
        patterns = modisco_patterns(positives[:1000], contributions(model, positives[:1000]))
        add(route, fimo_calls([p.motif for p in patterns], test), 4)
        add("cnn+finemo", finemo_calls(patterns, test, contributions(model, test.codes)), -np.inf)
    else: add(route, fimo_calls(filter_motifs(model, codes), test), 4)
    return rows


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--routes", nargs="+", choices=ROUTES, default=list(ROUTES))
    args = p.parse_args()
    measure(TABLE, KEYS, measured, [((r,), (args.data,)) for r in args.routes], args, ["argminn", "argminn+fimo", "cnn", "explainn", "cnn+modisco", "cnn+finemo"])
