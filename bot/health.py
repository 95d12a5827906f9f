"""What is well and what is not: /health/live, /health/ready and /metrics, without anybody's data."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, raw

from bot.core.refused import Unavailable
from bot.desk.desk import Desk
from bot.desk.supervisor import Supervisor
from bot.store import deliveries, messages


async def condition(desk: Desk, supervisor: Supervisor | None, channels: dict[str, Any]) -> dict[str, Any]:
    """Every part's state, read now. `ready` is False when a resident would not get an answer."""
    parts: dict[str, Any] = {"channels": {name: channel.health() for name, channel in channels.items()}}
    try:
        waiting, since = await desk.db.read(messages.waiting)
        sends = await desk.db.read(deliveries.counts)
        age = (desk.clock() - since).total_seconds() if since else 0.0
        parts["database"] = {"ready": True, "kind": "sqlite" if desk.db.is_sqlite else "postgresql"}
        parts["inbox"] = {"waiting": waiting, "oldest_seconds": round(age, 1), "ready": age < 60}
        parts["outbox"] = {state: sends.get(state, 0) for state in ("waiting", "sending", "failed", "unknown")}
    except Unavailable:
        parts["database"] = {"ready": False}
    parts["engines"] = supervisor.health() if supervisor else {"ready": True}
    ready = all(part.get("ready", True) for name, part in parts.items() if name != "channels")
    return {"ready": ready and all(one.get("ok", True) for one in parts["channels"].values()), **parts}


class DeskCollector(Collector):
    """The figures of the last look, as Prometheus gauges."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.started = time.time()

    def collect(self):  # type: ignore[no-untyped-def]
        for name, value in _flat("frontdesk", self.seen):
            yield GaugeMetricFamily(name, name.replace("_", " "), value=value)
        yield GaugeMetricFamily("frontdesk_started_seconds", "Unix time of the start", value=self.started)


def _flat(prefix: str, node: dict[str, Any]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in node.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}_{key}", value)
        elif isinstance(value, (bool, int, float)):
            found.append((f"{prefix}_{key}", float(value)))
    return found


def health_blueprint(desk: Desk, supervisor: Supervisor | None, channels: dict[str, Any]) -> Blueprint:
    """The three routes. They carry counts and states only: no names, no texts, no ids of people."""
    blueprint, registry, collector = Blueprint("health"), CollectorRegistry(), DeskCollector()
    registry.register(collector)

    @blueprint.get("/health/live", name="live")
    async def live(_request: Request) -> HTTPResponse:
        return json({"live": True})

    @blueprint.get("/health/ready", name="ready")
    async def ready(_request: Request) -> HTTPResponse:
        found = await condition(desk, supervisor, channels)
        return json(found, status=200 if found["ready"] else 503)

    @blueprint.get("/metrics", name="metrics")
    async def metrics(_request: Request) -> HTTPResponse:
        collector.seen = await condition(desk, supervisor, channels)
        ambiguous = {name: outbox.ambiguous for name, outbox in desk.outboxes.items()}
        collector.seen |= {"ambiguous_sends": ambiguous, "live_connections": desk.parts.watches.count()}
        return raw(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint
