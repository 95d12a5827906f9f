"""``python -m bot.dev.telegram_simulator``: the simulator for programs; people run ``frontdesk dev telegram``."""

import argparse

from bot.dev.telegram_simulator.server import TOKEN, run

parser = argparse.ArgumentParser(description="A strict Telegram Bot API on loopback.")
parser.add_argument("--port", type=int, default=8081, help="0 picks a free port")
parser.add_argument("--token", default=TOKEN, help="the bot token the desk must present")
parser.add_argument("--scale", type=float, default=1.0, help="shortens Telegram's own times: 0.1 is ten times as fast")

if __name__ == "__main__":
    arguments = parser.parse_args()
    run(arguments.port, token=arguments.token, scale=arguments.scale, as_json=True)
