"""``python -m bot.dev.telegram_simulator``: what `frontdesk dev telegram` and the tests start."""

import argparse
import contextlib

from bot.dev.telegram_simulator.server import TOKEN, run

parser = argparse.ArgumentParser(
    description="A strict Telegram Bot API on loopback, with a page to chat as a Telegram user."
)
parser.add_argument("--port", type=int, default=8090, help="0 picks a free port")
parser.add_argument("--token", default=TOKEN, help="the bot token the desk must present")
parser.add_argument("--scale", type=float, default=1.0, help="shortens Telegram's own times: 0.1 is ten times as fast")

if __name__ == "__main__":
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        run(arguments.port, token=arguments.token, scale=arguments.scale)
