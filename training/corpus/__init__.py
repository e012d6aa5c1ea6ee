"""Training text for the shipped English model: clinical queries and notes, all of them invented."""

from training.corpus.compose import Snippet, corpus_digest, snippets, training_words
from training.corpus.templates import template_texts

__all__ = ["Snippet", "corpus_digest", "snippets", "template_texts", "training_words"]
