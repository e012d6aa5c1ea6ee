"""Fitting a model to labelled windows: AdamW, a linear rise and fall of the rate, fixed seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

from training.examples import Batch


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
    say: Callable[[str], None] = print,
) -> Any:
    """The model after all batches. `is_new` tells the parameters, by name, that were not pretrained."""
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
        loss = _loss(model, batch)
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


def _loss(model: Any, batch: Batch) -> Any:
    parts = [torch.from_numpy(part) for part in (batch.ids, batch.shapes, batch.mask)]
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(*parts)
    labels = torch.from_numpy(batch.labels).long()
    return F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=-1)
