"""The main job on real data, against a 6-mer logistic regression in the same run: what it finds, how well, how long.

    python benchmarks/real.py --data ../shared/data [--case ctcf_spi1 ...] [--random-state 0] [--epochs 40]

Writes one row per case to benchmarks/results/real.csv (default recipe, whole fit with report; wall time on this machine):
test_auroc of the run, motifs_auroc of the same model without its term for composition, kmer_auroc of the regression. Where the set has strong peaks for a test (the human ones with
shuffles), heldout_auroc and heldout_kmer_auroc are of the tenth of all peaks that the run held out.
"""
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from common import parser, put
from argminn.baselines import fit_model
from argminn.data import Sequences, concat, read_loci, read_sequences
from argminn.filters import read_filters
from argminn.motifs import Motif, consensus_motif, jaspar, save_motifs, tomtom
from argminn.recipe import binary_metrics, predict_logits
from argminn.run import fit, predict
from argminn.sequences import dinucleotide_shuffle

YEAST = ("Reb1", "Abf1", "Fkh1")
CASES = dict(
    ctcf_spi1=dict(positives=["human/CTCF_hg19_100bp.fa.gz"], negatives="human/SPI1_hg19_100bp.fa.gz", valid_chroms=["chr8"], test_chroms=["chr9"]),
    rest=dict(positives=["human/REST_GM12878_101bp.train.fa.gz"], negatives="shuffle", test="human/REST_GM12878_101bp.test_positive.fa.gz"),
    foxa1=dict(positives=["human/FOXA1_HepG2_101bp.train.fa.gz"], negatives="shuffle", test="human/FOXA1_HepG2_101bp.test_positive.fa.gz"),
    gabpa=dict(positives=["human/GABPA_GM12878_101bp.train.fa.gz"], negatives="shuffle", test="human/GABPA_GM12878_101bp.test_positive.fa.gz"),
    usf1=dict(positives=["human/USF1_HepG2_101bp.train.fa.gz"], negatives="shuffle", test="human/USF1_HepG2_101bp.test_positive.fa.gz"),
    yeast=dict(positives=[f"yeast/{f}_chipexo.narrowPeak" for f in YEAST], genome="yeast/sacCer3.fa.gz", valid_chroms=["chrIV"], test_chroms=["chrXII", "chrXV"]),
)


def auroc(logits, part): return binary_metrics(logits, part.labels[:, 0])["auroc"]


def against_shuffles(path, seed):
    "Held-out positives and their dinucleotide shuffles."
    positives, _ = read_sequences(path)
    shuffled = Sequences(dinucleotide_shuffle(positives.codes, seed), np.array([f"{n}_shuffled" for n in positives.names], dtype=object), positives.chrom, positives.start, positives.labels)
    return concat([positives.labelled(1), shuffled.labelled(0)])


def near_events(run, data, distance=15):
    "Share of called instances within `distance` bp of an event of any factor, and by motif of the factor that it is nearest to."
    events = pd.concat([read_loci(data / f"yeast/{f}_chipexo.narrowPeak").assign(factor=f) for f in YEAST])
    calls = run.instances.table
    middle = (calls.start + calls.end) // 2
    nearest = np.array([np.abs(events.centre[events.chrom == c] - m).min() for c, m in zip(calls.chrom, middle)]) if len(calls) else np.zeros(0)
    by = {name: f"{(nearest[(calls.motif_name == name).to_numpy()] <= distance).mean():.3f}" for name in calls.motif_name.unique()}
    return float((nearest <= distance).mean()) if len(calls) else float("nan"), by


def files_of(name, data):
    "(options of `load_data`, file of the strong test peaks or None) of a case."
    case = dict(CASES[name])
    external = case.pop("test", None)
    return {k: [data / p for p in v] if k == "positives" else data / v if k == "genome" or (k == "negatives" and "/" in v) else v for k, v in case.items()}, external and data / external


def run_case(name, data, out, seed, epochs):
    case, external = files_of(name, data)
    if name == "yeast":
        save_motifs(jaspar() + [consensus_motif("RTCAYNNNNNACG", "ABF1"), consensus_motif("TTACCCG", "REB1"), consensus_motif("GTAAACAA", "FKH1")], out / "database.meme", overwrite=True)
        case["motif_database"] = out / "database.meme"
    started = time.perf_counter()
    run = fit(**case, out=out / name, random_state=seed, recipe=dict(epochs=epochs), overwrite=True, quiet=False)
    seconds = time.perf_counter() - started
    from argminn.data import load_data
    splits = load_data(**{k: v for k, v in case.items() if k != "motif_database"}, random_state=seed)
    test = against_shuffles(external, seed) if external else splits.test
    kmers = fit_model("6-mers", splits, random_state=seed)
    reached = lambda part: (auroc(predict(run, part).logit.to_numpy(), part), auroc(predict_logits(kmers, part.codes)[:, 0], part))
    on_test = reached(test)
    on_heldout = reached(splits.test) if external else on_test
    motif_logits = predict_logits(run.model.without_composition(), test.codes)[:, 0]
    counts, _, _ = read_filters(run.model, test.codes)
    live = [Motif.from_pfm(c).trim() for c in counts if c.sum()]
    q = tomtom(live, live + jaspar())[1][:, :len(live)]
    pairs = np.minimum(q, q.T)[np.triu_indices(len(live), 1)]
    row = dict(case=name, seed=seed, epochs=epochs, test_auroc=on_test[0], motifs_auroc=auroc(motif_logits, test), kmer_auroc=on_test[1], n_test=len(test),
               heldout_auroc=on_heldout[0], heldout_kmer_auroc=on_heldout[1], n_heldout=len(splits.test),
               motifs="; ".join(f"{m.motif.motif_id} {m.motif.consensus} = {m.match_name} {m.match_id} q {m.match_q_value:.0e}" for m in run.found),
               live_filters=int(run.model.scanner.live.sum()), smallest_q_between_filters=f"{pairs.min(initial=1):.0e}", instances=len(run.instances),
               near_event="", seconds=round(seconds), threads=torch.get_num_threads(), torch=torch.__version__, machine=f"{platform.machine()} {platform.python_version()}")
    if name == "yeast":
        share, by = near_events(run, data)
        row["near_event"] = f"{share:.3f} ({', '.join(f'{k} {v}' for k, v in by.items())})"
    return row


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    p.add_argument("--random-state", type=int, default=0)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--out", type=Path, help="keep the runs here")
    args = p.parse_args()
    out = args.out or Path(tempfile.mkdtemp())
    out.mkdir(exist_ok=True)
    for name in args.case:
        row = pd.DataFrame([run_case(name, args.data, out, args.random_state, args.epochs)])
        put("real.csv", ("case", "seed", "epochs"), row, float_format="%.6f")
        print(row.T.to_string(), flush=True)
