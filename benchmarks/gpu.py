"""On a GPU: seconds of a training step, sequences per second, share of the card's bandwidth, and what bf16, torch.compile and CUDA graphs change.

    python benchmarks/gpu.py [--device cuda] [--seconds 1] [--profile]

Writes gpu.csv, row by row, and to gpu.json a whole training (spi1, the default recipe, seed 0). Published sizes (L=500, W=15, T=4 layers, F=8); a step is forward, all penalties, backward, clipping and Adam, on a batch that lies on the device. One row per work, way and batch size:
* step, inference: ours, each kernel launched (eager), in bf16 (autocast), by torch.compile, and (step) replayed as a CUDA graph, as training does on a GPU; literal: the equations as written, eager; convolution: forward and backward of the bare convolution of both strands;
* bytes: what all operations of one call read and write, counted by a dispatch mode (eager, so more than the least that is needed); bandwidth: of bytes over seconds, as a share of what a copy on the device reaches; mebibytes: the most that the allocator held beyond what it held before.
The largest difference from the CPU in float64 of the logits, and of the gradients relative to their largest, is printed and kept in gpu.json. --profile prints the kernels of a step, for whoever makes it faster.
"""
import gc
import json
import time

import numpy as np
import pandas as pd
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from argminn.core import resolve_device
from common import RESULTS, parser, stamp
from speed import SIZES, bare_convolutions, inference, literal_loss, our_loss, setting, stepper

BATCHES = 128, 512, 2048, 8192
WAYS = "graph", "eager", "bf16", "compile" # a training on a GPU replays graphs
VIEWS = "view", "reshape", "expand", "permute", "transpose", "t", "slice", "select", "unsqueeze", "squeeze", "unfold", "as_strided", "detach", "alias", "split", "unbind", "_unsafe_view", "diagonal"


class Moved(TorchDispatchMode):
    "Counts the bytes that operations read and write; views move none."
    def __init__(self): super().__init__(); self.bytes = 0
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if function._schema.name.split("::")[1] not in VIEWS:
            self.bytes += sum(min(x.numel() * x.element_size(), x.untyped_storage().nbytes()) for x in tree_leaves((args, kwargs, out)) if isinstance(x, torch.Tensor))
        return out


def seconds_of(function, at_least):
    "Median seconds of a call, the device waited for."
    for _ in range(5): function()
    torch.cuda.synchronize()
    times = []
    while sum(times) < at_least or len(times) < 5:
        started = time.perf_counter()
        for _ in range(10): function()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return float(np.median(times)) / 10


def copy_bandwidth(device, at_least):
    "Bytes per second, read and written, of a copy of 2 GB."
    a = torch.empty(2 ** 31, dtype=torch.uint8, device=device)
    b = torch.empty_like(a)
    return 2 * len(a) / seconds_of(lambda: b.copy_(a), at_least)


def graph_of(step):
    "The step captured once, to be replayed."
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3): step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph): step()
    return graph.replay


def in_bf16(loss):
    def run(model, X, labels):
        with torch.autocast(X.device.type, torch.bfloat16): return loss(model, X, labels)
    return run


def stepping(work, way, N, device):
    "A function that does this work once."
    model, X, labels = (x.to(device) for x in setting(**SIZES | dict(N=N)))
    if work == "convolution": return bare_convolutions(X, device=device)
    loss = literal_loss if work.startswith("literal") else our_loss
    if "inference" in work:
        if way == "compile": model = torch.compile(model)
        run = inference(model, X, loss)
        if way != "bf16": return run
        def half():
            with torch.autocast(device, torch.bfloat16): run()
        return half
    if way == "bf16": loss = in_bf16(loss)
    if way == "compile": loss = torch.compile(loss)
    step = stepper(model, X, labels, loss)
    return graph_of(step) if way == "graph" else step


def row(work, way, N, device, at_least, bandwidth):
    "One row; its `failed` says why there is none."
    gc.collect() # of what the row before held
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    told = dict(work=work, way=way, N=N)
    try:
        function, moved = stepping(work, way, N, device), None
        if way == "eager":
            function()
            with Moved() as count: function()
            moved = count.bytes
        seconds = seconds_of(function, at_least)
    except Exception as e: return told | dict(failed=" ".join(f"{type(e).__name__}: {e}".split())[:160])
    told |= dict(seconds=seconds, sequences_per_second=round(N / seconds), mebibytes=(torch.cuda.max_memory_allocated() - before) / 2 ** 20)
    return told | (dict(gigabytes=moved / 1e9, bandwidth=moved / seconds / bandwidth) if moved else {})


def differences(device):
    "(largest difference of the logits, of a gradient relative to its largest) between float32 on the device and float64 on the CPU."
    model, X, labels = setting(**SIZES)
    exact, on_device = (setting(**SIZES)[0] for _ in range(2))
    exact, on_device = exact.double(), on_device.to(device)
    results = []
    for m, x, y in ((exact, X.double(), labels.double()), (on_device, X.to(device), labels.to(device))):
        our_loss(m, x, y).backward()
        results.append((m(x).logits.detach().cpu().double(), [p.grad.cpu().double() for p in m.parameters() if p.grad is not None]))
    (a, ga), (b, gb) = results
    return float((a - b).abs().max()), max(float((p - q).abs().max() / p.abs().max().clamp_min(1e-12)) for p, q in zip(ga, gb))


def training():
    "dict of the seconds of a whole training, and of how it predicts."
    from design import design_of
    from readable import TEST, trained
    from argminn.recipe import binary_metrics, predict_logits
    from argminn.simulation import simulate
    test, started = simulate(design_of("spi1"), TEST, [0, 2, 0])[0], time.perf_counter()
    _, model, _ = trained("spi1", "ours", 0)
    seconds = time.perf_counter() - started
    return dict(seconds=seconds, device=str(next(model.parameters()).device), live_filters=int(model.scanner.live.sum()), **{k: v for k, v in binary_metrics(predict_logits(model, test.codes)[:, 0], test.labels[:, 0]).items() if k in ("auroc", "accuracy")})


def main():
    p = parser(__doc__, jobs=False)
    p.add_argument("--device", default="cuda")
    p.add_argument("--seconds", type=float, default=1., help="at least, for each median")
    p.add_argument("--batches", type=int, nargs="+", default=list(BATCHES))
    p.add_argument("--profile", action="store_true")
    args = p.parse_args()
    if not torch.cuda.is_available(): raise SystemExit("no CUDA device on this machine; expected one: this benchmark measures on a GPU alone")
    resolve_device(args.device)
    if args.profile:
        step = stepping("step", "eager", 2048, args.device)
        step()
        with torch.profiler.profile() as prof:
            for _ in range(5): step()
            torch.cuda.synchronize()
        print(prof.key_averages().table(sort_by="cuda_time_total", row_limit=30, max_name_column_width=60))
    name, bandwidth = torch.cuda.get_device_name(args.device), copy_bandwidth(args.device, args.seconds)
    logits, gradients = differences(args.device)
    print(f"{name}: a copy moves {bandwidth / 1e12:.2f} TB/s; from float64 on the CPU logits differ by {logits:.1e}, gradients by {gradients:.1e} of their largest", flush=True)
    works = [("step", way) for way in WAYS] + [("inference", way) for way in WAYS[1:]] + [("literal step", "eager"), ("literal inference", "eager"), ("convolution", "eager")]
    works.sort(key=lambda work: work[1] == "compile") # minutes of compiling come last
    rows, whole = [], training()
    print(whole, flush=True)
    (RESULTS / "gpu.json").write_text(json.dumps(dict(device=name, copy_bytes_per_second=bandwidth, logits_differ=logits, gradients_differ=gradients, training=whole), indent=1) + "\n")
    for work, way in works:
        for N in args.batches:
            rows.append(row(work, way, N, args.device, args.seconds, bandwidth))
            print(rows[-1], flush=True)
            pd.DataFrame(rows).to_csv(RESULTS / "gpu.csv", index=False, float_format="%.4g")
            stamp("gpu.csv", "gpu.json", device=name)


if __name__ == "__main__":
    main()
