"""An onnx graph while it is being written: its steps, and the numbers they use. Only `prepare` writes graphs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

# The operators that do several steps at once:
# https://github.com/microsoft/onnxruntime/blob/v1.23.2/docs/ContribOperators.md
_FUSED = "com.microsoft"
_VERSIONS = {"": 18, _FUSED: 1}
_FILE_FORMAT = 9
Shape = Sequence[int | str]


class GraphDraft:
    """Steps and numbers are named; a step's name is that of its output."""

    def __init__(self) -> None:
        self._steps = list[onnx.NodeProto]()
        self._numbers = list[onnx.TensorProto]()

    def keep(self, name: str, numbers: NDArray[Any]) -> str:
        """Numbers that belong to the graph; returns `name`."""
        self._numbers.append(numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, *, fused: bool = False, **attributes: Any) -> str:
        """A step of the graph; returns `output`. `fused`: one of onnxruntime's own operators."""
        domain = _FUSED if fused else ""
        self._steps.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def split(self, source: str, outputs: Sequence[str]) -> None:
        """`source` cut into equal parts along its last axis."""
        self._steps.append(helper.make_node("Split", [source], outputs, axis=-1, num_outputs=len(outputs)))

    def model(self, inputs: Mapping[str, tuple[type, Shape]], outputs: Mapping[str, tuple[type, Shape]]) -> bytes:
        """The finished model as a file's contents. `inputs`, `outputs`: name -> (numpy type, shape)."""
        graph = helper.make_graph(self._steps, "graph", _described(inputs), _described(outputs), self._numbers)
        versions = [helper.make_opsetid(domain, version) for domain, version in _VERSIONS.items()]
        model = helper.make_model(graph, opset_imports=versions, ir_version=_FILE_FORMAT)
        return bytes(model.SerializeToString())


def _described(values: Mapping[str, tuple[type, Shape]]) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), list(shape))
        for name, (kind, shape) in values.items()
    ]
