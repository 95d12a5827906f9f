"""The sentence encoders of this process: opened once, tried on a sentence with a known vector, shared by all."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bot.engine.nlu.minilm import MiniLM
from bot.engine.nlu.model_file import ModelFileUnusable
from bot.engine.nlu.use_encoder import UseEncoder
from bot.engine.nlu.vector_cache import Encoder, Remembering, VectorCache

logger = logging.getLogger(__name__)

GOLDEN_TEXT = "how do i get a copy of my accident report"
# The first eight numbers of each encoder's vector of GOLDEN_TEXT. A processor on which the arithmetic goes wrong
# (../shared/nlu.md, risk 3) or an altered library shows here, before a resident is answered from noise.
GOLDEN: dict[str, list[float]] = {
    "minilm": [-0.00856, -0.00624, 0.0154, 0.01078, 0.08802, 0.09294, -0.02481, 0.15129],
    "use": [-0.022, -0.00139, 0.02462, 0.0353, -0.09355, 0.037, 0.03867, 0.07405],
}
_MOST_DIFFERENCE = 0.01

_OPENED: dict[str, Encoder | None] = {}
_MAKERS: dict[str, Callable[[], Encoder]] = {"minilm": MiniLM, "use": UseEncoder}


def open_encoders(names: Sequence[str]) -> dict[str, Encoder]:
    """Return the encoders among `names` that can be trusted; each that cannot be is named in one warning, once."""
    # Problems of this size lose to the coordination of several BLAS threads, in training and in answering.
    threadpool_limits(1)
    for name in names:
        if name not in _OPENED:
            _OPENED[name] = _open(name)
    found = {name: _OPENED[name] for name in names}
    return {name: encoder for name, encoder in found.items() if encoder is not None}


def remember(name: str, texts: Sequence[str], cache: VectorCache) -> None:
    """Encode `texts` (normalised) together, or take them from `cache`, before this process is asked them one by one."""
    encoder = _OPENED.get(name)
    if encoder is not None:
        _OPENED[name] = Remembering(encoder, texts, cache.encode(encoder, texts))


def check_golden(encoder: Encoder) -> None:
    """Raise ModelFileUnusable when the encoder no longer gives the vector it gave when it was reviewed."""
    vector: NDArray[np.float32] = encoder.encode([GOLDEN_TEXT])[0]
    expected = np.array(GOLDEN[encoder.name], np.float32)
    if not np.allclose(vector[: len(expected)], expected, atol=_MOST_DIFFERENCE):
        raise ModelFileUnusable(f"The encoder {encoder.name} gives other vectors here than it should.")


def _open(name: str) -> Encoder | None:
    try:
        encoder = _MAKERS[name]()
        check_golden(encoder)
    except (ModelFileUnusable, ImportError) as problem:
        logger.warning("Sentence encoder %s is not used, answers will be less accurate: %s", name, problem)
        return None
    return encoder
