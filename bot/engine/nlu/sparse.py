"""Letters instead of meaning: hashed character n-grams and a naive Bayes head, which holds up where typing is poor.

Multinomial naive Bayes on TF-IDF weights (Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text
classifiers") needs no optimiser: it is fitted in milliseconds. Each topic is smoothed towards the letters of all
topics together (Dirichlet smoothing: Zhai and Lafferty 2001, "A study of smoothing methods for language models");
smoothed by a constant, topics with many examples won whatever was long and new to all (docs/nlu.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer

SIZE = 2**15
# How much of the letters of all topics is mixed into each, as a share of what a topic has on average (docs/nlu.md).
PRIOR = 0.3
_NEVER_SEEN = 1e-7
_MANY = 100
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
    """`table`: float32, 32,768 x classes, the log probability of each hashed n-gram in each class: an n-gram's numbers
    lie together, so that a message reads few lines of memory."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        self.table = table

    @classmethod
    def fitted(cls, rows: csr_matrix, labels: NDArray[np.int64], *, classes: int) -> "NaiveBayes":
        """`labels`: class index of each row. No class is likelier beforehand, whatever its number of examples."""
        member = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(classes, len(labels)))
        weight = (member @ rows).toarray()
        shared = weight.sum(axis=0) * (PRIOR / classes)
        likely = (weight + shared + _NEVER_SEEN) / (weight.sum(axis=1, keepdims=True) + shared.sum() + _NEVER_SEEN)
        return cls(np.ascontiguousarray(np.log(likely).T, np.float32))

    def log_probabilities(self, rows: csr_matrix) -> NDArray[np.float64]:
        """Normalised log probabilities, n x classes."""
        scores = np.asarray(rows.astype(np.float32) @ self.table, np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _row_of_each(rows: csr_matrix) -> NDArray[np.int64]:
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))


def count(texts: Sequence[str]) -> csr_matrix:
    """How often each hashed n-gram (2 to 4 characters, within words) is in each normalised text: n x 32,768.

    N-grams stay within words, so of many texts each word is hashed once.
    """
    if len(texts) < _MANY:
        return _HASHING.transform(texts).astype(np.float64).tocsr()
    split = [text.split() for text in texts]
    places = {word: place for place, word in enumerate(dict.fromkeys(word for words in split for word in words))}
    columns = np.fromiter((places[word] for words in split for word in words), np.int32)
    starts = np.concatenate([[0], np.cumsum([len(words) for words in split])])
    of_words = csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), len(places)))
    return of_words @ _HASHING.transform(places).tocsr()
