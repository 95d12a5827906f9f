"""bot/engine/slim.py: what may be done with a stand-in, and what refuses. In processes of their own: the hook stays."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(code: str) -> "subprocess.CompletedProcess[str]":
    program = f"import bot.engine.slim\n{code}"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "code",
    [
        "import tensorflow as tf\nclass Layer(tf.keras.layers.Layer): pass",
        "import tensorflow as tf\ndef f(x: tf.Tensor, y: 'tf.Tensor | None' = None) -> tf.Tensor: ...",
        "import tensorflow as tf, typing\nx = typing.Union[tf.Tensor, int], typing.List[tf.Tensor], tf.Tensor | None",
        "import tensorflow as tf\n@tf.function\ndef f(): return 1\nassert f() == 1",
        "import tensorflow as tf\nassert not isinstance(1, tf.Tensor) and not issubclass(int, tf.Tensor)",
        "from google.oauth2 import id_token\nimport google.auth.transport.requests",
        "from rasa.core.policies.ted_policy import TEDPolicy\nassert not isinstance(object(), TEDPolicy)",
        "from packaging.version import LegacyVersion",
        "import matplotlib, sys\nimport rasa.nlu.test\nassert 'matplotlib.figure' not in sys.modules",
        "bot.engine.slim.let_rasa_draw()\nimport matplotlib.figure\nassert matplotlib.figure.Figure().get_axes() == []",
    ],
)
def test_importing_subclassing_annotating_and_asking_work(code: str):
    result = run(code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "code, name",
    [
        ("import tensorflow as tf\ntf.constant(1)", "tensorflow.constant"),
        ("import tensorflow as tf\ntf.keras.layers.Dense(3)", "tensorflow.keras.layers.Dense"),
        ("import boto3\nboto3.resource('s3', region_name='x')", "boto3.resource"),
        ("import tensorflow as tf\nclass L(tf.keras.Model): pass\nL()", "tensorflow.keras.Model"),
        ("from aiogram import Bot\nBot('token')", "aiogram.Bot"),
    ],
)
def test_using_a_stand_in_says_what_is_not_installed(code: str, name: str):
    result = run(code)
    assert f"StandInUsed: {name} is not installed" in result.stderr


def test_a_package_that_is_installed_is_never_replaced():
    result = run("import aiohttp, yaml\nassert aiohttp.ClientSession.__module__ == 'aiohttp.client'")
    assert result.returncode == 0, result.stderr


def test_nothing_reports_home():
    assert run("import os\nassert os.environ['RASA_TELEMETRY_ENABLED'] == 'false'").returncode == 0
