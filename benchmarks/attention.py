"""What attention looks at in real peaks, and in their shuffles.

    python benchmarks/attention.py --data ../shared/data [--case gabpa]

A network of the default recipe, trained on the peaks of a case of real.py against their shuffles (seed 0). Writes attention.json: of held-out peaks and of their shuffles, the calls per sequence, the share of attention (over layers and heads) on windows that are called, and how far the calls' middles lie from the
peak's; for six peaks with most calls, the largest attention over layers and heads at each window's middle, and the calls. One thread.
"""
import json
from pathlib import Path

import numpy as np

from common import RESULTS, parser, stamp

TABLE = "attention.json"


def looked(model, found, part):
    "(calls, largest attention (N, P), share of attention on called windows, same of all windows)."
    import torch
    from argminn.instances import call_instances
    from argminn.sequences import one_hot
    calls = call_instances(model, found, part, effects=False).table
    with torch.no_grad(): attention = torch.cat([model(one_hot(part.codes[i:i + 256])).attention for i in range(0, len(part), 256)])
    covered, row, width = np.zeros(attention.shape[::3], bool), {n: k for k, n in enumerate(part.names)}, model.config.width
    for t in calls.itertuples():
        at = int(t.start) - int(part.start[row[t.sequence_name]])
        end = at + int(t.end - t.start)
        covered[row[t.sequence_name], max(0, end - width):at + 1] = True # windows that hold the whole trimmed motif
    mass = attention.mean((1, 2)).numpy()
    has = covered.any(1)
    return calls, attention.amax((1, 2)).numpy(), float((mass * covered)[has].sum() / mass[has].sum()), float(covered[has].mean())


if __name__ == "__main__":
    p = parser(__doc__, jobs=False)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--case", default="gabpa")
    args = p.parse_args()
    import torch
    torch.set_num_threads(1)
    import real
    from argminn.baselines import fit_model
    from argminn.data import load_data
    from argminn.readout import read_motifs
    case, _ = real.files_of(args.case, args.data)
    splits = load_data(**case, random_state=0)
    model = fit_model("argminn", splits)
    found = read_motifs(model, splits.train.epoch(0)[0], random_state=0)
    test, width, result = splits.test, model.config.width, dict(case=args.case, length=splits.length, motifs=[dict(id=m.motif.motif_id, name=m.match_name or m.motif.name, consensus=m.motif.consensus) for m in found])
    for word, part in ("peaks", test[test.labels[:, 0] > 0]), ("shuffles", test[test.labels[:, 0] == 0]):
        calls, attention, share, base = looked(model, found, part)
        first = dict(zip(part.names, np.asarray(part.start, int)))
        inside = calls.assign(at=[t.start - first[t.sequence_name] for t in calls.itertuples()])
        middle = inside["at"] + (inside.end - inside.start) / 2 - splits.length / 2
        result[word] = dict(n=len(part), calls={i: int(n) for i, n in calls.motif_id.value_counts().items()}, attention_on_calls=share, windows_on_calls=base,
                            middles={i: np.histogram(middle[inside.motif_id == i], np.arange(-splits.length / 2, splits.length / 2 + 5, 5))[0].tolist() for i in sorted(set(calls.motif_id))})
        if word == "peaks":
            rows = {n: k for k, n in enumerate(part.names)}
            most = calls.groupby("sequence_name").motif_id.nunique().sort_values(ascending=False, kind="stable").index[:6]
            result["examples"] = [dict(name=n, attention=attention[rows[n]].round(3).tolist(), calls=inside.loc[inside.sequence_name == n, ["at", "motif_id", "strand", "q_value"]].assign(end=(inside["at"] + inside.end - inside.start)[inside.sequence_name == n]).round(4).to_dict("records")) for n in most]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / TABLE).write_text(json.dumps(result, default=float) + "\n")
    stamp(TABLE)
    print({k: v for k, v in result.items() if k != "examples"})
