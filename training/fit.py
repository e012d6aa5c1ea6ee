"""Fitting a model to labelled windows: AdamW, a linear rise and fall of the rate, fixed seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

from training.examples import Batch

GATE_SHARE: Final = 0.5
"""The weight of the gate's loss beside the labels'."""
OPEN_SHARE: Final = 0.35
"""The share of steps that let every piece pass, before the gate begins to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Rates are of AdamW (Loshchilov and Hutter 2019); `steps` is the number of batches in all."""

    steps: int
    rate: float
    new_rate: float
    warm: float = 0.06
    decay: float = 0.01


def fitted(
    model: Any,
    batches: Iterator[Batch],
    recipe: Recipe,
    is_new: Callable[[str], bool],
    loss_of: Callable[[Any, Batch], Any],
    before: Callable[[int], None] = lambda step: None,
    say: Callable[[str], None] = print,
) -> Any:
    """The model after all batches.

    `is_new` tells the parameters, by name, that were not pretrained; `before` is called before each step.
    """
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    groups = [
        {"params": [w for name, w in named if not is_new(name)], "lr": recipe.rate},
        {"params": [w for name, w in named if is_new(name)], "lr": recipe.new_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.decay, fused=True)
    warm = max(1, int(recipe.warm * recipe.steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.0, (recipe.steps - step) / (recipe.steps - warm))),
    )
    model.train()
    began, total = time.monotonic(), 0.0
    for step, batch in enumerate(batches, 1):
        before(step)
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([w for _, w in named], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        total += loss.item()
        if step % 100 == 0 or step == recipe.steps:
            say(
                f"{step}/{recipe.steps} loss {total / ((step - 1) % 100 + 1):.4f} {time.monotonic() - began:.0f} s"
            )
            total = 0.0
    return model.eval()


def gated_loss(model: Any, batch: Batch) -> Any:
    """Of the labels of the pieces that pass, and of the gate for all pieces."""
    parts = [torch.from_numpy(part) for part in (batch.ids, batch.shapes, batch.mask)]
    with torch.autocast("cpu", torch.bfloat16):
        gate, logits, places = model(*parts)
    labels = torch.from_numpy(batch.labels).long()
    passed = labels.gather(1, places.clamp(min=0)).masked_fill(places < 0, -1)
    told = F.cross_entropy(logits.float().flatten(0, 1), passed.flatten(), ignore_index=-1, reduction="sum")
    known = labels >= 0
    marked = (labels[known] > 0).float()
    gated = F.binary_cross_entropy_with_logits(gate.float()[known], marked)
    return told / known.sum() + GATE_SHARE * gated
