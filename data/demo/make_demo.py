"""Make the demo data set: positives hold SPI1 and RUNX1, in this order, 2-8 bp apart; negatives hold one of the two.

    python data/demo/make_demo.py
"""
import shutil
import tempfile
from pathlib import Path

from argminn.motifs import jaspar
from argminn.simulation import Design, write_simulated

SEED, N, LENGTH = 20261122, 4000, 120
motifs = tuple(next(m for m in jaspar() if m.motif_id.startswith(i)) for i in ("MA0080", "MA0002"))
design = Design("demo", "Spi1 2..8 Runx1", "Spi1 | Runx1", motifs, length=LENGTH, centre=40)
made = Path(tempfile.mkdtemp()) / "demo"
write_simulated(design, N, made, SEED)
for path in made.iterdir(): shutil.copy(path, Path(__file__).parent)
