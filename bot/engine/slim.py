"""Importing this module lets rasa 3.6.21 run on Python 3.12 without TensorFlow and the vendor channels' SDKs.

Rasa imports them at module level and Frontdesk never uses them. An import hook, asked only after every real package
has been, answers with stand-ins: they can be imported, subclassed, annotated with and asked `isinstance`, and refuse
anything else with `StandInUsed`, which names the thing. One package that is installed is stood in for too, to save its
memory: DRAWING. Must be imported before rasa. docs/decisions/0001-slim-rasa.md.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import types
import warnings
from typing import Any, NoReturn

import packaging.version

ROOTS = frozenset(
    (
        *("tensorflow", "tensorflow_text", "tensorflow_hub", "tensorflow_addons", "keras", "jax", "skops"),
        *("aiogram", "fbmessenger", "slack_sdk", "twilio", "webexteamssdk", "rocketchat_API", "mattermostwrapper"),
        *("google", "cachecontrol", "boto3", "botocore", "pymongo", "psycopg2", "confluent_kafka", "aio_pika"),
        *("aiormq", "sanic_cors", "sanic_jwt", "sklearn_crfsuite", "socketio", "engineio"),
        *("sentry_sdk", "structlog_sentry"),
    )
)


# Rasa draws the results of its tests with it; an engine and a training draw nothing, and it costs them 15 MB.
DRAWING = frozenset(("matplotlib",))


class StandInUsed(RuntimeError):
    """Code called something that is not installed here. The message names it."""


def _refuse(name: str) -> NoReturn:
    raise StandInUsed(f"{name} is not installed: Frontdesk runs Rasa without it (bot/engine/slim.py)")


class _StandInType(type):
    """The type of stand-ins and of rasa's classes built on them: attributes are stand-ins, making one refuses."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if "__stand_in__" in vars(cls) and len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]  # used as a decorator while rasa is being imported
        base = next(base for base in cls.__mro__ if "__stand_in__" in vars(base))
        return _refuse(f"{base.__module__}.{base.__qualname__}")

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __getitem__ = __or__


def _stand_in(owner: str, name: str) -> Any:
    return _StandInType(name, (), {"__module__": owner, "__stand_in__": True})


class _StandInModule(types.ModuleType):
    __version__ = "2.12.0"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _stand_in(self.__name__, name)
        setattr(self, name, made)
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, roots: frozenset[str]) -> None:
        self._roots = roots

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in self._roots:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: attributes come into being when asked for."""


_in_place_of_drawing = _Finder(DRAWING)


def let_rasa_draw() -> None:
    """Leave the real package for drawing in place: for Rasa's own tools, before they are imported."""
    sys.meta_path.remove(_in_place_of_drawing)


def _install() -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"  # or Rasa tries to reach its reporting service
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
    warnings.filterwarnings("ignore", message="The ``declarative_base", module=r"rasa\.")
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")  # said of every domain with slots
    sys.meta_path.insert(0, _in_place_of_drawing)
    sys.meta_path.append(_Finder(ROOTS))
    if not hasattr(packaging.version, "LegacyVersion"):  # rasa.model compares against it; packaging 22 dropped it
        packaging.version.LegacyVersion = type("LegacyVersion", (), {})  # type: ignore[attr-defined]


_install()
