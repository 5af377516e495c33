"""The main job on real data, small and quick; the full measurements are benchmarks/real.py."""
import gzip
import os

import pandas as pd

from conftest import REAL, argminn, needs_real_data


@needs_real_data
def test_human_peaks_by_chromosome(tmp_path):
    "CTCF against SPI1, 6,000 peaks: the motif of each, and the chromosomes held out."
    for name in ("CTCF", "SPI1"):
        with gzip.open(REAL / f"human/{name}_hg19_100bp.fa.gz", "rt") as f: (tmp_path / f"{name}.fa").write_text("".join(line for _, line in zip(range(12_000), f)))
    done = argminn("fit", "CTCF.fa", "--negatives", "SPI1.fa", "--valid-chroms", "chr8", "--test-chroms", "chr9", "--epochs", "12", "--out", "run", "--device", "cpu", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    motifs = pd.read_csv(tmp_path / "run/motifs.tsv", sep="\t")
    assert motifs.best_match.str.contains("CTCF").any() and motifs.best_match.str.contains("Spi1|SPI1|SPIB|Spi").any(), motifs
    assert set(pd.read_csv(tmp_path / "run/instances.tsv", sep="\t").chrom) == {"chr9"}


@needs_real_data
def test_yeast_peaks_with_a_genome(tmp_path):
    "narrowPeak, BGZF genome in a folder that may be read-only, genomic negatives: it runs, and calls lie in held-out windows."
    done = argminn("fit", REAL / "yeast/Reb1_chipexo.narrowPeak", "--genome", REAL / "yeast/sacCer3.fa.gz", "--valid-chroms", "chrIV", "--test-chroms", "chrXII,chrXV",
                   "--epochs", "4", "--out", "run", "--device", "cpu", cwd=tmp_path, env=dict(os.environ, XDG_CACHE_HOME=str(tmp_path / "cache")))
    assert done.returncode == 0, done.stderr
    done = argminn("predict", "run", REAL / "yeast/Abf1_chipexo.narrowPeak", "--genome", REAL / "yeast/sacCer3.fa.gz", "--out", "p.tsv", cwd=tmp_path)
    assert done.returncode == 0 and len(pd.read_csv(tmp_path / "p.tsv", sep="\t")) > 600
