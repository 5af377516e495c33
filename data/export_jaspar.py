"""Export JASPAR CORE vertebrates, newest version of each matrix, to MEME minimal. Needs `pip install pyjaspar`.

JASPAR is CC BY 4.0 (https://jaspar.elixir.no); cite Rauluseviciute et al. 2024, doi:10.1093/nar/gkad1059.
    python data/export_jaspar.py
"""
import gzip
from pathlib import Path

import numpy as np
from pyjaspar import jaspardb

from argminn.motifs import Motif, _meme

RELEASE = "JASPAR2024"
motifs = jaspardb(release=RELEASE).fetch_motifs(collection="CORE", tax_group=["vertebrates"], all_versions=False)
ours = sorted((Motif.from_pfm(np.array([m.counts[b] for b in "ACGT"]), m.name, m.matrix_id) for m in motifs), key=lambda m: m.motif_id)
path = Path(__file__).with_name("JASPAR_CORE_vertebrates.meme.gz")
path.write_bytes(gzip.compress(_meme(ours).encode(), 9, mtime=0))
print(f"{path}: {len(ours)} motifs of {RELEASE}, {path.stat().st_size} bytes")
