"""What is read from trained networks, by measurement: planted rules found, rules that contradict the truth, instances beside FIMO, calibration.

    python benchmarks/syntax.py [--sets spi1 ...] [--seeds 5] [--jobs 2] [--models FOLDER]

The models are those of readable.py (trained by its recipe where the folder lacks them). One row per set and seed in benchmarks/results/syntax.csv. Rules are learned from 4,000 fresh
sequences of each class and tested on 3,000. A planted pair counts as found where motifs, order and strands are the planted ones and both ends of the gap window within 1 bp, once the edges of
the found motif are put where the planted one has them; a palindrome has no strand. A rule with q < .05 contradicts the truth where the same rule over the planted sites of fresh sequences is not
found in positives more often than in negatives (Fisher p > .05), or where it names a motif that was not planted. Instances: 1,000 positives, name and strand required.
"""
from dataclasses import replace

import numpy as np

import readable
from common import measure, parser
from argminn.simulation import SETS

TABLE, KEYS = "syntax.csv", ("set", "seed")
LEARN, TEST, CALLED = 4000, 3000, 1000 # sequences of each class; positives
PLANTED = dict( # set: rules that must all be found; a pair's (left, right, least, most), a count's (motif, least, most)
    spi1=[("presence", "SPI1")], tal_gata=[("presence", "TAL1"), ("presence", "GATA1"), ("pair", "TAL1", "GATA1", 8, 8)],
    e2f6_max=[("pair", "E2F6", "MAX", 2, 6)], jund_tead=[("presence", "JUND_TRE"), ("presence", "JUND_CRE"), ("pair", "JUND_TRE", "TEAD4", 6, 6), ("pair", "JUND_CRE", "TEAD4", 6, 6)],
    rest=[("pair", "REST_left", "REST_right", 2, 10)], spi1_ctcf=[("absence", "CTCF")], gata_density=[("count", "GATA1", 3, 4)], rest_v2=[("pair", "REST_left", "REST_right", 2, 6)])
FLIP = {"+": "-", "-": "+", ".": "."}


def site_offsets(calls, truth):
    "{motif: (start, end) of the planted site less those of the call, read on the planted site's strand}, the most frequent ones."
    pairs = calls.merge(truth, on=["sequence_name", "motif"], suffixes=("", "_true"))
    pairs = pairs[np.minimum(pairs.end, pairs.end_true) - np.maximum(pairs.start, pairs.start_true) >= 4]
    minus = pairs.strand_true == "-"
    start, end = pairs.start_true - pairs.start, pairs.end_true - pairs.end
    pairs = pairs.assign(s=np.where(minus, -end, start), e=np.where(minus, -start, end))
    return {m: tuple(p.groupby(["s", "e"]).size().idxmax()) for m, p in pairs.groupby("motif")}


def true_rule(rule, names, flipped, motifs, offsets):
    "The rule over the planted motifs, its strands and gap theirs; None where one was not planted."
    if not all(m.motif_id in names for m in rule.motifs): return None
    planted = tuple(motifs[names[m.motif_id]] for m in rule.motifs)
    if rule.kind != "pair": return replace(rule, motifs=planted)
    strands = ["." if p.palindromic or s == "." else FLIP[s] if flipped[m.motif_id] else s for s, m, p in zip(rule.orientation, rule.motifs, planted)]
    (ls, le), (rs, re) = (offsets.get(m.name, (0, 0)) for m in planted)
    before, after = -ls if strands[0] == "-" else le, -re if strands[1] == "-" else rs # where the planted left site ends and the right one starts
    gap = tuple(g + after - before for g in rule.gap)
    if strands.count("-") > strands.count("+"): planted, strands = planted[::-1], [FLIP[s] for s in strands[::-1]]
    return replace(rule, motifs=planted, orientation="".join(strands), gap=gap)


def is_planted(rule, planted):
    "Is this (a rule over planted motifs) the planted one?"
    kind, *what = planted
    names = [m.name for m in rule.motifs]
    if kind == "count": return rule.kind == "count" and names == [what[0]] and what[1] <= rule.least <= what[2]
    if kind == "pair": return rule.kind == "pair" and names == what[:2] and "-" not in rule.orientation and bool(rule.gap) and all(abs(a - b) <= 1 for a, b in zip(rule.gap, what[2:]))
    return rule.kind == kind and names == what


def true_occurrences(design, n, random_state):
    "(Occurrences of the planted sites, labels)."
    from argminn.rules import Occurrences
    from argminn.simulation import simulate
    sequences, truth = simulate(design, n, random_state)
    row, number = ({x: k for k, x in enumerate(names)} for names in (sequences.names, [m.name for m in design.planted]))
    calls = truth.assign(row=truth.sequence_name.map(row), motif=truth.motif.map(number), strand=(truth.strand == "-").astype(int), q_value=0.)
    return Occurrences(calls, len(sequences), [replace(m, motif_id=m.name) for m in design.planted]), sequences.labels[:, 0] > 0


def contradicts(rule, o, labels):
    from argminn.rules import association
    if rule is None: return True
    holds = replace(rule, motifs=tuple(replace(m, motif_id=m.name) for m in rule.motifs)).holds(o)
    return association(holds, labels, null=1)[3] > .05


def instances(design, model, found, recovery, seed):
    "dict: our calls, FIMO with the true and with our motifs (best threshold, and as many calls as ours), published rule; calibration."
    from argminn.evaluation import fimo_calls, instance_scores, named_calls, palindromes, right_calls
    from argminn.instances import call_instances
    from argminn.simulation import background, simulate
    from argminn.data import Sequences
    test, truth = simulate(design, CALLED, [seed, 6, 0])
    positives = test[:CALLED]
    truth, flat, ids = truth[truth.sequence_name.isin(set(positives.names))], palindromes(design.planted), [m.motif.motif_id for m in found]
    name = lambda table: named_calls(table, recovery, ids)
    table = call_instances(model, found, positives, effects=False).table
    calls, published = name(table), name(call_instances(model, found, positives, effects=False, method="attention").table)
    own = fimo_calls([replace(m.motif, name=m.motif.motif_id) for m in found], positives).rename(columns=dict(motif="motif_id")).assign(p_value=lambda t: 10 ** -t.score)
    rivals = dict(fimo=fimo_calls(design.planted, positives), own_fimo=name(own))
    scores = {k: instance_scores(c, truth, flat) for k, c in (dict(ours=calls, published=published) | rivals).items()}
    at_count = {k: instance_scores(c.nlargest(len(calls), "score"), truth, flat)["f1"] for k, c in rivals.items()}
    sure = calls[(table.q_value < .05).to_numpy()]
    nothing = Sequences.bare(background(CALLED, design.length, design.gc, np.random.default_rng([seed, 7])), 0)
    alone = call_instances(model, found, nothing, effects=False).table
    return dict(calls=len(calls), precision=scores["ours"]["precision"], recall=scores["ours"]["recall"], f1=scores["ours"]["f1"], best_f1=scores["ours"]["best_f1"], fimo_best_f1=scores["fimo"]["best_f1"],
                own_fimo_best_f1=scores["own_fimo"]["best_f1"], fimo_f1_same_count=at_count["fimo"], own_fimo_f1_same_count=at_count["own_fimo"], published_rule_precision=scores["published"]["precision"],
                published_rule_recall=scores["published"]["recall"], false_share_q05=1 - right_calls(sure, truth, identity=False).mean() if len(sure) else np.nan, background_calls_q05=int((alone.q_value < .05).sum()))


def run(name, seed, models):
    "One row of the table."
    import torch
    torch.set_num_threads(1)
    from argminn.evaluation import motif_recovery, named_calls
    from argminn.grammar import read_rules
    from argminn.instances import call_instances
    from argminn.readout import read_motifs
    from argminn.simulation import simulate
    design, model, _ = readable.kept(name, "ours", seed, models)
    found = read_motifs(model, simulate(design, readable.PER_EPOCH, [seed, 3, 0])[0].codes, random_state=seed)
    recovery = motif_recovery([m.motif for m in found], design.planted)
    good = recovery[recovery.status.isin(["recovered", "weak"])]
    names, flipped = ({found[i].motif.motif_id: x for i, x in zip(good.found, good[c])} for c in ("true_motif", "flipped"))
    (learn, truth), (held_out, _) = (simulate(design, n, [seed, k, 0]) for n, k in ((LEARN, 4), (TEST, 5)))
    g, = read_rules(model, found, learn, held_out, random_state=seed)
    offsets = site_offsets(named_calls(call_instances(model, found, learn[:CALLED], effects=False).table, recovery, [m.motif.motif_id for m in found]), truth)
    by_name = {m.name: m for m in design.planted}
    rules = [true_rule(r, names, flipped, by_name, offsets) for r in g.significant]
    wanted = {p: [r for r in rules if r and is_planted(r, p)] for p in PLANTED[name]}
    o, labels = true_occurrences(design, 2000, [seed, 8, 0])
    wrong = [r for r, true in zip(g.significant, rules) if contradicts(true, o, labels)]
    return dict(set=name, seed=seed, rules=len(g.significant), tested=len(g), planted=len(wanted), found=sum(map(bool, wanted.values())), contradictions=len(wrong), what=" / ".join(r.words for r in wrong),
                missed=" / ".join(" ".join(map(str, p)) for p, r in wanted.items() if not r), necessity=min([max(x.necessity for x in r) for r in wanted.values() if r], default=np.nan),
                sufficiency=min([max(x.sufficiency for x in r) for r in wanted.values() if r], default=np.nan), short_list=len(g.short.rules), call_q_value=g.fidelity["call_q_value"],
                agreement=g.fidelity["agreement"], list_accuracy=g.fidelity["list_accuracy"], network_accuracy=g.fidelity["network_accuracy"], auroc_for_network=g.fidelity["auroc_for_network"]) | instances(design, model, found, recovery, seed)


if __name__ == "__main__":
    p = parser(__doc__)
    p.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    p.add_argument("--seeds", type=int, default=5)
    args = p.parse_args()
    measure(TABLE, KEYS, run, [((name, seed), (args.models,)) for seed in range(args.seeds) for name in args.sets], args, [*SETS], "%.4f",
            ["set", "seed", "planted", "found", "missed", "contradictions", "what", "agreement", "f1", "fimo_best_f1", "false_share_q05"])
