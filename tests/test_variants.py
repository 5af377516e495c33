"""Variants against plain string editing; a run that is killed; what a user gets wrong; the annotated VCF."""
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from conftest import argminn, argminn_here

from argminn.compiler import compile_network
from argminn.core import UserError
from argminn.edits import fewest_edits
from argminn.formulas import evaluate
from argminn.model import ARGMINN, Config
from argminn.recipe import predict_logits
from argminn.sequences import decode, encode
from argminn.simulation import named_motifs
from argminn.sites import Sites
from argminn.variants import VariantReader, VariantScorer, info_fields, parse_sites, reference_rows, score_variants

LENGTH, CHROMS = 60, dict(chr1=900, chr2=400)
HEADER = '##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    "(folder, {chromosome: text}, VCF, motifs, model): 600 random substitutions and indels, one in five with two ALT alleles, up to the chromosomes' ends."
    folder, rng = tmp_path_factory.mktemp("variants"), np.random.default_rng(0)
    genome = {c: decode(rng.integers(0, 4, n, np.uint8)) for c, n in CHROMS.items()}
    (folder / "genome.fa").write_text("".join(f">{c}\n" + "\n".join(t[i:i + 50] for i in range(0, len(t), 50)) + "\n" for c, t in genome.items()))
    lines = []
    for c, text in genome.items():
        for start in sorted(rng.integers(0, len(text), 300)):
            ref = text[start:start + (1 if rng.random() < .6 else rng.integers(1, 9))]
            alts = {decode(rng.integers(0, 4, 1 if rng.random() < .6 else rng.integers(1, 9), np.uint8)) for _ in range(1 + (rng.random() < .3))} - {ref}
            if alts: lines.append((c, start + 1, ".", ref, ",".join(sorted(alts)), ".", ".", "."))
    vcf = write_vcf(folder / "all.vcf", lines)
    motifs = [named_motifs()[n] for n in ("GATA1", "JUND_TRE")]
    torch.manual_seed(0)
    return folder, genome, vcf, motifs, ARGMINN(Config(length=LENGTH, width=10, filters=4)).eval()


def write_vcf(path, lines, samples=()):
    head = "#CHROM POS ID REF ALT QUAL FILTER INFO".split() + ["FORMAT", *samples] * bool(samples)
    path.write_text(HEADER + "".join("\t".join(map(str, line)) + "\n" for line in [head, *lines]))
    return path


def edited(text, start, ref, alt):
    "Both windows, by plain editing of the chromosome."
    first = (2 * start + len(ref)) // 2 - LENGTH // 2
    pad = "N" * LENGTH
    return [(pad + t + pad)[LENGTH + first:2 * LENGTH + first] for t in (text, text[:start] + alt + text[start + len(ref):])]


def test_windows_and_logits(given):
    folder, genome, vcf, motifs, model = given
    table = score_variants(model, motifs, vcf, folder / "genome.fa", folder / "all.tsv", batch_size=64).table
    windows = [edited(genome[t.chrom], t.start, t.ref, t.alt) for t in table.itertuples()]
    assert (table.ref.str.len() != table.alt.str.len()).sum() > 200 and table.duplicated(["chrom", "start", "ref"]).sum() > 50
    assert any(w.startswith("N") for w, _ in windows) and any(w.endswith("N") for _, w in windows)
    for side, column in enumerate(("logit_ref", "logit_alt")):
        assert np.allclose(predict_logits(model, np.stack([encode(w[side]) for w in windows]))[:, 0], table[column], atol=1e-5)
    reader = VariantReader(vcf, folder / "genome.fa", LENGTH)
    rows = [row for v in reader for row in reference_rows(reader, v, range(len(v.alts)))]
    assert [[row.window(a, LENGTH) for a in row.alleles] for row in rows] == windows


def test_sites_and_rules(given):
    "Substitutions: the instances of both windows as sets. Indels: as many are gained and lost as the windows say, and what neither allele touches is left alone."
    folder, genome, vcf, motifs, model = given
    rules = [("both", "(exists x. GATA1(x)) & (exists x. JUND_TRE(x))", False), ("near", "exists x y. GATA1(x) & JUND_TRE(y) & gap(x,y) in [0,20]", True), ("first", "exists x. GATA1(x) & x in [0,20]", False)]
    p_value = 5e-3
    table = score_variants(model, motifs, vcf, folder / "genome.fa", folder / "sites.tsv", rules, p_value=p_value).table
    windows = [edited(genome[t.chrom], t.start, t.ref, t.alt) for t in table.itertuples()]
    sites, n = Sites(motifs, p_value), len(table)
    calls = [sites.of(np.stack([encode(w[side]) for w in windows])) for side in (0, 1)]
    kinds = dict(gained=0, lost=0, changed=0, on=0, off=0)
    for k, t in enumerate(table.itertuples()):
        old, new = ({(c.start, c.motif, "+-"[c.strand]): c.p_value for c in side[side.row == k].itertuples()} for side in calls)
        told = {kind: parse_sites(getattr(t, kind)) for kind in ("gained", "lost", "changed")}
        first = (2 * t.start + len(t.ref)) // 2 - LENGTH // 2
        at = lambda items: {(start - first, [m.motif_id for m in motifs].index(i), strand) for _, i, _, start, _, strand, _, _ in items}
        for kind in told: kinds[kind] += len(told[kind])
        if len(t.ref) == len(t.alt):
            inside = lambda keys: {(max(s, -first), *rest) for s, *rest in keys}
            assert at(told["gained"]) == inside(new.keys() - old.keys()) and at(told["lost"]) == inside(old.keys() - new.keys())
            assert at(told["changed"]) == inside(s for s in new.keys() & old.keys() if new[s] != old[s])
        else: check_indel(t, first, old, new, told, at, sites)
    for name, formula, either in rules:
        before, after = (evaluate(formula, c, n, motifs, either, LENGTH) for c in calls)
        told_on, told_off = (table[c].str.split(";").map(lambda x: name in x).to_numpy() for c in ("rules_on", "rules_off"))
        assert (told_on == (~before & after)).all() and (told_off == (before & ~after)).all()
        kinds["on"] += told_on.sum(); kinds["off"] += told_off.sum()
    assert min(kinds.values()) > 10, kinds


def check_indel(t, first, old, new, told, at, sites):
    lead = len(os.path.commonprefix((t.ref, t.alt)))
    tail = len(os.path.commonprefix((t.ref[lead:][::-1], t.alt[lead:][::-1])))
    low = t.start - first + lead
    touching = lambda keys, allele: {(s, m, x) for s, m, x in keys if s < low + len(allele) - tail - lead and s + sites.widths[m] > low}
    assert len(touching(new, t.alt)) - len(touching(old, t.ref)) == len(told["gained"]) - len(told["lost"])
    here = {(max(s, -first), m, x) for s, m, x in touching(old, t.ref)}
    assert at(told["lost"]) <= here and at(told["changed"]) <= here
    for _, _, _, _, _, _, p, q in told["gained"]: assert q < 6e-3 < 1.2 * p
    shift = len(t.alt) - len(t.ref)
    for s, m, x in old.keys() - touching(old, t.ref): # the same site, shifted where it lies right of the indel
        moved = s if s < low else s + shift
        assert (moved, m, x) in new or moved + sites.widths[m] > LENGTH or moved < 0


def test_neighbours_of_a_haplotype(given):
    "Phased substitutions and indels of one sample: both windows are those of the haplotype's own sequence."
    folder, genome, _, motifs, model = given
    rng, lines, expected = np.random.default_rng(1), [], []
    for chrom, text in genome.items():
        at, mine = 70, []
        while at < len(text) - 80:
            ref = text[at:at + (1 if rng.random() < .6 else 4)]
            alt = decode(rng.integers(0, 4, 1 if rng.random() < .6 else 4, np.uint8))
            if alt != ref: mine.append((at, ref, alt, str(rng.choice(["0|1", "1|0", "1|1", "0|0"]))))
            at += len(ref) + int(rng.integers(0, 30) if rng.random() < .9 else 140)
        expected += [(chrom, *e) for k in range(len(mine)) for e in haplotype_windows(text, mine, k)]
        lines += [(chrom, at + 1, ".", ref, alt, ".", ".", ".", "GT", gt) for at, ref, alt, gt in mine]
    vcf = write_vcf(folder / "phased.vcf", lines, ["NA1"])
    table = score_variants(model, motifs, vcf, folder / "genome.fa", folder / "phased.tsv", sample="NA1").table
    assert list(zip(table.chrom, table.start, table.haplotype)) == [e[:3] for e in expected] and (table.left_out == 0).all() and (table.haplotype == "1,2").any()
    for side, column in enumerate(("logit_ref", "logit_alt")):
        assert np.allclose(predict_logits(model, np.stack([encode(e[3 + side]) for e in expected]))[:, 0], table[column], atol=1e-5)


def haplotype_windows(text, lines, k):
    "[(start, haplotypes, window of REF, of ALT)] of one variant among others, by editing whole haplotypes."
    start, ref, alt, gt = lines[k]
    size, found = start - ((2 * start + len(ref)) // 2 - LENGTH // 2), {}
    for h in (0, 1):
        if gt[2 * h] == "0": continue
        left, right = haplotype(text[:start], lines[:k], h), haplotype(text, lines[k + 1:], h)[start + len(ref):]
        windows = tuple((left[-size:] + allele + right)[:LENGTH] for allele in (ref, alt))
        found.setdefault(windows, []).append(str(h + 1))
    return [(start, ",".join(hs), *windows) for windows, hs in found.items()]


def haplotype(text, lines, h):
    for start, ref, alt, gt in lines[::-1]:
        if gt[2 * h] == "1": text = text[:start] + alt + text[start + len(ref):]
    return text


KILLED = """
import sys, time, torch
from argminn.model import ARGMINN, Config
from argminn.simulation import named_motifs
from argminn.variants import score_variants
torch.manual_seed(0)
model, predict = ARGMINN(Config(length=60, width=10, filters=4)).eval(), ARGMINN.predict
def slow(self, X): time.sleep(.05); return predict(self, X)
ARGMINN.predict = slow
score_variants(model, [named_motifs()[n] for n in ("GATA1", "JUND_TRE")], *sys.argv[1:4], batch_size=20, vcf_out=sys.argv[4])
"""


def test_phase_that_is_not_known(given):
    "Another phase set, no phase, missing alleles: such heterozygotes are left out, and counted."
    folder, genome, _, motifs, model = given
    text = genome["chr1"]
    def told(*calls):
        lines = [("chr1", at + 1, ".", text[at], "ACGT".replace(text[at], "")[0], ".", ".", ".", "GT:PS", c) for at, c in zip(range(300, 330, 5), calls)]
        table = score_variants(model, motifs, write_vcf(folder / "phase.vcf", lines, ["S"]), folder / "genome.fa", folder / "phase.tsv", sample="S", overwrite=True).table
        return list(zip(table.haplotype, table.combined.str.count(">"), table.left_out))
    assert told("0|1:7", "0|1:9", "0|1:7") == [("2", 1, 1), ("2", 0, 2), ("2", 1, 1)]
    assert told("0/1:.", "1|0:.", "1/1:.") == [("?", 1, 1), ("1", 1, 1), ("1", 1, 1), ("2", 0, 1)]
    assert told("./.:.", "0/1:.", ".|1:.", "0/0:.") == [("?", 0, 1), ("?", 0, 1)]
    assert told("1:.", "1:.") == [("1", 1, 0), ("1", 1, 0)]


def test_killed_and_resumed(given):
    "SIGKILL in the middle: nothing under the final names; with resume the files of a run that was never stopped, byte for byte."
    folder, _, vcf, motifs, model = given
    whole = folder / "whole.tsv", folder / "whole.vcf.gz"
    score_variants(model, motifs, vcf, folder / "genome.fa", whole[0], batch_size=20, vcf_out=whole[1])
    out, out_vcf, journal = folder / "killed.tsv", folder / "killed.vcf.gz", folder / ".killed.tsv.journal"
    process = subprocess.Popen([sys.executable, "-c", KILLED, vcf, folder / "genome.fa", out, out_vcf])
    while not (journal.exists() and json.loads(journal.read_text())["records"] > 100) and process.poll() is None: time.sleep(.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not out.exists() and not out_vcf.exists()
    done = json.loads(journal.read_text())["records"]
    with open(folder / ".killed.tsv.part", "a") as f: f.write("half a li") # of a batch that the journal does not know
    with pytest.raises(UserError, match="another batch_size"): score_variants(model, motifs, vcf, folder / "genome.fa", out, batch_size=21, vcf_out=out_vcf, resume=True)
    scored = score_variants(model, motifs, vcf, folder / "genome.fa", out, batch_size=20, vcf_out=out_vcf, resume=True)
    assert 100 < done < scored.counts["records"]
    for a, b in zip(whole, (out, out_vcf)): assert a.read_bytes() == b.read_bytes()
    assert not list(folder.glob(".killed*")) and (folder / "killed.vcf.gz.tbi").exists()


def test_annotated_vcf(given):
    "INFO fields agree with the table; skipped alleles have none; .vcf.gz has an index; an older annotation is replaced."
    pysam = pytest.importorskip("pysam")
    folder, genome, _, motifs, model = given
    text = genome["chr1"]
    base, other = text[300], "ACGT".replace(text[300], "")
    vcf = write_vcf(folder / "few.vcf", [("chr1", 301, "rs1", base, f"{other[0]},<DEL>,{other[1]}", ".", ".", "."), ("chr1", 401, ".", text[400], ".", ".", ".", "."), ("chr2", 11, ".", genome["chr2"][10:13], genome["chr2"][10], ".", ".", ".")])
    table = score_variants(model, motifs, vcf, folder / "genome.fa", folder / "few.tsv", p_value=.01, vcf_out=folder / "few.vcf.gz").table
    first, none, _ = pysam.VariantFile(str(folder / "few.vcf.gz"))
    assert len(list(pysam.VariantFile(str(folder / "few.vcf.gz")).fetch("chr2", 0, 20))) == 1
    assert first.info["ARGMINN_LOGIT"][1] is None and "ARGMINN_LOGIT" not in none.info
    assert np.allclose([first.info["ARGMINN_LOGIT"][k] for k in (0, 2)], table.logit_change[:2], rtol=1e-4, atol=1e-6)
    assert np.allclose([first.info["ARGMINN_PROB_ALT"][k] for k in (0, 2)], table.probability_alt[:2], rtol=1e-4)
    told = [";".join(f"{kind}:{site}" for kind in ("gained", "lost", "changed") for site in getattr(t, kind).split(";") if site) for t in table.itertuples()]
    for k, text in zip((0, 2), told): assert sorted(first.info["ARGMINN_SITES"][k].split("&")) == sorted((text or ".").split(";"))
    again = score_variants(model, motifs, folder / "few.vcf.gz", folder / "genome.fa", folder / "again.tsv", p_value=.01, vcf_out=folder / "again.vcf.gz")
    records = [[str(r) for r in pysam.VariantFile(str(folder / name))] for name in ("few.vcf.gz", "again.vcf.gz")]
    assert again.table.equals(table) and records[0] == records[1]


def test_formats(given):
    "bgzip and BCF give the table of the plain VCF; gzip is refused."
    pysam = pytest.importorskip("pysam")
    import gzip
    folder, _, vcf, motifs, model = given
    tables = [score_variants(model, motifs, vcf, folder / "genome.fa", folder / "plain.tsv").path.read_bytes()]
    pysam.tabix_compress(str(vcf), str(folder / "packed.vcf.gz"), force=True)
    with pysam.VariantFile(str(vcf)) as source:
        for c, n in CHROMS.items(): source.header.contigs.add(c, n)
        with pysam.VariantFile(str(folder / "packed.bcf"), "wb", header=source.header) as f:
            for record in source: f.write(record)
    for name in ("packed.vcf.gz", "packed.bcf"):
        tables.append(score_variants(model, motifs, folder / name, folder / "genome.fa", folder / f"{name}.tsv", vcf_out=folder / f"{name}.out.vcf.gz").path.read_bytes())
        assert (folder / f"{name}.out.vcf.gz.tbi").exists() and sum("ARGMINN_LOGIT" in r.info for r in pysam.VariantFile(str(folder / f"{name}.out.vcf.gz"))) > 500
    assert len(set(tables)) == 1
    none = score_variants(model, motifs, write_vcf(folder / "none.vcf", []), folder / "genome.fa", folder / "none.tsv", vcf_out=folder / "none.vcf.gz")
    assert len(none.table) == 0 and list(pysam.VariantFile(str(folder / "none.vcf.gz"))) == []
    (folder / "gzip.vcf.gz").write_bytes(gzip.compress(vcf.read_bytes()))
    with pytest.raises(UserError, match="bgzip, not gzip"): score_variants(model, motifs, folder / "gzip.vcf.gz", folder / "genome.fa", folder / "g.tsv")


def test_mistakes(given):
    "One line each, and nothing is left behind but the list of mismatches."
    folder, genome, vcf, motifs, model = given
    score = lambda vcf, **options: score_variants(model, motifs, vcf, folder / "genome.fa", folder / "bad.tsv", **options)
    text = genome["chr1"]
    wrong = write_vcf(folder / "wrong.vcf", [("chr1", p + 2, ".", text[p], "A" if text[p] != "A" else "C", ".", ".", ".") for p in range(0, 800, 20)])
    truncated = folder / "truncated.vcf"
    truncated.write_text(vcf.read_text() + "chr2\t40\tA\n")
    back = write_vcf(folder / "back.vcf", [("chr1", p, ".", text[p - 1], "A" if text[p - 1] != "A" else "C", ".", ".", ".", "GT", "0|1") for p in (50, 40)], ["S"])
    with pytest.raises(UserError, match="this looks like another genome build"): score(wrong)
    assert [p.name for p in folder.iterdir() if "bad" in p.name] == ["bad.tsv.skipped.tsv"] and len((folder / "bad.tsv.skipped.tsv").read_text().splitlines()) > 20
    for run, words in ((lambda: score(folder / "genome.fa"), "no VCF header"), (lambda: score(vcf, sample="NA1"), "no sample 'NA1'; it has none"),
                       (lambda: score(truncated), "record .* cannot be read"), (lambda: score(back, sample="S"), "records must be sorted"), (lambda: score(vcf, p_value=2), "between 0 and 1"),
                       (lambda: score(vcf, resume=True), "nothing to --resume from"), (lambda: VariantScorer(model, motifs, [("R1", "exists x. NONE(x)", True)]), "no motif has the name")):
        with pytest.raises(UserError, match=words) as e: run()
        assert "\n" not in str(e.value)
    assert not [p.name for p in folder.iterdir() if "bad.tsv" in p.name and "skipped" not in p.name]


def test_several_tasks_and_regression(given):
    folder, _, vcf, motifs, _ = given
    for task, column in (("multilabel", "probability_alt_b c"), ("regression", "prediction_change_a")):
        model = ARGMINN(Config(length=LENGTH, width=10, filters=4, task=task, tasks=("a", "b c"))).eval()
        table = score_variants(model, motifs, vcf, folder / "genome.fa", folder / f"{task}.tsv", vcf_out=folder / f"{task}.vcf").table
        assert table[column].dtype == float and table.sentence.str.contains(" of (?:a|b c) ").all()
    fields = info_fields(Config(task="regression", tasks=("hk+", "hk-", "a"))) # names of INFO fields hold fewer letters than those of tasks
    assert [name for name, *_ in fields if "REF" in name] == [f"ARGMINN_PREDICTION_REF_{t}" for t in ("hk__1", "hk__2", "a")]


def test_compiled_network_says_what_its_rule_says(given):
    "The logit's sign is the truth of the formula, before and after."
    folder, _, vcf, motifs, _ = given
    formula = "exists x. JUND_TRE(x)"
    compiled = compile_network(formula, motifs, LENGTH, either=True, p_value=2e-3)
    table = score_variants(compiled.model, compiled.found, vcf, folder / "genome.fa", folder / "compiled.tsv", [("R1", formula, True)], p_value=2e-3).table
    before, after = table.logit_ref > 0, table.logit_alt > 0
    assert ((table.rules_on == "R1") == (~before & after)).all() and ((table.rules_off == "R1") == (before & ~after)).all() and (before != after).sum() > 5


def test_variants_command(tmp_path):
    "A run that was compiled, a VCF from a shell; three mistakes, one line each, nothing left behind."
    assert argminn("simulate", "spi1", "-n", 5, "--length", 120, "--out", "sim", cwd=tmp_path).returncode == 0
    assert argminn("compile", "exists x. SPI1(x)", "--motifs", "sim/motifs.meme", "--length", 100, "--either", "--out", "run", cwd=tmp_path).returncode == 0
    for seed in range(20): # a sequence that one substitution gives a site
        codes = np.random.default_rng(seed).integers(0, 4, 300, np.uint8)
        if (made := fewest_edits(Sites([named_motifs()["SPI1"]]), codes, "exists x. SPI1(x)")).n == 1: break
    text, ref, at, alt = decode(codes), made.edits[0][0], int(made.edits[0][1:-1]), made.edits[0][-1]
    (tmp_path / "genome.fa").write_text(f">chr1\n{text}\n")
    write_vcf(tmp_path / "one.vcf", [("chr1", at, "rs1", ref, alt, ".", ".", ".")])
    done = argminn("variants", "run", "one.vcf", "--genome", "genome.fa", "--out", "one.tsv", "--vcf-out", "one.out.vcf.gz", cwd=tmp_path)
    assert done.returncode == 0 and "make a site: 1" in done.stdout and "switch a rule: 1" in done.stdout, done.stderr
    line = (tmp_path / "one.tsv").read_text().splitlines()[1]
    assert "makes a SPI1 site (p " in line and "switches rule formula on; probability 0.01 -> 1.00" in line
    write_vcf(tmp_path / "wrong.vcf", [("chr1", at, "rs1", next(b for b in "ACGT" if b not in (ref, alt)), alt, ".", ".", ".")])
    for vcf, genome, told in (("nowhere.vcf", "genome.fa", "does not exist"), ("wrong.vcf", "genome.fa", "another genome build"), ("genome.fa", "genome.fa", "no VCF header"), ("one.vcf", "one.vcf", "expected")):
        done = argminn_here("variants", "run", vcf, "--genome", genome, "--out", "x.tsv", cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and told in done.stderr, done.stderr
        assert not (tmp_path / "x.tsv").exists()
    assert (tmp_path / "x.tsv.skipped.tsv").exists() # what the mismatches were
    done = argminn("variants", "run", "one.vcf", "wrong.vcf", "--genome", "genome.fa", "--out", "both", cwd=tmp_path) # a folder of several; one that fails is told, the other stands
    assert done.returncode == 2 and "1 of 2 files" in done.stdout and done.stderr.count("\n") == 1 and "1 of 2 files failed, among them wrong" in done.stderr, done.stderr
    assert (tmp_path / "both" / "one.tsv").read_bytes() == (tmp_path / "one.tsv").read_bytes()
