"""How a release's model is kept. A release of another format cannot be opened by this version: it is trained anew."""

MODEL_FORMAT = 5
