"""The model against the paper's equations written out (benchmarks/literal.py): values and gradients."""
import sys

import pytest
import torch

from argminn.model import ARGMINN, Config
from argminn.recipe import PRESETS, prediction_loss
from argminn.scanner import l1_penalty, overlap_penalty
from argminn.sequences import one_hot
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import literal  # noqa: E402

CONFIGS = dict(ours=PRESETS["default"][0], published=PRESETS["published"][0], tied=PRESETS["published"][0] | dict(strands="tied"))
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def largest_difference(one, two):
    "Largest difference, as a share of the largest value where that is above 1."
    return ((one - two).abs().max() / two.abs().max().clamp_min(1)).item()


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_values_and_gradients(config, dtype, training):
    torch.manual_seed(0)
    model = ARGMINN(Config(**CONFIGS[config] | dict(filters=5, width=9, length=120))).to(dtype).train(training)
    X, labels = one_hot(torch.randint(0, 4, (6, 120)).to(torch.uint8)).to(dtype), torch.randint(0, 2, (6, 1)).to(dtype)
    position, silent = model.syntax._positions(112), config == "ours" # in the model's rounding: float32
    parameters = list(model.parameters())

    out = model(X)
    ours = prediction_loss(out.logits, labels, "binary") + 10 * overlap_penalty(model.scanner, out.activations, silent, out.fired) + .01 * l1_penalty(model.scanner)
    gradients = torch.autograd.grad(ours, parameters)
    logits, activations, attention = literal.forward(model, X, position)
    plain = literal.loss(model, X, labels, 10, .01, silent, position)
    plain_gradients = torch.autograd.grad(plain, parameters)

    for one, two in zip((out.logits, out.activations, out.attention, ours, *gradients), (logits, activations, attention, plain, *plain_gradients)):
        assert largest_difference(one, two) < TOLERANCE[dtype]


def test_positions():
    model = ARGMINN(Config(length=120))
    assert largest_difference(model.syntax._positions(106), literal.encoded_positions(106, 16, 100.)) < 1e-6
