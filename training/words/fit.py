"""The fitting of a word model: AdamW on one cycle of the learning rate, eight-bit exponents in products."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from gateway.deid.words_seen import COLUMNS
from training.words.meddocan import Row
from training.words.model import Crf, WordModel

BATCH = 32
RATE = 3e-3
KEPT = 0.998
"""Of the running mean of the weights, which is what is exported, at each step."""


def fitted(rows: Sequence[Row], tags: int, passes: int, seed: int) -> tuple[WordModel, Crf]:
    """A model and its chain after so many passes; the same seed gives the same scores within a point's tenth."""
    torch.set_num_threads(1)  # small products: a second thread costs more than it gives
    torch.manual_seed(seed)
    draw = random.Random(seed)
    model, chain = WordModel(tags), Crf(tags)
    parameters = [*model.parameters(), *chain.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=1e-3)
    steps = passes * -(-len(rows) // BATCH)
    mean = [parameter.detach().clone() for parameter in parameters]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for number in range(passes):
        total = 0.0
        for batch in _batches(rows, draw):
            columns, wanted, mask = _tensors(batch)
            with torch.autocast("cpu", torch.bfloat16):
                scores = model(columns)
            loss = chain.loss(scores.float(), wanted, mask)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 5.0)
            optimizer.step()
            schedule.step()
            torch._foreach_lerp_(mean, [parameter.detach() for parameter in parameters], 1 - KEPT)
            total += loss.item()
        print(f"pass {number + 1} of {passes}: loss {total * BATCH / len(rows):.3f}", flush=True)
    with torch.no_grad():
        for parameter, value in zip(parameters, mean, strict=True):
            parameter.copy_(value)
    return model.eval(), chain.eval()


def _batches(rows: Sequence[Row], draw: random.Random) -> Iterator[list[Row]]:
    """Windows of like length together, in an order of chance."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].tags) // 16 + draw.random())
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    draw.shuffle(groups)
    for group in groups:
        yield [rows[place] for place in group]


def _tensors(batch: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    width = max(len(row.tags) for row in batch)
    columns = torch.zeros(len(batch), width, len(COLUMNS), dtype=torch.long)
    tags = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.bool)
    for place, row in enumerate(batch):
        size = len(row.tags)
        columns[place, :size] = torch.tensor(row.columns)
        tags[place, :size] = torch.tensor(row.tags)
        mask[place, :size] = True
    return columns, tags, mask
