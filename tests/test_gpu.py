"""What runs otherwise on a GPU than on a CPU; most of it is skipped where there is none."""
import numpy as np
import pytest
import torch

from argminn.core import resolve_device
from argminn.model import ARGMINN, Config
from argminn.recipe import Recipe, loss_terms
from argminn.scanner import overlap_penalty
from argminn.sequences import one_hot
from argminn.training import start_fabric, start_optimizer, train_epoch

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")


def model_of(strands="tied", length=80):
    torch.manual_seed(0)
    return ARGMINN(Config(length=length, filters=5, width=9, layers=2, hidden=8, mlp=8, strands=strands))


def codes(n=48, length=80):
    x = np.random.default_rng(0).integers(0, 4, (n, length)).astype(np.uint8)
    x[3, 20:30] = 4 # N
    return x


@pytest.mark.parametrize("strands", ["tied", "separate"])
def test_a_step_asks_the_gpu_nothing(strands, monkeypatch):
    "A CUDA graph holds no answer of the device: fake tensors, which say that they are on one, have none to give."
    from torch._subclasses.fake_tensor import FakeTensorMode
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda x: True), raising=False)
    with FakeTensorMode():
        model = ARGMINN(Config(length=80, filters=5, width=9, layers=2, hidden=8, mlp=8, strands=strands)).train()
        terms = loss_terms(model, model(torch.zeros(7, 4, 80)), torch.zeros(7, 1), Recipe(epochs=4, entropy_weight=(.1, .1), tidy=False), 3)
        assert set(terms) == {"prediction", "overlap", "l1", "entropy"}
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1., error_if_nonfinite=False)


@needs_gpu
@pytest.mark.parametrize("strands", ["tied", "separate"])
@pytest.mark.parametrize("dead", [False, True])
def test_penalty_and_gradients_are_those_of_the_cpu(strands, dead):
    resolve_device("cuda", quiet=True)
    told = []
    for device in "cpu", "cuda":
        model = model_of(strands).to(device)
        model.scanner.live[2] = not dead
        X = one_hot(codes(), device)
        out = model(X)
        loss = out.logits.sum() + 100 * overlap_penalty(model.scanner, out.activations)
        told.append([loss.detach().cpu(), *(g.cpu() for g in torch.autograd.grad(loss, [p for p in model.parameters()], allow_unused=True) if g is not None)])
    for a, b in zip(*told): torch.testing.assert_close(a, b, rtol=2e-4, atol=2e-4 * float(a.abs().max()))


@needs_gpu
def test_replayed_steps_are_those_that_are_launched():
    "On batches of two sizes, with a rate that changes: the losses, and the weights in the end."
    sequences, labels, told = codes(205), np.random.default_rng(1).integers(0, 2, (205, 1)).astype(np.float32), []
    recipe = Recipe(epochs=3, batch_size=20)
    for precision in "32-true", "bf16-mixed", "32-true": # bf16 is launched kernel by kernel
        fabric = start_fabric("cuda", precision=precision)
        model = model_of().to(fabric.device)
        wrapped, optimizer = fabric.setup(model, start_optimizer(model, recipe))
        losses = [train_epoch(fabric, wrapped, optimizer, sequences, labels, recipe, epoch)[0]["loss"] for epoch in range(3)]
        told.append((losses, {k: v.cpu() for k, v in model.state_dict().items()}))
    cpu_fabric, model = start_fabric("cpu"), model_of()
    wrapped, optimizer = cpu_fabric.setup(model, start_optimizer(model, recipe))
    expected = [train_epoch(cpu_fabric, wrapped, optimizer, sequences, labels, recipe, epoch)[0]["loss"] for epoch in range(3)]
    np.testing.assert_allclose(told[0][0], expected, rtol=1e-3)
    np.testing.assert_allclose(told[2][0], expected, rtol=1e-3)
    np.testing.assert_allclose(told[1][0], expected, rtol=.1)
    for k, v in model.state_dict().items():
        if v.is_floating_point(): torch.testing.assert_close(told[0][1][k], v, rtol=.02, atol=.005, msg=k)
