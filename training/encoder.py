"""BERT's encoder (Devlin et al. 2019) with embeddings of the words' looks, a gate, and a head for labels.

The first layers read every piece, and the gate says which of them could belong to an identifier. Only
those and their neighbours go through the other layers: a kind of PoWER-BERT (Goyal et al. 2020).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from gateway.adapters.tagger import BESIDE
from gateway.adapters.word_pieces import SHAPES, WINDOW
from training.pretrained import HEADS, HIDDEN

EPSILON = 1e-12


class Layer(nn.Module):
    """Self-attention and a feed-forward net, each with its residual and normalisation after it."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.mixed = (nn.Linear(hidden, hidden) for _ in range(4))
        self.first_norm = nn.LayerNorm(hidden, EPSILON)
        self.widen, self.narrow = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)
        self.second_norm = nn.LayerNorm(hidden, EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` of shape (rows, pieces, hidden), `mask` (rows, 1, 1, pieces) true where a piece is."""

        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.first_norm(x + self.mixed(context.transpose(1, 2).flatten(2)))
        return self.second_norm(x + self.narrow(F.gelu(self.widen(x))))


class Encoder(nn.Module):
    """The first `layers` layers of a pretrained encoder, `early` of them before the gate.

    `gate` is the least probability with which a piece passes; at 0 all pass.
    """

    def __init__(self, vocabulary: int, layers: int, labels: int, *, early: int = 1) -> None:
        super().__init__()
        self.early = early
        self.gate = 0.0
        self.words = nn.Embedding(vocabulary, HIDDEN)
        self.places = nn.Embedding(WINDOW + 2, HIDDEN)
        self.shapes = nn.Embedding(SHAPES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.layers = nn.ModuleList(Layer(HIDDEN, HEADS) for _ in range(layers))
        self.pass_head, self.head = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, labels)
        nn.init.zeros_(self.shapes.weight)
        for head in (self.pass_head, self.head):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The gate's logits (rows, pieces), the labels' (rows, passed, labels), and which pieces those are.

        All inputs are (rows, pieces). Pieces that pad a row of passed ones have the place -1.
        """
        x = self.norm(self.words(ids) + self.shapes(shapes) + self.places.weight[: ids.shape[1]])
        seen = mask.bool()
        for layer in self.layers[: self.early]:
            x = layer(x, seen[:, None, None, :])
        gate = self.pass_head(x).squeeze(-1)
        places = self._passed(gate.detach(), seen)
        x = x.gather(1, places.clamp(min=0).unsqueeze(-1).expand(-1, -1, x.shape[-1]))
        for layer in self.layers[self.early :]:
            x = layer(x, (places >= 0)[:, None, None, :])
        return gate, self.head(x), places

    def _passed(self, gate: Tensor, seen: Tensor) -> Tensor:
        """Places of the pieces that pass, their neighbours, and the marks at both ends of the window."""
        marks = seen & ~F.pad(seen[:, 1:], (0, 1))  # the closing ones
        marks[:, 0] = True
        likely = ((gate.float().sigmoid() >= self.gate) & seen & ~marks).float()
        kept = F.max_pool1d(likely[:, None], 2 * BESIDE + 1, 1, BESIDE)[:, 0].bool()
        kept = (kept | marks) & seen
        most = int(kept.sum(1).max())
        order = (~kept).to(torch.uint8).argsort(dim=1, stable=True)[:, :most]
        return order.masked_fill(~kept.gather(1, order), -1)

    def start_from(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over the pretrained weights, by BERT's usual names. Word embeddings stay as they are."""
        state = {}
        for own, theirs in self._names().items():
            state[own] = torch.from_numpy(weights[theirs].copy())
        state["places.weight"] = state["places.weight"][: WINDOW + 2]
        state["places.weight"] += torch.from_numpy(weights["embeddings.token_type_embeddings.weight"][0])
        missing, extra = self.load_state_dict(state, strict=False)
        assert not extra and {name.split(".")[0] for name in missing} <= {"shapes", "pass_head", "head"}
        self.words.weight.requires_grad_(False)

    def _names(self) -> dict[str, str]:
        names = {
            "words.weight": "embeddings.word_embeddings.weight",
            "places.weight": "embeddings.position_embeddings.weight",
            "norm.weight": "embeddings.LayerNorm.weight",
            "norm.bias": "embeddings.LayerNorm.bias",
        }
        parts = {
            "query": "attention.self.query",
            "key": "attention.self.key",
            "value": "attention.self.value",
            "mixed": "attention.output.dense",
            "first_norm": "attention.output.LayerNorm",
            "widen": "intermediate.dense",
            "narrow": "output.dense",
            "second_norm": "output.LayerNorm",
        }
        for layer in range(len(self.layers)):
            for own, theirs in parts.items():
                for kind in ("weight", "bias"):
                    names[f"layers.{layer}.{own}.{kind}"] = f"encoder.layer.{layer}.{theirs}.{kind}"
        return names
