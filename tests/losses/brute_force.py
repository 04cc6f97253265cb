"""Losses over classes once more, from their definitions, voxel by voxel in numpy's float64."""

import numpy as np
import torch
from scipy.special import expit, log_expit, log_softmax, softmax


def make_case(seed, shape=(2, 3, 4, 3), missing=None):
    """Scores [B, K, *S] in float64 and labels [B, 1, *S], one class of which may be nowhere."""
    chance = torch.Generator().manual_seed(seed)
    scores = 2 * torch.randn(shape, generator=chance, dtype=torch.double)
    labels = torch.randint(0, shape[1], (shape[0], 1, *shape[2:]), generator=chance)
    if missing is not None:
        labels[labels == missing] = (missing + 1) % shape[1]
    return scores, labels


def one_hot(labels, classes):
    return np.stack([labels.numpy()[:, 0] == kind for kind in range(classes)], axis=1).astype(float)


def probabilities(scores, activation):
    values = scores.detach().numpy()
    return {"softmax": lambda x: softmax(x, 1), "sigmoid": expit, "": lambda x: x}[activation](values)


def over_voxels(p, g, *, background=True, batch=False):
    """Overlap, sums of predictions and of truth, sums of their squares, each [B, K] or [1, K]."""
    first = 0 if background else 1
    axes = tuple(range(2, p.ndim))
    sums = [values[:, first:].sum(axes) for values in (p * g, p, g, p * p, g * g)]
    return [one.sum(0, keepdims=True) for one in sums] if batch else sums


def focal(scores, g, gamma, *, exclusive):
    """What misses and false alarms cost, [B, K, *S] each."""
    z = scores.detach().numpy()
    if exclusive:
        return -g * (1 - softmax(z, 1)) ** gamma * log_softmax(z, 1), np.zeros_like(g)
    misses = -g * (1 - expit(z)) ** gamma * log_expit(z)
    return misses, -(1 - g) * expit(z) ** gamma * log_expit(-z)
