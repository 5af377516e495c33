"""The measurements' own tools: rows that stand, how a table came about."""
import json
import os
import subprocess
import sys

from conftest import ROOT

SCRIPT = '''
import sys; sys.path.insert(0, "benchmarks"); sys.argv = ["try.py", *sys.argv[1:]]
from common import measure, parser, standing
from few import row
args = parser(None).parse_args()
measure("few.csv", ("set", "seed"), row, [((s, k), (10,)) for k in range(2) for s in ("b", "a")], args, ["b", "a"])
'''


def test_rows_that_stand_are_left(tmp_path):
    "A second run computes nothing, --again all of it; order, stamp and checksum are right; what one process writes is one thread's."
    (tmp_path / "few.py").write_text("import os, time\ndef row(s, seed, n): return dict(set=s, seed=seed, value=n + seed, threads=os.environ['OMP_NUM_THREADS'], time=str(time.time()))\n")
    (tmp_path / "try.py").write_text(f"if __name__ == '__main__':\n    exec({SCRIPT!r})\n")
    environment = dict(os.environ, ARGMINN_RESULTS=str(tmp_path / "results"), PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT / "benchmarks"), str(ROOT)]))

    def table(*more):
        done = subprocess.run([sys.executable, tmp_path / "try.py", *more], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return (tmp_path / "results" / "few.csv").read_text()

    first = table()
    assert [line.split(",")[:3] for line in first.splitlines()[1:]] == [["b", "0", "10"], ["b", "1", "11"], ["a", "0", "10"], ["a", "1", "11"]] and ",1," in first
    assert table() == first
    assert table("--again") != first
    made = json.loads((tmp_path / "results" / "made.json").read_text())["few.csv"]
    assert made["command"] == "python benchmarks/try.py --again" and made["keys"] == ["set", "seed"] and made["versions"]["torch"] and made["device"]

    code = "import sys; from pathlib import Path; from common import take_over; print(take_over(Path(sys.argv[1])))"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "few.csv").write_text("set,seed,value\na,0,99\nc,0,5\n")
    (tmp_path / "other" / "made.json").write_text(json.dumps({"few.csv": dict(keys=["set", "seed"], command="x")}))
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "other"], env=environment, capture_output=True, text=True).stdout.strip() == "['few.csv']"
    assert [line.split(",")[:3] for line in (tmp_path / "results" / "few.csv").read_text().splitlines()[1:]] == [["b", "0", "10"], ["b", "1", "11"], ["a", "0", "99"], ["a", "1", "11"], ["c", "0", "5"]]


def test_figures_can_be_planned():
    "make.py knows every notebook's hours, and the set without the ablation stays within its budget of eight."
    code = "import sys; sys.path.insert(0, 'nbs/figures'); import make; print(sum(make.hours(n, False) for n in make.HERE.glob('[0-9]*.ipynb') if not n.name.startswith('17')))"
    assert float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout) <= 8
