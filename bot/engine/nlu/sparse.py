"""Letters instead of meaning: hashed character n-grams and a naive Bayes head, which holds up where typing is poor.

Multinomial naive Bayes on TF-IDF weights (Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text
classifiers") needs no optimiser: it is fitted in milliseconds, and at a small weight it adds two to three points to
the encoders alone (docs/nlu.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer

SIZE = 2**15
# Smoothing, chosen by cross-validation among 0.02 .. 0.2 (docs/nlu.md).
ALPHA = 0.05
_HASHING = HashingVectorizer(
    analyzer="char_wb", ngram_range=(2, 4), n_features=SIZE, alternate_sign=False, norm=None, lowercase=False
)


class LetterFeatures:
    """Texts to TF-IDF rows (n x 32,768, unit length). `idf`: float32, 32,768."""

    def __init__(self, idf: NDArray[np.float32]) -> None:
        self.idf = idf

    @classmethod
    def fitted(cls, counts: csr_matrix) -> "LetterFeatures":
        """`counts`: what `count` gave for the examples."""
        seen = counts.getnnz(axis=0)
        return cls((np.log((1 + counts.shape[0]) / (1 + seen)) + 1).astype(np.float32))

    def rows(self, counts: csr_matrix) -> csr_matrix:
        """Counts (n x 32,768) to weights of the same shape, each row of unit length."""
        weights = (1 + np.log(counts.data)) * self.idf[counts.indices]
        lengths = np.sqrt(np.bincount(_row_of_each(counts), weights * weights, minlength=counts.shape[0]))
        weights /= np.repeat(np.maximum(lengths, 1e-12), np.diff(counts.indptr))
        return csr_matrix((weights, counts.indices, counts.indptr), shape=counts.shape)


class NaiveBayes:
    """`table`: float32, classes x 32,768, the log probability of each hashed n-gram in each class."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        self.table = table

    @classmethod
    def fitted(cls, rows: csr_matrix, labels: NDArray[np.int64], *, classes: int) -> "NaiveBayes":
        """`labels`: class index of each row. Classes weigh the same whatever their number of examples."""
        member = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(classes, len(labels)))
        weight = (member @ rows).toarray() + ALPHA
        return cls(np.log(weight / weight.sum(axis=1, keepdims=True)).astype(np.float32))

    def log_probabilities(self, rows: csr_matrix) -> NDArray[np.float64]:
        """Normalised log probabilities, n x classes."""
        # Only the n-grams that occur: the whole table is 2.8 million numbers, and copying it took half of a turn.
        used = np.unique(rows.indices)
        scores = np.asarray(rows[:, used] @ self.table[:, used].T.astype(np.float64))
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _row_of_each(rows: csr_matrix) -> NDArray[np.int64]:
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))


def count(texts: Sequence[str]) -> csr_matrix:
    """How often each hashed n-gram (2 to 4 characters, within words) is in each normalised text: n x 32,768."""
    return _HASHING.transform(texts).astype(np.float64).tocsr()
