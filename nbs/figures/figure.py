"""What the figure notebooks share: compute a table, load it, draw and keep a figure with its claim; small twins of the measurements."""
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "benchmarks"))
RESULTS = Path(os.environ.get("ARGMINN_RESULTS") or TOP / "benchmarks" / "results")
NAMES = {"argminn": "ARGMINN", "argminn+fimo": "ARGMINN's motifs, FIMO", "cnn": "CNN", "cnn+overlap": "CNN + overlap", "cnn+l1": "CNN + sparse activations", "explainn": "ExplaiNN", "cnn+modisco": "CNN, TF-MoDISco, FIMO", "cnn+finemo": "CNN, TF-MoDISco, Fi-NeMo", "6-mers": "6-mers", "oracle": "Bayes oracle"}
COLOURS = {"argminn": "#1f6f8b", "argminn+fimo": "#6fb1c6", "cnn": "#b3541e", "cnn+overlap": "#d08a5c", "cnn+l1": "#e0b48c", "explainn": "#7a4b94", "cnn+modisco": "#a33b5e", "cnn+finemo": "#d98aa5", "6-mers": "#66747d", "oracle": "#b8c0c6"}
plt.rcParams.update({"figure.dpi": 44, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "argminn", "legend.frameon": False})


def bench(command):
    "Run one of benchmarks/: the exact command that made the table."
    print("python benchmarks/" + command, flush=True)
    script, *rest = shlex.split(command)
    subprocess.run([sys.executable, script, *rest], cwd=TOP / "benchmarks", check=True)


def table(name, **kwargs):
    "A committed table, or what is in a JSON file."
    return json.loads((RESULTS / name).read_text()) if name.endswith(".json") else pd.read_csv(RESULTS / name, **kwargs)


def made(*names):
    "One line for each table: the command that last wrote it, the day, and the commits whose code measured its rows."
    told = json.loads((RESULTS / "made.json").read_text())
    for n in names:
        rows = pd.read_csv(RESULTS / n, usecols=lambda c: c == "commit", dtype=str) if n.endswith(".csv") else pd.DataFrame()
        by = sorted(set(rows.commit.dropna())) if "commit" in rows else []
        print(f"{n}: last by {told[n]['command']} ({told[n]['time'][:10]}, torch {told[n]['versions']['torch']}, {told[n]['device']}); rows by the code of commit {', '.join(by) or told[n]['commit']}" + (f"; {told[n]['note']}" if "note" in told[n] else ""))


def span(values, form):
    "The least and the most of them, as one number where they read the same."
    low, high = (format(v, form) for v in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def keep(fig, name, claim):
    "Show the claim; where figures are kept, write the figure as SVG and PNG, and the claim beside those of the others."
    display(Markdown(claim))
    if not os.environ.get("ARGMINN_FIGURES"): return # shown only
    folder = Path(os.environ["ARGMINN_FIGURES"])
    folder.mkdir(parents=True, exist_ok=True)
    fig.savefig(folder / f"{name}.svg", metadata=dict(Date=None))
    fig.savefig(folder / f"{name}.png", dpi=110)
    file = folder / "claims.json"
    claims = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(dict(sorted((claims | {name: claim}).items())), indent=1, ensure_ascii=False) + "\n")


def sets_of(t):
    "The simulated sets of a table, in their usual order."
    from argminn.simulation import SETS
    return [s for s in SETS if s in set(t.set)]


def by_set(ax, t, value, routes, places, column="route", group="set"):
    "A dot per run, a bar at the median; a column per set."
    for k, route in enumerate(routes):
        for i, name in enumerate(places):
            y = t.loc[(t[column] == route) & (t[group] == name), value].dropna()
            x = i + .8 * ((k + .5) / len(routes) - .5)
            ax.plot(np.full(len(y), x), y, "o", ms=3.5, color=COLOURS[route], alpha=.75, label=NAMES[route] if not i else None, mew=0)
            if len(y): ax.plot([x - .045, x + .045], [y.median()] * 2, color=COLOURS[route], lw=2)
    ax.set_xticks(range(len(places)), places, rotation=25, ha="right")


def toy(kinds=("argminn", "cnn"), name="spi1", length=120, epochs=6, random_state=0, **changes):
    "(design, test Sequences, truth, {kind: trained model}): a simulated set in seconds."
    from argminn.baselines import fit_model
    from argminn.data import Data
    from argminn.recipe import Recipe
    from argminn.simulation import FreshTraining, simulate, simulated_set
    design = simulated_set(name, length=length, centre=min(10, length // 10), **changes)
    test, truth = simulate(design, 400, [random_state, 2])
    data = Data(FreshTraining(design, 750, random_state), simulate(design, 300, [random_state, 1])[0], None, ("label",), length, "given")
    return design, test, truth, {k: fit_model(k, data, Recipe(epochs=epochs, min_batches=12, learning_rate=5e-3, composition_gain=1.), random_state, filters=4) for k in kinds}
