"""Is any test flaky? The whole suite, as `make test` runs it, again and again; a row a run.

    python benchmarks/suite.py [--runs 1]

Appends to suite.csv: commit, time, passed, failed, skipped, seconds, which ones failed.
"""
import re
import subprocess
import time
from datetime import datetime, timezone

import pandas as pd

from common import RESULTS, commit, parser, stamp

TABLE = "suite.csv"

if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--runs", type=int, default=1)
    for _ in range(p.parse_args().runs):
        started = time.monotonic()
        done = subprocess.run(["make", "test"], cwd=RESULTS.parents[1], capture_output=True, text=True)
        n = {word: int(k) for k, word in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout.splitlines()[-1])}
        row = dict(commit=commit(), time=datetime.now(timezone.utc).isoformat(timespec="seconds"), passed=n.get("passed", 0), failed=n.get("failed", 0) + n.get("error", 0), skipped=n.get("skipped", 0), seconds=round(time.monotonic() - started), which=" ".join(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.M)))
        file = RESULTS / TABLE
        pd.concat([pd.read_csv(file, dtype=str) if file.exists() else pd.DataFrame(), pd.DataFrame([row])]).to_csv(file, index=False)
        stamp(TABLE)
        print(row, flush=True)
        if row["failed"]: print("\n".join(done.stdout.splitlines()[-400:]), flush=True)
