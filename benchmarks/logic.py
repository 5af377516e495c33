"""Networks made from formulas, against the formulas: disagreements, sizes, seconds.

    python benchmarks/logic.py [--parts universe sequences formulas roundtrip] [--n 100000] [--jobs 2] [--again]

One row per formula and construction in benchmarks/results/logic.csv.
universe: every construct of the language on every sequence of 7 bases, with motifs of two and three bases; the formula is evaluated by its definition, instance by instance.
sequences: every construct, 100,000 sequences of 500 bases with up to four planted sites of GATA1 and TAL1 (exhaustive: 20,000 of 100 bases). Sequences outside of what the plan is exact for are counted and left out.
formulas: 300 random formulas of up to three nested variables over random motifs of one to three bases, on every sequence of 6 bases, in either construction, for one reading or both.
roundtrip: 30 random formulas of one or two parts (a motif, a number, a pair in order or in a window of gaps; strands, negation, "and", "or") become networks for 200 bases, the networks are explained by asking, and the
explanation is compared with the formula on 50,000 random sets of sites.
"""
import itertools
import time

import numpy as np
import torch

from common import measure, parser
from argminn.compiler import compile_network, motif_sites, planned_sites, planted
from argminn.core import UserError
from argminn.explanation import explain_by_asking
from argminn.formulas import And, Before, Gap, Is, Not, Or, Quantified, Site, evaluate, random_formula, true_of
from argminn.motifs import Motif
from argminn.sequences import one_hot
from argminn.simulation import named_motifs

TABLE, KEYS = "logic.csv", ("part",)
CONSTRUCTS = {
    "M(x)": "exists x. A(x)", "M(x,+)": "exists x. A(x,+)", "M(x,-)": "exists x. A(x,-)", "!": "!(exists x. B(x))", "&": "(exists x. A(x)) & (exists x. B(x))", "|": "(exists x. A(x)) | (exists x. B(x))",
    "->": "(exists x. A(x)) -> (exists x. B(x))", "<->": "(exists x. A(x)) <-> (exists x. B(x))", "x < y": "exists x y. A(x) & B(y) & x < y", "x = y": "exists x y. A(x) & B(y) & x = y",
    "x = y + c": "exists x y. A(x,+) & B(y) & y = x + {offset}", "gap": "exists x y. A(x,+) & B(y,+) & gap(x,y) in [{least},{most}]", "x in": "exists x. A(x) & x in [{first},{last}]",
    "forall": "forall x. A(x) -> exists y. B(y) & x < y", "atleast": "atleast 2 x. A(x)", "exactly": "exactly 1 x. A(x)", "atmost": "atmost 1 x. A(x) | B(x)"}


def word(text, name):
    "A motif that is one word."
    ppm = np.zeros((4, len(text)))
    ppm[["ACGT".index(c) for c in text], range(len(text))] = 1
    return Motif(ppm, name, name)


@torch.no_grad()
def decisions(compiled, codes, dtype, batch=256):
    "(N,) bool."
    model = compiled.model.to(dtype)
    said = np.concatenate([(model.predict(one_hot(codes[i:i + batch]).to(dtype))[:, 0] > 0).numpy() for i in range(0, len(codes), batch)])
    compiled.model.float()
    return said


def by_definition(compiled, codes):
    "(N,) bool: the formula's truth, instance by instance."
    sites, names = [[] for _ in codes], [m.motif_id for m in compiled.motifs]
    for c in motif_sites(compiled.model, compiled.found, codes).itertuples(): sites[c.row].append(Site(names[c.motif], c.start, c.end, "+-"[c.strand]))
    return np.array([true_of(compiled.formula, s) for s in sites])


def measured(part, name, text, motifs, codes, truth=None, **options):
    "One row of the table."
    started = time.perf_counter()
    c = compile_network(text, motifs, codes.shape[1], **options)
    seconds, here = time.perf_counter() - started, c.covers(codes)
    truth = truth(c, codes) if truth else c.truth(codes)
    wrong = {f"wrong_{kind}": int((decisions(c, codes, dtype) != truth)[here].sum()) for kind, dtype in (("float32", torch.float32), ("float64", torch.float64))}
    return dict(part=part, construct=name, formula=str(c.formula), construction=c.plan.construction, either=c.either, length=codes.shape[1], layers=c.plan.layers, heads=c.plan.heads, weights=c.plan.parameters,
                compile_seconds=round(seconds, 2), sequences=len(codes), exact_for=int(here.sum()), true=round(float(truth.mean()), 3), **wrong)


def everything(length): return np.array(list(itertools.product(range(4), repeat=length)), np.uint8)


def universe(n):
    codes, motifs = everything(7), [word("ACG", "A"), word("GT", "B")]
    for name, text in CONSTRUCTS.items():
        for options in dict(construction="binding", occurrences=4), dict(construction="exhaustive"):
            yield measured("universe", name, text.format(offset=2, least=0, most=2, first=1, last=3), motifs, codes, by_definition, **options)


def sequences(most):
    named = named_motifs()
    motifs = [Motif(named[n].ppm, n, i, named[n].n_sites) for n, i in (("GATA1", "A"), ("TAL1", "B"))]
    for construction, length in ("binding", 500), ("exhaustive", 100):
        rng = np.random.default_rng(0)
        n = most if construction == "binding" else most // 5
        codes = planted(motifs, planned_sites(motifs, length, n, rng), length, n, rng)
        for name, text in CONSTRUCTS.items():
            yield measured("sequences", name, text.format(offset=20, least=2, most=10, first=20, last=length // 2), motifs, codes, construction=construction)


def formulas(n):
    rng, codes = np.random.default_rng(0), everything(6)
    for k in range(300):
        motifs = [word("".join(rng.choice(list("ACGT"), rng.integers(1, 4))), name) for name in "AB"[:rng.integers(1, 3)]]
        f, construction = random_formula(rng, [m.name for m in motifs], 4, length=6), str(rng.choice(["binding", "exhaustive"]))
        options = dict(construction=construction, either=bool(rng.random() < .3), **(dict(occurrences=int(rng.integers(1, 5))) if construction == "binding" else {}))
        try: yield measured("formulas", f"random {k}", f, motifs, codes, **options)
        except UserError as e: print(f"{f}: {e}")


def random_part(rng):
    "A motif, a number of it, or a pair."
    names, strand = rng.permutation(["A", "B"]), lambda: str(rng.choice(["", "+", "-"]))
    kind = rng.choice(["motif", "count", "order", "gap", "gap"])
    if kind == "motif": return Quantified("exists", "x", Is(names[0], "x", strand()))
    if kind == "count": return Quantified("atleast", "x", Is(names[0], "x", strand()), int(rng.integers(2, 4)))
    least = int(rng.integers(0, 21))
    place = Before("x", "y") if kind == "order" else Gap("x", "y", least, least + int(rng.integers(0, 11)))
    return Quantified("exists", "x", Quantified("exists", "y", And((Is(names[0], "x", strand()), Is(names[1], "y", strand()), place))))


def roundtrip(n, length=200, tables=50_000):
    named, rng, done = named_motifs(), np.random.default_rng(0), 0
    straight = [m for m in named.values() if not m.palindromic] # a palindrome's instances come in twos
    while done < 30:
        motifs = [Motif(straight[k].ppm, straight[k].name, i, straight[k].n_sites) for i, k in zip("AB", rng.choice(len(straight), 2, replace=False))]
        sites = planned_sites(motifs, length, tables, rng, most=3)
        parts = [Not(p) if rng.random() < .3 else p for p in (random_part(rng) for _ in range(rng.integers(1, 3)))]
        f = parts[0] if len(parts) == 1 else (And if rng.random() < .5 else Or)(tuple(parts))
        truth = evaluate(f, sites, tables, motifs)
        if not .005 < truth.mean() < .995 or any((evaluate(p, sites, tables, motifs) != truth).mean() < .01 for p in parts if p is not f): continue # a part that says nothing
        done += 1
        started = time.perf_counter()
        c = compile_network(f, motifs, length)
        e = explain_by_asking(c.model, c.found, random_state=done)
        wrong = int((evaluate(e.formula, sites, tables, motifs) != truth).sum())
        yield dict(part="roundtrip", construct=" ".join(m.name for m in motifs), formula=str(f), construction=c.plan.construction, length=length, layers=c.plan.layers, heads=c.plan.heads, weights=c.plan.parameters,
                   sequences=tables, exact_for=tables, true=round(float(truth.mean()), 3), wrong_float32=wrong, explanation=str(e.formula), seconds=round(time.perf_counter() - started, 1))


PARTS = dict(universe=universe, sequences=sequences, formulas=formulas, roundtrip=roundtrip)


def rows_of(part, n):
    "The rows of one part."
    torch.set_num_threads(1)
    return list(PARTS[part](n))


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    p.add_argument("--n", type=int, default=100_000)
    args = p.parse_args()
    measure(TABLE, KEYS, rows_of, [((part,), (args.n,)) for part in args.parts], args, [*PARTS], None, ["part", "formula", "construction", "exact_for", "wrong_float32", "wrong_float64", "seconds"])
