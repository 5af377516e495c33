"""Bad input: readers give the right data or one line. What is read of files that are odd but right, what is said of files that are wrong, and that a name stays a name wherever it is written."""
import gzip
import html
import json
import re
import subprocess
import sys
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from argminn.core import LINE, UserError
from argminn.data import Genome, read_loci, read_sequences, read_table
from argminn.formulas import Is, parse_formula
from argminn.model import load_model
from argminn.motifs import Motif, consensus_motif, load_motifs, save_motifs
from argminn.sequences import decode, parse_region, read_fasta
from argminn.simulation import parse_grammar, read_truth
from conftest import ROOT, argminn

sys.path.insert(0, str(ROOT / "benchmarks"))
import fuzz  # noqa: E402

READERS = fuzz.readers()


@lru_cache
def valid(name): return READERS[name].valid()


@pytest.fixture(scope="module")
def folder(tmp_path_factory): return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_data_or_one_line(name, folder, data):
    "A valid file with up to four faults, of hypothesis' choice: a failure shrinks to few of them."
    if name == "run" and data.draw(st.integers(0, 14)): return # a whole folder, with its report: some are enough
    file, text = data.draw(st.sampled_from(valid(name)))
    for fault, seed in data.draw(st.lists(st.tuples(st.sampled_from([*dict.fromkeys(fuzz.FAULTS), fuzz.packed]), st.integers(0, 999)), max_size=4)): text = fault(text, np.random.default_rng(seed))
    (folder / name).mkdir(exist_ok=True)
    (folder / name / file).write_bytes(text)
    outcome, said = fuzz.attempt(READERS[name].read, folder / name / file)
    assert outcome in ("read", "refused"), said


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text(text):
    "Formulas, grammars, headers and motif names of any letters."
    for read in (parse_formula, parse_grammar, parse_region, consensus_motif):
        try: read(text)
        except UserError as e: assert str(e).isprintable() and len(str(e)) <= LINE
    if not re.search('["\n]', text) and text: assert parse_formula(f'exists x. "{text}"(x)') == parse_formula(str(parse_formula(f'exists x. "{text}"(x)')))
    named = Motif(np.full((4, 3), .25), text, text)
    assert "\n" not in named.name and len(named.motif_id.split()) <= 1


MEME = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1 GATA\nletter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n0.1 0.2 0.3 0.4\n0.7 0.1 0.1 0.1\n"
JASPAR = ">MA1 GATA\nA [ 1 7 ]\nC [ 2 1 ]\nG [ 3 1 ]\nT [ 4 1 ]\n"
TRANSFAC = "AC M1\nID GATA\nP0 A C G T\n01 1 2 3 4 N\n02 7 1 1 1 A\nXX\n//\n"
HOMER = ">NA\tGATA\t6\n.1\t.2\t.3\t.4\n.7\t.1\t.1\t.1\n"
READ = { # name: (file, bytes or text); all hold the same two columns
    "MEME": ("x.meme", MEME), "MEME without a final newline": ("x.meme", MEME[:-1]), "rows that sum to .999": ("x.meme", MEME.replace("0.4\n", "0.399\n")), "Windows line ends": ("x.meme", MEME.replace("\n", "\r\n")),
    "old Macintosh line ends": ("x.meme", MEME.replace("\n", "\r")), "byte order mark": ("x.meme", b"\xef\xbb\xbf" + MEME.encode()), "gzip": ("x.meme.gz", gzip.compress(MEME.encode())), "gzip of two members": ("x.meme", gzip.compress(MEME[:60].encode()) + gzip.compress(MEME[60:].encode())),
    "tabs for blanks": ("x.meme", MEME.replace("M1 GATA", "M1\tGATA").replace("0.2 0.3", "0.2\t0.3")), "no number of sites": ("x.meme", MEME.replace(" nsites= 20", "")), "a megabyte of remarks": ("x.meme", MEME.replace("\n\nMOTIF", f"\n\n# {'x' * 1_000_000}\n\nMOTIF")),
    "JASPAR": ("x.jaspar", JASPAR), "JASPAR without a final newline": ("x.jaspar", JASPAR[:-1]), "JASPAR, rows in another order": ("x.jaspar", JASPAR.replace("A [ 1 7 ]\n", "") + "A [ 1 7 ]"), "JASPAR, no blanks": ("x.jaspar", JASPAR.replace(" [ ", "[").replace(" ]", "]")),
    "TRANSFAC": ("x.transfac", TRANSFAC), "TRANSFAC without a final newline": ("x.transfac", TRANSFAC[:-1]), "TRANSFAC with a version": ("x.transfac", "VV 1\nXX\n//\n" + TRANSFAC), "HOMER": ("x.motif", HOMER), "HOMER without a final newline": ("x.motif", HOMER[:-1])}


@pytest.mark.parametrize("name", READ)
def test_motifs_that_are_odd_and_right(name, tmp_path):
    file, text = READ[name]
    (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    motif, = load_motifs(tmp_path / file)
    assert motif.name == "GATA" and np.allclose(motif.ppm.T, [[.1, .2, .3, .4], [.7, .1, .1, .1]], atol=1e-3) and np.allclose(motif.ppm.sum(0), 1, atol=1e-12)


WRONG = { # name: (reader, file, bytes or text, what is said)
    "zero-width motif": (load_motifs, "x.meme", MEME.split("0.1 0.2")[0].replace("w= 2", "w= 0"), "has 0 rows; expected 1 or more"),
    "MEME that was cut": (load_motifs, "x.meme", MEME[:-20], "row 1 has '0.1 0.2 0.3'; expected 4 numbers"), "a row of three": (load_motifs, "x.meme", MEME.replace("0.2 0.3 ", "0.2 "), "row 1 has '0.1 0.2 0.4'; expected 4 numbers"),
    "a letter in a row": (load_motifs, "x.meme", MEME.replace("0.2", "O.2").replace("w= 2 ", ""), "row 1 has '0.1 O.2 0.3 0.4'"), "rows that sum to 0.9": (load_motifs, "x.meme", MEME.replace("0.4", "0.3"), "no probabilities"), "nan": (load_motifs, "x.meme", MEME.replace("0.4", "nan"), "no probabilities"),
    "no end of sites": (load_motifs, "x.meme", MEME.replace("nsites= 20", "nsites= 1e999"), "has inf sites"), "a motif without a name": (load_motifs, "x.meme", MEME.replace("MOTIF M1 GATA", "MOTIF"), "has no name"),
    "JASPAR without a row": (load_motifs, "x.jaspar", JASPAR.replace("G [ 3 1 ]\n", "") + JASPAR, "has 3 rows; expected A, C, G and T"), "JASPAR, a short row": (load_motifs, "x.jaspar", JASPAR.replace("3 1", "3"), "rows of 2, 2, 1, 2 counts"),
    "JASPAR, counts below 0": (load_motifs, "x.jaspar", JASPAR.replace("[ 1 7 ]", "[ -9 7 ]"), "counts that are negative"), "JASPAR, nan": (load_motifs, "x.jaspar", JASPAR.replace("[ 1 7 ]", "[ nan 7 ]"), "counts that are negative or no numbers"),
    "TRANSFAC without a row": (load_motifs, "x.transfac", TRANSFAC.replace("01 1 2 3 4 N\n", ""), "has row 02 behind 0 others"), "TRANSFAC, an empty row": (load_motifs, "x.transfac", TRANSFAC.replace("02 7 1 1 1 A", "02"), "row 02 has ''; expected 4 numbers"),
    "TRANSFAC that was cut": (load_motifs, "x.transfac", TRANSFAC[:-8], "does not end with //"), "HOMER without its first line": (load_motifs, "x.motif", HOMER.partition("\n")[2] + HOMER, "expected '>' and a name"), "HOMER, a row of three": (load_motifs, "x.motif", HOMER.replace(".7\t", ""), "has '.1 .1 .1'; expected 4 numbers"),
    "truncated gzip": (read_fasta, "x.fa.gz", gzip.compress(b">a\nACGT\n" * 500)[:40], "expected FASTA, plain or whole gzip: copy it again"), "gzip with something behind": (read_fasta, "x.fa.gz", gzip.compress(b">a\nACGT\n") + b"more", "expected FASTA, plain or whole gzip"),
    "gzip that fills the memory": (read_fasta, "x.fa.gz", gzip.compress(b">a\n" + b"A" * 250_000_000, 1), "unpacks to more than"),
    "UTF-16": (read_fasta, "x.fa", ">a\nACGT\n".encode("utf-16"), "save it as UTF-8 text"), "a name of a megabyte": (read_fasta, "x.fa", f">{'a' * 1_000_000}\nACG!\n", "'!' at position 3 is no DNA letter"), "a name that moves the cursor": (read_fasta, "x.fa", ">\x1b[2Ja\nACG!\n", r"\x1b[2Ja"),
    "a place of 5,000 digits": (read_loci, "x.bed", f"chr1\t1\t{'9' * 5000}\n", "expected whole numbers"), "a place with a superscript": (read_loci, "x.bed", "chr1\t1\t5\tp\t5\t.\t5\t-1\t-1\t²\n".replace("\t5\tp", "\t²\tp"), "expected whole numbers"), "1_000": (read_loci, "x.bed", "chr1\t1\t1_000\n", "expected whole numbers"),
    "no chromosome": (read_loci, "x.bed", "\t10\t20\t30\n", "expected the chromosome"), "more fields than columns": (read_table, "x.csv", "sequence,label\nAAAA,CCCC,1\n", "more fields than its header"), "100,000 columns": (read_table, "x.csv", "a," * 100_000, "expected up to 10,000"), "a row of 500,000 fields": (read_table, "x.csv", "\n\nsequence,label\nACGT,1" + ",1" * 500_000 + "\n", "expected up to 10,000"),
    "a quotation mark left open": (read_table, "x.tsv", 'name\tsequence\tlabel\n"a\tACGT\t1\nb"\tACGT\t1\n', "is a quotation mark left open?"), "no name": (read_table, "x.tsv", "name\tsequence\tlabel\n\tACGT\t1\n", "holds the name ''"), "two columns of one name": (read_table, "x.tsv", "sequence\tlabel\tlabel\nACGT\t1\t0\n", "two columns label"),
    "a label that is too large": (read_table, "x.tsv", "sequence\tlabel\nACGT\t1e39\n", "label is '1e39'; expected a number"), "a genome with letters of another alphabet": (lambda p: Genome(p).codes("a"), "x.fa", ">a\nACµT\n", "holds something else than letters|is no DNA letter"),
    "truth that is FASTA": (read_truth, "truth.bed", ">a\nACGT\n", "line 1 is '>a'; expected BED6")}


@pytest.mark.parametrize("name", WRONG)
def test_mistake_is_told(name, tmp_path):
    read, file, text, said = WRONG[name]
    (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as e: read(tmp_path / file)
    line = str(e.value)
    assert line.isprintable() and len(line) <= LINE and any(words in line for words in said.split("|")), line


@pytest.mark.parametrize("text, said", [("(" * 5000 + "x", "something is missing|cannot stand"), ("!" * 5000 + "true", "is nested"), ("exists x. " + "!" * 100 + "M(x)", "is nested"), ("exists " + " ".join(f"x{k}" for k in range(100)) + ". M(x0)", "is nested"), ("atleast 99999999999 x. M(x)", "too large"),
                                        ("exists x. x in [0,1" + "0" * 5000 + "]", "too large"), ("M(x) & " * 10_000, "it goes on for 70,000 characters"), ("exists x. M(x)\0", "cannot stand"), ('exists x. "a\nb"(x)', "cannot stand")])
def test_formulas_that_are_too_much(text, said):
    with pytest.raises(UserError) as e: parse_formula(text)
    assert any(words in str(e.value) for words in said.split("|")) and str(e.value).isprintable() and len(str(e.value)) <= LINE


def test_formulas_that_would_take_all_memory():
    from argminn.formulas import evaluate, negation_normal
    names = [f"x{k}" for k in range(12)]
    calls = pd.DataFrame(dict(row=0, start=range(40), end=range(5, 45), strand=0, motif=0), index=range(40))
    with pytest.raises(UserError, match="12 variables one in another"): evaluate(f"exists {' '.join(names)}. " + " & ".join(f"M({x})" for x in names), calls, 1, [consensus_motif("GATAA", "M")])
    with pytest.raises(UserError, match="once its <-> are written out"): negation_normal(parse_formula("exists x. " + " <-> ".join(["M(x)"] * 40)))


def test_long_lines_are_read(tmp_path):
    "A megabyte in a line: bases, a header, a field."
    bases = "ACGT" * 250_000
    (tmp_path / "x.fa").write_text(f">a {'x' * 1_000_000}\n{bases}\n")
    (tmp_path / "x.tsv").write_text(f"sequence\tlabel\tremark\n{bases}\t1\t{'x' * 1_000_000}\n")
    (tmp_path / "x.bed").write_text(f"chr1\t1\t5\t{'x' * 1_000_000}\n")
    assert decode(read_fasta(tmp_path / "x.fa").sequences[0]) == decode(read_table(tmp_path / "x.tsv")[0].codes[0]) == bases
    assert read_loci(tmp_path / "x.bed").values.tolist() == [["chr1", 1, 5, 3]]


def test_long_lines_do_not_hang(tmp_path):
    "Regular expressions that would go through a megabyte again and again."
    for letter in "1 .(x|-":
        for text in (letter * 1_000_000, f"1{letter * 1_000_000}: TAL1", f"4 x {letter * 1_000_000} within 5"):
            (tmp_path / "grammar").write_text(text)
            assert fuzz.attempt(lambda path: parse_grammar(path.read_text()), tmp_path / "grammar")[0] in ("read", "refused")
            (tmp_path / "x.meme").write_text(MEME.replace("0.1 0.2", letter * 1_000_000))
            assert fuzz.attempt(load_motifs, tmp_path / "x.meme")[0] in ("read", "refused")


@pytest.mark.parametrize("header", ["chr1:1-" + "9" * 30, "chr1:" + "9" * 5000 + "-1", "chr1:²-5", "chr1:5-1", "../a:1-x"])
def test_headers_that_are_no_places(header, tmp_path):
    "They are names like any other."
    (tmp_path / "x.fa").write_text(f">{header}\nACGT\n")
    sequences, _ = read_sequences(tmp_path / "x.fa")
    assert sequences.names[0] == header and sequences.chrom[0] == "" and sequences.start[0] == 0


def test_every_format_keeps_names(tmp_path):
    "Names are one line and ids one word, so that a file that is written is read again as it was."
    names = "<script>alert(1)</script>", "=cmd()|'x'!A1", "../../a", 'say "x"', "$\\bad$", "中文🧬", "a\tb", "+1", "a\u2028b", "%s{}"
    motifs = [Motif(consensus_motif("GATAAG").ppm, n, f"id {n}") for n in names]
    for format in ("meme", "jaspar", "transfac", "homer"):
        save_motifs(motifs, tmp_path / format, format)
        again = load_motifs(tmp_path / format)
        assert [m.name for m in again] == [m.name for m in motifs] == [" ".join(n.split()) for n in names]
        if format != "homer": assert [m.motif_id for m in again] == [m.motif_id for m in motifs]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["homer", "jaspar", "meme", "transfac"]


@pytest.mark.parametrize("name", ['a"b', '"', "<script>", "gap", "M 1", "∃", "x.", "=cmd()"])
def test_formulas_name_any_motif(name): assert parse_formula(str(Is(name, "x")).join(("exists x. ", ""))).body.motif == name


NAMES = ("<script>alert(1)</script>", "=cmd()", "../../up", '"quoted"', "$\\frac{$", "tab\there")


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory):
    "A run whose motifs have such names, without training; and their names as they are read."
    from argminn.run import compile_formula
    folder = tmp_path_factory.mktemp("hostile")
    words = "AGATAAG", "CATCTGT", "GGTCACG", "TTCCTGC", "ACCGGAA", "TGACTCA"
    motifs = [Motif(consensus_motif(w).ppm, n, n) for w, n in zip(words, NAMES)]
    formula = "exists x y. " + " & ".join(f"{Is(m.motif_id, v)}" for m, v in zip(motifs, "xy")) + " & x < y | " + " | ".join(f"(exists z{k}. {Is(m.motif_id, f'z{k}')})" for k, m in enumerate(motifs[2:]))
    return compile_formula(formula, motifs, 50, folder / "run", n=200), [m.name for m in motifs]


def test_names_stay_names(hostile_run):
    "In the report, in Jupyter, in the live reader, in tables; and no file is made outside of the run."
    run, names = hostile_run
    page = (run.path / "report.html").read_text()
    for text in (page, run._repr_html_(), run.instances._repr_html_(), run.grammars[0]._repr_html_(), *(r._repr_html_() for r in run.grammars[0].rules)):
        assert "<script>alert" not in text and "</script>alert" not in text
    assert html.escape(names[0]) in page and page.count("<script") == page.count("</script>")
    assert sorted(p.name for p in run.path.parent.iterdir()) == ["run"] and [p for p in run.path.rglob("*") if p.is_dir()] == []
    assert [m.name for m in run.motifs] == names and set(run.instances.table.motif_name) <= set(names)
    assert set(pd.read_csv(run.path / "motifs.tsv", sep="\t").name) == set(names)
    lines = [line.split("\t") for line in (run.path / "instances.bed").read_text().splitlines()]
    assert len(lines) == len(run.instances) and {len(line) for line in lines} == {6} and {line[3] for line in lines} <= {re.sub(r"\s+", "_", n) for n in names}
    assert all(parse_formula(r.formula, run.motifs) for r in run.grammars[0].rules)


def test_reader_page_holds_names(hostile_run):
    from argminn.reader import reader_page, web_model
    run, names = hostile_run
    told = web_model(run.model, run.found, run.grammars[0].rules, [(n, "ACGT") for n in names])
    page = reader_page(told, names[0])
    data = re.search(r'<script type="application/json">(.*?)</script>', page)[1]
    assert "<" not in data and [m["name"] for m in json.loads(data)["motifs"]] == names and "<script>alert" not in page


def test_sequence_names_stay_names(hostile_run, tmp_path, monkeypatch):
    "What begins with = + - @ is data, and comes back as it was: a spreadsheet must be told to take columns as text."
    from argminn.cli import main
    run, _ = hostile_run
    monkeypatch.chdir(tmp_path)
    names = ["=cmd()", "+1", "-1", "@x", '"a"b', "<script>alert(1)</script>", "../up", "中文"]
    (tmp_path / "x.fa").write_text("".join(f">{n}\n{'ACGGAGATAAGCATCTGTTTACG' * 2}\n" for n in names))
    for command in ("predict", "call"):
        assert main([command, str(run.path), "x.fa", "--out", f"{command}.tsv", "--quiet"]) == 0
        assert set(pd.read_csv(tmp_path / f"{command}.tsv", sep="\t", keep_default_na=False).sequence_name) <= set(names)
    assert list(pd.read_csv(tmp_path / "predict.tsv", sep="\t").sequence_name) == names and {p.name for p in tmp_path.iterdir()} == {"x.fa", "predict.tsv", "call.tsv"}


@pytest.mark.parametrize("field, value, said", [("filters", 10 ** 9, "is damaged"), ("layers", 10 ** 9, "is damaged"), ("hidden", 76 * 10 ** 7, "is damaged"), ("position_base", float("nan"), "position_base is nan"), ("tasks", "label", "is damaged"), ("shortcut", "no", "shortcut is 'no'")])
def test_config_that_asks_for_more(hostile_run, tmp_path, field, value, said):
    "No memory is taken and no time spent for a network that the weights do not fit."
    for name in ("config.json", "model.safetensors"): (tmp_path / name).write_bytes((hostile_run[0].path / name).read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {field: value}))
    with pytest.raises(UserError, match=said): load_model(tmp_path)


def test_truncated_bcf_is_one_line(hostile_run, tmp_path):
    "pysam complains once more when it forgets a file; a user sees one line."
    pytest.importorskip("pysam")
    (tmp_path / "g.fa").write_text(f">chr1\n{fuzz.genome().bases('chr1', 0, 900)}\n")
    name, whole = fuzz.packed_vcf()[0]
    (tmp_path / name).write_bytes(whole[:-60])
    done = argminn("variants", hostile_run[0].path, name, "--genome", "g.fa", "--out", "x.tsv", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_fuzzer_finds_what_is_wrong(tmp_path):
    "A reader that fails, one that hangs and one that says two lines are counted as such: the check can fail."
    def said(message):
        e = UserError("x")
        e.args = (message,)
        raise e
    (tmp_path / "x").write_text("x")
    assert fuzz.attempt(lambda p: 1 / 0, tmp_path / "x")[0] == "traceback" and fuzz.attempt(lambda p: said("two\nlines that are long enough"), tmp_path / "x")[0] == "traceback"
    assert fuzz.attempt(lambda p: said("y" * 2000), tmp_path / "x")[0] == "traceback" and fuzz.attempt(lambda p: said("one line that is long enough"), tmp_path / "x")[0] == "refused"


def test_fuzzer_writes_its_table(tmp_path):
    import os
    done = subprocess.run([sys.executable, ROOT / "benchmarks" / "fuzz.py", "--readers", "truth", "--inputs", "50"], env=dict(os.environ, ARGMINN_RESULTS=str(tmp_path)), capture_output=True, text=True, timeout=300)
    table = pd.read_csv(tmp_path / "fuzz.csv")
    assert done.returncode == 0 and table.inputs[0] == 50 == table.read[0] + table.refused[0], done.stdout + done.stderr
