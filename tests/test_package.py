"""The package as it is installed: import time, console script, data files, one direction of imports."""
import re
import subprocess
import sys

from conftest import ROOT

ORDER = "core sequences motifs data scanner syntax model training readout instances report run demo cli all".split()


def test_import_is_light():
    "`import argminn` and the command line's module load nothing heavy."
    code = "import sys, argminn, argminn.cli; print([m for m in ('torch', 'pandas', 'numpy', 'matplotlib', 'numba') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_no_module_imports_a_later_one():
    for i, name in enumerate(ORDER):
        used = re.findall(r"(?:from|import) argminn\.(\w+)", (ROOT / "argminn" / f"{name}.py").read_text())
        allowed = set(ORDER[:i]) if name != "cli" else set(ORDER)
        assert set(used) <= allowed, f"{name} imports {set(used) - allowed}"
    assert {p.stem for p in (ROOT / "argminn").glob("[a-z]*.py")} == set(ORDER)


def test_data_files_are_installed():
    from argminn.motifs import data_file, jaspar
    assert len(jaspar()) == 879
    for name in ("demo/positives.fa.gz", "demo/negatives.fa.gz", "demo/truth.bed.gz", "demo/motifs.meme"): assert data_file(name).is_file()
