"""How fast the rewritten equations are: ratios to benchmarks/literal.py, both in one process, on the same inputs, medians.

    python benchmarks/speed.py [--seconds 5] [--threads 2] [--data ../shared/data] [--quick]

Writes benchmarks/results/speed.json (every measurement, versions, machine) and speed.csv (the table of targets). Each row is measured in a process of its own: memory that earlier rows have
left would speed up literal.py, most of whose time of an inference goes into new pages. Published sizes unless a row says otherwise: N=128 sequences,
L=500 bases, W=15, T=4 layers, K=4 heads, H=32; strands tied. A step is forward, all penalties (the overlap penalty on the whole batch), backward, clipping and Adam. Peak memory is that of a
process of its own, less what it held after a step of two short sequences. With --data also a whole `argminn fit`, from its start to the report: CTCF against SPI1, 6 epochs. --quick leaves out the growth curves.
"""
import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.benchmark import Timer

import literal
from common import RESULTS, parser, stamp
from argminn.data import Sequences, Training, epoch_data
from argminn.model import ARGMINN, Config
from argminn.recipe import Recipe, prediction_loss
from argminn.scanner import l1_penalty, overlap_penalty
from argminn.sequences import one_hot
from argminn.training import start_optimizer

SIZES = dict(N=128, L=500, F=8, T=4)
GROWTH = dict(L=(250, 500, 1000, 2000, 4000, 8000, 16000), F=(4, 8, 16, 32, 64, 128), N=(32, 64, 128, 256, 512), T=(1, 2, 4, 8))


def setting(N, L, F, T, seed=0):
    "(model, one-hot DNA, labels) of these sizes."
    torch.manual_seed(seed)
    model = ARGMINN(Config(filters=F, layers=T, hidden=32, mlp=32, length=L)).train()
    return model, one_hot(torch.randint(0, 4, (N, L)).to(torch.uint8)), torch.randint(0, 2, (N, 1)).float()


def our_loss(model, X, labels):
    out = model(X)
    return prediction_loss(out.logits, labels, "binary") + overlap_penalty(model.scanner, out.activations, fired=out.fired) + 1e-3 * l1_penalty(model.scanner)


def literal_loss(model, X, labels): return literal.loss(model, X, labels, 1., 1e-3)


LOSSES = dict(ours=our_loss, literal=literal_loss)


def stepper(model, X, labels, loss):
    "A function that makes a training step."
    optimizer = start_optimizer(model, Recipe())
    def step(X=X, labels=labels):
        optimizer.zero_grad()
        loss(model, X, labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
    return step


def median(function, seconds):
    "Median seconds of a call."
    function()
    return Timer("function()", globals=dict(function=function), num_threads=torch.get_num_threads()).blocked_autorange(min_run_time=seconds).median


def inference(model, X, loss):
    model.eval()
    def predict():
        with torch.no_grad(): return model(X).logits if loss is our_loss else literal.forward(model, X)[0]
    return predict


def penalty(F, ours):
    "Forward and backward of the overlap penalty alone."
    model, X, _ = setting(**SIZES | dict(F=F))
    activations = model.scanner(X)[0].detach().requires_grad_()
    def run():
        value = overlap_penalty(model.scanner, activations) if ours else literal.overlap(model, activations)
        torch.autograd.grad(value, [activations, model.scanner.raw])
    return run


def bare_convolutions(X, F=8, W=15, device="cpu"):
    "Forward and backward of torch's convolution with the filters of both strands."
    weight, bias = torch.randn(2 * F, 4, W, device=device, requires_grad=True), torch.randn(2 * F, device=device, requires_grad=True)
    return lambda: torch.nn.functional.conv1d(X, weight, bias).sum().backward()


def peak_memory(which, **sizes):
    "MiB at the peak of a new process: what a first step adds, or all of it where sequences stream."
    out = subprocess.run([sys.executable, __file__, "--peak", which, json.dumps(SIZES | sizes)], capture_output=True, text=True, check=True)
    return float(out.stdout)


def held(name):
    "MiB that this process holds (VmRSS), or has held at most (VmHWM)."
    return int(re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


def measure_peak(which, sizes):
    if which in LOSSES:
        stepper(*setting(N=2, L=64, F=2, T=1), LOSSES[which])() # code is loaded: numba and its compiler hold 100 MiB, whatever the step
        step = stepper(*setting(**sizes), LOSSES[which])
        Path("/proc/self/clear_refs").write_text("5") # Linux: the peak starts anew
        before = held("VmRSS")
        step()
        return held("VmHWM") - before
    from argminn.instances import call_instances
    from argminn.motifs import jaspar
    from argminn.readout import read_motifs
    from argminn.recipe import predict_logits
    model, sequences = ARGMINN(Config(filters=4, length=SIZES["L"])).eval(), random_sequences(sizes["N"])
    with torch.no_grad():
        for f, motif in enumerate([m for m in jaspar() if m.width == 15][:4]): model.scanner.raw[f] = torch.from_numpy(motif.pwm())
    found = read_motifs(model, sequences.codes[:1000])
    call_instances(model, found, sequences) if which == "calls" else predict_logits(model, sequences.codes)
    return held("VmHWM")


def random_sequences(n, length=SIZES["L"]):
    return Sequences.bare(np.random.default_rng(0).integers(0, 4, (n, length)).astype(np.uint8))


def loader_times(n=3200):
    "(seconds for an epoch's batches: shuffled negatives, jitter, strands, one-hot; seconds of the whole epoch, a step of published size for each)."
    training = Training(random_sequences(n, SIZES["L"] + 32), "shuffle", jitter=16)
    size = Recipe().batch_size
    epoch_data(training, 1, 0) # compiles
    started = time.perf_counter()
    codes, labels = epoch_data(training, 1, 1)
    batches = [(one_hot(codes[k:k + size]), torch.from_numpy(labels[k:k + size])) for k in range(0, len(codes), size)]
    loader = time.perf_counter() - started
    step = stepper(*setting(**SIZES), our_loss)
    step()
    started = time.perf_counter()
    for batch in batches: step(*batch)
    return loader, loader + time.perf_counter() - started


def one_hot_times(seconds, dtype, bases=5_000_000):
    "(ours, tangermeme's) seconds for a chromosome, from text to one-hot."
    from tangermeme.utils import one_hot_encode
    from argminn.sequences import encode
    text = "".join(np.random.default_rng(0).choice(list("ACGT"), bases))
    return median(lambda: one_hot(encode(text), dtype=dtype), seconds), median(lambda: one_hot_encode(text, dtype=dtype), seconds)


def end_to_end(data):
    "Seconds of `argminn fit` on 67,861 peaks, a process of its own, with the report."
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "argminn.cli", "fit", data / "human/CTCF_hg19_100bp.fa.gz", "--negatives", data / "human/SPI1_hg19_100bp.fa.gz",
                   "--epochs", "6", "--valid-chroms", "chr8", "--test-chroms", "chr9", "--out", f"{folder}/run", "--quiet"]
        started = time.perf_counter()
        subprocess.run([str(c) for c in command], check=True)
        seconds, metrics = time.perf_counter() - started, json.loads(Path(f"{folder}/run/metrics.json").read_text())
    return dict(seconds=seconds, test_auroc=metrics["test"]["auroc"])


def steps(F): return lambda seconds: [median(stepper(*setting(**SIZES | dict(F=F)), loss), seconds) for loss in (our_loss, literal_loss)]


def streamed(which): return lambda seconds: [peak_memory(which, N=n) for n in (20_000, 2000)]


ROWS = { # name: (function of the seconds that gives our time (or MiB) and the other; the smallest ratio, or the largest where the name says so)
    "training step, F=8": (steps(8), 10),
    "training step against bare convolutions (at most)": (lambda seconds: [median(stepper(*setting(**SIZES), our_loss), seconds), median(bare_convolutions(setting(**SIZES)[1]), seconds)], 6),
    "training step, F=32": (steps(32), 12),
    "inference": (lambda seconds: [median(inference(*setting(**SIZES)[:2], loss), seconds) for loss in (our_loss, literal_loss)], 5),
    "overlap penalty, F=8": (lambda seconds: [median(penalty(8, ours), seconds) for ours in (True, False)], 15),
    "overlap penalty, F=32": (lambda seconds: [median(penalty(32, ours), seconds) for ours in (True, False)], 25),
    "peak memory of a step": (lambda seconds: [peak_memory(which) for which in LOSSES], 8),
    "one-hot of a chromosome against tangermeme, float32": (lambda seconds: one_hot_times(seconds, torch.float32), 1),
    "one-hot of a chromosome against tangermeme, int8": (lambda seconds: one_hot_times(seconds, torch.int8), 1),
    "loader's share of an epoch (at most)": (lambda seconds: loader_times(), .1),
    "memory of predictions, 20,000 against 2,000 sequences (at most)": (streamed("predictions"), 1.1),
    "memory of calls, 20,000 against 2,000 sequences (at most)": (streamed("calls"), 1.1),
}


def targets(seconds, threads):
    "DataFrame, a row per target: our time (or MiB), the other, their ratio."
    rows = []
    for name, (_, target) in ROWS.items():
        out = subprocess.run([sys.executable, __file__, "--row", name, "--seconds", str(seconds), "--threads", str(threads)], capture_output=True, text=True, check=True)
        ours, other = json.loads(out.stdout)
        rows.append(dict(what=name, ours=ours, other=other, ratio=ours / other if "at most" in name else other / ours, target=target))
    return pd.DataFrame(rows)


def growth(seconds):
    "DataFrame axis, value, seconds of a step, MiB of its peak: one size at a time, the others as published."
    rows = [dict(axis=axis, value=v, seconds=median(stepper(*setting(**SIZES | {axis: v}), our_loss), seconds), mebibytes=peak_memory("ours", **{axis: v}))
            for axis, values in GROWTH.items() for v in values]
    return pd.DataFrame(rows)


def main():
    p = parser(__doc__, jobs=False)
    p.add_argument("--seconds", type=float, default=5., help="at least, for each median")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--data", type=Path, help="the folder that holds human/CTCF_hg19_100bp.fa.gz")
    p.add_argument("--quick", action="store_true", help="without the growth curves")
    p.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS) # in a process of its own
    p.add_argument("--peak", nargs=2, help=argparse.SUPPRESS) # the same: which, sizes
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    if args.peak: return print(measure_peak(args.peak[0], json.loads(args.peak[1])))
    if args.row: return print(json.dumps(ROWS[args.row][0](args.seconds)))
    table = targets(args.seconds, args.threads)
    print(table.to_string(index=False, float_format="%.4g"))
    machine = dict(machine=f"{platform.machine()}, Python {platform.python_version()}", torch=torch.__version__, threads=args.threads)
    result = dict(**machine, targets=table.to_dict("records"))
    result["step_by_threads"] = {}
    for threads in range(1, args.threads + 1):
        torch.set_num_threads(threads)
        result["step_by_threads"][threads] = median(stepper(*setting(**SIZES), our_loss), args.seconds)
    if args.data: print(result.setdefault("end_to_end", end_to_end(args.data)))
    if not args.quick: result["growth"] = growth(args.seconds / 5).to_dict("records")
    (RESULTS / "speed.json").write_text(json.dumps(result, indent=1) + "\n")
    table.assign(**machine).to_csv(RESULTS / "speed.csv", index=False, float_format="%.5g")
    stamp("speed.csv", "speed.json")


if __name__ == "__main__":
    main()
