"""Models run by onnxruntime: one thread, no memory kept between messages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnxruntime

# onnxruntime's own options: the weights of an optimised graph beside it, in a file that is mapped into memory.
_WEIGHTS_BESIDE: Mapping[str, str] = {
    "optimized_model_external_initializers_file_name": "weights.bin",
    "optimized_model_external_initializers_min_size_in_bytes": "1024",
    "save_external_prepacked_constant_initializers": "1",
}


def open_model(model: Path) -> Any:
    """A session for a model that is optimised when it is opened."""
    return _session(str(model), _options())


def open_optimised(model: Path) -> Any:
    """A session for what `write_optimised` wrote on a processor of this kind."""
    options = _options()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return _session(str(model), options)


def write_optimised(model: Path | bytes, to: Path) -> None:
    """Write the graph as onnxruntime optimises it for this processor to `to`, and its weights beside it."""
    options = _options()
    options.optimized_model_filepath = str(to)
    options.log_severity_level = 3  # it warns that the result is for this machine, which the manifest sees to
    for key, value in _WEIGHTS_BESIDE.items():
        options.add_session_config_entry(f"session.{key}", value)
    _session(str(model) if isinstance(model, Path) else model, options)


def _options() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep what the longest message ever needed
    return options


def _session(model: str | bytes, options: Any) -> Any:
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
