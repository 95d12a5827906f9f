"""``python -m bot.engine.nlu.prepare``: write what makes the encoders open at once (see prepared.py). A few seconds."""

from bot.engine.nlu.minilm import MiniLM
from bot.engine.nlu.use_encoder import UseEncoder


def main() -> None:
    for encoder in (MiniLM, UseEncoder):
        encoder.prepare()


if __name__ == "__main__":
    main()
