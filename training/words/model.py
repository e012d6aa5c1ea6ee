"""The network: embeddings of each word's columns, gated convolutions, scores of each tag; and its CRF."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gateway.deid.words_seen import COLUMNS

_WIDTHS = (64, 24, 48, 24, 32, 48, 32)


class WordModel(nn.Module):
    """Columns of words (batch, words, columns) to scores of tags (batch, words, tags)."""

    def __init__(self, tags: int, width: int = 192, drop: float = 0.4) -> None:
        super().__init__()
        self.tables = nn.ModuleList(
            nn.Embedding(size, part, padding_idx=0) for size, part in zip(COLUMNS, _WIDTHS, strict=True)
        )
        self.first = nn.Linear(sum(_WIDTHS), width)
        self.layers = nn.ModuleList(_Gated(width, reach, drop) for reach in (1, 1, 2, 4, 8, 1))
        self.drop = nn.Dropout(drop)
        self.out = nn.Linear(width, tags)

    def forward(self, columns: Tensor) -> Tensor:
        if self.training:  # a word that was never seen must be told by the rest
            keep = (torch.rand(columns.shape[:2]) > 0.15).unsqueeze(-1)
            columns = torch.where(keep, columns, columns * _LESS)
        seen = torch.cat([table(columns[..., place]) for place, table in enumerate(self.tables)], dim=-1)
        state = self.first(self.drop(seen))
        for layer in self.layers:
            state = layer(state)
        scores: Tensor = self.out(self.drop(state))
        return scores


class _Gated(nn.Module):
    """A residual convolution over three words, `reach` apart, with a gate."""

    def __init__(self, width: int, reach: int, drop: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.reach = reach
        self.mix = nn.Linear(3 * width, 2 * width)
        self.drop = nn.Dropout(drop / 2)

    def forward(self, state: Tensor) -> Tensor:
        seen = self.norm(state)
        wide = nn.functional.pad(seen, (0, 0, self.reach, self.reach))
        near = torch.cat([wide[:, : -2 * self.reach], seen, wide[:, 2 * self.reach :]], dim=-1)
        added: Tensor = state + self.drop(nn.functional.glu(self.mix(near), dim=-1))
        return added


_LESS = torch.tensor([0, 1, 0, 1, 1, 0, 1])


class Crf(nn.Module):
    """A linear chain: scores of one tag after another, a start and an end."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.steps = nn.Parameter(torch.zeros(tags, tags))

    def loss(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Negative log likelihood per sequence; `mask` is true where there is a word."""
        return (self._total(scores, mask) - self._path(scores, tags, mask)).mean()

    def _path(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        emitted = scores.gather(2, tags.unsqueeze(2)).squeeze(2) * mask
        moved = self.steps[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        total: Tensor = self.start[tags[:, 0]] + emitted.sum(1) + moved.sum(1) + self.end[last]
        return total

    def _total(self, scores: Tensor, mask: Tensor) -> Tensor:
        state = self.start + scores[:, 0]
        for place in range(1, scores.shape[1]):
            following = torch.logsumexp(state.unsqueeze(2) + self.steps, dim=1) + scores[:, place]
            state = torch.where(mask[:, place].unsqueeze(1), following, state)
        return torch.logsumexp(state + self.end, dim=1)
