"""Formulas and the networks that are made of them: properties of random ones, and the command."""
import itertools
import json

import numpy as np
import torch
from hypothesis import given, settings, strategies as st

from argminn.compiler import compile_network
from argminn.core import UserError
from argminn.formulas import And, Before, Formula, Gap, Iff, Implies, Is, Not, Or, Quantified, Same, Site, Truth, Within, formula_text, negation_normal, parse_formula, random_formula, simplify, true_of
from argminn.motifs import Motif, save_motifs
from argminn.sequences import decode, one_hot
from conftest import argminn, argminn_here

checked = settings(max_examples=60, deadline=None, derandomize=True)


def word(text, name):
    ppm = np.zeros((4, len(text)))
    ppm[["ACGT".index(c) for c in text], range(len(text))] = 1
    return Motif(ppm, name, name)


@st.composite
def formulas(draw, scope=(), depth=4):
    "Sentences over the motifs A and `B 2` (a name that needs quotes)."
    atoms = [st.builds(Truth, st.booleans())]
    if scope:
        v, small = st.sampled_from(scope), st.integers(-9, 9)
        ends = st.tuples(small, st.integers(0, 9)).map(lambda t: (t[0], t[0] + t[1]))
        atoms += [st.builds(Is, st.sampled_from(["A", "B 2"]), v, st.sampled_from(["", "+", "-"])), st.builds(Before, v, v), st.builds(Same, v, v, small),
                  st.builds(lambda x, y, e: Gap(x, y, *e), v, v, ends), st.builds(lambda x, e: Within(x, *e), v, ends)]
    if not depth: return draw(st.one_of(atoms))
    kind = draw(st.sampled_from(["atom", "not", "and", "or", "if", "iff", "quantified", "quantified"]))
    part = lambda: draw(formulas(scope, depth - 1))
    if kind == "atom": return draw(st.one_of(atoms))
    if kind == "not": return Not(part())
    if kind in ("and", "or"): return (And if kind == "and" else Or)(tuple(part() for _ in range(draw(st.integers(2, 3)))))
    if kind in ("if", "iff"): return (Implies if kind == "if" else Iff)(part(), part())
    name, quantifier = f"v{len(scope)}", draw(st.sampled_from(["exists", "forall", "atleast", "exactly", "atmost"]))
    return Quantified(quantifier, name, draw(formulas((*scope, name), depth - 1)), None if quantifier in ("exists", "forall") else draw(st.integers(0, 3)))


sites = st.lists(st.builds(lambda m, s, t: Site(m, s, s + 3, t), st.sampled_from(["A", "B 2"]), st.integers(0, 12), st.sampled_from("+-")), max_size=4)


@checked
@given(formulas(), sites)
def test_text_and_normal_forms(f, where):
    for unicode in (False, True): assert parse_formula(formula_text(f, unicode)) == f
    truth = true_of(f, where)
    assert true_of(simplify(f), where) == truth == true_of(negation_normal(f), where)


@checked
@given(st.text(alphabet="existforall xyAB()&|!<->=,.[]+0123 ∃∀∧\"", max_size=40))
def test_any_text_is_read_or_refused(text):
    try: assert isinstance(parse_formula(text), Formula)
    except UserError as e: assert "\n" not in str(e)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2 ** 32 - 1), st.lists(st.text("ACGT", min_size=1, max_size=3), min_size=1, max_size=2), st.sampled_from(["binding", "exhaustive"]), st.booleans(), st.sampled_from([torch.float32, torch.float64]))
def test_network_is_the_formula(seed, words, construction, either, dtype):
    "On every sequence of five bases."
    motifs = [word(w, n) for w, n in zip(words, "AB")]
    f = random_formula(np.random.default_rng(seed), [m.name for m in motifs], 4, length=6)
    codes = np.array(list(itertools.product(range(4), repeat=5)), np.uint8)
    c = compile_network(f, motifs, 5, construction, 3 if construction == "binding" else None, either=either)
    truth, here = c.truth(codes), c.covers(codes)
    with torch.no_grad(): said = c.model.to(dtype).predict(one_hot(codes).to(dtype))[:, 0].numpy() > 0
    assert (said == truth)[here].all(), str(f)


def test_command(tmp_path):
    "A run like any other; three mistakes, one line each, nothing left behind."
    motifs = [word("ACGTCAG", "A"), word("TTGCAC", "B")]
    save_motifs(motifs, tmp_path / "motifs.meme")
    text = "exists x y. A(x,+) & B(y,+) & gap(x,y) in [1,4]"
    done = argminn("compile", text, "--motifs", "motifs.meme", "--length", 60, "--out", "run", cwd=tmp_path)
    assert done.returncode == 0 and "binding: 3 layers" in done.stdout, done.stderr
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]["accuracy"] == 1
    files = "model.safetensors config.json params.json training.csv metrics.json motifs.meme motifs.tsv instances.tsv instances.bed rules.tsv report.html"
    assert set(files.split()) <= {p.name for p in (tmp_path / "run").iterdir()}
    rng = np.random.default_rng(0)
    dna = lambda *parts: ("".join(parts) + decode(rng.integers(0, 4, (1, 60), np.uint8))[0])[:60]
    (tmp_path / "s.fa").write_text(f">yes\n{dna('ACGTCAG', 'GG', 'TTGCAC')}\n>far\n{dna('ACGTCAG', 'G' * 9, 'TTGCAC')}\n>turned\n{dna('TTGCAC', 'GG', 'ACGTCAG')}\n")
    told = argminn("predict", "run", "s.fa", cwd=tmp_path).stdout.splitlines()[1:]
    assert [float(line.split("\t")[4]) > 0 for line in told] == [True, False, False]
    for arguments, part in ((["exists x. C(x)", "--length", 60], "no motif has the name 'C'"), (["exists x. A(x", "--length", 60], "character 14"), (["exists x. A(x)", "--length", 5], "raise --length")):
        done = argminn_here("compile", *arguments, "--motifs", "motifs.meme", "--out", "other", cwd=tmp_path)
        assert done.returncode == 2 and part in done.stderr and len(done.stderr.splitlines()) == 1
    done = argminn_here("compile", "exists x y. A(x) & B(y) & gap(x,y) in [80,90]", "--motifs", "motifs.meme", "--length", 60, "--out", "never", cwd=tmp_path)
    assert done.returncode == 0 and "false of all 1,000 probes" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["motifs.meme", "never", "run", "s.fa"]
