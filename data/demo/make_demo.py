"""Make the demo data set from JASPAR's SPI1 and RUNX1: positives hold both, SPI1 first, 2-8 bp apart; negatives hold one of the two.

    python data/demo/make_demo.py
"""
import gzip
from pathlib import Path

import numpy as np

from argminn.motifs import jaspar, save_motifs
from argminn.sequences import decode, reverse_complement

SEED, N, LENGTH = 20261122, 4000, 120
here = Path(__file__).parent
rng = np.random.default_rng(SEED)
spi1, runx1 = (next(m for m in jaspar() if m.motif_id.startswith(i)) for i in ("MA0080", "MA0002"))


def sample(motif):
    return (rng.random((motif.width, 1)) > motif.ppm.T.cumsum(1)[:, :3]).sum(1).astype(np.uint8)


def sequence(motifs):
    "One sequence and its sites (start, end, name, strand); the motifs in order, 2-8 bp apart, half of the sequences turned round."
    gaps = rng.integers(2, 9, len(motifs) - 1)
    span = sum(m.width for m in motifs) + gaps.sum()
    x, at, sites = rng.integers(0, 4, LENGTH).astype(np.uint8), int(rng.integers(10, LENGTH - 10 - span)), []
    for m, gap in zip(motifs, [*gaps, 0]):
        x[at:at + m.width] = sample(m)
        sites.append((at, at + m.width, m.name, "+"))
        at += m.width + int(gap)
    if rng.random() < .5:
        x, sites = reverse_complement(x), [(LENGTH - e, LENGTH - s, name, "-") for s, e, name, _ in reversed(sites)]
    return decode(x), sites


def write(name, text):
    (here / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


positives = [(f"positive_{i:04d}", *sequence([spi1, runx1])) for i in range(N)]
negatives = [(f"negative_{i:04d}", *sequence([(spi1, runx1)[i % 2]])) for i in range(N)]
write("positives.fa.gz", "".join(f">{n}\n{x}\n" for n, x, _ in positives))
write("negatives.fa.gz", "".join(f">{n}\n{x}\n" for n, x, _ in negatives))
write("truth.bed.gz", "".join(f"{n}\t{s}\t{e}\t{m}\t0\t{strand}\n" for n, _, sites in positives for s, e, m, strand in sites))
save_motifs([spi1, runx1], here / "motifs.meme", overwrite=True)
