"""Designed sequences, judged by who has not made them: rules of trained networks beside Ledidi and greedy substitution, on the simulated sets.

    python benchmarks/design.py [--sets spi1 ...] [--jobs 2] [--models FOLDER] [--designs 1000] [--others 8] [--parts designs fooled]

The attacked networks: ARGMINN as `readable.py` trains it (seed 0), and the CNN of baselines (seed 0). The judges: the simulation's Bayes oracle (the truth), and a CNN and an ExplaiNN of other seeds (100, 101).
* the set's own grammar: its positives as formulas over the true motifs, by `design_sequences`, without any network.
* first rule, all rules: what the network's short list holds for positives (the command takes the first one), in the middle, where its instances stand, with the network as the judge. A rule that is not the first is what the network says where
  those before it do not hold: its motif may be there because another one is.
* fewest edits: of uniform backgrounds without any motif, to satisfy the first rule, by `fewest_edits`.
* Ledidi (the library, its default options; the target is the median logit of positives), greedy substitution (the best of all single ones, up to 30, until the network says .9): of the same backgrounds, on ARGMINN and on the CNN.
* own filters: what can be made of them? The words that they read best, as far as these hold no instance of a true motif (p < .001), are put where they change the network's mind most, up to five: into backgrounds without a motif, to make
  it say yes, and beside the true motifs of positives, to make it say no. Near misses: the same with the best words that hold no such instance, one for each filter, weak sites of the true motifs among them; truth_logit is what the oracle says of those that mislead the network (median).
benchmarks/results/design.csv has a row per set, network and method; seed 0 throughout. One thread per process.
"""
import time
from pathlib import Path

import numpy as np
import pandas as pd

from common import measure, parser
from readable import PER_EPOCH, design_of, kept
from argminn.simulation import SETS

TABLE, KEYS = "design.csv", ("set", "part")
JUDGES = {"cnn": 100, "explainn": 101}
EPOCHS, FOOLED, WORDS, GRID = 20, 50, 5, 20


def baseline(kind, name, seed, models, epochs=EPOCHS):
    "(a trained model of `baselines.KINDS`, seconds of its training), from the folder where it is kept, if it is."
    import torch
    from argminn.baselines import fit_model, new_model
    from argminn.data import Data
    from argminn.recipe import Recipe
    from argminn.simulation import FreshTraining, simulate
    design, file = design_of(name), Path(models) / kind / f"{name}_{seed}_{epochs}.pt"
    if file.exists():
        kept_here, model = torch.load(file, weights_only=True), new_model(kind, design.length)
        model.load_state_dict(kept_here["model"])
        return model.eval(), kept_here["seconds"]
    data, started = Data(FreshTraining(design, PER_EPOCH, seed), simulate(design, 1500, [seed, 1, 0])[0], None, ("label",), design.length, "given"), time.perf_counter()
    model = fit_model(kind, data, Recipe(epochs=epochs), seed)
    seconds = time.perf_counter() - started
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(model=model.state_dict(), seconds=seconds), file)
    return model, seconds


def says(model, codes):
    from argminn.recipe import predict_logits
    return predict_logits(model, codes)[:, 0]


def judged(codes, model, design, judges):
    "Shares: what the network itself says yes to, the truth, the judges; and what the network alone says yes to, the truth not."
    from argminn.oracle import bayes_logits
    truth = bayes_logits(design, codes) > 0
    own = says(model, codes) > 0 if model else np.full(len(codes), np.nan)
    return dict(yes=own.mean(), truth=truth.mean(), **{k: (says(j, codes) > 0).mean() for k, j in judges.items()}, adversarial=((own == 1) & ~truth).mean() if model else np.nan)


def rules_of(model, design):
    "(found motifs, rules that speak for a positive, (start, end) between which their instances stand)."
    from argminn.grammar import occurrences, read_rules
    from argminn.readout import read_motifs
    from argminn.simulation import simulate
    found = read_motifs(model, simulate(design, PER_EPOCH, [0, 3, 0])[0].codes, random_state=0)
    learn, held_out = (simulate(design, 2500, [0, k, 0])[0] for k in (4, 5))
    grammar, = read_rules(model, found, learn, held_out, tested=0)
    calls = occurrences(model, found, held_out.codes[:2500]).calls
    rules = [r for r, p in zip(grammar.short.rules, grammar.short.probabilities) if p > .5]
    first = int(np.quantile(np.r_[calls.start, design.length - calls.end], .05))
    return found, rules, (first, design.length - first)


def grammar_formulas(design):
    "[(formula, (start, end) between which its instances stand, share)] of the set's positives, in the words of its grammar."
    told = []
    for a in design.grammars[1]:
        shortest = design.span(a) - sum(most - least for least, most in a.gaps) # so that no block's centre lies further off than in the set
        names, first = "xyzuvw"[:len(a.sites)], design.length // 2 - (a.within // 2 if a.count else design.centre + shortest // 2)
        atoms = [f"{m}({v})" if s == "?" else f"{m}({v},{s})" for (m, s), v in zip(a.sites, names)]
        atoms += [f"gap({x},{y}) in [{low},{high}]" for x, y, (low, high) in zip(names, names[1:], a.gaps)]
        absent = "".join(f" & !(exists w. {m.name}(w))" for m in design.motifs if m.name not in a.motifs and len(design.planted) > 1 and design.name == "spi1_ctcf")
        told.append((f"(atleast {a.count[0]} x. {atoms[0]})" if a.count else f"(exists {' '.join(names)}. {' & '.join(atoms)}){absent}", (first, design.length - first), a.weight))
    return told


def designed(motifs, asks, n, design, judges):
    "(codes of the accepted, dict of what is told of them); asks: [(formula, (start, end), share)]."
    from argminn.design import Ask, design_sequences
    from argminn.formulas import evaluate
    from argminn.sites import Sites
    started, made, held, sites = time.perf_counter(), [], [], Sites(motifs)
    for k, (formula, within, share) in enumerate(asks):
        d = design_sequences(motifs, [Ask(formula, True)], round(n * share), design.length, judges, within=within, random_state=k)
        made.append(d)
        held.append(evaluate(formula, sites.of(d.codes[d.accepted]), d.accepted.sum(), motifs, True, design.length).mean())
    seconds = (time.perf_counter() - started) / sum(map(len, made))
    codes, bare = (np.concatenate([getattr(d, name)[d.accepted] for d in made]) for name in ("codes", "background"))
    unexplained = sum(int((~d.accepted & (d.table.reason == "")).sum()) for d in made)
    truth = [round(float(judged(d.codes[d.accepted], None, design, {})["truth"]), 3) if d.accepted.any() else None for d in made]
    return codes, bare, dict(asked=sum(map(len, made)), formula=float(np.mean(held)), unexplained=unexplained, seconds=seconds, formulas=" | ".join(f for f, _, _ in asks), truths=" | ".join(map(str, truth)))


def backgrounds(design, n, seed):
    "Uniform DNA without a trace of the set's motifs, (n, L)."
    from argminn.design import Limits, clean
    from argminn.placement import SITES
    from argminn.sites import Sites
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, design.length), np.uint8)
    clean(codes, np.ones(codes.shape, bool), pd.DataFrame(columns=SITES, dtype=int), Sites(design.planted, 1e-3), Limits(), np.full((4, 4), 1 / 16), rng)
    return codes


def greedy(model, codes, most=30, enough=.9):
    "The best single substitution again and again."
    made = codes.copy()
    for row in made:
        for _ in range(most):
            if says(model, row[None])[0] >= np.log(enough / (1 - enough)): break
            each = np.repeat(row[None], 3 * len(row), 0)
            at = np.arange(len(each))
            each[at, at // 3] = (row[at // 3] + 1 + at % 3) % 4
            row[:] = each[says(model, each).argmax()]
    return made


def ledidi(model, codes, target):
    "The library's designs, the best of each batch."
    import torch
    from ledidi import Ledidi
    from argminn.sequences import one_hot, one_hot_to_codes

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model
        def forward(self, X): return self.model.predict(X)

    made = []
    for k, row in enumerate(codes):
        torch.manual_seed(k)
        X = one_hot(row[None])
        drawn = one_hot_to_codes(Ledidi(Logits(), X.shape[1:], verbose=False, random_state=k).fit_transform(X, torch.tensor([[float(target)]])).detach())
        made.append(drawn[np.abs(says(model, drawn) - target).argmin()])
    return np.stack(made)


def filter_words(model, design, near, tried=20_000):
    "Of each filter the word that it reads best, if it holds no instance of a true motif (p < .001); or a near miss: the best one that holds none."
    from argminn.sites import Sites
    if hasattr(model, "scanner"): weights = model.scanner.weight.detach().numpy()[model.scanner.live.numpy()]
    else: weights = model.body[0].weight.detach().numpy()
    rng, sites, words = np.random.default_rng(0), Sites(design.planted, 1e-3), []
    for w in weights:
        best = np.tile(w.argmax(0).astype(np.uint8), (tried if near else 1, 1))
        drawn = np.where(rng.random(best.shape) < rng.uniform(0, .6, (len(best), 1)), rng.integers(0, 4, best.shape, np.uint8), best) if near else best
        ends = np.full((len(best), 20), 4, np.uint8)
        decoys = np.setdiff1d(np.arange(len(best)), sites.of(np.hstack([ends, drawn, ends])).row)
        reading = w[drawn, np.arange(w.shape[1])].sum(1)
        if len(decoys): words.append(drawn[decoys[reading[decoys].argmax()]])
    return words


def fooled(model, design, yes, near):
    "Share of sequences whose answer the network's own filters turn, while the truth stays as it was."
    from argminn.oracle import bayes_logits
    from argminn.sites import Sites
    from argminn.simulation import simulate
    words, sites = filter_words(model, design, near), Sites(design.planted, 1e-3)
    if yes: codes = backgrounds(design, FOOLED, 9)
    else:
        codes = simulate(design, 1000, [9, 9])[0].codes[:1000]
        codes = codes[(says(model, codes) > 0) & (bayes_logits(design, codes) > 2)][:FOOLED]
    codes = codes.copy()
    for row in codes:
        taken = np.zeros(len(row), bool)
        for s, e in sites.of(row[None])[["start", "end"]].to_numpy(int): taken[s:e] = True
        for _ in range(WORDS):
            tried = []
            for w in words:
                for at in range(0, len(row) - len(w), GRID):
                    if not taken[at:at + len(w)].any(): tried.append((at, w))
            if not tried: break
            each = np.repeat(row[None], len(tried), 0)
            for k, (at, w) in enumerate(tried): each[k, at:at + len(w)] = w
            logits = says(model, each) * (1 if yes else -1)
            k = int(logits.argmax())
            if logits[k] <= says(model, row[None])[0] * (1 if yes else -1): break
            row[:] = each[k]
            taken[tried[k][0]:tried[k][0] + len(tried[k][1])] = True
    own, truth = says(model, codes), bayes_logits(design, codes)
    wrong = ((own > 0) == yes) & ((truth > 0) != yes)
    return dict(n=len(codes), words=len(words), adversarial=float(wrong.mean()), truth_logit=float(np.median(truth[wrong])) if wrong.any() else np.nan)


def measured(name, models, n, others):
    "Rows of the table."
    import torch
    torch.set_num_threads(1)
    from argminn.design import Judge
    from argminn.edits import fewest_edits
    from argminn.simulation import simulate
    from argminn.sites import Sites
    design, model, _ = kept(name, "ours", 0, models)
    cnn, judges, rows = baseline("cnn", name, 0, models)[0], {k: baseline(k, name, s, models)[0] for k, s in JUDGES.items()}, []
    found, rules, within = rules_of(model, design)
    motifs, nets = [m.motif for m in found], dict(argminn=model, cnn=cnn)
    add = lambda network, method, codes, start, **more: rows.append(dict(set=name, part="designs", network=network, method=method, n=len(codes), **judged(codes, nets.get(network), design, judges), edits=None if start is None else (codes != start).sum(1).mean(), **more))
    codes, bare, told = designed(design.planted, grammar_formulas(design), n, design, [])
    add("none", "the set's own grammar", codes, None, **told)
    for method, some in (("first rule", rules[:1]), ("all rules", rules)):
        codes, bare, told = designed(motifs, [(r.formula, within, 1 / len(some)) for r in some], n, design, [Judge(model, least=.5)])
        add("argminn", method, codes, None, **told)
        add("argminn", f"{method}, backgrounds", bare, None)
    start = backgrounds(design, 100, 7)
    outside = np.ones(design.length, bool)
    outside[within[0]:within[1]] = False
    for p in (1e-4, 1e-5):
        started, sites = time.perf_counter(), Sites([m.motif for m in found], p)
        edited = [fewest_edits(sites, row, rules[0].formula, True, protected=outside).codes for row in start]
        add("argminn", f"fewest edits, sites of p {p:.0e}", np.stack(edited), start, seconds=(time.perf_counter() - started) / len(start))
    for network, m in (("argminn", model), ("cnn", cnn)):
        target = np.median(says(m, simulate(design, 500, [8, 8])[0].codes[:500]))
        for method, make in (("greedy", lambda c: greedy(m, c)), ("ledidi", lambda c: ledidi(m, c, target))):
            started = time.perf_counter()
            codes = make(start[:others])
            add(network, method, codes, start[:others], seconds=(time.perf_counter() - started) / others)
    return rows


def misled(name, models):
    "Rows of the table: ARGMINN and the CNN, own filters and near misses."
    import torch
    torch.set_num_threads(1)
    design, model, _ = kept(name, "ours", 0, models)
    rows = []
    for network, m in (("argminn", model), ("cnn", baseline("cnn", name, 0, models)[0])):
        for near, yes in ((False, True), (False, False), (True, True), (True, False)):
            rows.append(dict(set=name, part="fooled", network=network, method=f"{'near misses' if near else 'own filters'}, to a {'yes' if yes else 'no'}", **fooled(m, design, yes, near)))
    return rows


def part(name, what, models, designs, others):
    return measured(name, models, designs, others) if what == "designs" else misled(name, models)


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--sets", nargs="+", default=list(SETS))
    p.add_argument("--designs", type=int, default=1000)
    p.add_argument("--parts", nargs="+", default=["designs", "fooled"])
    p.add_argument("--others", type=int, default=8)
    args = p.parse_args()
    measure(TABLE, KEYS, part, [((s, w), (args.models, args.designs, args.others)) for w in args.parts for s in args.sets], args, [*SETS])
