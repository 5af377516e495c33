"""The package as it is installed: import time, console script, data files, one direction of imports."""
import ast
import subprocess
import sys

from conftest import ROOT

ORDER = "core sequences motifs data simulation oracle scanner syntax model recipe seeding composition filters training readout instances formulas rules grammar sites circuits compiler explanation teaching placement design edits variants views reader panels report run apply widgets evaluation baselines attribution fetch demo chunks scan many cli all".split()


def test_import_is_light():
    "`import argminn` and the command line's module load nothing heavy."
    code = "import sys, argminn, argminn.cli; print([m for m in ('torch', 'pandas', 'numpy', 'matplotlib', 'numba') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def imported(path):
    "Names of argminn's own modules that a module imports, anywhere in it."
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and (node.level or node.module.startswith("argminn.")): yield node.module.split(".")[-1]
        if isinstance(node, ast.Import): yield from (n.name.split(".")[1] for n in node.names if n.name.startswith("argminn."))


def test_no_module_imports_a_later_one():
    assert "sequences" in set(imported(ROOT / "argminn" / "data.py")) # the check sees something
    for i, name in enumerate(ORDER):
        used = set(imported(ROOT / "argminn" / f"{name}.py"))
        assert used <= set(ORDER[:i]), f"{name} imports {used - set(ORDER[:i])}"
    assert {p.stem for p in (ROOT / "argminn").glob("[a-z]*.py")} == set(ORDER)


def test_every_name_is_defined_and_every_import_used():
    files = [p for folder in ("argminn", "benchmarks", "tests", "nbs", "nbs/figures") for p in sorted((ROOT / folder).glob("*.py")) if p.stem not in ("all", "_modidx")]
    done = subprocess.run([sys.executable, "-m", "pyflakes", *files], capture_output=True, text=True)
    told = [line for line in done.stdout.splitlines() if "may be undefined" not in line and "unable to detect" not in line] # of `from figure import *`
    assert len(files) > 60 and not told and not done.stderr, told + [done.stderr]


def test_data_files_are_installed():
    from argminn.motifs import data_file, jaspar
    assert len(jaspar()) == 879
    for name in ("demo/positives.fa.gz", "demo/negatives.fa.gz", "demo/truth.bed", "demo/motifs.meme"): assert data_file(name).is_file()
