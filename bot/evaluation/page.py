"""The report as one HTML page: no script, nothing loaded from anywhere, light or dark as the reader's system is."""

from bot.evaluation import plots
from bot.evaluation.report import Report
from bot.evaluation.slices import TITLES
from bot.pages import environment


def page(report: Report) -> str:
    """The whole page; every message in it is escaped."""
    pictures = {
        "bars": plots.bars([*report["all"], *report["languages"], *report["unlisted"], *report["provenances"]]),
        "confusion": plots.confusion(report["matrix"]),
        "calibration": plots.calibration(report["reliability"]),
    }
    template = environment(("evaluation",)).get_template("report.html")
    return template.render(report=report, titles=TITLES, pictures=pictures, cell=plots.CELL, bar=plots.BAR)
