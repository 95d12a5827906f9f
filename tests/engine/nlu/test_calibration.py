"""Temperatures and the calibration error."""

import numpy as np
import pytest

from bot.engine.nlu.calibration import calibration_error, fit_temperature, softmax


def test_a_model_too_sure_of_itself_is_cooled_down() -> None:
    random = np.random.default_rng(0)
    logs = random.normal(size=(4000, 5))
    labels = np.array([random.choice(5, p=row) for row in softmax(logs)])
    assert fit_temperature(logs * 4, labels) == pytest.approx(4, rel=0.1)


def test_the_error_is_the_gap_between_confidence_and_share_correct() -> None:
    confidence = np.full(100, 0.9)
    correct = np.arange(100) < 70
    assert calibration_error(confidence, correct) == pytest.approx(0.2)
