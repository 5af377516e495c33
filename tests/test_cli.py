"""The commands, in processes of their own: what a user gets, and what a user gets wrong."""
import gzip
import json
import os
import re

import numpy as np
import pandas as pd
import pytest

from conftest import SMALL, argminn, argminn_here, fasta

FILES = "model.safetensors config.json params.json training.csv metrics.json motifs.meme motifs.tsv instances.tsv instances.bed rules.tsv rules.json evidence.json tried.tsv views.json report.html checkpoint".split()
INSTANCES = "sequence_name chrom start end strand motif_id motif_name activation attention effect p_value q_value matched_sequence layer head".split()


def test_run_folder(small_run):
    assert set(FILES) <= {p.name for p in small_run.iterdir()}
    assert sorted(p.name for p in small_run.parent.iterdir() if p.name.startswith(".")) == []
    metrics = json.loads((small_run / "metrics.json").read_text())
    for split in ("train", "valid", "test"): assert {"auroc", "auprc", "accuracy", "n", "positives"} <= set(metrics[split])
    assert metrics["test"]["auroc"] > .9
    assert list(pd.read_csv(small_run / "instances.tsv", sep="\t").columns) == INSTANCES
    assert set("epoch split auroc auprc live_filters seconds".split()) <= set(pd.read_csv(small_run / "training.csv").columns)
    params = json.loads((small_run / "params.json").read_text())
    assert "fit peaks.fa" in params["command"] and params["random_state"] == 0 and len(params["data"]["peaks.fa"]) == 64


def test_report_is_self_contained(small_run):
    page = (small_run / "report.html").read_text()
    assert not re.search(r"""(src|href)=(?!"(data:|#))""", page) and "://" not in re.sub("[A-Za-z0-9+/=]{60,}", "", page)
    assert page.count("<script>") == 3 and page.count("<script") == 3 + page.count('<script type="application/json">') # code, and data


def test_predict_and_call(small_run, tmp_path):
    (tmp_path / "new.fa").write_text(fasta(30, seed=5) + ">short\nGGTCACGTGAC\n")
    done = argminn("predict", small_run, "new.fa", cwd=tmp_path)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert done.returncode == 0 and rows[0] == "sequence_name chrom start end logit probability".split() and len(rows) == 32
    assert rows[1][:4] == ["chr1:0-60", "chr1", "0", "60"] and rows[-1][:4] == ["short", "short", "0", "11"]
    assert argminn("predict", small_run, "new.fa", "--out", "p.tsv", cwd=tmp_path).returncode == 0
    assert (tmp_path / "p.tsv").read_text() == done.stdout
    done = argminn("call", small_run, "new.fa", "--out", "calls.tsv", cwd=tmp_path)
    calls = pd.read_csv(tmp_path / "calls.tsv", sep="\t")
    assert done.returncode == 0 and list(calls.columns) == INSTANCES and len(calls)
    genome = "".join(fasta(30, seed=5).split("\n")[1::2])
    for c in calls[calls.sequence_name != "short"].itertuples():
        i = c.start // 1000 * 60 + c.start % 1000
        site = genome[i:i + c.end - c.start]
        assert c.matched_sequence == (site if c.strand == "+" else site[::-1].translate(str.maketrans("ACGT", "TGCA")))


RULES = "rule_id formula motifs orientation gap_min gap_max gap_mode n_sequences fraction_positive fraction_negative odds_ratio p_value q_value necessity sufficiency".split()


def test_rules(small_run, tmp_path):
    "Those of the run, those in given sequences, and what a user gets wrong."
    rules = pd.read_csv(small_run / "rules.tsv", sep="\t")
    assert list(rules.columns) == RULES and rules.formula[0] == "exists x. M1(x)" and rules.q_value[0] < .01 and rules.necessity[0] > .3 and rules.sufficiency[0] > .3
    assert argminn("rules", small_run, "--out", "rules.tsv", cwd=tmp_path).returncode == 0
    assert (tmp_path / "rules.tsv").read_text() == (small_run / "rules.tsv").read_text()
    (tmp_path / "new.fa").write_text(fasta(300, seed=5))
    done = argminn("rules", small_run, "new.fa", "--out", "new.tsv", cwd=tmp_path)
    assert done.returncode == 0 and "agrees with the network" in done.stdout and pd.read_csv(tmp_path / "new.tsv", sep="\t").formula[0] == "exists x. M1(x)"
    (tmp_path / "table.csv").write_text("sequence,label\n" + "".join(f"{line},{k % 2}\n" for k, line in enumerate(fasta(40).split("\n")[1::2])))
    assert argminn("rules", small_run, "table.csv", "--out", "labelled.tsv", cwd=tmp_path).returncode == 0
    for args, words in ((("new.fa", "--negatives", "nothing.fa"), "--negatives (or the word shuffle) must be an existing file"), (("--negatives", "new.fa"), "belong to SEQS"), (("nowhere.fa",), "nowhere.fa does not exist")):
        done = argminn_here("rules", small_run, *args, "--out", "x.tsv", cwd=tmp_path)
        assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1 and not (tmp_path / "x.tsv").exists(), done.stderr


def test_call_options(small_run, tmp_path):
    import pyBigWig
    (tmp_path / "new.fa").write_text(fasta(100, seed=5))
    tables = []
    for k, options in enumerate(((), ("--q-value", ".02"), ("--method", "attention", "--bigwig", "attention.bw"))):
        done = argminn("call", small_run, "new.fa", "--out", f"{k}.tsv", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        tables.append(pd.read_csv(tmp_path / f"{k}.tsv", sep="\t"))
    assert len(tables[1]) <= len(tables[0]) and not tables[1].q_value.gt(.02).any() and tables[2].attention.gt(.9).all()
    with pyBigWig.open(str(tmp_path / "attention.bw")) as file: assert {c.chrom for c in tables[0].itertuples()} <= set(file.chroms())
    done = argminn_here("call", small_run, "new.fa", "--out", "x.tsv", "--q-value", "7", cwd=tmp_path)
    assert done.returncode == 2 and "expected a number above 0, up to 1" in done.stderr and not (tmp_path / "x.tsv").exists()


def test_report_is_rewritten(small_run):
    before = (small_run / "report.html").read_bytes()
    (small_run / "report.html").unlink()
    assert argminn("report", small_run).returncode == 0
    assert (small_run / "report.html").read_bytes() == before


def test_one_seed_one_result(small_run, tmp_path):
    (tmp_path / "peaks.fa").write_text(fasta(600))
    assert argminn("fit", "peaks.fa", "--negatives", "shuffle", "--out", "run", *SMALL, cwd=tmp_path).returncode == 0
    for name in set(FILES) - {"training.csv", "checkpoint"}: assert (tmp_path / "run" / name).read_bytes() == (small_run / name).read_bytes(), name
    one, two = (pd.read_csv(f / "training.csv").drop(columns="seconds") for f in (small_run, tmp_path / "run"))
    assert one.equals(two)


def test_killed_and_resumed(small_run, tmp_path):
    "A fit that is killed leaves no run folder; --resume ends with the files of an uninterrupted one."
    import subprocess, sys, time
    (tmp_path / "peaks.fa").write_text(fasta(600))
    command = ["fit", "peaks.fa", "--negatives", "shuffle", "--out", "run", *SMALL]
    fit = subprocess.Popen([sys.executable, "-m", "argminn.cli", *command], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while fit.poll() is None and not (tmp_path / ".run.part" / "checkpoint" / "state.safetensors").exists(): time.sleep(.02)
    fit.kill(); fit.wait()
    assert not (tmp_path / "run").exists()
    done = argminn(*command, cwd=tmp_path) # --resume forgotten
    assert done.returncode == 2 and "--resume to go on" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    done = argminn(*command, "--resume", "--random-state", "1", cwd=tmp_path) # another run: refused, and the checkpoint stays
    assert done.returncode == 2 and "was made with another" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    done = argminn(*command, "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "instances.tsv", "motifs.meme", "metrics.json"): assert (tmp_path / "run" / name).read_bytes() == (small_run / name).read_bytes(), name


def test_options_that_go_together(small_run, tmp_path):
    "What would be ignored, or would give numbers that mean nothing, is refused before anything is trained."
    (tmp_path / "peaks.fa").write_text(fasta(60))
    rows = fasta(60).split("\n")[1::2]
    (tmp_path / "t.tsv").write_text("sequence\tlabel\tsame\n" + "".join(f"{x}\t{k % 2}\t5\n" for k, x in enumerate(rows)))
    (tmp_path / "half.tsv").write_text("sequence\tlabel\n" + "".join(f"{x}\t{k / 60}\n" for k, x in enumerate(rows)))
    for command, said in ((["fit", "peaks.fa", "--negatives", "peaks.fa"], "hold every positive"), (["fit", "t.tsv", "--label-columns", "label,label"], "is named twice"), (["fit", "peaks.fa", "--label-columns", "a"], "belong to a table"),
                          (["fit", "peaks.fa", "--keep-filters"], "belongs to --start"), (["fit", "t.tsv", "--task", "regression", "--label-columns", "same"], "is 5 in every sequence"),
                          (["fit", "peaks.fa", "--start", small_run, "--filters", "3"], "expected no sizes"), (["rules", small_run, "t.tsv", "--negatives", "peaks.fa"], "holds its own"), (["rules", small_run, "half.tsv"], "a binary task expects 0 and 1")):
        done = argminn_here(*command, "--out", "run", cwd=tmp_path)
        assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"peaks.fa", "t.tsv", "half.tsv"}


def test_a_run_can_be_shared(small_run):
    "Others may read each file as they may read a new one, and JSON is such everywhere."
    assert {p.stat().st_mode & 0o777 for p in small_run.rglob("*") if p.is_file()} == {(small_run / "report.html").stat().st_mode & 0o777}
    def never(constant): raise AssertionError(f"{constant} is no JSON")
    for file in small_run.glob("*.json"): json.loads(file.read_text(), parse_constant=never)


def test_many_fits_stop_at_once(tmp_path):
    "Ctrl-C, or a cluster's SIGTERM, ends a fit of many as it ends a single one; what is there goes on with --resume. While it is at work no other touches it."
    import signal, subprocess, sys, time
    (tmp_path / "peaks.fa").write_text(fasta(200))
    (tmp_path / "table.tsv").write_text("name\tpositives\tepochs\na\tpeaks.fa\t5000\nb\tpeaks.fa\t5000\n")
    state = tmp_path / "runs/.a.part/checkpoint/state.safetensors"
    for number, more, code in (signal.SIGINT, [], 130), (signal.SIGTERM, ["--resume"], 143):
        before = state.stat().st_mtime_ns if more else 0
        many = subprocess.Popen([sys.executable, "-m", "argminn.cli", "fit-many", "table.tsv", "--out", "runs", "--workers", "1", *more], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        try:
            while many.poll() is None and not (state.exists() and state.stat().st_mtime_ns > before): time.sleep(.1)
            if not more:
                other = argminn("fit", "peaks.fa", "--out", "runs/a", "--overwrite", cwd=tmp_path)
                assert other.returncode == 2 and "another process is at work in runs/.a.part" in other.stderr and other.stderr.count("\n") == 1, other.stderr
            many.send_signal(number)
            _, told = many.communicate(timeout=60)
        finally: many.kill()
        assert many.returncode == code and told.startswith("argminn: stopped") and told.count("\n") == 1, told
        assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == [".a.part", ".state"]


def test_what_is_read_is_not_replaced(small_run, tmp_path):
    (tmp_path / "peaks.fa").write_text(fasta(20))
    before = (tmp_path / "peaks.fa").read_bytes()
    for command in (["call", small_run, "peaks.fa", "--out", "peaks.fa"], ["call", small_run, "peaks.fa", "--out", "calls.tsv", "--bigwig", "./peaks.fa"], ["predict", small_run, "peaks.fa", "--out", tmp_path / "peaks.fa"],
                    ["fit", "peaks.fa", "--negatives", "shuffle", "--out", "peaks.fa"], ["scan", small_run, "peaks.fa", "--out", "new.bed.gz", "--bigwig", "peaks.fa"]):
        done = argminn_here(*command, "--overwrite", cwd=tmp_path)
        assert done.returncode == 2 and "is to be written, and is read too" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert (tmp_path / "peaks.fa").read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["peaks.fa"]


def test_two_labels_are_told(tmp_path):
    lines = fasta(40).splitlines()
    rows = [f"{s}\t{i % 2}\n" for i, s in enumerate(lines[1::2])]
    (tmp_path / "t.tsv").write_text("sequence\tlabel\n" + "".join([*rows, rows[0].replace("\t0", "\t1")]))
    from argminn.core import DataWarning
    from argminn.data import load_data
    with pytest.warns(DataWarning, match="1 of 40 different sequences .* have two labels"): load_data(tmp_path / "t.tsv")


def test_places_of_sequences_that_end_in_n(small_run, tmp_path):
    "A record's own N are its bases, what is put around a short one is not."
    known = "ACGT" * 10
    (tmp_path / "x.fa").write_text(f">chr1:100-160\n{'N' * 10}{known}{'N' * 10}\n>chr1:200-226\n{'N' * 26}\n>short\n{known}\n")
    done = argminn_here("predict", small_run, "x.fa", cwd=tmp_path)
    assert [line.split("\t")[1:4] for line in done.stdout.splitlines()[1:]] == [["chr1", "100", "160"], ["chr1", "200", "226"], ["short", "0", "40"]]


def test_regression_and_multilabel(tmp_path):
    rng = np.random.default_rng(0)
    rows = ["sequence\tlabel_a\tlabel_b\n"]
    for i in range(400):
        a, b = rng.random(2) < .5
        s = "".join(rng.choice(list("ACGT"), 50))
        rows.append(f"{s[:5]}{'GGTCACGTGA' if a else s[:10]}{s[15:30]}{'CTTATCTCCC' if b else s[:10]}{s[40:]}\t{int(a)}\t{int(b)}\n")
    (tmp_path / "mpra.tsv").write_text("".join(rows))
    small = [*SMALL[2:], "--epochs", "3"]
    done = argminn("fit", "mpra.tsv", "--task", "multilabel", "--out", "multi", *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(json.loads((tmp_path / "multi" / "metrics.json").read_text())["test"]) == {"label_a", "label_b"}
    header = argminn("predict", "multi", "mpra.tsv", cwd=tmp_path).stdout.splitlines()[0].split("\t")
    assert header[4:] == ["logit_label_a", "probability_label_a", "logit_label_b", "probability_label_b"]
    measured = pd.read_csv(tmp_path / "mpra.tsv", sep="\t")
    for name, columns in dict(swapped=["label_b", "sequence", "label_a"], one=["sequence", "label_a"]).items(): measured[columns].to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    for table in "mpra", "swapped": assert argminn("rules", "multi", f"{table}.tsv", "--out", f"of_{table}.tsv", cwd=tmp_path).returncode == 0
    assert (tmp_path / "of_mpra.tsv").read_bytes() == (tmp_path / "of_swapped.tsv").read_bytes() # by their names
    done = argminn("rules", "multi", "one.tsv", "--out", "none.tsv", cwd=tmp_path)
    assert done.returncode == 2 and "has no column label_b" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    done = argminn("design", "multi", "--rule", "R1", "--out", "none.fa", cwd=tmp_path) # of which task?
    assert done.returncode == 2 and "the run has label_a, label_b" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert argminn("predict", "multi", "mpra.tsv", "--out", "said.tsv.gz", cwd=tmp_path).returncode == 0
    assert gzip.decompress((tmp_path / "said.tsv.gz").read_bytes()).decode() == argminn("predict", "multi", "mpra.tsv", cwd=tmp_path).stdout
    done = argminn("fit", "mpra.tsv", "--task", "regression", "--label-columns", "label_a", "--out", "reg", *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert argminn("predict", "reg", "mpra.tsv", cwd=tmp_path).stdout.splitlines()[0].split("\t")[4:] == ["prediction"]
    measured.assign(label_a=measured.label_a + 100).to_csv(tmp_path / "high.tsv", sep="\t", index=False)
    assert argminn("rules", "reg", "high.tsv", "--out", "rules.tsv", cwd=tmp_path).returncode == 0 # positives are above the median, not above 0


PEAK = "chr1\t100\t200\tp\t5\t.\t5\t-1\t-1\t50\n"
MISTAKES = {
    "missing file": ({}, "fit none.fa --out run", "does not exist"),
    "empty file": ({"x.fa": ""}, "fit x.fa --out run", "is empty"),
    "not FASTA": ({"x.fa": "hello\n"}, "fit x.fa --out run", "begins with 'h'"),
    "unequal lengths": ({"x.fa": ">a\nACGTACGTACGTACGTACGT\n>b\nACGT\n"}, "fit x.fa --out run", "--length"),
    "unknown chromosome": ({"x.bed": "chr9\t1\t5\n", "g.fa": ">chr1\n" + "ACGT" * 300 + "\n"}, "fit x.bed --genome g.fa --out run", "chr9"),
    "beyond the chromosome": ({"x.bed": "chr1\t1\t5000\n", "g.fa": ">chr1\n" + "ACGT" * 300 + "\n"}, "fit x.bed --genome g.fa --out run", "beyond the end"),
    "no genome": ({"x.bed": "chr1\t1\t5\n"}, "fit x.bed --out run", "--genome"),
    "narrowPeak with 3 columns": ({"x.narrowPeak": "chr1\t1\t5\n", "g.fa": ">chr1\n" + "ACGT" * 300 + "\n"}, "fit x.narrowPeak --genome g.fa --out run", "has 3 columns"),
    "narrowPeak with 9 columns": ({"x.narrowPeak": PEAK.rsplit("\t", 1)[0] + "\n", "g.fa": ">chr1\n" + "ACGT" * 300 + "\n"}, "fit x.narrowPeak --genome g.fa --out run", "has 9 columns"),
    "duplicate names": ({"x.fa": ">a\nACGT\n>a\nACGT\n"}, "fit x.fa --out run", "twice"),
    "no DNA": ({"x.fa": ">a\nACGT!\n"}, "fit x.fa --out run", "'!'"),
    "one class only": ({"x.tsv": "sequence\tlabel\n" + "".join(f"{'ACGTACGTACGTACGT'}{'ACGT'[i % 4] * 4}{'ACGT'[i // 4 % 4] * 4}{'ACGT'[i // 16] * 4}\t1\n" for i in range(64))}, "fit x.tsv --out run", "positives of 'label' only"),
    "no positives": ({"x.tsv": "sequence\tlabel\n" + "".join(f"{'ACGTACGTACGTACGT'}{'ACGT'[i % 4] * 4}{'ACGT'[i // 4 % 4] * 4}{'ACGT'[i // 16] * 4}\t0\n" for i in range(64))}, "fit x.tsv --out run", "no positives"),
    "label that is no number": ({"x.tsv": "sequence\tlabel\nACGTACGT\thigh\n"}, "fit x.tsv --out run", "'high'"),
    "no sequence column": ({"x.csv": "dna,label\nACGT,1\n"}, "fit x.csv --out run", "sequence"),
    "filter wider than the sequence": ({"x.fa": fasta(60)}, "fit x.fa --out run --width 80", "80 bases wide"),
    "device that is absent": ({"x.fa": fasta(60)}, "fit x.fa --out run --device cuda:7", "cuda:7"),
    "loss that is no number": ({"x.fa": fasta(60)}, "fit x.fa --out run --learning-rate 1e38 --quiet --epochs 2", "loss became"),
    "run that exists": ({"x.fa": fasta(60), "run/notes.txt": "mine"}, "fit x.fa --out run", "--overwrite"),
    "folder that is no run": ({"x.fa": fasta(3), "notrun/notes.txt": "mine"}, "predict notrun x.fa", "no config.json"),
    "foreign run": ({"x.fa": fasta(3), "notrun/config.json": "{}", "notrun/model.safetensors": "x"}, "predict notrun x.fa", "is not ARGMINN's"),
    "truncated gzip": ({"x.fa.gz": gzip.compress(fasta(60).encode())[:300]}, "fit x.fa.gz --out run", "cannot be read"),
    "truncated BED": ({"x.bed.gz": gzip.compress(b"chr1\t1\t5\n" * 500)[:40], "g.fa": ">chr1\n" + "ACGT" * 300 + "\n"}, "fit x.bed.gz --genome g.fa --out run", "cannot be read"),
    "short row": ({"x.tsv": "sequence\tlabel\nACGTACGT\n"}, "fit x.tsv --out run", "expected a number"),
    "negatives of another length": ({"x.fa": fasta(60), "n.fa": ">n\nACGTACGT\n"}, "fit x.fa --negatives n.fa --out run", "give --length"),
    "negative length": ({"x.fa": fasta(60)}, "fit x.fa --out run --length -5", "--length is -5"),
    "strategy that shares out the network": ({"x.fa": fasta(60)}, "fit x.fa --out run --devices 2 --device cpu --strategy fsdp", "expected auto or ddp"),
    "no devices": ({"x.fa": fasta(60)}, "fit x.fa --out run --devices 0 --device cpu", "--devices is 0"),
    "chromosomes without coordinates": ({"x.fa": ">a\nACGTACGTACGTACGTAC\n>b\nACGTACGTAAGTACGTAC\n"}, "fit x.fa --out run --valid-chroms chr1", "need coordinates"),
    "option that is no number": ({}, "fit x.fa --out run --epochs many", "invalid int value"),
    "unknown command": ({}, "train x.fa", "invalid choice"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_one_line(name, tmp_path):
    files, command, expected = MISTAKES[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = sorted(p.name for p in tmp_path.rglob("*"))
    done = argminn_here(*command.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert expected in done.stderr and "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.rglob("*") if p.suffix != ".fai") == before


def test_damaged_run(small_run, tmp_path):
    import shutil
    shutil.copytree(small_run, tmp_path / "run")
    (tmp_path / "x.fa").write_text(fasta(3))
    for name in ("model.safetensors", "config.json", "readout.json", "params.json"):
        whole = (tmp_path / "run" / name).read_bytes()
        (tmp_path / "run" / name).write_bytes(whole[:len(whole) // 2])
        done = argminn_here("predict", "run", "x.fa", cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "is damaged" in done.stderr, (name, done.stderr)
        (tmp_path / "run" / name).write_bytes(whole)
    rows = (tmp_path / "run" / "training.csv").read_text().splitlines(keepends=True)
    for left in "".join(rows[:-2]), "".join(rows)[:-60]:
        (tmp_path / "run" / "training.csv").write_text(left)
        done = argminn_here("report", "run", cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "is damaged (training.csv: it has 1" in done.stderr and "of 16 rows" in done.stderr, done.stderr


def test_cropped_calls_and_tables_without_labels(small_run, tmp_path):
    "A one-column table is enough for predict; names may hold blanks."
    (tmp_path / "x.csv").write_text("sequence\n" + "\n".join(fasta(3).split("\n")[1::2]) + "\n")
    assert len(argminn("predict", small_run, "x.csv", cwd=tmp_path).stdout.splitlines()) == 4
    (tmp_path / "y.csv").write_text("name,sequence\npeak 1," + fasta(1).split("\n")[1] + "\n")
    assert "peak 1\t" in argminn("predict", small_run, "y.csv", cwd=tmp_path).stdout


def test_data_that_is_mended_is_told(small_run, tmp_path):
    "Windows line ends, lower case and IUPAC letters are read; one warning counts the letters."
    text = fasta(20, seed=3).replace("\n", "\r\n").replace("ACG", "acg").replace("TTT", "TRT", 2)
    (tmp_path / "x.fa").write_bytes(text.encode())
    done = argminn("predict", small_run, "x.fa", cwd=tmp_path)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 21
    assert done.stderr.count("warning:") == 1 and "2 IUPAC letters" in done.stderr


def test_simulate(tmp_path):
    done = argminn("simulate", "tal_gata", "-n", "40", "--out", "set", "--random-state", "3", cwd=tmp_path)
    assert done.returncode == 0 and sorted(p.name for p in (tmp_path / "set").iterdir()) == ["motifs.meme", "negatives.fa.gz", "positives.fa.gz", "truth.bed"]
    text = gzip.decompress((tmp_path / "set" / "positives.fa.gz").read_bytes()).decode()
    assert text.count(">") == 40 and set(len(x) for x in text.split("\n")[1::2]) == {500}
    for row in (tmp_path / "set" / "truth.bed").read_text().splitlines(): assert len(row.split("\t")) == 6
    again = argminn("simulate", "tal_gata", "-n", "40", "--out", "again", "--random-state", "3", cwd=tmp_path)
    assert again.returncode == 0 and (tmp_path / "again" / "positives.fa.gz").read_bytes() == (tmp_path / "set" / "positives.fa.gz").read_bytes()


@pytest.mark.parametrize("wrong, says", [
    (["spi2", "-n", "5", "--out", "x"], "there are spi1"),
    (["--positives", "TAL1 GATA1", "-n", "5", "--out", "x"], "cannot be read"),
    (["spi1", "-n", "0", "--out", "x"], "expected 1 or more"),
    (["spi1", "--gc", "2", "-n", "5", "--out", "x"], "between 0 and 1"),
    (["spi1", "-n", "5", "--out", "there"], "exists already"),
])
def test_simulate_mistakes(tmp_path, wrong, says):
    (tmp_path / "there").mkdir()
    done = argminn_here("simulate", *wrong, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and says in done.stderr and not (tmp_path / "x").exists()


def test_a_process_says_the_same(tmp_path):
    "The mistakes above are made in this process; one in a process of its own."
    done = argminn("fit", "none.fa", "--out", "run", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", argminn_here("fit", "none.fa", "--out", "run", cwd=tmp_path).stderr) and "none.fa does not exist" in done.stderr


def test_one_thread_or_two_the_same_calls(small_run, tmp_path):
    "Of a run, its calls, predictions and a scan: the same bytes, however many threads compute them."
    (tmp_path / "new.fa").write_text(fasta(300, seed=6))
    (tmp_path / "genome.fa").write_text(">chrA\n" + "".join(fasta(300, seed=7).split("\n")[1::2]) + "\n")
    told = []
    for threads in "1", "2":
        env = os.environ | dict(OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads)
        for command in (["call", small_run, "new.fa", "--out", "calls.tsv"], ["predict", small_run, "new.fa", "--out", "p.tsv"], ["scan", small_run, "genome.fa", "--out", "scan.bed.gz", "--workers", threads]):
            done = argminn(*command, "--overwrite", cwd=tmp_path, env=env)
            assert done.returncode == 0, done.stderr
        told.append({name: (tmp_path / name).read_bytes() for name in ("calls.tsv", "p.tsv", "scan.bed.gz", "scan.bed.gz.tbi")})
    assert told[0] == told[1] and len(gzip.decompress(told[0]["scan.bed.gz"]).splitlines()) > 50


def test_mistakes_of_a_scan_and_of_many_fits(small_run, tmp_path):
    (tmp_path / "genome.fa").write_text(">chrA\n" + "ACGTTGCA" * 50 + "\n")
    (tmp_path / "t.tsv").write_text("name\tpositives\tcolour\na\tx.fa\tred\n")
    (tmp_path / "u.tsv").write_text("name\tpositives\n../a\tx.fa\n")
    for command, says in ((["scan", small_run, "genome.fa", "--out", "x.bed"], ".bed.gz"), (["scan", small_run, "none.fa", "--out", "x.bed.gz"], "does not exist"), (["scan", small_run, "genome.fa", "--out", "x.bed.gz", "--resume"], "nothing to --resume"),
                          (["scan", small_run, "genome.fa", "--out", "x.bed.gz", "--step", "100"], "step is 100"), (["fit-many", "t.tsv", "--out", "runs"], "'colour'"), (["fit-many", "u.tsv", "--out", "runs"], "cannot be a folder's")):
        done = argminn_here(*command, cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and says in done.stderr, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["genome.fa", "genome.fa.fai", "t.tsv", "u.tsv"]
