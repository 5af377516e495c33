"""Variants read through motifs: saturation mutagenesis of three regulatory elements, by networks that were trained on the peaks of GABPA and of SP1, and by CNNs.

    python benchmarks/satmut.py --data ../shared/data [--runs FOLDER]

Kircher et al. (2019) measured nearly every substitution of the promoters of TERT (GBM cells), LDLR (two replicates) and F9 (HepG2) by MPRA. `argminn fit` on the GM12878 peaks (101 bp, dinucleotide shuffles, seed 0; or the run gabpa or sp1 in
--runs, where it is kept) and the CNN of baselines on the same data, 40 epochs; both score the substitutions by `score_variants`, each in a window of 101 bp around it. Nothing of the measured data is used in training.
benchmarks/results/satmut.csv: Spearman's correlation of the change of the logit with the measured log2 effect, the share with the right sign among effects with p < 1e-5, and n: for all substitutions, for those inside the instances that the
network calls in the element (attention, q < .15), and inside its best motif sites (p < 1e-4) alone. benchmarks/results/satmut_known.csv: what is said of the two substitutions in TERT's promoter that make an ETS site; satmut_called.csv: the substitutions inside called instances.
"""
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from common import RESULTS, parser, stamp

KNOWN = {("TERT-GBM", 1295113): "A", ("TERT-GBM", 1295135): "A"}


def trained(peaks, out):
    "(run, CNN)."
    from argminn.baselines import fit_model
    from argminn.data import load_data
    from argminn.run import Run, fit
    run = Run.load(out) if Path(out).exists() else fit(peaks, "shuffle", out)
    return run, fit_model("cnn", load_data(peaks, "shuffle", random_state=0))


def elements(data):
    "{name: (chrom, first base from 1, sequence)}, and the measured substitutions."
    references = pd.read_csv(data / "variants" / "satmut_mpra_reference_sequences.tsv", sep="\t", dtype=dict(chrom=str))
    measured = pd.read_csv(data / "variants" / "satmut_mpra_LDLR_TERT_F9_grch38.tsv", sep="\t", dtype=dict(Chrom=str))
    measured = measured[measured.Alt.isin(list("ACGT")) & (measured.Barcodes >= 10)].copy()
    starts = dict(zip(references.element, references.start1))
    measured["at"] = measured.Pos - measured.Element.map(starts)
    return {t.element: (t.chrom, t.start1, t.ref_seq) for t in references.itertuples()}, measured


def files(told, measured, folder):
    "A FASTA of the elements as chromosomes, a VCF of the substitutions."
    (folder / "elements.fa").write_text("".join(f">{n}\n{s}\n" for n, (_, _, s) in told.items()))
    head = "##fileformat=VCFv4.2\n" + "".join(f"##contig=<ID={n},length={len(s)}>\n" for n, (_, _, s) in told.items()) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    ordered = measured.sort_values(["Element", "at"], kind="stable")
    (folder / "mutations.vcf").write_text(head + "".join(f"{t.Element}\t{t.at + 1}\t.\t{t.Ref}\t{t.Alt}\t.\t.\t.\n" for t in ordered.itertuples()))
    return ordered


def called(run, told, step=10):
    "{element: (L,) bool}: bases of instances that the network calls in windows over it."
    from argminn.data import Sequences
    from argminn.run import call_instances
    from argminn.sequences import encode
    length, inside = run.model.config.length, {}
    for name, (_, _, s) in told.items():
        starts = np.arange(0, len(s) - length + 1, step)
        codes = np.stack([encode(s[a:a + length]) for a in starts])
        table = call_instances(run, Sequences(codes, np.array([f"w{a}" for a in starts], object), np.array([name] * len(starts), object), starts, np.ones((len(starts), 1), np.float32))).table
        inside[name] = np.zeros(len(s), bool)
        for t in table.itertuples(): inside[name][t.start:t.end] = True
    return inside


def agreement(t, change):
    "Spearman, share of right signs among clear effects, numbers."
    from scipy.stats import spearmanr
    clear = t[t.pValue < 1e-5]
    return dict(n=len(t), spearman=spearmanr(t[change], t.Coefficient)[0] if len(t) > 2 else np.nan, clear=len(clear), sign=(np.sign(clear[change]) == np.sign(clear.Coefficient)).mean() if len(clear) else np.nan)


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--runs", type=Path, help="folder with runs gabpa and sp1, if they are kept")
    args = p.parse_args()
    from argminn.sites import Sites
    from argminn.sequences import encode
    from argminn.variants import score_variants
    rows, known, drawn = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        told, measured = elements(args.data)
        measured = files(told, measured, folder)
        for tf in ("GABPA", "SP1"):
            run, cnn = trained(args.data / "human" / f"{tf}_GM12878_101bp.train.fa.gz", (args.runs or folder) / tf.lower())
            by_us = score_variants(run.model, run.found, folder / "mutations.vcf", folder / "elements.fa", folder / f"{tf}.tsv", rules=run.rules.short.rules, mismatch_limit=1).table
            by_cnn = score_variants(cnn, [], folder / "mutations.vcf", folder / "elements.fa", folder / f"{tf}_cnn.tsv", mismatch_limit=1).table
            key, rename = ["Element", "at", "Alt"], dict(chrom="Element", start="at", alt="Alt")
            t = measured.merge(by_us.rename(columns=rename)[[*key, "logit_change", "sentence"]], on=key).merge(by_cnn.rename(columns=rename)[[*key, "logit_change"]].rename(columns=dict(logit_change="cnn_change")), on=key)
            inside, sites, strong = called(run, told), Sites(run.motifs), {n: np.zeros(len(s), bool) for n, (_, _, s) in told.items()}
            for n, (_, _, s) in told.items():
                for x in sites.of(encode(s)[None]).itertuples(): strong[n][x.start:x.end] = True
            for element in told:
                mine = t[t.Element == element]
                for where, holds in dict(all=None, called=inside, sites=strong).items():
                    some = mine if holds is None else mine[holds[element][mine["at"]]]
                    for model, change in (("argminn", "logit_change"), ("cnn", "cnn_change")): rows.append(dict(peaks=tf, element=element, where=where, model=model, **agreement(some, change)))
            drawn.append(t[[inside[e][i] for e, i in zip(t.Element, t["at"])]].assign(peaks=tf)[["peaks", "Element", "Pos", "Ref", "Alt", "Coefficient", "pValue", "logit_change", "cnn_change"]])
            print(f"{tf}: {len(measured):,} substitutions, {len(t):,} scored; motifs {', '.join(m.name for m in run.motifs)}; test auROC {run.metrics['test']['auroc']:.3f}")
            known.append(t[[KNOWN.get((e, p)) == a for e, p, a in zip(t.Element, t.Pos, t.Alt)]].assign(peaks=tf)[["peaks", "Element", "Chrom", "Pos", "Ref", "Alt", "Coefficient", "logit_change", "cnn_change", "sentence"]])
    table, known = pd.DataFrame(rows), pd.concat(known)
    table.to_csv(RESULTS / "satmut.csv", index=False, float_format="%.3f")
    pd.concat(drawn).query("Element != 'LDLR.2'").to_csv(RESULTS / "satmut_called.csv", index=False, float_format="%.3g")
    known.to_csv(RESULTS / "satmut_known.csv", index=False, float_format="%.3f")
    stamp("satmut.csv", "satmut_called.csv", "satmut_known.csv")
    print(table.round(3).to_string(index=False), known.to_string(index=False), sep="\n")
