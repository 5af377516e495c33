"""What is read from real data: REST's arrangements, yeast ChIP-exo events beside FIMO, the time of calling.

    python benchmarks/real_syntax.py --data ../shared/data [--case rest yeast calling hypothesis] [--random-state 0]

rest: REST GM12878 against shuffles, filters of the default width and of 10 columns; the rules with q < .05. yeast: a model of Reb1 and Abf1 (chrXII and chrXV held out); a call is right within 15 bp
of an event of its factor, an event is found where such a call lies; beside it FIMO with JASPAR's matrices (pyjaspar: pip install pyjaspar) at the threshold with the best F1 on these very events.
calling: 67,861 peaks of CTCF and SPI1, the time of calls without effects against that of predictions.
hypothesis: REST's halves at the canonical distance as a formula, learned by a student, refined on the peaks; the gaps of pairs that are called then. Writes benchmarks/results/real_syntax.json.
"""
import json
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from common import RESULTS, parser, stamp
from argminn.data import concat, load_data, read_loci, read_sequences
from argminn.evaluation import fimo_calls
from argminn.instances import call_instances
from argminn.motifs import Motif, jaspar, save_motifs
from argminn.recipe import binary_metrics, predict_logits
from argminn.run import compile_formula, fit, read_rules
from argminn.simulation import named_motifs

TABLE = "real_syntax.json"
NEAR = 15 # bp


def seconds(f):
    "(result, seconds)."
    started = time.perf_counter()
    return f(), time.perf_counter() - started


def rest(data, out, seed):
    told = {}
    for width in 15, 10:
        run = fit(data / "human/REST_GM12878_101bp.train.fa.gz", "shuffle", out / f"rest{width}", config=dict(width=width), random_state=seed, overwrite=True)
        g = run.rules
        told[f"width {width}"] = dict(motifs=[f"{m.motif_id} {m.consensus}" for m in run.motifs], test=run.metrics["test"]["auroc"], fidelity=g.fidelity, short=[r.words for r in g.short.rules],
                                      rules=[dict(rule=r.words, formula=r.formula, positives=r.fraction_positive, negatives=r.fraction_negative, q=r.q_value, necessity=r.necessity, sufficiency=r.sufficiency) for r in g.significant])
    return told


def near_scores(calls, events): # DataFrames chrom, middle, factor
    "(precision, recall, F1): calls within NEAR bp of an event of their factor, events within NEAR bp of a call."
    def share(these, those):
        near = [np.abs(those.middle[(those.chrom == c) & (those.factor == f)] - m).min() <= NEAR if ((those.chrom == c) & (those.factor == f)).any() else False for c, m, f in zip(these.chrom, these.middle, these.factor)]
        return float(np.mean(near)) if near else 0.
    precision, recall = share(calls, events), share(events, calls)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def yeast(data, out, seed):
    from pyjaspar import jaspardb
    factors, given = dict(Reb1="REB1", Abf1="ABF1"), dict(genome=data / "yeast/sacCer3.fa.gz", valid_chroms=["chrIV"], test_chroms=["chrXII", "chrXV"])
    fungi = [jaspardb().fetch_motifs(tf_name=name, tax_group=["fungi"], collection="CORE")[0] for name in factors.values()]
    matrices = [Motif.from_pfm(np.array([list(m.counts[b]) for b in "ACGT"]), factor, m.matrix_id) for factor, m in zip(factors, fungi)]
    save_motifs(jaspar() + matrices, out / "database.meme", overwrite=True)
    positives = [data / f"yeast/{f}_chipexo.narrowPeak" for f in factors]
    run = fit(positives, out=out / "yeast", motif_database=out / "database.meme", random_state=seed, overwrite=True, **given)
    test = load_data(positives, random_state=seed, **given).test
    events = pd.concat([read_loci(p).assign(factor=f) for f, p in zip(factors, positives)]).rename(columns=dict(centre="middle"))
    inside = [((test.chrom == c) & (test.start <= m) & (m < test.start + test.codes.shape[1])).any() for c, m in zip(events.chrom, events.middle)]
    events = events[inside]
    place = lambda t: t.assign(chrom=test.chrom[t.row], middle=(t.start + t.end) // 2 + test.start[t.row] * t.on_sequence)
    row = {n: k for k, n in enumerate(test.names)}
    table = call_instances(run.model, run.found, test, effects=False).table
    calls = place(table.assign(row=table.sequence_name.map(row), on_sequence=0, factor=table.motif_name)).drop_duplicates(["chrom", "middle", "factor"])
    fimo = fimo_calls(matrices, test)
    fimo = place(fimo.assign(row=fimo.sequence_name.map(row), on_sequence=1, factor=fimo.motif)).drop_duplicates(["chrom", "middle", "factor"])
    told = dict(motifs=[f"{m.motif.motif_id} {m.motif.consensus} = {m.match_name} q {m.match_q_value:.0e}" for m in run.found], events=len(events), calls=len(calls), test=run.metrics["test"]["auroc"])
    scores = lambda calls, threshold: near_scores(calls[calls.score >= threshold], events)
    calls = calls.assign(score=-np.log10(calls.p_value))
    for name, c in dict(ours=calls, fimo=fimo).items():
        best = max(np.unique(np.quantile(c.score, np.linspace(0, .99, 40))), key=lambda x: scores(c, x)[2])
        told[f"{name}_best_threshold"] = dict(zip(("precision", "recall", "f1"), scores(c, best)))
        for factor in factors: told[f"{name}_best_threshold"][factor] = near_scores(c[(c.score >= best) & (c.factor == factor)], events[events.factor == factor])
    told["ours_as_called"] = dict(zip(("precision", "recall", "f1"), near_scores(calls, events)))
    told["fimo_same_count"] = dict(zip(("precision", "recall", "f1"), near_scores(fimo.nlargest(len(calls), "score"), events)))
    return told


def calling(data, out, seed):
    ctcf, spi1 = (data / f"human/{f}_hg19_100bp.fa.gz" for f in ("CTCF", "SPI1"))
    run = fit(ctcf, spi1, out / "ctcf", valid_chroms=["chr8"], test_chroms=["chr9"], recipe=dict(epochs=6), random_state=seed, overwrite=True)
    both = concat([read_sequences(p)[0] for p in (ctcf, spi1)])
    told = dict(sequences=len(both))
    _, told["predict_seconds"] = seconds(lambda: predict_logits(run.model, both.codes))
    called, told["call_seconds"] = seconds(lambda: call_instances(run.model, run.found, both, effects=False))
    return told | dict(calls=len(called), ratio=told["call_seconds"] / told["predict_seconds"])


def hypothesis(data, out, seed):
    "REST's halves at the canonical distance as a formula; a student of it, refined on the peaks, with filters that stay and filters that learn."
    peaks, named, told = data / "human/REST_GM12878_101bp.train.fa.gz", named_motifs(), {}
    made = compile_formula("exists x y. REST_left(x,+) & REST_right(y,+) & gap(x,y) in [1,1]", [named["REST_left"], named["REST_right"]], 101, out / "made", occurrences=2, p_value=1e-3, either=True, random_state=seed)
    for name, rest in ("filters stay", True), ("filters learn", False):
        run, spent = seconds(lambda: fit(peaks, "shuffle", out / name.replace(" ", "_"), start=made, recipe=dict(epochs=12, rest=rest), random_state=seed))
        g, = read_rules(run, peaks, random_state=seed)
        pairs = [r for r in g.rules if r.kind == "pair" and r.gap]
        first, seen, chance = max((r.gaps for r in pairs), key=lambda gaps: sum(gaps[1]), default=(0, (), ()))
        told[name] = dict(test=run.metrics["test"]["auroc"], motifs=[f"{m.name} {m.consensus}" for m in run.motifs], seconds=round(spent), first_gap=int(first), seen=[int(x) for x in seen[:30]], chance=[round(float(x), 2) for x in chance[:30]],
                          pairs=[dict(rule=r.words, gap=r.gap, n=r.n_sequences, positives=r.fraction_positive, negatives=r.fraction_negative, q=r.q_value) for r in pairs])
    test = run.labelled(data / "human/REST_GM12878_101bp.train.fa.gz")
    told["formula alone"] = binary_metrics(predict_logits(made.model, test.codes)[:, 0], test.labels[:, 0])
    return told


CASES = dict(rest=rest, yeast=yeast, calling=calling, hypothesis=hypothesis)


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    p.add_argument("--random-state", type=int, default=0)
    args = p.parse_args()
    for name in args.case:
        with tempfile.TemporaryDirectory() as folder: told = CASES[name](args.data, Path(folder), args.random_state)
        told |= dict(seed=args.random_state, threads=torch.get_num_threads(), torch=torch.__version__, machine=f"{platform.machine()} {platform.python_version()}")
        results = json.loads((RESULTS / TABLE).read_text()) if (RESULTS / TABLE).exists() else {}
        (RESULTS / TABLE).write_text(json.dumps(results | {name: told}, indent=1, default=float) + "\n")
        stamp(TABLE)
        print(json.dumps({name: told}, indent=1, default=float), flush=True)
