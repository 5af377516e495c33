"""What all tests share: a small data set, and the command in a process of its own."""
import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ: os.environ.setdefault("OMP_NUM_THREADS", "1") # before torch: tests run beside each other, and threads that wait for each other take turns

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "data"

needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets (../shared/data) are not on this machine")


def argminn(*arguments, cwd=None, **kwargs):
    "Run `argminn` as a user does; the finished process, with text output."
    return subprocess.run([sys.executable, "-m", "argminn.cli", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=600, **kwargs)


def argminn_here(*arguments, cwd):
    "As `argminn`, in this process, which has torch already: for mistakes, which are told before there is work."
    from argminn.cli import main
    out, err, before = io.StringIO(), io.StringIO(), os.getcwd()
    os.chdir(cwd)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err): code = main([*map(str, arguments)])
    finally: os.chdir(before)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def fasta(n, seed=0, core="GGTCACGTGA", length=60):
    "FASTA text of n sequences with `core`, named chr1..chr4 with coordinates."
    rng, out = np.random.default_rng(seed), []
    for i in range(n):
        s, at = rng.choice(list("ACGT"), length), rng.integers(5, length - 15)
        s[at:at + len(core)] = list(core)
        out.append(f">chr{i % 4 + 1}:{1000 * i}-{1000 * i + length}\n{''.join(s)}\n")
    return "".join(out)


SMALL = ["--epochs", "8", "--filters", "4", "--width", "12", "--layers", "1", "--learning-rate", "3e-3", "--batch-size", "64", "--device", "cpu"]


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    "A finished run on 600 peaks, made once by the command."
    folder = tmp_path_factory.mktemp("small")
    (folder / "peaks.fa").write_text(fasta(600))
    done = argminn("fit", "peaks.fa", "--negatives", "shuffle", "--out", "run", *SMALL, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture(scope="session")
def browser():
    "Debian's Chromium, driven by Playwright; skipped where a user has none, required in CI (ARGMINN_BROWSER=required)."
    import shutil
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    required = os.environ.get("ARGMINN_BROWSER") == "required"
    try: from playwright.sync_api import sync_playwright
    except ImportError: path = None
    if not path:
        assert not required, "this run requires Chromium and playwright; expected both"
        pytest.skip("no Chromium, or no playwright: browser tests are skipped")
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"])
        yield b
        b.close()
