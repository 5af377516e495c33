"""Variants of a genome: how many a second, in how much memory; another genome build; a run that is killed and resumed.

    python benchmarks/variants.py --data ../shared/data [--n 100000]

Random variants (substitutions 80 %, indels of up to 20 bases 15 %, two or three ALT alleles 5 %; seed 0) on yeast's sacCer3, from DATA/yeast, are written to a temporary VCF and scored by two networks of 200 bases: one made from a formula (one motif, one rule),
and one of the size that is trained by default (untrained: the time does not depend on the weights) with eight motifs and eight rules. Each run is a process of its own, whose memory is read every second. Then: the same VCF with the letters of REF permuted
(it must fail and leave only the list of mismatches), and the first network again, killed by SIGKILL half way and resumed (its files must be those of the run that was not). Results: benchmarks/results/variants.json.
"""
import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from common import RESULTS, parser, stamp

TABLE = "variants.json"
LENGTH = 200


def write_variants(genome, n, path, seed=0):
    "A sorted VCF of n random variants on a `Genome`; A, C, G, T alone."
    rng, names = np.random.default_rng(seed), list(genome.lengths)
    share = np.array([genome.lengths[c] for c in names], float)
    with open(path, "w") as f:
        f.write("##fileformat=VCFv4.2\n" + "".join(f"##contig=<ID={c},length={genome.lengths[c]}>\n" for c in names) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for chrom, many in zip(names, rng.multinomial(n, share / share.sum())):
            text = genome._fasta[chrom][:]
            for k, start in enumerate(np.sort(rng.integers(0, len(text) - 21, many))):
                ref, alts = random_alleles(text, start, rng)
                f.write(f"{chrom}\t{start + 1}\t{chrom}_{k}\t{ref}\t{','.join(alts)}\t.\t.\t.\n")


def random_alleles(text, start, rng):
    base, kind = text[start], rng.random()
    others = rng.permutation([b for b in "ACGT" if b != base])
    if kind < .8: return base, others[:1]
    if kind < .85: return base, others[:rng.integers(2, 4)]
    wide = int(rng.integers(1, 21))
    return (text[start:start + 1 + wide], [base]) if kind < .925 else (base, [base + "".join(rng.choice(list("ACGT"), wide))])


def shift_ref(source, path):
    "The VCF with another letter for each base of REF: of another genome."
    turn = str.maketrans("ACGT", "CGTA")
    with open(source) as f, open(path, "w") as out:
        for line in f:
            fields = line.split("\t")
            out.write(line if line[0] == "#" else "\t".join(fields[:3] + [fields[3].translate(turn), fields[4].translate(turn)] + fields[5:]))


def network(name):
    "(model, motifs, rules)."
    import torch
    from argminn.compiler import compile_network
    from argminn.model import ARGMINN, Config
    from argminn.simulation import named_motifs
    motifs = named_motifs()
    if name == "formula":
        compiled = compile_network("exists x. SPI1(x)", [motifs["SPI1"]], LENGTH, either=True)
        return compiled.model, compiled.found, [("R1", "exists x. SPI1(x)", True)]
    torch.manual_seed(0)
    eight = list(motifs.values())[:8]
    rules = [(f"R{k + 1}", f"exists x y. {a.name}(x,+) & {b.name}(y,+) & gap(x,y) in [0,20]", True) for k, (a, b) in enumerate(zip(eight, eight[1:] + eight[:1]))]
    return ARGMINN(Config(length=LENGTH)).eval(), [m.__class__(m.ppm, m.name, m.name, m.n_sites) for m in eight], rules


def child(name, vcf, genome, out, resume):
    "Score in this process; the command exits with 2 for a user's mistake, and so does this."
    from argminn.core import UserError
    from argminn.variants import score_variants
    model, motifs, rules = network(name)
    started = time.perf_counter()
    try: scored = score_variants(model, motifs, vcf, genome, out, rules, resume=resume)
    except UserError as e: sys.exit(print(e, file=sys.stderr) or 2)
    print(json.dumps(scored.counts | dict(seconds=round(time.perf_counter() - started, 2))))


def resident(pid):
    "MB of memory."
    try: return int(next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")).split()[1]) / 1024
    except (OSError, StopIteration): return None


def run(name, vcf, genome, out, resume=False, kill_at=None):
    "(exit code, standard output, standard error, MB at each second) of a process; killed when it has done so many records."
    process = subprocess.Popen([sys.executable, __file__, "--child", name, vcf, genome, out, *["resume"] * resume], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory, journal = [], out.with_name(f".{out.name}.journal")
    while process.poll() is None:
        time.sleep(1 if kill_at is None else .05)
        memory.append(resident(process.pid))
        if kill_at and journal.exists() and json.loads(journal.read_text())["records"] >= kill_at: process.send_signal(signal.SIGKILL)
    return process.returncode, *process.communicate(), [m for m in memory if m]


def checksum(path): return hashlib.sha256(path.read_bytes()).hexdigest()


def main(data, n):
    from argminn.data import Genome
    import torch
    results = dict(variants=n, length=LENGTH, cores=os.cpu_count(), threads=torch.get_num_threads())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        genome, vcf, wrong = (folder / name for name in ("sacCer3.fa.gz", "variants.vcf", "wrong.vcf"))
        shutil.copy(data / "yeast" / genome.name, genome) # its index is written beside it
        write_variants(Genome(genome), n, vcf)
        shift_ref(vcf, wrong)
        for name in "formula", "trained size":
            code, out, err, memory = run(name, vcf, genome, folder / f"{name}.tsv")
            assert code == 0, err
            counts, settled = json.loads(out), memory[len(memory) // 5:]
            results[name] = dict(counts, variants_per_second=round(n / counts["seconds"]), alleles_per_second=round(counts["rows"] / counts["seconds"]), mb_after_a_fifth=round(settled[0]), mb_largest=round(max(memory)), mb_at_the_end=round(settled[-1]))
            print(name, results[name], flush=True)
        code, _, err, _ = run("formula", wrong, genome, folder / "wrong.tsv")
        left = sorted(p.name for p in folder.iterdir() if "wrong.tsv" in p.name)
        results["another genome"] = dict(exit=code, said=err.strip().replace(f"{folder}/", ""), left=left, listed=len((folder / "wrong.tsv.skipped.tsv").read_text().splitlines()) - 1)
        print(results["another genome"], flush=True)
        code, *_ = run("formula", vcf, genome, folder / "killed.tsv", kill_at=n // 2)
        journal = json.loads((folder / ".killed.tsv.journal").read_text())["records"]
        again, *_ = run("formula", vcf, genome, folder / "killed.tsv", resume=True)
        results["killed"] = dict(exit=code, records_done=journal, resumed_exit=again, identical=checksum(folder / "killed.tsv") == checksum(folder / "formula.tsv"))
        print(results["killed"], flush=True)
    (RESULTS / TABLE).write_text(json.dumps(results, indent=1) + "\n")
    stamp(TABLE)


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, default=Path("../shared/data"))
    p.add_argument("--n", type=int, default=100_000)
    p.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = p.parse_args()
    if args.child: child(args.child[0], *args.child[1:4], "resume" in args.child[4:])
    else: main(args.data, args.n)
