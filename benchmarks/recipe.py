"""What each part of the recipe buys, on the demo (truth known): one part changed at a time.

    python benchmarks/recipe.py [--seeds 3] [--epochs 16]

Writes benchmarks/results/recipe.csv: test auROC, true motifs found, live filters beyond them, precision and recall of calls (means over seeds).
"""
import argparse
import tempfile
import warnings
from pathlib import Path

import pandas as pd
import torch

import argminn.scanner as scanner
import argminn.training as training
from argminn.demo import compare_to_truth, demo

VARIANTS = {
    "ours": {},
    "filters start at random": dict(recipe=dict(seed_filters=False)),
    "one pass an epoch": dict(recipe=dict(min_batches=1)),
    "bias starts at 0": dict(bias=0.),
    "overlap weight 0": dict(recipe=dict(overlap_weight=(0, 0))),
    "overlap weight x 100 (published)": dict(recipe=dict(overlap_weight=(3.16, 1e4))),
    "L1 weight 0": dict(recipe=dict(l1_weight=(0, 0))),
    "no pruning": dict(recipe=dict(prune_similarity=1., prune_gain=-1e9)),
    "no recentring": dict(recentre=lambda *_: {}),
}


def run_variant(name, seed, epochs, out):
    variant = VARIANTS[name]
    kept = training.recentre, scanner.START_BIAS
    training.recentre, scanner.START_BIAS = variant.get("recentre", kept[0]), variant.get("bias", kept[1])
    try: run = demo(out, config=variant.get("config", {}), recipe=dict(epochs=epochs) | variant.get("recipe", {}), random_state=seed, device="cpu", overwrite=True)
    finally: training.recentre, scanner.START_BIAS = kept
    truth = compare_to_truth(run)
    true = truth[truth.true_motif != "none"]
    number = lambda column: pd.to_numeric(true[column], errors="coerce").fillna(0).mean()
    return dict(variant=name, seed=seed, auroc=run.metrics["test"]["auroc"], found=(true.found != "none").sum(), live_filters=int(run.model.scanner.live.sum()),
                precision=number("precision"), recall=number("recall"), epochs=epochs, torch=torch.__version__)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rows, out = [], Path(tempfile.mkdtemp()) / "run"
    for name in args.variant:
        for seed in range(args.seeds):
            rows.append(run_variant(name, seed, args.epochs, out))
            print(rows[-1], flush=True)
            pd.DataFrame(rows).to_csv(Path(__file__).with_name("results") / "recipe.csv", index=False, float_format="%.4f")


if __name__ == "__main__":
    main()
