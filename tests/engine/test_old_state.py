"""bot/engine/state.py reads events as Rasa does. In a process of its own, so that rasa stays out of this one."""

import subprocess
import sys

from tests.engine.conftest import ROOT

PROGRAM = """
from bot.engine import quiet_logs, slim
quiet_logs.install()
from rasa.shared.core.events import Event
from bot.engine.old_state import KINDS
for name, kind in KINDS.items():
    assert Event.resolve_by_type(name) is kind, name
assert {"user", "bot", "slot", "action", "active_loop", "session_started", "user_featurization"} <= set(KINDS)
"""


def test_every_kind_of_event_is_the_one_rasa_would_take():
    result = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
