"""Prediction on real peaks: ARGMINN, a CNN, ExplaiNN and 6-mers, trained on the same splits with as many filters and epochs.

    python benchmarks/real_rivals.py --data ../shared/data [--cases gabpa ...] [--kinds cnn ...] [--seeds 1] [--epochs 40] [--jobs 2] [--again]

The data sets are those of `real.py`. One row per case, kind and seed in real_rivals.csv: auROC and accuracy of the test set (strong peaks and their shuffles where the set brings them, else the test chromosomes), and of the held-out tenth of all peaks (heldout_auroc); seconds of training, one thread.
"""
import time
from pathlib import Path

from common import measure, parser

TABLE, KEYS = "real_rivals.csv", ("case", "kind", "seed")
CASES = "ctcf_spi1", "rest", "foxa1", "gabpa", "usf1", "yeast"
KINDS = "argminn", "cnn", "explainn", "6-mers"


def measured(name, kind, seed, data, epochs):
    "One row."
    import torch
    torch.set_num_threads(1)
    import real
    from argminn.baselines import fit_model
    from argminn.data import load_data
    from argminn.recipe import Recipe, binary_metrics, predict_logits
    case, external = real.files_of(name, data)
    splits, started = load_data(**case, random_state=seed), time.perf_counter()
    model = fit_model(kind, splits, Recipe(epochs=epochs), seed)
    seconds = time.perf_counter() - started
    test = real.against_shuffles(external, seed) if external else splits.test
    reached = lambda part: binary_metrics(predict_logits(model, part.codes)[:, 0], part.labels[:, 0])
    m = reached(test)
    return dict(case=name, kind=kind, seed=seed, auroc=m["auroc"], accuracy=m["accuracy"], n_test=len(test), heldout_auroc=reached(splits.test)["auroc"], n_heldout=len(splits.test), epochs=epochs, seconds=round(seconds))


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    p.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("--epochs", type=int, default=40)
    args = p.parse_args()
    measure(TABLE, KEYS, measured, [((c, k, s), (args.data, args.epochs)) for s in range(args.seeds) for c in args.cases for k in args.kinds], args, [*CASES, *KINDS])
