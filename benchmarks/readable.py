"""Readable by measurement: simulated sets whose truth and limit are known, models trained by the default recipe, everything compared.

    python benchmarks/readable.py [--sets spi1 ...] [--seeds 5] [--variant ours ...] [--jobs 2] [--models FOLDER]

One row per set, variant and seed in benchmarks/results/readable.csv: prediction beside the Bayes oracle's, motifs recovered, duplicates and strangers,
instances beside FIMO with the true motifs, seconds. Models see fresh sequences in every epoch; the test is 10,000 fresh ones, in eval mode.
Each process uses one thread: with --jobs 2 two models train at once on two cores. Models are kept in --models, and only measured where they are
found there: remove the folder when the recipe has changed.
"""
import json
import math
import os
import platform
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from common import measure, parser
from argminn.simulation import SETS

TABLE, KEYS = "readable.csv", ("set", "variant", "seed")
PER_EPOCH = 6400 # sequences of each class: 100 batches of 128, the least of the default recipe
TEST = 5000      # sequences of each class
CALLED = 1000    # positives in which instances are called
NEEDED = .5      # points of accuracy that the oracle loses without a motif that must be found
COMMON = 500     # sequences of each class in which the calls of two seeds are compared
PUBLISHED = dict( # Tseng et al. (2024), best of 3 runs: accuracy; precision and recall of instances, whatever the motif's name
    spi1=(.898, .953, .824), tal_gata=(.884, .939, .703), e2f6_max=(.908, .954, .816), jund_tead=(.988, 1., .588), rest=(.883, .972, .757),
    spi1_ctcf=(.909, .909, .841), rest_v2=(.902, math.nan, 1.), gata_density=(.877, math.nan, 1.))
PAIR = "gabpa_runx1" # beside the eight sets: two motifs at a fixed gap, which a wide filter could swallow whole

VARIANTS = { # name: (Config fields, Recipe fields, preset)
    "ours": ({}, {}, "default"),
    "published": ({}, dict(overlap_weight=(10 ** .5, 1e5), l1_weight=(1e-3, 1e-2)), "published"),
    "overlap weight 3000": ({}, dict(overlap_weight=(90, 3e3)), "default"),
    "overlap weight 100": ({}, dict(overlap_weight=(3, 1e2)), "default"),
    "overlap weight 100, on every fourth sequence": ({}, dict(overlap_weight=(3, 1e2), overlap_every=4), "default"),
    "overlap weight 3.3": ({}, dict(overlap_weight=(.1, 3.3)), "default"),
    "L1 weight 0.03": ({}, dict(l1_weight=(3e-3, 3e-2)), "default"),
    "L1 weight 0.000033": ({}, dict(l1_weight=(3.3e-6, 3.3e-5)), "default"),
    "no overlap penalty": ({}, dict(overlap_weight=(0, 0)), "default"),
    "no L1 penalty": ({}, dict(l1_weight=(0, 0)), "default"),
    "filters start at random": ({}, dict(seed_filters=False), "default"),
    "no pruning or recentring": ({}, dict(tidy=False), "default"),
    "filters as the loss leaves them": ({}, dict(anchor=False), "default"),
    "filters rest from half time": ({}, dict(learn_on=False), "default"),
    "filters fire in 1 % of background": ({}, dict(firing=.01), "default"),
    "filters of free norm": (dict(unit_norm=False), {}, "default"),
    "filters of 30 columns": (dict(width=30), {}, "default"),
    "two layers": (dict(layers=2), {}, "default"),
    "MLPs without a linear map": (dict(shortcut=False), {}, "default"),
    "published periods of positions": (dict(position_base=1e4), {}, "default"),
    "BatchNorm starts at 1": (dict(norm_weight=1.), {}, "default"),
    "strands apart": (dict(strands="separate"), {}, "default"),
    "silent positions count": ({}, dict(mask_silent=False), "default"),
    "constant learning rate": ({}, dict(decay=False), "default"),
    "half the epochs": ({}, dict(epochs=20), "default"),
}


def design_of(name):
    "The `Design` of a set, or of the pair."
    from argminn.motifs import jaspar
    from argminn.simulation import Design, simulated_set
    if name != PAIR: return simulated_set(name)
    by_id = {m.motif_id.split(".")[0]: m for m in jaspar()}
    cores = []
    for motif, key in dict(GABPA="MA0062", RUNX1="MA0002").items():
        start, end = by_id[key].trim_span(.5)
        cores.append(replace(by_id[key], name=motif, ppm=by_id[key].ppm[:, start:end]))
    return Design(PAIR, "GABPA 6 RUNX1", "GABPA | RUNX1", tuple(cores))


def trained(name, variant, seed):
    "(design, model, seconds) of one fit."
    import torch
    from argminn.data import Data
    from argminn.model import ARGMINN, Config
    from argminn.recipe import Recipe, preset_options
    from argminn.simulation import FreshTraining, simulate
    from argminn.training import train
    config, recipe, preset = VARIANTS[variant]
    config, recipe = preset_options(preset, config, recipe)
    design, started = design_of(name), time.perf_counter()
    data = Data(FreshTraining(design, PER_EPOCH, seed), simulate(design, 1500, [seed, 1, 0])[0], None, ("label",), design.length, "given")
    torch.manual_seed(seed)
    model = ARGMINN(Config(**config | dict(length=design.length)))
    train(model, data, Recipe(**recipe), random_state=seed)
    return design, model, time.perf_counter() - started


def kept_folder(name, variant, seed, models):
    return Path(models) / variant / f"{name}_{seed}"


def kept(name, variant, seed, models):
    "As `trained`, from the folder where the model was kept, if it was."
    from argminn.model import load_model, save_model
    folder = kept_folder(name, variant, seed, models)
    if (folder / "seconds.json").exists():
        return design_of(name), load_model(folder), json.loads((folder / "seconds.json").read_text())
    design, model, seconds = trained(name, variant, seed)
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, folder)
    (folder / "seconds.json").write_text(json.dumps(seconds))
    return design, model, seconds


def measured(design, model, needed, seed):
    "dict of everything that is compared."
    from argminn.evaluation import (fimo_calls, instance_scores, motif_recovery, named_calls, one_call_a_site, palindromes, prediction_scores)
    from argminn.instances import call_instances
    from argminn.oracle import bayes_logits, posterior_instances
    from argminn.readout import read_motifs
    from argminn.recipe import predict_logits
    from argminn.simulation import simulate
    test, truth = simulate(design, TEST, [seed, 2, 0])
    scores = prediction_scores(predict_logits(model, test.codes)[:, 0], test.labels[:, 0], bayes_logits(design, test.codes))
    found = read_motifs(model, simulate(design, PER_EPOCH, [seed, 3, 0])[0].codes, random_state=seed)
    recovery = motif_recovery([m.motif for m in found], design.planted)
    by_name = recovery[recovery.found >= 0].groupby("true_motif").pearson.max() # of duplicates the best
    unread = int(model.scanner.live.sum()) - len(found) # live filters that pass for no motif: strangers too
    counts = recovery.status.value_counts()
    positives = test[:CALLED]
    true_sites = truth[truth.sequence_name.isin(set(positives.names))]
    flat = palindromes(design.planted)
    calls = named_calls(call_instances(model, found, positives, effects=False).table, recovery, [m.motif.motif_id for m in found])
    accuracy, precision, recall = PUBLISHED.get(design.name, (math.nan, math.nan, 1.))
    ours, anywhere = instance_scores(calls, true_sites, flat), instance_scores(calls, true_sites, identity=False, at_recall=recall)
    fimo = instance_scores(fimo_calls(design.planted, positives), true_sites, flat)
    posterior = one_call_a_site(posterior_instances(design, positives))
    oracle, oracle_anywhere = instance_scores(posterior, true_sites, flat), instance_scores(posterior, true_sites, identity=False, at_recall=recall)
    missing = [m for m in needed if m not in set(recovery.true_motif[recovery.status == "recovered"])]
    return scores | dict(
        needed=" ".join(needed), not_recovered=" ".join(missing), least_pearson=min([by_name.get(m, 0.) for m in needed], default=1.),
        live_filters=int(model.scanner.live.sum()), duplicates=int(counts.get("duplicate", 0)), strangers=int(counts.get("stranger", 0)) + unread,
        precision=ours["precision"], recall=ours["recall"], f1=ours["f1"], average_precision=ours["average_precision"],
        precision_any=anywhere["precision"], recall_any=anywhere["recall"], fimo_f1=fimo["best_f1"], fimo_average_precision=fimo["average_precision"],
        oracle_f1=oracle["best_f1"], oracle_average_precision=oracle["average_precision"], published_accuracy=accuracy, published_precision=precision,
        published_recall=recall, precision_at_recall=anywhere["precision_at_recall"], oracle_precision_at_recall=oracle_anywhere["precision_at_recall"])


def stability(name, variant, seed, models):
    "dict: agreement of this seed's motifs and calls with those of seed 0 on the same sequences; nothing where there is no seed 0."
    from argminn.evaluation import agreement
    from argminn.instances import call_instances
    from argminn.readout import read_motifs
    from argminn.simulation import simulate
    if not seed or not (kept_folder(name, variant, 0, models) / "seconds.json").exists(): return dict(same_motifs=math.nan, same_calls=math.nan)
    sequences, both = simulate(design_of(name), COMMON, 0)[0], []
    for s in seed, 0:
        _, model, _ = kept(name, variant, s, models)
        found = read_motifs(model, sequences.codes, random_state=0)
        number = {m.motif.motif_id: k for k, m in enumerate(found)}
        table = call_instances(model, found, sequences, effects=False).table
        both.append(([m.motif for m in found], table.assign(motif=table.motif_id.map(number), score=table.activation)))
    same = agreement(*both)
    return dict(same_motifs=same["motifs"], same_calls=same["calls"])


@lru_cache
def needed_motifs(name):
    "Motifs without which the oracle loses accuracy; once per set and process."
    from argminn.oracle import limits
    return [m for m, points in limits(design_of(name), 5000, random_state=0)["removal"].items() if points >= NEEDED]


def run(name, variant, seed, models):
    "One row of the table."
    import torch
    torch.set_num_threads(1)
    design, model, seconds = kept(name, variant, seed, models)
    row = measured(design, model, needed_motifs(name), seed) | stability(name, variant, seed, models)
    return dict(set=name, variant=variant, seed=seed) | row | dict(seconds=round(seconds), threads=1, torch=torch.__version__,
                                                                   machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--sets", nargs="+", choices=[*SETS, PAIR], default=list(SETS))
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--first-seed", type=int, default=0)
    p.add_argument("--variant", nargs="+", choices=VARIANTS, default=["ours"])
    args = p.parse_args()
    todo = [((name, variant, seed), (args.models,)) for seed in range(args.first_seed, args.first_seed + args.seeds) for variant in args.variant for name in args.sets]
    measure(TABLE, KEYS, run, todo, args, [*VARIANTS, *SETS, PAIR], "%.4f", ["set", "variant", "seed", "accuracy_ratio", "not_recovered", "least_pearson", "duplicates", "strangers", "f1", "fimo_f1", "seconds"])
