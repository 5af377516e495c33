"""A whole genome: time and memory of `argminn scan` against a bare convolution over the same bases, and how both grow.

    python benchmarks/scan.py --data ../shared/data [--repeats 3] [--shares .25 .5 1 4] [--again]

The network: 8 filters of 15 columns (JASPAR motifs of that width, which stay), 2 layers, 500 bp, its syntax trained for 6 epochs on simulated pairs of them (seed 0). The genome: sacCer3 (12.16 Mb). Rows of scan.csv, medians:
* conv: torch's conv1d of both strands (16 channels) over the one-hot genome, one-hot included: in 500 bp pieces, as a network is trained, and as one sequence;
* scan: `scan_genome`, from the network and the genome's FASTA to the indexed BED.gz, in threads of one process (1 and 2 workers), and in Dask processes that stand (1 and 2, by turns, three times as often; 2 against 1 is the median of the turns, with the quartiles beside it), for shares of the genome (4: the genome four times): growth;
* scan, scaffolds: the same of the smallest share cut into sequences of 2,000 bp, as in a genome that is not assembled.
peak: MiB of a process of its own (VmHWM), torch and the network included. hg38 is the line through the shares, at 3.1e9 bases, if its share of bases that are N is left out: printed and kept in scan.json.
"""
import argparse
import gzip
import json
import math
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from common import MODELS, RESULTS, parser, put, stamp
from speed import held

TABLE, KEYS, HG38 = "scan.csv", ("work", "workers", "share"), 2.94e9 # bases of hg38 that are no N


def network(folder):
    "A run folder with 8 live filters, made once."
    if (folder / "config.json").exists(): return
    import torch
    from argminn.data import Data
    from argminn.model import ARGMINN, Config, save_model
    from argminn.motifs import Motif, jaspar
    from argminn.readout import read_motifs, save_readout
    from argminn.recipe import Recipe
    from argminn.simulation import Design, FreshTraining, simulate
    from argminn.training import train
    motifs = [Motif(m.ppm, f"M{k}", m.motif_id) for k, m in enumerate([m for m in jaspar() if m.width == 15 and m.information_content > 12][:8])]
    design = Design("pairs", " | ".join(f"M{k} 5..15 M{k + 1}" for k in range(0, 8, 2)), "background", tuple(motifs))
    data = Data(FreshTraining(design, 3000, 0), simulate(design, 500, [0, 1, 0])[0], None, ("label",), design.length, "given")
    torch.manual_seed(0)
    model = ARGMINN(Config(filters=8, layers=2, length=design.length))
    with torch.no_grad():
        for f, m in enumerate(motifs): model.scanner.raw[f] = torch.from_numpy(m.pwm())
    history = train(model, data, Recipe(epochs=6, rest=True, tidy=False, seed_filters=False), random_state=0)
    found = read_motifs(model, simulate(design, 3000, [0, 3, 0])[0].codes)
    folder.mkdir(parents=True, exist_ok=True)
    save_readout(found, folder)
    reached = dict(auroc=float(history.auroc.iloc[-1]), auprc=float(history.auprc.iloc[-1]), accuracy=None, n=len(data.valid), positives=int(data.valid.labels.sum()))
    (folder / "metrics.json").write_text(json.dumps(dict.fromkeys(("train", "valid", "test"), reached)))
    (folder / "params.json").write_text(json.dumps(dict(n_held_out_positives=0)))
    save_model(model, folder)
    print(f"network: validation auROC {history.auroc.iloc[-1]:.4f}, {len(found)} motifs")


def part_of(genome, share, folder, piece=None):
    "The first chromosomes that hold this share of the genome, which begins anew where it ends, whole or in pieces, as a FASTA."
    from argminn.data import Genome
    path = folder / f"{share}_{piece}.fa"
    if not path.exists():
        g, told = Genome(genome), 0
        with open(path, "w") as f:
            for k, (chrom, size) in product(range(math.ceil(share)), g.lengths.items()):
                most = min(size, round(share * sum(g.lengths.values())) - told)
                for i in range(0, most, piece or size): f.write(f">{chrom}_{k}_{i}\n{g.bases(chrom, i, min(i + (piece or size), most))}\n")
                told += max(most, 0)
    return path


def work_of(work, workers, path, run, folder):
    "(bases, {workers: seconds of each repeat}, by turns) of one kind of work, in this process."
    import torch
    from argminn.data import Genome
    from argminn.scan import scan_genome
    from argminn.sequences import one_hot
    if work.startswith("conv"):
        weight, bias, genome = torch.randn(16, 4, 15), torch.randn(16), Genome(path)
        codes = [genome.codes(c) for c in genome.lengths]
        def once(k):
            torch.set_num_threads(k)
            for x in codes:
                pieces = x[:len(x) // 500 * 500].reshape(-1, 500) if work == "conv in pieces" else x[None]
                for i in range(0, len(pieces), 2000): torch.nn.functional.conv1d(one_hot(pieces[i:i + 2000]), weight, bias)
    else:
        from argminn.chunks import local_cluster
        clusters = {k: local_cluster(k) for k in workers} if work == "scan, Dask" else {}
        once = lambda k: scan_genome(run, path, folder / "out.bed.gz", workers=k, scheduler=clusters[k].scheduler_address if clusters else None, overwrite=True)
    times = {k: [] for k in workers}
    with torch.no_grad():
        for k in workers: once(k)
        for _, k in product(range(REPEATS * (3 if work == "scan, Dask" else 1)), workers):
            started = time.perf_counter()
            once(k)
            times[k].append(time.perf_counter() - started)
    return sum(Genome(path).lengths.values()), times


def main():
    global REPEATS
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--shares", type=float, nargs="+", default=[.25, .5, 1., 4.])
    p.add_argument("--one", nargs=4, help=argparse.SUPPRESS) # in a process of its own: work, workers, genome, folder
    args = p.parse_args()
    REPEATS, run = args.repeats, MODELS / "scan"
    if args.one:
        work, workers, path, folder = args.one
        bases, times = work_of(work, [int(k) for k in workers.split()], Path(path), run, Path(folder))
        gain = {k: np.percentile(np.divide(times[int(workers[0])], each), [50, 25, 75]).tolist() for k, each in times.items()}
        return print("measured", json.dumps([dict(gain=gain[k], work=work, workers=k, bases=bases, seconds=float(np.median(each)), peak_mebibytes=held("VmHWM"), spread=max(each) / min(each)) for k, each in times.items()]))
    network(run)
    with tempfile.TemporaryDirectory() as folder:
        folder, plain = Path(folder), Path(folder) / "genome.fa"
        plain.write_bytes(gzip.decompress((args.data / "yeast/sacCer3.fa.gz").read_bytes()))
        todo = [(work, workers, 1.) for work in ("conv in pieces", "conv in one", "scan") for workers in "12"] + [("scan, Dask", "1 2", share) for share in {1., max(1., *args.shares)}] + [("scan", "2", share) for share in args.shares if share != 1] + [("scan, scaffolds", "2", min(args.shares))]
        rows = []
        for work, workers, share in todo:
            done = subprocess.run([sys.executable, __file__, "--data", args.data, "--repeats", str(args.repeats), "--one", work, workers, part_of(plain, share, folder, 2000 if "scaffolds" in work else None), folder], capture_output=True, text=True)
            if "measured " not in done.stdout: raise SystemExit(done.stderr[-2000:])
            told = [dict(m, share=share) for m in json.loads(done.stdout.split("measured ")[1].splitlines()[0])]
            rows += told
            print(*told, sep="\n", flush=True)
            put(TABLE, KEYS, pd.DataFrame(told).drop(columns="gain"))
        t = pd.DataFrame(rows).set_index(["work", "workers", "share"])
        grown = t.loc["scan"].xs(2).sort_values("bases")
        slope, base = np.polyfit(grown.bases, grown.seconds, 1)
        told = dict(scan_over_convolution_in_one=t.seconds["scan", 2, 1.] / t.seconds["conv in one", 2, 1.], scan_over_convolution_in_pieces=t.seconds["scan", 2, 1.] / t.seconds["conv in pieces", 2, 1.],
                    scaffolds_over_chromosomes=t.seconds["scan, scaffolds", 2, min(args.shares)] / t.seconds["scan", 2, min(args.shares)], threads_2_against_1=t.seconds["scan", 1, 1.] / t.seconds["scan", 2, 1.], dask_2_against_1={f"{share:g}": t.gain["scan, Dask", 2, share] for share in t.loc["scan, Dask"].xs(2).index},
                    peak_mebibytes=t.peak_mebibytes["scan", 2, 1.], hg38_minutes=(base + slope * HG38) / 60)
    print(json.dumps(told, indent=1))
    (RESULTS / "scan.json").write_text(json.dumps(told, indent=1) + "\n")
    stamp("scan.json")


if __name__ == "__main__":
    main()
