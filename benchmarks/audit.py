"""What the package stands on: every package that it needs, by extra, with its licence; and what is known against it, by pip-audit.

    python benchmarks/audit.py [--offline]

Writes licences.csv (package, version, licence, needed_for). Fails where a package that is needed has a known fault, or a licence that would bind those who use ours (GPL, AGPL; the rivals' extra apart: nothing here is made from it).
Needs pip-licenses and pip-audit, of `make audit`; pip-audit asks PyPI, and what it could not look up is told.
"""
import importlib.metadata as metadata
import json
import re
import subprocess
import sys

import pandas as pd
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from common import RESULTS, parser, stamp

TABLE = "licences.csv"
EXTRAS = "", "genome", "cluster", "baselines" # what users install; "": the package alone
BINDS = re.compile(r"(?<!L)(?<!Lesser )\bA?GPL|(?<!Lesser )General Public", re.I)


def closure(extra):
    "Names of all that is installed for the package with this extra."
    found, todo = {}, [("argminn", extra)]
    while todo:
        name, wanted = todo.pop()
        if wanted in found.setdefault(canonicalize_name(name), set()): continue
        found[canonicalize_name(name)].add(wanted)
        try: needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError: continue # for another system
        for r in map(Requirement, needs):
            if r.marker is None or r.marker.evaluate(dict(extra=wanted)): todo += [(r.name, e) for e in r.extras or {""}] + [(r.name, "")]
    return set(found) - {"argminn"}


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--offline", action="store_true", help="licences alone")
    args = p.parse_args()
    needed = {}
    for extra in EXTRAS:
        for name in closure(extra): needed.setdefault(name, extra or "argminn")
    run = lambda *command: subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    told = {canonicalize_name(t["Name"]): t for t in json.loads(run("piplicenses", "--from=mixed", "--format=json", "--with-system").stdout)}
    rows = [dict(package=n, version=told[n]["Version"], licence=re.sub(r"\s+", " ", told[n]["License"])[:80], needed_for=needed[n]) for n in sorted(needed) if n in told]
    pd.DataFrame(rows).to_csv(RESULTS / TABLE, index=False)
    stamp(TABLE)
    print(pd.DataFrame(rows).groupby("licence").package.agg(lambda x: f"{len(x)}: {' '.join(x)}"[:110]).to_string())
    bound = [r for r in rows if BINDS.search(r["licence"])]
    for r in bound: print(f"{r['package']}, which {r['needed_for']} needs, is under {r['licence']}")
    wrong = [f"{r['package']} would bind our users" for r in bound if r["needed_for"] != "baselines"] # rivals, of which nothing here is made
    if not args.offline:
        asked = json.loads(run("pip_audit", "--format", "json", "--skip-editable", "--progress-spinner", "off").stdout or '{"dependencies": []}')["dependencies"]
        mine = [d for d in asked if canonicalize_name(d["name"]) in needed]
        print(f"{sum('vulns' in d for d in mine)} of {len(needed)} packages were looked up for known faults; the others are unknown to the service that was reached")
        wrong += [f"{d['name']} {d['version']}: {v['id']}" for d in mine for v in d.get("vulns", ())]
    if wrong: sys.exit("; ".join(wrong))
