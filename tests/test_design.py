"""Designs and edits: from the command line, and against counting."""
import itertools

import numpy as np
import pandas as pd
import pytest

from conftest import argminn, argminn_here

from argminn.core import UserError
from argminn.edits import alternatives, fewest_edits
from argminn.formulas import Not, evaluate, negation_normal, random_formula, simplify
from argminn.motifs import Motif
from argminn.sites import Sites

SMALL = [Motif(np.array(m, float).T, n, n) for n, m in (
    ("A", [[.85, .05, .05, .05], [.05, .85, .05, .05], [.05, .05, .45, .45]]), ("B", [[.05, .45, .45, .05], [.05, .05, .85, .05], [.85, .05, .05, .05]]))]
UNIVERSE = np.stack(np.meshgrid(*[np.arange(4, dtype=np.uint8)] * 6, indexing="ij"), -1).reshape(-1, 6)


@pytest.mark.parametrize("seed", range(80))
def test_edits_of_random_formulas(seed):
    "What is found makes the formula true; what is called the fewest is the distance to the nearest of all 4,096 sequences of which it is (of up to two instances)."
    rng, sites = np.random.default_rng(seed), Sites(SMALL, .05)
    f = random_formula(rng, ["A", "B"], size=3, length=6)
    calls = sites.of(UNIVERSE)
    for either, holds in itertools.product((False, True), (True, False)):
        true = evaluate(f, calls, len(UNIVERSE), SMALL, either, 6) == holds
        if true.all(): continue
        row = UNIVERSE[rng.choice(np.flatnonzero(~true))]
        try: few = all(len(w.sites) < 3 for w in alternatives(negation_normal(simplify(f if holds else Not(f))), dict(A=0, B=1)))
        except UserError: continue # too many alternatives
        e = fewest_edits(sites, row, f, either, holds)
        if e.reason:
            assert not e.exact and (e.codes == row).all()
            continue
        assert evaluate(f, sites.of(e.codes[None]), 1, SMALL, either, 6)[0] == holds
        distance = (UNIVERSE[true] != row).sum(1).min()
        assert e.n == (e.codes != row).sum() >= distance
        assert not e.exact or not few or e.n == distance, f"{f}: {e}, and {distance} would do"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    "A folder with a simulated set and a run that was compiled from a formula."
    folder = tmp_path_factory.mktemp("design")
    assert argminn("simulate", "tal_gata", "-n", 20, "--length", 200, "--out", "sim", cwd=folder).returncode == 0
    done = argminn("compile", "exists x y. TAL1(x,+) & GATA1(y,+) & gap(x,y) in [4,8]", "--motifs", "sim/motifs.meme", "--length", 200, "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_design_command(compiled):
    done = argminn("design", "run", "-n", 30, "--gc", "0.4,0.6", "--forbid", "GAATTC", "--homopolymer", 6, "--out", "d.fa", cwd=compiled)
    assert done.returncode == 0 and "30 of 30 designs" in done.stdout, done.stderr
    table = pd.read_csv(compiled / "d.tsv", sep="\t")
    assert table.accepted.all() and table.probability.min() > .99 and table.background_probability.max() < .5 and table.gc.between(.4, .6).all()
    assert not table.sequence.str.contains("GAATTC|A{7}|C{7}|G{7}|T{7}").any()
    assert (compiled / "d.fa").read_text().count(">") == 30 and len((compiled / "d.bed").read_text().splitlines()) >= 60 # a palindrome is read on both strands
    again = argminn("predict", "run", "d.fa", "--out", "p.tsv", cwd=compiled)
    assert again.returncode == 0 and (pd.read_csv(compiled / "p.tsv", sep="\t").probability > .99).all()
    assert argminn("design", "run", "-n", 30, "--gc", "0.4,0.6", "--forbid", "GAATTC", "--homopolymer", 6, "--out", "same.fa", cwd=compiled).returncode == 0
    assert (compiled / "same.fa").read_bytes() == (compiled / "d.fa").read_bytes()


def test_edit_command(compiled):
    assert argminn("design", "run", "-n", 5, "--out", "five.fa", cwd=compiled).returncode == 0
    done = argminn("design", "run", "--edit", "five.fa", "--break", "--out", "broken.fa", cwd=compiled)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(compiled / "broken.tsv", sep="\t")
    assert (table.n_edits == 1).all() and table.exact.all() and (table.edited_probability < .5).all()
    (compiled / "keep.bed").write_text("design_1\t0\t200\n")
    done = argminn("design", "run", "--edit", "five.fa", "--break", "--protect", "keep.bed", "--out", "kept.fa", cwd=compiled)
    assert done.returncode == 0 and "4 of 5" in done.stdout and (compiled / "kept.fa").read_text().count(">") == 4
    (compiled / "all.bed").write_text("".join(f"design_{k}\t0\t200\n" for k in range(1, 6)))
    done = argminn_here("design", "run", "--edit", "five.fa", "--break", "--protect", "all.bed", "--out", "none.fa", cwd=compiled)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "no edits of the 5 sequences break it" in done.stderr and not list(compiled.glob("none.*")), done.stderr


def test_design_mistakes(compiled):
    for arguments, told in ((["--formula", "exists x. TAL2(x)"], "no motif has the name 'TAL2'"), (["--rule", "R99"], "there is no rule 'R99'"), (["--break"], "belong to --edit"),
                            (["--formula", "exists x. TAL1(x) & GATA1(x)"], "0 of 100 designs"), (["--forbid", "GAXTC"], "'X'"), (["--template", "nowhere.fa"], "does not exist"), (["--within", "150,250"], "expected two places")):
        done = argminn_here("design", "run", *arguments, "--tries", 1, "--out", "x.fa", cwd=compiled)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert not list(compiled.glob("*x.fa*")) and not (compiled / "x.tsv").exists()
