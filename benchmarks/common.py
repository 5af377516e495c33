"""What all measurements share: where their tables lie, rows that stand, processes of one thread, and how each table came about."""
import argparse
import hashlib
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime, timezone
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

RESULTS = Path(os.environ.get("ARGMINN_RESULTS") or Path(__file__).with_name("results"))
MODELS = RESULTS / "models"
MADE = "made.json"


def device():
    "The processor, as a person would name it."
    try: model = next(line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    except (OSError, StopIteration): model = platform.processor() or platform.machine()
    return f"CPU, {os.cpu_count()} cores, {model}"


@lru_cache
def commit():
    "Of the code that measures."
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True).stdout.strip()


def checksum(file): return hashlib.sha256(file.read_bytes()).hexdigest()


def stamp(*names, **more):
    "Write into made.json how these tables came about: command, versions, device, time, and the SHA-256 of what was written; and what else is given."
    import numpy
    import torch
    import argminn
    command = shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *(Path(a).name if Path(a).is_absolute() else a for a in sys.argv[1:])])
    about = dict(command=command, commit=commit(), time=datetime.now(timezone.utc).isoformat(timespec="seconds"), device=device(),
                 versions=dict(argminn=argminn.__version__, python=platform.python_version(), torch=torch.__version__, numpy=numpy.__version__, pandas=pd.__version__))
    file = RESULTS / MADE
    told = json.loads(file.read_text()) if file.exists() else {}
    for name in names: told[name] = about | more | dict(sha256=checksum(RESULTS / name))
    file.write_text(json.dumps(dict(sorted(told.items())), indent=1) + "\n")


def standing(name, keys):
    "The table as it stands, (DataFrame, set of its keys); keys are text, as they are written."
    file = RESULTS / name
    table = pd.read_csv(file, dtype={k: str for k in keys}, keep_default_na=False, na_values={c: [""] for c in (pd.read_csv(file, nrows=0).columns.difference(keys))}) if file.exists() else pd.DataFrame(columns=keys)
    return table, set(table[list(keys)].itertuples(index=False, name=None))


def put(name, keys, new, order=(), float_format="%.4g"):
    "Put rows (DataFrame) in the place of older ones with the same keys, in the order given (values of any key), whole; each row says by which commit's code it was measured."
    table, _ = standing(name, keys)
    new = new.assign(commit=commit()).astype({k: str for k in keys})
    fresh = set(new[list(keys)].itertuples(index=False, name=None))
    table = pd.concat([table[[k not in fresh for k in table[list(keys)].itertuples(index=False, name=None)]], new], ignore_index=True) if len(table) else new
    place = {str(v): i for i, v in enumerate(order)}
    number = lambda v: float(v) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", v) else 0.
    table = table.sort_values(list(keys), key=lambda c: c.map(lambda v: place.get(v, len(place) + number(v))), kind="stable")
    RESULTS.mkdir(parents=True, exist_ok=True)
    part = RESULTS / f".{name}"
    table.to_csv(part, index=False, float_format=float_format)
    part.replace(RESULTS / name)
    stamp(name, keys=list(keys))


def take_over(folder):
    "Put the tables of another results folder into this one: rows in the place of those with the same keys, other files whole; with what its made.json says of them. The names of the tables."
    made, new = (json.loads((f / MADE).read_text()) if (f / MADE).exists() else {} for f in (RESULTS, folder))
    for name, about in new.items():
        rows, file = pd.read_csv(folder / name, dtype=str, keep_default_na=False) if "keys" in about else None, RESULTS / name
        if rows is None or not file.exists(): file.write_bytes((folder / name).read_bytes())
        else:
            old, keys = pd.read_csv(file, dtype=str, keep_default_na=False), about["keys"]
            fresh, of = dict(tuple(rows.groupby(keys, sort=False))), old.groupby(keys, sort=False)
            parts = [fresh.pop(k, part) for k, part in of] + list(fresh.values())
            pd.concat(parts, ignore_index=True).fillna("").to_csv(file, index=False)
        made[name] = about | dict(sha256=checksum(file))
    (RESULTS / MADE).write_text(json.dumps(dict(sorted(made.items())), indent=1) + "\n")
    return list(new)


def measure(name, keys, function, todo, args, order=(), float_format="%.4g", told=None):
    """Rows of a table, each by `function(*key, *rest)` in a process of one thread; todo: [(key, rest)]. A row that stands is left as it is, unless --again; so what was interrupted goes on.
    The function gives a dict, or a list of them with the same key. told: the columns that are printed."""
    _, there = standing(name, keys)
    todo, failed = [(k, rest) for k, rest in todo if args.again or tuple(map(str, k)) not in there], []
    os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1" # of the processes that follow
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(function, *k, *rest): k for k, rest in todo}
        for done in as_completed(running):
            if done.exception() is not None: # the others go on
                failed.append(f"{' '.join(map(str, running[done]))}: {type(done.exception()).__name__}: {done.exception()}")
                print(f"failed: {failed[-1]}", flush=True)
                continue
            rows = done.result()
            rows = pd.DataFrame(rows if isinstance(rows, list) else [rows])
            put(name, keys, rows, order, float_format)
            print(rows[[c for c in told or rows.columns if c in rows]].to_string(index=False), flush=True)
    if failed: sys.exit(f"{len(failed)} of {len(todo)} rows of {name} failed: {'; '.join(failed)}"[:2000])


def parser(doc, jobs=True):
    "An argument parser with --jobs, --again and --models."
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    if jobs:
        p.add_argument("--jobs", type=int, default=2, help="processes at a time, one thread each")
        p.add_argument("--again", action="store_true", help="measure rows anew that stand")
        p.add_argument("--models", type=Path, default=MODELS, help="folder in which models are kept")
    return p
