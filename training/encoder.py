"""BERT's encoder (Devlin et al. 2019) with embeddings of the words' looks, and a head that labels pieces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

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
    """The first `layers` layers of a pretrained encoder, and a new head of `labels` labels."""

    def __init__(self, vocabulary: int, layers: int, labels: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, HIDDEN)
        self.places = nn.Embedding(WINDOW + 2, HIDDEN)
        self.shapes = nn.Embedding(SHAPES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.layers = nn.ModuleList(Layer(HIDDEN, HEADS) for _ in range(layers))
        self.head = nn.Linear(HIDDEN, labels)
        nn.init.zeros_(self.shapes.weight)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape (rows, pieces, labels); all inputs are (rows, pieces)."""
        x = self.words(ids) + self.shapes(shapes) + self.places.weight[: ids.shape[1]]
        x = self.norm(x)
        seen = mask.bool()[:, None, None, :]
        for layer in self.layers:
            x = layer(x, seen)
        return self.head(x)

    def start_from(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over the pretrained weights, by BERT's usual names. Word embeddings stay as they are."""
        state = {}
        for own, theirs in self._names().items():
            state[own] = torch.from_numpy(weights[theirs].copy())
        state["places.weight"] = state["places.weight"][: WINDOW + 2]
        state["places.weight"] += torch.from_numpy(weights["embeddings.token_type_embeddings.weight"][0])
        missing, extra = self.load_state_dict(state, strict=False)
        assert not extra and {name.split(".")[0] for name in missing} <= {"shapes", "head"}, missing
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
