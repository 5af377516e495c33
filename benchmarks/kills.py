"""Kill -9 at random moments of fit, fit-many, scan, variants (of one file and of two) and report: what is resumed is what an uninterrupted run writes, byte for byte, and no partial file ever stands under a final name.

    python benchmarks/kills.py [--kills 60] [--commands fit scan ...] [--seed 0]

Each command runs once undisturbed (the reference, and how long it takes), then again and again in a process group of its own that is killed after a random time (uniform, up to .9 of the reference's; numpy, seed), resumed, killed again, until it is done; then anew, until the kills of the command are
spent. Rows of kills.csv: command, kills, runs that finished, how many of them hold the reference's bytes, partial files seen under a final name after a kill, hidden files left at the end. training.csv is compared without its seconds, params.json without the command and what it says of files by path.
Exits 1 where a byte differs. The work is small: simulated peaks (two sets of 150 bp), a genome of 600 kb, 300 variants, and 150 of them again.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from common import parser, put

TABLE, KEYS = "kills.csv", ("command",)
FIT = "--filters 3 --epochs 5 --layers 2".split()


def world(folder):
    "The files that the commands read."
    from argminn.sequences import decode
    from argminn.simulation import simulated_set, write_simulated
    rng = np.random.default_rng(0)
    for seed, name in enumerate(("liver", "blood")): write_simulated(simulated_set("spi1", length=150), 400, folder / name, seed)
    codes = rng.integers(0, 4, 600_000).astype(np.uint8)
    (folder / "genome.fa").write_text(f">chr1\n{decode(codes)}\n")
    at = np.sort(rng.choice(np.arange(1000, len(codes) - 1000), 300, replace=False))
    lines = [f"chr1\t{p + 1}\t.\t{'ACGT'[codes[p]]}\t{'ACGT'[(codes[p] + 1) % 4]}\t.\t.\t.\n" for p in at]
    head = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=600000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for name, part in (("v.vcf", lines), ("w.vcf", lines[::2])): (folder / name).write_text(head + "".join(part))
    (folder / "experiments.tsv").write_text("name\tpositives\tnegatives\tfilters\tepochs\ttidy\n" + "".join(f"{n}\t{n}/positives.fa.gz\t{n}/negatives.fa.gz\t2\t3\tno\n" for n in ("liver", "blood")))


def commands(base): # the run that scan, variants and report read
    "{command: (arguments, its final names, can it be resumed?)}."
    return dict(fit=(["fit", "liver/positives.fa.gz", "--negatives", "liver/negatives.fa.gz", *FIT, "--out", "run"], ["run"], lambda d: (d / ".run.part/checkpoint").exists()),
                scan=(["scan", base, "genome.fa", "--out", "scan.bed.gz", "--workers", "2", "--bigwig", "scan.bw"], ["scan.bed.gz", "scan.bed.gz.tbi", "scan.bw"], lambda d: (d / ".scan.bed.gz.scan/about.json").exists()),
                variants=(["variants", base, "v.vcf", "--genome", "genome.fa", "--out", "v.tsv", "--batch-size", "32"], ["v.tsv"], lambda d: (d / ".v.tsv.journal").exists()),
                report=(["report", "copy"], ["copy"], lambda d: False),
                **{"fit-many": (["fit-many", "experiments.tsv", "--out", "runs", "--workers", "1"], ["runs"], lambda d: (d / "runs/.state/about.json").exists()),
                   "variants-many": (["variants", base, "v.vcf", "w.vcf", "--genome", "genome.fa", "--out", "effects", "--batch-size", "32", "--workers", "1"], ["effects"], lambda d: (d / "effects/.state/about.json").exists())})


def contents(path):
    "{file: hash} of a file or folder; what differs by right is left out."
    files = sorted(p for p in path.rglob("*") if p.is_file() and not any(part.startswith(".") or part == "checkpoint" for part in p.relative_to(path).parts)) if path.is_dir() else [path]
    told = {}
    for file in files:
        data = file.read_bytes()
        if file.name == "training.csv": data = pd.read_csv(file).drop(columns="seconds").to_csv().encode()
        if file.name == "params.json": data = json.dumps({k: v for k, v in json.loads(data).items() if k not in ("command", "data")}).encode()
        if file.name == "report.html": data = b"report" if data.rstrip().endswith(b"</html>") or b"</body>" in data else b"broken" # it names the command and the time
        told[str(file.relative_to(path)) if path.is_dir() else file.name] = sha256(data).hexdigest()
    return told


def started(args, cwd):
    return subprocess.Popen([sys.executable, "-m", "argminn.cli", *args, "--quiet", "--random-state", "0"] if args[0] != "report" else [sys.executable, "-m", "argminn.cli", *args, "--quiet"], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, env=os.environ | dict(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1"))


def finish(args, cwd):
    p = started(args, cwd)
    _, error = p.communicate()
    if p.returncode: raise SystemExit(f"{' '.join(map(str, args))} failed: {error.decode()[-500:]}")


def clear(cwd, names):
    for path in [cwd / n for n in names] + [p for p in cwd.iterdir() if p.name.startswith(".")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def tried(name, kills, rng, folder, base):
    "One row."
    args, names, resumable = commands(base)[name]
    copy = lambda: name == "report" and shutil.copytree(base, folder / "copy")
    copy()
    begun = time.perf_counter()
    finish(args, folder)
    reference, takes = {n: contents(folder / n) for n in names}, time.perf_counter() - begun
    done = dict(command=name, kills=0, finished=0, identical=0, partial=0, left=0)
    while done["kills"] < kills:
        clear(folder, names)
        copy()
        while True:
            p = started([*args, *["--resume"] * bool(resumable(folder))], folder)
            try: code = p.wait(rng.uniform(.05, .9) * takes if done["kills"] < kills else None)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
                done["kills"] += 1
                there = [n for n in names if (folder / n).exists()]
                done["partial"] += sum(any(reference[n].get(k) != v for k, v in contents(folder / n).items()) for n in there) # a folder of many is filled as they are done
                if len(there) == len(names) and name != "report" and not resumable(folder): code = 0 # it was done
                else: continue
            if code: raise SystemExit(f"{name} failed: {p.stderr.read().decode()[-500:]}")
            break
        done["finished"] += 1
        done["identical"] += {n: contents(folder / n) for n in names} == reference
        done["left"] += sum(p.name.startswith(".") for p in folder.iterdir())
        print(done, flush=True)
    return done | dict(seconds=takes)


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--kills", type=int, default=60, help="in all")
    p.add_argument("--commands", nargs="+", default=["fit", "scan", "variants", "report", "fit-many", "variants-many"])
    p.add_argument("--seed", type=int, default=0)
    args = p.parse_args()
    rng, bad = np.random.default_rng(args.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        world(folder)
        finish(commands("base")["fit"][0], folder)
        (folder / "run").rename(folder / "base")
        for name in args.commands:
            row = tried(name, -(-args.kills // len(args.commands)), rng, folder, folder / "base")
            put(TABLE, KEYS, pd.DataFrame([row]))
            bad += row["finished"] - row["identical"] + row["partial"] + row["left"]
    print(pd.read_csv(Path(os.environ.get("ARGMINN_RESULTS") or Path(__file__).with_name("results")) / TABLE).to_string(index=False))
    sys.exit(bool(bad))
