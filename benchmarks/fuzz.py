"""Bad input: valid files, mutated by the thousand; a reader gives the right data or one line, never a traceback, a hang, or much memory.

    python benchmarks/fuzz.py [--readers fasta vcf ...] [--inputs 10000] [--seed 0] [--keep FOLDER] [--dry]

One row per reader in fuzz.csv. Input k of a reader is always the same: numpy seeded with (seed, reader, k) picks a valid file and puts 1 to 4 faults in. What is read is checked too
(`Reader.read` asserts what must hold of it). A reader works in a process of its own, so that one that is killed is counted and gone on behind. Ends with 1 where anything but data or
one line came; the inputs are kept.
"""
import faulthandler
import gzip
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections import Counter, namedtuple
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from common import parser, put

TABLE, KEYS = "fuzz.csv", ("reader",)
LONGEST = 5      # seconds of the processor: others may use it too
ROOM = 2_000     # MB that a reader may add; more is a MemoryError, and so a traceback

# ---- faults

NASTY = [t.encode() for t in (
    "", "nan", "NaN", "inf", "-inf", "-1", "0", "1e999", "1e-999", "1e39", "9" * 30, "9" * 5000, "-" + "9" * 30, "9223372036854775807", "9223372036854775808", "2147483648", "0x10", "1_000", "1,000", "²", "٣", "½", "1.5", ".", "..", "+5", "--",
    " ", "\t", "\t\t", "\n", "\n\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u00a0", "\x00", "\x1b[2J", "\x7f", '"', "'", '"' * 3, "`", "\\", "%", "%s", "{}", "$", "$\\bad$", ">", ">>", "<", "<script>alert(1)</script>", "</script>", "&", ";", "|", "#", "//",
    "../", "../../etc/passwd", "/", "C:\\x", "~", "=cmd()", "@x", "NA", "None", "null", "true", "[", "]", "[[", "{", "}", "(", ")", "((((", ":", ",", ",,", "ß", "µ", "🧬", "中文", "\u202e", "\ufeff", "e\u0301", "a" * 300, "A" * 5000, " " * 5000, "(" * 3000, "!" * 3000, "[" * 3000)]
NASTY += [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x1f\x8b", b"\xf0\x9f", bytes(range(256))]


def place(data, rng): return int(rng.integers(0, len(data) + 1))


def span(data, rng, most=40):
    at = place(data, rng)
    return at, min(len(data), at + int(rng.integers(1, most)))


def tokens(data):
    "(start, end) of what stands between separators."
    ends = np.flatnonzero(np.isin(np.frombuffer(data, np.uint8), np.frombuffer(b" \t\n\r,:;=[](){}<>|\"", np.uint8)))
    edges = np.r_[-1, ends, len(data)]
    return [(a + 1, b) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist()) if b > a + 1] or [(0, len(data))]


def pick(things, rng): return things[int(rng.integers(len(things)))]


def flip(data, rng):
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if out: out[int(rng.integers(len(out)))] ^= 1 << int(rng.integers(8))
    return bytes(out)


def delete(data, rng): a, b = span(data, rng); return data[:a] + data[b:]
def repeat(data, rng): a, b = span(data, rng); return data[:b] + data[a:b] * int(rng.integers(1, 5)) + data[b:]
def insert(data, rng): at = place(data, rng); return data[:at] + pick(NASTY, rng) + data[at:]
def overwrite(data, rng): a, b = pick(tokens(data), rng); return data[:a] + pick(NASTY, rng) + data[b:]
def beside(data, rng): a, b = pick(tokens(data), rng); return data[:a] + pick(NASTY, rng) + data[a:b] + pick(NASTY, rng) * int(rng.integers(2)) + data[b:]


def swap(data, rng):
    (a, b), (c, d) = sorted((pick(tokens(data), rng), pick(tokens(data), rng)))
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def lines(data, rng):
    "A line gone, twice, or elsewhere."
    parts = data.split(b"\n")
    k = int(rng.integers(len(parts)))
    return b"\n".join((parts[:k] + parts[k + 1:], parts[:k] + parts[k:k + 1] * 2 + parts[k + 1:], [parts[i] for i in rng.permutation(len(parts))])[int(rng.integers(3))])


def truncate(data, rng): return data[:place(data, rng)]
def unended(data, rng): return data.rstrip(b"\n")
def windows(data, rng): return data.replace(b"\n", pick([b"\r\n", b"\r", b"\n\r", b"\n\n", b" \n", b"\t\n"], rng))
def marked(data, rng): return b"\xef\xbb\xbf" + data
def wide(data, rng): return data.decode("utf-8", "replace").encode(pick(["utf-16", "utf-16-le", "utf-32"], rng))
def upside(data, rng): return data.swapcase() if rng.random() < .5 else data[::-1]
def blanks(data, rng): return data.replace(b"\t", b" ") if rng.random() < .5 else data.replace(b" ", b"\t")


def long(data, rng):
    "A line, or a token, of a megabyte."
    if rng.random() < .9: return data # a few are enough
    a, b = pick(tokens(data), rng)
    filler = pick([data[a:b] or b"A", b"A", b" ", b"1", b"\t", b"0.25 ", b"(", b"<>", b"A,", b"["], rng)
    return data[:a] + filler * (1_000_000 // len(filler)) + data[b:]


def packed(data, rng):
    "gzip: whole, truncated, of two members, with something behind, with a fault inside."
    z = gzip.compress(data, 1, mtime=0)
    how = int(rng.integers(6))
    if how == 0: return z
    if how == 1: return z[:place(z, rng)]
    if how == 2: at = place(data, rng); return gzip.compress(data[:at], 1, mtime=0) + gzip.compress(data[at:], 1, mtime=0)
    if how == 3: return z + pick([b"\0" * 64, b"more", z[:12], z[:2]], rng)
    if how == 4: return gzip.compress(z, 1, mtime=0)
    return flip(z, rng)


FAULTS = [flip, delete, repeat, insert, insert, overwrite, overwrite, overwrite, beside, beside, swap, lines, lines, truncate, unended, windows, marked, wide, upside, blanks, long]


def mutated(valid, rng): # list of (file name, bytes)
    "(file name, bytes) with 1 to 4 faults, of which gzip is the last."
    name, data = pick(valid, rng)
    for _ in range(int(rng.integers(1, 5))): data = pick(FAULTS, rng)(data, rng)
    if rng.random() < .12: data = packed(data, rng)
    if rng.random() < .02: data = pick(valid, rng)[1] # another one's text under this name
    return name, data


# ---- what the readers share

MATRIX = ((.1, .2, .3, .4), (.97, .01, .01, .01), (.25, .25, .25, .25), (.003, .99, .003, .004), (.4, .3, .2, .1), (.05, .05, .85, .05))
COUNTS = tuple(tuple(round(100 * x) for x in row) for row in MATRIX)
TEXTS = "GGTCACGTGAACGTNACGTTGGCATTACGATACAGATTACA", "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTAC", "ttgacctagRYacgtnnnnacgtacgaattccgtttaacg"


@lru_cache
def genome():
    "`Genome` of two chromosomes."
    from argminn.data import Genome
    folder, rng = Path(tempfile.mkdtemp(prefix="argminn-fuzz-genome-")), np.random.default_rng(0)
    (folder / "g.fa").write_text("".join(f">{c}\n{''.join(rng.choice(list('ACGT'), n))}\n" for c, n in (("chr1", 900), ("chr2", 700))))
    return Genome(folder / "g.fa")


@lru_cache
def run_files():
    "{file: bytes} of a run of the formula that a GATA1 stands behind a TAL1."
    from argminn.motifs import consensus_motif
    from argminn.run import compile_formula
    with tempfile.TemporaryDirectory(prefix="argminn-fuzz-run-") as folder:
        run = compile_formula("exists x y. A1(x,+) & B2(y,+) & gap(x,y) in [2,5]", [consensus_motif("AGATAAG", "A1"), consensus_motif("CATCTGT", "B2")], 40, Path(folder) / "run", n=100)
        return {p.name: p.read_bytes() for p in run.path.iterdir() if p.name != "report.html"}


def meme(rows=MATRIX, name="M1 GATA"): return f"MOTIF {name}\nletter-probability matrix: alength= 4 w= {len(rows)} nsites= 20 E= 0\n" + "".join(f"{' '.join(f'{x:g}' for x in row)}\n" for row in rows)


def files(name, *texts): return [(name, t.encode()) for t in texts]


# ---- the readers

Reader = namedtuple("Reader", "valid read") # [(file name, bytes)]; reads such a file: (path) -> anything, or raises


def _sequences(s):
    assert len(s) and s.codes.dtype == np.uint8 and s.codes.max() <= 4 and len(s.names) == len(s.chrom) == len(s.start) == len(s.labels), "sequences are not whole"
    assert np.isfinite(s.labels).all() and all(s.names) and len(set(s.names)) == len(s), "names or labels are not whole"
    return s


def _sequence_reader(path):
    from argminn.data import read_sequences
    return _sequences(read_sequences(path, genome(), 30 if "bed" in path.name or "Peak" in path.name else None)[0])


def _motifs(path):
    "They are written and read again: the same."
    from argminn.motifs import load_motifs, save_motifs
    motifs = load_motifs(path)
    for m in motifs: assert np.allclose(m.ppm.sum(0), 1) and (m.ppm >= 0).all() and m.width and 0 < m.n_sites < np.inf and m.motif_id, f"{m.motif_id!r} is no motif"
    copy = path.with_name("copy.meme")
    save_motifs(motifs, copy, overwrite=True)
    for m, again in zip(motifs, load_motifs(copy), strict=True): assert (m.motif_id, m.name) == (again.motif_id, again.name) and np.allclose(m.ppm, again.ppm, atol=1e-5), f"{m!r} becomes {again!r}"
    return motifs


def _genome(path):
    from argminn.data import Genome
    path.with_name(path.name + ".fai").unlink(missing_ok=True)
    g = Genome(path)
    for chrom, n in g.lengths.items(): assert len(g.codes(chrom)) == n and g.codes(chrom).max(initial=0) <= 4, f"{chrom!r} has another length"
    return g


def _variants(path):
    from argminn.model import Config
    from argminn.variants import VariantReader, annotate, batches, declare, info_fields
    for sample in (None, "S"):
        for batch in batches(VariantReader(path, genome(), 40, sample), 0, 100):
            for row in batch.rows:
                for allele in row.alleles: assert len(row.window(allele, 40)) == 40 and set(row.window(allele, 40)) <= set("ACGTN"), f"{row!r} has no window"
            assert all(line.count("\t") == 6 and line.count("\n") == 1 for line in batch.skipped), "a line of skipped.tsv is broken"
    reader = VariantReader(path, genome(), 40, keep=True)
    declare(reader.file.header, info_fields(Config()))
    for v in reader: assert annotate(v, [], [], Config()).endswith("\n")


def _text(path): return path.read_bytes().decode("utf-8", "surrogateescape") # as a shell gives it


def _formula(path):
    from argminn.formulas import evaluate, formula_text, free_variables, parse_formula, prenex, simplify
    from argminn.motifs import consensus_motif
    f = parse_formula(_text(path))
    for unicode in (False, True): assert parse_formula(formula_text(f, unicode)) == f, "the printed formula is another one"
    assert not free_variables(f)
    simplify(f); prenex(f)
    calls = pd.DataFrame(dict(row=[0, 0, 1], start=[1, 9, 3], end=[6, 14, 8], strand=[0, 1, 0], motif=[0, 1, 1]))
    try: f = parse_formula(_text(path), motifs := [consensus_motif("GATAA", "M1"), consensus_motif("CACGTG", "M2")])
    except ValueError: return f # motifs of other names
    evaluate(f, calls, 2, motifs, either=True, length=20)
    return f


def _grammar(path):
    from argminn.motifs import consensus_motif
    from argminn.simulation import Design, parse_grammar, simulate
    layouts = parse_grammar(_text(path))
    assert abs(sum(a.weight for a in layouts) - 1) < 1e-6
    sequences, truth = simulate(Design("fuzz", _text(path), "background", (consensus_motif("AGATAA", "GATA1"), consensus_motif("CAGCTG", "TAL1")), length=120, centre=5), 4)
    assert len(sequences) == 8 and truth.start.between(0, 120).all() and truth.end.between(0, 120).all()


def _truth(path):
    from argminn.simulation import read_truth
    t = read_truth(path)
    assert len(t) and t.start.dtype == t.end.dtype == int and t.strand.isin(["+", "-"]).all() and (t.start < t.end).all() and (t.motif.str.len() > 0).all()
    return t


def _scored(path):
    from argminn.variants import parse_sites, read_scored
    t = read_scored(path)
    for text in [*t.gained, *t.lost, *t.changed]: parse_sites(text)
    assert t.start.dtype == int and all(t[c].dtype == float for c in t.columns if c.startswith("logit_"))
    return t


def _record(path):
    from argminn.fetch import LICENCES, read_record
    answer = SimpleNamespace(status_code=200, text=path.read_bytes().decode("utf-8", "replace"), json=lambda: json.loads(path.read_bytes()))
    record = read_record("hg38" if path.name == "md5sum.txt" else "spi1_k562", session=SimpleNamespace(get=lambda *args, **kwargs: answer))
    assert Path(record.file).name == record.file and record.size >= 0 and record.licence in LICENCES.values() and all(isinstance(x, str) for x in record if x is not record.size), f"{record}"
    return record


def _run(path):
    "All that a run folder holds, one of its files with a fault; of some the report is written."
    from argminn.run import Run, write_report
    folder = path.with_name("folder")
    if not folder.exists():
        folder.mkdir()
        for name, data in run_files().items(): (folder / name).write_bytes(data)
    (folder / path.name).write_bytes(data := path.read_bytes())
    try:
        run = Run.load(folder)
        repr(run), run._repr_html_(), len(run.instances.table), run.instances._repr_html_(), run.history
        for g in run.grammars: g._repr_html_(), [r._repr_html_() for r in g.rules[:2]]
        run.rules
        if path.name == "views.json": run.views
        if zlib.crc32(data) % (4 if path.name in ("examples.tsv", "metrics.json") else 40) == 0: write_report(run)
    finally: (folder / path.name).write_bytes(run_files()[path.name])


VCF = """##fileformat=VCFv4.2
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##contig=<ID=chr1,length=900>
##contig=<ID=chr2,length=700>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""


def vcf():
    "Substitutions, an insertion, a deletion, several alleles, symbolic ones, of a sample."
    g, rows = genome(), []
    for k, (chrom, at, alts, gt) in enumerate((("chr1", 50, "A,C,G,T", "0|1:7"), ("chr1", 60, "<DEL>,*", "1/2:."), ("chr1", 66, "ACGTT", "1|1:7"), ("chr1", 899, "T", "."), ("chr2", 10, ".", "0/0:."), ("2", 20, "N", "0/1:.")), 1):
        ref = g.bases("chr" + chrom.removeprefix("chr"), at, at + (3 if at == 20 else 1))
        rows.append(f"{chrom}\t{at + 1}\trs{k}\t{ref}\t{alts}\t50\tPASS\tAF=.\tGT:PS\t{gt}\n")
    return VCF + "".join(rows)


def packed_vcf():
    from argminn.variants import pysam_module
    pysam = pysam_module()
    with tempfile.TemporaryDirectory() as folder:
        (plain := Path(folder) / "x.vcf").write_text(vcf())
        pysam.tabix_compress(str(plain), str(plain) + ".gz")
        with pysam.VariantFile(str(plain)) as source, pysam.VariantFile(f"{folder}/x.bcf", "wb", header=source.header) as out:
            for r in source:
                if r.chrom != "2" and "<" not in str(r): out.write(r) # htslib does not read again what it writes of these
        return [("x.vcf.gz", Path(str(plain) + ".gz").read_bytes()), ("x.bcf", Path(f"{folder}/x.bcf").read_bytes())]


FASTA = files("x.fa", "".join(f">chr1:{60 * k}-{60 * k + 40} peak {k}\n{t[:20]}\n{t[20:40]}\n" for k, t in enumerate(TEXTS)), "".join(f">s{k}\n{t[:40]}\n" for k, t in enumerate(TEXTS)), ">only\nACGT\n")
BED = "chr1\t100\t200\tp1\t5\t+\nchr2\t20\t60\tp2\t0\t-\nchr1\t300\t333\tp3\t1000\t.\n"
PEAKS = "chr1\t100\t200\tp\t5\t.\t5\t-1\t-1\t50\nchr2\t10\t90\tq\t7\t.\t2.5\t3\t4.5\t-1\n"
ROWS = ("name\tsequence\tlabel\n" + "".join(f"n{k}\t{t[:40]}\t{k % 2}\n" for k, t in enumerate(TEXTS)), "sequence,label_a,label_b\n" + "".join(f"{t[:40]},{k / 3:.3f},-{k}e-3\n" for k, t in enumerate(TEXTS)))
PFM = "".join(f"{b}  [ {' '.join(map(str, column))} ]\n" for b, column in zip("ACGT", zip(*COUNTS)))
TRANSFAC = "AC  M00001\nXX\nID  V$GATA_01\nXX\nNA  GATA\nXX\nP0      A      C      G      T\n" + "".join(f"{i:02d}  {'  '.join(map(str, row))}  N\n" for i, row in enumerate(COUNTS, 1)) + "XX\n//\n"
SCORED = "chrom\tstart\tend\tid\tref\talt\tlogit_ref\tlogit_alt\tlogit_change\tprobability_ref\tprobability_alt\tgained\tlost\tchanged\trules_on\trules_off\tsentence\nchr1\t50\t51\trs1\tA\tC\t-1\t2.5\t3.5\t.1\t.9\tGATA(M1)|chr1:48-55|+|2e-3>4e-6;B(M2)|chr1:48-55|-|2e-3>4e-6\t\t\tR1\t\tchr1:51 A>C makes a GATA site\n"
RECORD = dict(href="/files/ENCFF888CKG/@@download/ENCFF888CKG.bed.gz", md5sum="0" * 32, status="released", assembly="GRCh38", file_size=1234, file_format_type="narrowPeak", biosample_ontology=dict(term_name="K562"), assay_term_name="ChIP-seq", output_type="IDR peaks")
FORMULAS = ("exists x y. M1(x,+) & M2(y,+) & gap(x,y) in [2,10]", "forall x. M1(x) -> exists y. M2(y) & x < y", "atleast 3 x. M1(x)", "!(exists x. M2(x))", "exactly 2 x. M1(x,-) | (x in [0,9] <-> true)", '∃x y. "M1"(x,−) ∧ x = y - 3 ∨ ¬M2(y)')
GRAMMARS = ("3: TAL1 | 3: GATA1(?) | 2: TAL1 2..8 GATA1 without TAL1", "4..6 x GATA1(?) within 100", "background", "92: GATA1 2..6 TAL1(-) | 8: GATA1", "TAL1 8 GATA1 without GATA1 without TAL1")


def readers():
    "{name: Reader}; the run's and the VCF's files are made when they are asked for."
    return dict(
        fasta=Reader(lambda: FASTA, _sequence_reader), bed=Reader(lambda: files("x.bed", BED, "track name=x\n# c\n" + BED), _sequence_reader), narrowpeak=Reader(lambda: files("x.narrowPeak", PEAKS) + files("x.bed", PEAKS), _sequence_reader),
        table=Reader(lambda: files("x.tsv", ROWS[0]) + files("x.csv", ROWS[1], ROWS[0].replace("\t", ",")), _sequence_reader), genome=Reader(lambda: FASTA + files("x.fa", ">chr1 one\n" + "ACGTN" * 30 + "\n>chr2\nAC\n"), _genome),
        meme=Reader(lambda: files("x.meme", "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n" + meme() + "\n" + meme(MATRIX[:3], "M2"), meme()), _motifs),
        jaspar=Reader(lambda: files("x.jaspar", f">MA0035.4\tGATA1\n{PFM}>MA0001.1 B c\n{PFM}"), _motifs), transfac=Reader(lambda: files("x.transfac", TRANSFAC, TRANSFAC * 2), _motifs),
        homer=Reader(lambda: files("x.motif", "".join(f">NAGNCA\t{n}\t6.5\n" + "".join("\t".join(f"{x:g}" for x in row) + "\n" for row in MATRIX) for n in ("GATA(Zf)/K562", "B"))), _motifs),
        vcf=Reader(lambda: files("x.vcf", vcf(), vcf()) + packed_vcf(), _variants), formula=Reader(lambda: files("formula", *FORMULAS), _formula), grammar=Reader(lambda: files("grammar", *GRAMMARS), _grammar),
        truth=Reader(lambda: files("truth.bed", "".join(f"positive_{k}\t{5 * k}\t{5 * k + 8}\tGATA1\t0\t{'+-'[k % 2]}\n" for k in range(4))), _truth), scored=Reader(lambda: files("x.tsv", SCORED), _scored),
        record=Reader(lambda: files("record.json", json.dumps(RECORD)) + files("md5sum.txt", "".join(f"{k:032x}  ./hg38{e}\n" for k, e in enumerate((".fa.gz", ".2bit", ".fa.masked.gz")))), _record),
        run=Reader(lambda: sorted(run_files().items()), _run))


# ---- one input, and many

class Hang(BaseException): "Not for `except Exception`."


def attempt(read, path): # of a `Reader`
    "('read', ''), ('refused', the line), or ('traceback' or 'hang', what)."
    from argminn.core import LINE, UserError
    def late(*_): raise Hang
    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
        return "read", ""
    except UserError as e:
        signal.setitimer(signal.ITIMER_PROF, 0)
        line = str(e)
        return ("refused", line) if line.isprintable() and 20 < len(line) <= LINE else ("traceback", f"a message of {len(line)} characters, not one line: {line[:200]!r}")
    except Hang: return "hang", f"more than {LONGEST} s: {''.join(traceback.format_exc(limit=-3))}"
    except Exception as e:
        signal.setitimer(signal.ITIMER_PROF, 0)
        return "traceback", f"{type(e).__name__}: {str(e)[:300]} @ " + " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(e.__traceback__)[:-6:-1])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def memory(name): # of /proc/self/status, MB
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1024


def work(name, number, first, n, seed, folder, log):
    "Inputs from `first`: what came of them, into the log."
    import torch
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    reader = readers()[name]
    valid = reader.valid()
    for file, data in valid: # these are read
        (folder / file).write_bytes(data)
        outcome = attempt(reader.read, folder / file)
        assert outcome[0] == "read", (name, file, outcome)
    soft = int((memory("VmSize") + ROOM) * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (soft, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with open(log, "a") as told:
        for k in range(first, n):
            file, data = mutated(valid, np.random.default_rng([seed, number, k]))
            path = folder / file
            path.write_bytes(data)
            (folder / "at").write_text(f"{k} {file}")
            faulthandler.dump_traceback_later(24 * LONGEST, exit=True) # where no signal reaches, in C
            Path("/proc/self/clear_refs").write_text("5") # the peak begins anew
            rss = memory("VmRSS")
            outcome, what = attempt(reader.read, path)
            faulthandler.cancel_dump_traceback_later()
            print(json.dumps(dict(k=k, outcome=outcome, mb=memory("VmHWM") - rss, file=file) | (dict(what=what) if outcome in ("traceback", "hang") else {})), file=told, flush=True)


def fuzz(name, number, n, seed, keep):
    "A row; goes on behind an input that kills the process."
    started, first, deaths = time.perf_counter(), 0, []
    with tempfile.TemporaryDirectory(prefix=f"argminn-fuzz-{name}-") as folder:
        folder, log = Path(folder), Path(folder) / "log"
        while first < n:
            process = get_context("spawn").Process(target=work, args=(name, number, first, n, seed, folder, log))
            process.start(); process.join()
            if process.exitcode == 0: break
            if not (folder / "at").exists(): sys.exit(f"{name}: the valid files are not read")
            k, file = (folder / "at").read_text().split(" ", 1)
            deaths.append(dict(k=int(k), outcome="hang" if process.exitcode == 1 else "traceback", what=f"the process ended with {process.exitcode}", file=file))
            first = int(k) + 1
        rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows += deaths
    bad, counts = [r for r in rows if "what" in r], Counter(r["outcome"] for r in rows)
    valid = readers()[name].valid() if bad else []
    for b in bad:
        file, data = mutated(valid, np.random.default_rng([seed, number, b["k"]]))
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}-{b['k']}-{file}").write_bytes(data)
        b["data"] = data
    row = dict(reader=name, inputs=n, read=counts["read"], refused=counts["refused"], tracebacks=counts["traceback"], hangs=counts["hang"], memory_mb=round(max(r.get("mb", 0) for r in rows)), seconds=round(time.perf_counter() - started))
    return row, bad


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--readers", nargs="+", choices=list(readers()), default=list(readers()))
    p.add_argument("--inputs", type=int, default=10_000)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "argminn-fuzz", help="folder for inputs that were neither read nor refused")
    p.add_argument("--dry", action="store_true", help="write no table")
    args, wrong = p.parse_args(), 0
    for name in args.readers:
        row, bad = fuzz(name, list(readers()).index(name), args.inputs, args.seed, args.keep)
        if not args.dry: put(TABLE, KEYS, pd.DataFrame([row]), list(readers()))
        print(" ".join(f"{k} {v}" for k, v in row.items()), flush=True)
        kinds = {}
        for b in bad: kinds.setdefault(b["what"].partition(" @ ")[2] or re.sub(r"\d+", "#", b["what"].partition("argminn-fuzz")[0][:200]), []).append(b)
        for same in kinds.values():
            b = min(same, key=lambda b: len(b["data"]))
            print(f"  {len(same)} x {b['outcome']}: {b['what'][:600]}\n    input {b['k']} ({args.keep / name}-{b['k']}-{b['file']}): {b['data'][:200]!r}", flush=True)
        wrong += len(bad)
    sys.exit(f"{wrong} inputs were neither read nor refused in one line" if wrong else 0)
