"""Every notebook of nbs/, nbs/tutorials/ and nbs/figures/ is a test: it runs from top to bottom, and its assertions hold."""
import subprocess
import sys

import pytest
from nbdev.test import test_nb as run_notebook

from conftest import ROOT

NOTEBOOKS = [*sorted((ROOT / "nbs").glob("*.ipynb")), *sorted((ROOT / "nbs" / "tutorials").glob("*.ipynb")), *sorted((ROOT / "nbs" / "figures").glob("*.ipynb"))]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook(notebook):
    passed, _ = run_notebook(notebook)
    assert passed


def test_notebooks_are_small():
    assert {p.name: p.stat().st_size for p in NOTEBOOKS if p.stat().st_size > 150_000} == {}


def test_readme_is_the_index_notebook():
    assert subprocess.run([sys.executable, ROOT / "nbs" / "readme.py", "--check"], capture_output=True).returncode == 0


def test_modules_are_the_notebooks(tmp_path):
    "nbdev_export changes nothing that is committed."
    import shutil
    for name in ("nbs", "argminn", "settings.ini", "_quarto.yml", "README.md", "setup.py"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name, symlinks=True) if source.is_dir() else shutil.copy(source, tmp_path / name)
    subprocess.run([sys.executable, "-c", "from nbdev.doclinks import nbdev_export; nbdev_export()"], cwd=tmp_path, check=True, capture_output=True)
    for module in sorted((ROOT / "argminn").glob("*.py")):
        assert (tmp_path / "argminn" / module.name).read_text() == module.read_text(), f"{module.name} is not its notebook: run make export"


def test_tables_are_those_that_were_made():
    "Each committed table has its command, versions, device and time in made.json, and is the file that was written then."
    import hashlib
    import json
    results = ROOT / "benchmarks" / "results"
    made = json.loads((results / "made.json").read_text())
    there = {p.name for p in results.iterdir() if p.is_file() and p.name != "made.json"}
    assert there == set(made)
    for name, about in made.items():
        assert hashlib.sha256((results / name).read_bytes()).hexdigest() == about["sha256"], f"{name} is not what its command wrote"
        assert about["command"].startswith("python benchmarks/") and about["commit"] and about["versions"]["torch"] and about["device"]
    if (figures := ROOT / "figures" / "claims.json").exists():
        claims = json.loads(figures.read_text())
        assert set(claims) == {p.stem for p in NOTEBOOKS if p.parent.name == "figures"}
        assert all((ROOT / "figures" / f"{n}.{s}").exists() for n in claims for s in ("svg", "png"))
