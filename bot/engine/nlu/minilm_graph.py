"""MiniLM's own weights in a graph of fewer, larger steps than its package's: the same vectors, a tenth sooner.

The package's graph spells attention, GELU and layer normalisation out in single operations and makes floats of all
weights when it is opened. Here each is one step, and of the table of word pieces only what is read becomes floats.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from bot.engine.nlu.graph_draft import GraphDraft

LAYERS, HEADS, DIMENSION = 6, 12, 384
# Of the model's configuration (layer_norm_eps).
_EPSILON = 1e-12
_EMBEDDINGS = "inner.embeddings."
Weights = dict[str, NDArray[np.generic]]


def fused_graph(model: Path) -> bytes:
    """A graph with the inputs and the output of `model`, the reviewed file."""
    weights = {one.name: numpy_helper.to_array(one) for one in onnx.load(model).graph.initializer}
    matrices = _matrices(weights)
    draft = GraphDraft()
    rows = _embedded(draft, weights)
    draft.add("Cast", ["attention_mask"], "mask", to=onnx.TensorProto.INT32)
    for layer in range(LAYERS):
        rows = _layer(draft, weights, matrices[6 * layer : 6 * layer + 6], layer, rows)
    draft.add("Identity", [rows], "last_hidden_state")
    read = (np.int64, ("batch", "sequence"))
    return draft.model(
        {"input_ids": read, "attention_mask": read, "token_type_ids": read},
        {"last_hidden_state": (np.float32, ("batch", "sequence", DIMENSION))},
    )


def _matrices(weights: Weights) -> list[NDArray[np.float32]]:
    """Query, key, value, output, and the two of the feed-forward part, layer by layer: eight-bit numbers times the
    scale of their column."""
    names = [name.removesuffix("_q") for name in weights if name.startswith("val_") and name.endswith("_q")]
    return [_floats(weights, name) for name in names]


def _floats(weights: Weights, name: str) -> NDArray[np.float32]:
    return np.asarray(weights[f"{name}_q"].astype(np.float32) * weights[f"{name}_scale"], np.float32)


def _embedded(draft: GraphDraft, weights: Weights) -> str:
    """Word pieces and their places. All pieces belong to the first of two sentences, whose vector is in the places'."""
    first_sentence = weights[f"{_EMBEDDINGS}token_type_embeddings.weight"][0]
    draft.keep("pieces", weights[f"{_EMBEDDINGS}word_embeddings.weight_q"])
    draft.keep("scales", weights[f"{_EMBEDDINGS}word_embeddings.weight_scale"])
    draft.keep("places", _floats(weights, f"{_EMBEDDINGS}position_embeddings.weight") + first_sentence)
    draft.add("Gather", ["pieces", "input_ids"], "read")
    draft.add("Cast", ["read"], "read.float", to=onnx.TensorProto.FLOAT)
    draft.add("Gather", ["scales", "input_ids"], "read.scale")
    draft.add("Mul", ["read.float", "read.scale"], "word")
    draft.add("Add", ["word", _places(draft)], "placed")
    norm = [draft.keep(f"first.{part}", weights[f"{_EMBEDDINGS}LayerNorm.{part}"]) for part in ("weight", "bias")]
    return draft.add("LayerNormalization", ["placed", *norm], "rows", axis=-1, epsilon=_EPSILON)


def _places(draft: GraphDraft) -> str:
    """The first rows of the places' table, as many as the batch is wide."""
    draft.keep("zero", np.zeros(1, np.int64))
    draft.add("Shape", ["input_ids"], "width", start=1, end=2)
    return draft.add("Slice", ["places", "zero", "width", "zero"], "place")


def _layer(draft: GraphDraft, weights: Weights, matrices: list[NDArray[np.float32]], layer: int, rows: str) -> str:
    inner, here = f"inner.encoder.layer.{layer}.", f"{layer}."
    attended = _attention(draft, weights, matrices[:3], inner, here, rows)
    projected = draft.add("MatMul", [attended, draft.keep(f"{here}output", matrices[3])], f"{here}projected")
    middle = _added(draft, weights, f"{inner}attention.output.", f"{here}middle", projected, rows)
    wide = draft.add("MatMul", [middle, draft.keep(f"{here}wide", matrices[4])], f"{here}widened")
    bias = draft.keep(f"{here}wide.bias", weights[f"{inner}intermediate.dense.bias"])
    bent = draft.add("BiasGelu", [wide, bias], f"{here}bent", fused=True)
    narrow = draft.add("MatMul", [bent, draft.keep(f"{here}narrow", matrices[5])], f"{here}narrowed")
    return _added(draft, weights, f"{inner}output.", f"{here}rows", narrow, middle)


def _attention(
    draft: GraphDraft, weights: Weights, matrices: list[NDArray[np.float32]], inner: str, here: str, rows: str
) -> str:
    biases = [weights[f"{inner}attention.self.{part}.bias"] for part in ("query", "key", "value")]
    matrix = draft.keep(f"{here}attention", np.hstack(matrices))
    bias = draft.keep(f"{here}attention.bias", np.concatenate(biases))
    return draft.add("Attention", [rows, matrix, bias, "mask"], f"{here}attended", fused=True, num_heads=HEADS)


def _added(draft: GraphDraft, weights: Weights, part: str, output: str, rows: str, before: str) -> str:
    """`rows` and their bias on top of what went in, `before`, normalised."""
    names = ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")
    numbers = [draft.keep(f"{output}.{name}", weights[f"{part}{name}"]) for name in names]
    return draft.add("SkipLayerNormalization", [rows, before, *numbers], output, fused=True, epsilon=_EPSILON)
