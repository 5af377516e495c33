"""Do importance scores agree, and what do they see where motifs are redundant?

    python benchmarks/attribution.py [--sets spi1 ...] [--jobs 2] [--models FOLDER] [--again]

The CNNs of `rivals.py` (seeds 0 and 1) and ARGMINN's networks of `readable.py`. Rows of attribution.csv:
* agreement: 100 positives of each set; two methods on the same CNN, or the same method (DeepLIFT-SHAP) on two CNNs that differ by their seed: median over sequences of Pearson's correlation of the contributions, and of the Jaccard index of the twenty bases that contribute most;
* redundancy: sequences with 3 to 12 GATA1 sites within 300 bp, read by the networks of gata_density: share of the planted sites that each method shows (their mean contribution is above that of 95 % of windows as wide that share no base with a site, in all sequences of that number), and that ARGMINN calls.
"""
import numpy as np

from common import measure, parser
from design import baseline
from readable import design_of, kept
from rivals import EPOCHS
from argminn.simulation import SETS

TABLE, KEYS = "attribution.csv", ("part", "set", "what")
N, TOP, SITES = 100, 20, (3, 4, 6, 8, 12)


def told(model, codes, method):
    "Contributions of the bases that stand there, (N, L)."
    from argminn.attribution import contributions
    from argminn.sequences import one_hot
    return (contributions(model, codes, method) * one_hot(codes).numpy()).sum(1)


def agreement(name, what, models):
    "One row."
    from argminn.simulation import simulate
    codes, (a, b) = simulate(design_of(name), N, [0, 6, 0])[0].codes[:N], what.split(" and ")
    first, second = baseline("cnn", name, 0, models, EPOCHS)[0], baseline("cnn", name, 1, models, EPOCHS)[0]
    x, y = (told(first, codes, "deeplift"), told(second, codes, "deeplift")) if a == "seed 0" else (told(first, codes, a), told(first, codes, b))
    top = lambda c: set(np.argsort(-np.abs(c))[:TOP])
    return [dict(part="agreement", set=name, what=what, pearson=np.median([np.corrcoef(p, q)[0, 1] for p, q in zip(x, y)]), jaccard=np.median([len(top(p) & top(q)) / len(top(p) | top(q)) for p, q in zip(x, y)]))]


def redundancy(name, what, models):
    "One row per method."
    from argminn.evaluation import instance_scores, motif_recovery, named_calls
    from argminn.instances import call_instances
    from argminn.readout import read_motifs
    from argminn.simulation import Design, simulate
    design, n = design_of(name), int(what.split()[0])
    sequences, truth = simulate(Design("many", f"{n}..{n} x GATA1(?) within 300", "background", design.motifs), N, [0, 7, n])
    positives = sequences[:N]
    truth, rows = truth[truth.sequence_name.isin(set(positives.names))], []
    number = {s: k for k, s in enumerate(positives.names)}
    width, cnn = int((truth.end - truth.start).median()), baseline("cnn", name, 0, models, EPOCHS)[0]
    inside = np.zeros(positives.codes.shape, bool)
    for t in truth.itertuples(): inside[number[t.sequence_name], t.start:t.end] = True
    windows = lambda x: np.lib.stride_tricks.sliding_window_view(x, width, axis=1)
    for method in ("deeplift", "integrated_gradients", "mutagenesis"):
        c = told(cnn, positives.codes, method)
        limit = np.quantile(windows(c).mean(-1)[~windows(inside).any(-1)], .95)
        shown = [c[number[t.sequence_name], t.start:t.end].mean() > limit for t in truth.itertuples()]
        rows.append(dict(part="redundancy", set=name, what=what, method=method, sites=len(truth), shown=np.mean(shown)))
    _, model, _ = kept(name, "ours", 0, models)
    found = read_motifs(model, simulate(design, 6400, [0, 3, 0])[0].codes, random_state=0)
    calls = named_calls(call_instances(model, found, positives, effects=False).table, motif_recovery([m.motif for m in found], design.planted), [m.motif.motif_id for m in found])
    s = instance_scores(calls, truth)
    return [*rows, dict(part="redundancy", set=name, what=what, method="argminn", sites=len(truth), shown=s["recall"], precision=s["precision"])]


def measured(part, name, what, models):
    import torch
    torch.set_num_threads(1)
    return dict(agreement=agreement, redundancy=redundancy)[part](name, what, models)


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--sets", nargs="+", default=list(SETS))
    args = p.parse_args()
    pairs = "deeplift and integrated_gradients", "deeplift and mutagenesis", "integrated_gradients and mutagenesis", "seed 0 and seed 1"
    todo = [(("agreement", s, w), (args.models,)) for s in args.sets for w in pairs] + [(("redundancy", "gata_density", f"{n} sites"), (args.models,)) for n in SITES]
    measure(TABLE, KEYS, measured, todo, args, [*SETS, *pairs, *(f"{n} sites" for n in SITES)])
