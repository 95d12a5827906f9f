"""The report's pictures as coordinates; templates/plots.html draws them as SVG. Units are SVG user units."""

from collections.abc import Iterable
from typing import Any

BAR, BAR_GAP, BAR_LEFT, BAR_WIDTH = 22, 12, 190, 560
CELL, MATRIX_LEFT, MATRIX_TOP = 26, 130, 130
PLOT, PLOT_LEFT, PLOT_TOP = 360, 60, 20
KINDS = ("right", "choices", "none", "wrong")


def bars(slices: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One stacked bar a slice: right, choices, no answer, wrong, as shares of what is in scope."""
    rows = [one for one in slices if one["shares"]["right"]["of"]]
    drawn = [_bar(one, place) for place, one in enumerate(rows)]
    return {"bars": drawn, "width": BAR_LEFT + BAR_WIDTH + 20, "height": len(rows) * (BAR + BAR_GAP) + BAR_GAP}


def _bar(one: dict[str, Any], place: int) -> dict[str, Any]:
    shares = one["shares"]
    counts = {kind: shares[kind]["hits"] for kind in ("right", "none", "wrong")}
    counts["choices"] = shares["within"]["hits"] - shares["right"]["hits"]
    parts, x = [], float(BAR_LEFT)
    for kind in KINDS:
        width = BAR_WIDTH * counts[kind] / shares["right"]["of"]
        parts.append({"kind": kind, "x": round(x, 1), "width": round(width, 1), "count": counts[kind]})
        x += width
    return {"name": one["name"], "of": shares["right"]["of"], "y": BAR_GAP + place * (BAR + BAR_GAP), "parts": parts}


def confusion(matrix: dict[str, Any]) -> dict[str, Any]:
    """A square a pair of groups, the darker the larger its part of its row; `right` on the diagonal."""
    cells = [
        {
            "x": MATRIX_LEFT + column * CELL,
            "y": MATRIX_TOP + row * CELL,
            "count": count,
            "depth": round(0.15 + 0.85 * count / sum(counts), 3),
            "right": matrix["rows"][row] == matrix["columns"][column],
            "said": f"{matrix['rows'][row]}: {count} of {sum(counts)} came as {matrix['columns'][column]}",
        }
        for row, counts in enumerate(matrix["cells"])
        for column, count in enumerate(counts)
        if count
    ]
    rows = [{"name": name, "y": MATRIX_TOP + place * CELL} for place, name in enumerate(matrix["rows"])]
    columns = [{"name": name, "x": MATRIX_LEFT + place * CELL} for place, name in enumerate(matrix["columns"])]
    width, height = MATRIX_LEFT + len(columns) * CELL + 80, MATRIX_TOP + len(rows) * CELL + 10
    return {"cells": cells, "rows": rows, "columns": columns, "width": width, "height": height}


def calibration(found: dict[str, Any]) -> dict[str, Any]:
    """Said (x) against right (y), each bin with the interval of its share; the larger the dot, the more messages."""
    most = max((one["right"]["of"] for one in found["bins"]), default=1)
    dots = [
        {
            "x": _across(one["said"]),
            "y": _up(one["right"]["share"]),
            "low": _up(one["right"]["low"]),
            "high": _up(one["right"]["high"]),
            "radius": round(4 + 8 * (one["right"]["of"] / most) ** 0.5, 1),
        }
        for one in found["bins"]
    ]
    ticks = [{"label": f"{part * 20} %", "x": _across(part / 5), "y": _up(part / 5)} for part in range(6)]
    return {"dots": dots, "ticks": ticks, "left": PLOT_LEFT, "top": PLOT_TOP, "size": PLOT}


def _across(share: float) -> float:
    return round(PLOT_LEFT + share * PLOT, 1)


def _up(share: float) -> float:
    return round(PLOT_TOP + (1 - share) * PLOT, 1)
