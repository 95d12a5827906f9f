"""``python -m bot.engine serve ...`` starts an engine; ``python -m bot.engine rasa ...`` runs Rasa's own tools."""

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["rasa"]:
        from bot.engine.rasa_tools import run_rasa

        return run_rasa(given[1:])
    from bot.engine.serve import serve

    options = _parser().parse_args(given)
    return serve(options.release, options.socket, options.action_socket, options.log_level, options.test_faults)


def _parser() -> argparse.ArgumentParser:
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="python -m bot.engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="serve | rasa")
    serve = commands.add_parser("serve", help="answer turns; the first line of stdin is {\"token\": \"<hex>\"}")
    serve.add_argument("--release", type=Path, required=True, help="the release folder")
    serve.add_argument("--socket", type=Path, required=True, help="the Unix socket to listen on")
    serve.add_argument("--action-socket", type=Path, required=True, help="the desk's Unix socket for actions")
    serve.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    faults = "for tests: misbehave on !!exit, !!hang, !!empty, !!garbage"
    serve.add_argument("--test-faults", action="store_true", help=faults)
    commands.add_parser("rasa", help="Rasa's own command line on this project, e.g. rasa data validate")
    return parser


if __name__ == "__main__":
    sys.exit(main())
