"""Training in several processes is training in one; and what goes wrong on the way leaves what was there, and one line."""
import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import argminn.training as training
from argminn.core import DataWarning, UserError
from argminn.data import Data, Sequences, Training, concat
from argminn.model import ARGMINN, Config
from argminn.recipe import Recipe
from argminn.sequences import encode
from argminn.training import launch, part_of, train
from conftest import argminn, fasta
from test_cli import FILES

RECIPE = Recipe(epochs=8, min_batches=6, batch_size=101, overlap_weight=(3, 1e2), overlap_every=3, composition_gain=1.) # 600 sequences in batches of 100; prunes in epochs 2, 3, 4 and 5


def toy(n, planted, rng):
    codes = rng.integers(0, 4, (n, 60)).astype(np.uint8)
    if planted:
        for row, at in zip(codes, rng.integers(0, 50, n)): row[at:at + 8] = encode("AGATAAGG")
    return Sequences.bare(codes, planted)


def network():
    torch.manual_seed(0)
    return ARGMINN(Config(filters=4, width=10, layers=2, length=60))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    train, valid = (concat([toy(n, True, rng), toy(n, False, rng)]) for n in (300, 100))
    return Data(Training(train), valid, valid, ("label",), 60, "given")


def traced(model, data, fabric, **options):
    "What `train` returns, the weights in the end, and the sequences that each process has read in the first epoch."
    read, one_hot = [], training.one_hot
    def reading(codes, device):
        if model.training: read.append(codes.copy())
        return one_hot(codes, device)
    training.one_hot = reading
    history = train(model, data, RECIPE, fabric, **options)
    training.one_hot = one_hot
    shares = [None] * fabric.world_size
    if fabric.world_size > 1: torch.distributed.all_gather_object(shares, read[:6])
    else: shares = [read[:6]]
    return history, {k: v.numpy() for k, v in model.state_dict().items()}, shares


@pytest.fixture(scope="module")
def both(data, tmp_path_factory):
    "The same training on one device and on two, each with a checkpoint."
    folder = tmp_path_factory.mktemp("both")
    return folder, [launch(traced, dict(device="cpu", devices=n), network(), data, checkpoint=folder/str(n)) for n in (1, 2)]


def test_two_processes_train_as_one(both):
    "The loss curve, the filters that are pruned, the epoch that is kept, the weights."
    (one, weights, _), (two, same, _) = both[1]
    columns = ["loss", "prediction", "overlap", "l1", "auroc", "auprc"]
    for rows, rtol in (one.epoch <= RECIPE.last_prune, 1e-5), (one.epoch > RECIPE.last_prune, 1e-3): # Adam begins anew there: its first steps have the size of the rate whatever the gradient, rounding too
        np.testing.assert_allclose(two[rows][columns].fillna(0), one[rows][columns].fillna(0), rtol=rtol, atol=1e-7)
    assert one.overlap.max() > .01 and one.live_filters.nunique() > 1 # penalties and pruning have been at work
    assert (two.live_filters == one.live_filters).all() and two.attrs == one.attrs
    assert weights.keys() == same.keys()
    for k in weights: np.testing.assert_allclose(same[k], weights[k], rtol=1e-3, atol=1e-4, err_msg=k)


def test_every_sequence_is_read_once(both):
    (_, _, [whole]), (_, _, shares) = both[1]
    for batch, *parts in zip(whole, *shares, strict=True): assert np.array_equal(batch, np.concatenate(parts)) and min(map(len, parts)) == len(batch) // 2


@pytest.mark.parametrize("n, parts", [(101, 2), (7, 3), (4, 4), (5, 1)])
def test_parts_are_disjoint_and_of_one_size(n, parts):
    each = [part_of(range(10, 10 + n), k, parts) for k in range(parts)]
    assert [i for part in each for i in part] == list(range(10, 10 + n)) and max(map(len, each)) - min(map(len, each)) <= 1


def test_a_checkpoint_knows_no_devices(both, data):
    "That of two processes is one file, and goes on in one."
    folder, ((one, weights, _), (two, _, _)) = both
    assert [p.name for p in (folder/"2").iterdir()] == ["state.safetensors"]
    again = train(model := network(), data, RECIPE, checkpoint=folder/"2", resume=True)
    pd.testing.assert_frame_equal(again, two)
    for k, v in model.state_dict().items(): np.testing.assert_allclose(v, weights[k], rtol=1e-3, atol=1e-4, err_msg=k)


def processes_of(parent):
    "The training processes that a command has started."
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try: stat, command = (folder/"stat").read_text(), (folder/"cmdline").read_text()
        except OSError: continue
        if int(stat.rsplit(")", 1)[1].split()[1]) == parent and "spawn_main" in command: found.append(int(folder.name))
    return sorted(found)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc, which this system has not")
def test_ended_and_resumed(tmp_path):
    "Ctrl-C, then a process that is killed: one line each, nothing under a final name, no process left; --resume ends with a whole run."
    (tmp_path / "peaks.fa").write_text(fasta(300))
    command = ["fit", "peaks.fa", "--negatives", "shuffle", "--out", "run", "--device", "cpu", "--devices", "2", "--epochs", "10", "--preset", "published",
               "--filters", "2", "--width", "12", "--layers", "1", "--batch-size", "16"] # without composition, which takes its time
    state = tmp_path / ".run.part" / "checkpoint" / "state.safetensors"
    def end(how, *more):
        before = state.stat().st_mtime_ns if state.exists() else 0
        fit = subprocess.Popen([sys.executable, "-m", "argminn.cli", *command, *more], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) # a shell's background job is deaf to Ctrl-C, and so is what it starts
        while fit.poll() is None and not (state.exists() and state.stat().st_mtime_ns > before): time.sleep(.02)
        started = processes_of(fit.pid)
        assert len(started) == 2
        how(fit.pid, started)
        told = fit.communicate(timeout=60)[1]
        assert not any(Path(f"/proc/{p}").exists() for p in started) and not (tmp_path / "run").exists() and state.exists()
        return fit.returncode, told
    code, told = end(lambda parent, started: os.kill(parent, signal.SIGINT))
    assert (code, told) == (130, "argminn: stopped; fit (from its first epoch on), fit-many, scan, variants and call of several files go on with --resume, fetch without it\n")
    code, told = end(lambda parent, started: os.kill(started[1], signal.SIGKILL), "--resume")
    assert code == 2 and told.count("\n") == 1 and "of 2 ended by SIGKILL" in told and "--resume" in told, told
    done = argminn(*command, "--resume", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {p.name for p in (tmp_path / "run").iterdir()} == {*FILES, "examples.tsv", "readout.json"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["peaks.fa", "run"]
    history = pd.read_csv(tmp_path / "run" / "training.csv")
    assert list(history.epoch) == [e for e in range(1, 11) for _ in range(2)]


def failing(fabric):
    if fabric.global_rank == 1: raise UserError("what the second says")
    fabric.barrier()


def test_one_process_that_fails_is_heard():
    with pytest.raises(UserError, match="^what the second says$"): launch(failing, dict(device="cpu", devices=2))


@pytest.mark.parametrize("options, says", [
    (dict(devices=0), "--devices is 0"), (dict(strategy="fsdp"), "expected auto or ddp"), (dict(devices=2, num_nodes=2), "MASTER_ADDR, MASTER_PORT, NODE_RANK"),
    (dict(devices=2, device="cuda:0"), "cuda"), (dict(precision="3-true"), "--precision 3-true")])
def test_devices_that_cannot_be(options, says):
    with pytest.raises(UserError, match=says): launch(failing, dict(device="cpu") | options)


def test_a_batch_too_large_for_the_memory_is_halved(data, monkeypatch):
    "The step is that of the whole batch but for BatchNorm, which rests here."
    told, terms = [], training.loss_terms
    def full(model, out, *rest):
        if len(out.logits) > 50: raise torch.OutOfMemoryError
        return terms(model, out, *rest)
    codes, labels = data.train.epoch(0)
    for tight in False, True:
        if tight: monkeypatch.setattr(training, "loss_terms", full)
        fabric, model = training.start_fabric("cpu"), network()
        monkeypatch.setattr(model.norm, "train", lambda mode=True: model.norm)
        model.norm.training = False
        wrapped, optimizer = fabric.setup(model, training.start_optimizer(model, RECIPE))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            told.append((training.train_epoch(fabric, wrapped, optimizer, codes, labels, RECIPE, 3), [p.detach() for p in model.parameters()], [w for w in said if w.category is DataWarning]))
    for (a, b), (c, d) in (((told[0][0][0][k], told[0][0][1]), (v, told[1][0][1])) for k, v in told[1][0][0].items()):
        np.testing.assert_allclose(c, a, rtol=1e-4)
        np.testing.assert_allclose(d, b, atol=1e-3)
    for a, b in zip(told[0][1], told[1][1]): torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)
    assert not told[0][2] and len(told[1][2]) == 1 and "2 pieces" in str(told[1][2][0].message)


def test_a_memory_that_holds_no_sequence_is_told(data, monkeypatch):
    def full(*_): raise torch.OutOfMemoryError
    monkeypatch.setattr(training, "loss_terms", full)
    with warnings.catch_warnings(), pytest.raises(UserError, match="lower --batch-size"):
        warnings.simplefilter("ignore")
        fabric, model = training.start_fabric("cpu"), network()
        training.train_epoch(fabric, *fabric.setup(model, training.start_optimizer(model, RECIPE)), *data.train.epoch(0), RECIPE, 3)


class Stop(Exception): pass


@pytest.fixture(scope="module")
def three_epochs(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("three")/"checkpoint"
    def stop(history):
        if len(history) == 6: raise Stop
    with pytest.raises(Stop): train(network(), data, RECIPE, checkpoint=folder, on_epoch=stop)
    return folder


@pytest.fixture
def stopped(three_epochs, tmp_path):
    "A folder with the checkpoint of three epochs."
    return Path(shutil.copytree(three_epochs, tmp_path/"checkpoint"))


def no_room(*_, **__): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
def read_only(*_, **__): raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def limited(*args, save=Path.write_bytes, **options):
    "A real refusal: the system's limit for a file, while this one is written (pytest's own output may be a file too)."
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try: save(*args, **options)
    finally: resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("fault, says", [(no_room, "No space left"), (read_only, "Read-only"), (limited, "cannot be written")])
def test_a_checkpoint_that_cannot_be_written(stopped, data, monkeypatch, fault, says):
    "A disk that is full, or refuses: one line, and the older checkpoint stays."
    before = (stopped/"state.safetensors").read_bytes()
    monkeypatch.setattr(Path, "write_bytes", fault)
    with pytest.raises(UserError, match=says) as told: train(network(), data, RECIPE, checkpoint=stopped, resume=True)
    assert "--resume" in str(told.value) and "\n" not in str(told.value)
    assert [p.name for p in stopped.iterdir()] == ["state.safetensors"] and (stopped/"state.safetensors").read_bytes() == before


def test_a_loss_that_is_no_number_keeps_the_checkpoint(stopped, data, monkeypatch):
    before = (stopped/"state.safetensors").read_bytes()
    monkeypatch.setattr(training, "loss_terms", lambda model, out, *_: dict(prediction=out.logits.mean() * np.nan))
    with pytest.raises(UserError, match="the loss became nan in epoch 4"): train(network(), data, RECIPE, checkpoint=stopped, resume=True)
    assert (stopped/"state.safetensors").read_bytes() == before


def test_a_run_that_cannot_be_written_can_be_resumed(tmp_path, monkeypatch):
    "The disk is full when the run is written: its training is kept."
    import argminn.run as run
    (tmp_path / "peaks.fa").write_text(fasta(200))
    options = dict(device="cpu", config=dict(filters=2, width=12, layers=1), recipe=dict(epochs=2, min_batches=5, batch_size=64, composition_gain=1.))
    with monkeypatch.context() as m:
        m.setattr(run, "save_model", no_room)
        with pytest.raises(UserError, match="No space left.*--resume"): run.fit(tmp_path/"peaks.fa", "shuffle", tmp_path/"run", **options)
        m.setattr(run, "train", None) # not asked again: the mistake below is one at the door
        m.setattr(Path, "mkdir", read_only)
        with pytest.raises(UserError, match="Read-only"): run.fit(tmp_path/"peaks.fa", "shuffle", tmp_path/"other", **options)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".run.part", "peaks.fa"]
    run.fit(tmp_path/"peaks.fa", "shuffle", tmp_path/"run", **options, resume=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["peaks.fa", "run"]
