"""The directions in which vectors differ most, so that less has to be computed and kept."""

import numpy as np
from numpy.typing import NDArray


def principal_axes(vectors: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """`vectors`: n x dimension. Returns orthonormal columns, dimension x at most `most`, the strongest ones.

    Of the second moments, not centred: cosines between vectors are what is to be kept.
    """
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(axes[:, -most:], np.float32)
