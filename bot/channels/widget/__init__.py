"""The web channel: the widget's wire, its live connection, the plain page and the example page. See docs/widget.md."""

from bot.channels.widget.blueprint import widget_blueprint

__all__ = ["widget_blueprint"]
