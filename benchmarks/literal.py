"""The equations of the paper (Tseng et al. 2024, arXiv 2410.06211), written as plainly as possible.

Every token, key and value stands in memory, and so does every term of the overlap penalty. It takes the parameters of an `ARGMINN` and nothing else of it:
the oracle of the tests, and the yardstick of benchmarks/speed.py. What our model adds to the published one (tied strands, filters of norm 1, keys of their own,
a linear map beside the MLP) is written down as plainly.
"""
import math

import torch
from torch.nn import functional as F


def filters(model): # an ARGMINN
    "The filters as they are applied, (F, 4, W)."
    raw = model.scanner.raw
    if not model.config.unit_norm: return raw
    centred = raw - raw.mean(1, keepdim=True)
    return centred / centred.pow(2).sum((1, 2), keepdim=True).sqrt()


def scan(model, X): # one-hot DNA (N, 4, L)
    "Activations (N, F, S, P): a convolution and a ReLU for each strand."
    weight, bias = filters(model), model.scanner.bias
    strands = [weight, weight.flip(1, 2)] if model.config.strands == "tied" else [weight]
    return torch.stack([F.conv1d(X, w, bias).relu() for w in strands], 2)


def batch_norm(model, activations): # (N, F, S, P)
    "Mean 0 and variance 1 for each filter, over the batch in training and over the past in evaluation; then scale and shift."
    norm = model.norm
    if model.training: mean, variance = activations.mean((0, 2, 3)), activations.var((0, 2, 3), unbiased=False)
    else: mean, variance = norm.running_mean, norm.running_var
    column = lambda x: x[:, None, None]
    return (activations - column(mean)) / column(variance + norm.eps).sqrt() * column(norm.weight) + column(norm.bias)


def encoded_positions(p, dims, base): # P, D
    "(P, D): PE[p, 2k] = sin(p / base^(2k/D)), PE[p, 2k+1] = cos(same)."
    return torch.tensor([[(math.sin, math.cos)[d % 2](i / base ** ((d - d % 2) / dims)) for d in range(dims)] for i in range(p)])


def attend(layer, stream, tokens): # (N, S), (N, P, H)
    "(stream (N, S), attention (N, K, P))."
    n, p, hidden = tokens.shape
    heads, size = layer.heads, hidden // layer.heads
    split = lambda x: x.view(n, -1, heads, size).transpose(1, 2)                   # (N, K, ., H/K)
    query, value = split(layer.query(stream)), split(layer.value(tokens))
    key = value if layer.key is None else split(layer.key(tokens))
    attention = (query @ key.transpose(2, 3) / size ** .5).softmax(-1)             # (N, K, 1, P)
    read = layer.norm(layer.out((attention @ value).transpose(1, 2).reshape(n, hidden)))
    update = layer.mlp(read) if layer.shortcut is None else layer.mlp(read) + layer.shortcut(read)
    return stream + layer.stream_norm(update), attention[:, :, 0]


def forward(model, X, position=None): # one-hot DNA (N, 4, L) without N; encoded positions (P, D), built here where they are not given
    "(logits (N, tasks), activations (N, F, S, P), attention (N, T, K, P))."
    config, activations = model.config, scan(model, X)
    n, p = len(X), activations.shape[3]
    if position is None: position = encoded_positions(p, config.position_dims, config.position_base).to(X)
    read = batch_norm(model, activations).flatten(1, 2).transpose(1, 2)            # (N, P, F*S)
    tokens = model.syntax.token(torch.cat([read, position.expand(n, p, -1)], 2))   # (N, P, H)
    stream, attention = X.new_ones(n, config.stream), []
    for layer in model.syntax.layers:
        stream, att = attend(layer, stream, tokens)
        attention.append(att)
    return model.head(stream), activations, torch.stack(attention, 1)


def overlap(model, activations, mask_silent=True): # (N, F, S, P)
    "The overlap penalty, every term (N, F*S, P, 2W-1) of it; a filter never competes with its own other strand."
    (n, f, s, p), width = activations.shape, model.config.width
    mass = filters(model).abs().sum(1)                                             # (F, W)
    masses = torch.stack([mass, mass.flip(1)][:s], 1).flatten(0, 1)                # (F*S, W)
    shifts = range(1 - width, width)
    A = torch.stack([masses[:, max(0, d):width - max(0, -d)].sum(1) for d in shifts], 1)   # (F*S, 2W-1)
    B = A.flip(1)
    act = activations.flatten(1, 2)                                                # (N, F*S, P)
    top, winner = act.max(1)                                                       # (N, P)
    near = F.pad(act, (width - 1, width - 1)).unfold(2, 2 * width - 1, 1)          # (N, F*S, P, 2W-1): act[b, i+d]
    terms = A[winner][:, None] * B[:, None] * near
    another = torch.arange(f * s).to(winner)[:, None] // s != winner[:, None] // s # (N, F*S, P)
    loud = (top > 0)[:, None] | (not mask_silent)
    return (terms * (another & loud)[..., None]).sum() / (n * p * f * (2 * width - 1) * mass.sum())


def loss(model, X, labels, overlap_weight, l1_weight, mask_silent=True, position=None): # (N, 4, L), (N, tasks)
    "Cross-entropy and both penalties, a scalar."
    logits, activations, _ = forward(model, X, position)
    prediction = F.binary_cross_entropy_with_logits(logits, labels)
    return prediction + overlap_weight * overlap(model, activations, mask_silent) + l1_weight * filters(model).abs().sum()
