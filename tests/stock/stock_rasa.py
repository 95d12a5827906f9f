"""Stock Rasa on Python 3.10, driven over standard input and output: ``python -m tests.stock.stock_rasa MODEL``.

A line of JSON in, a line of JSON out. A turn is {"sender", "before", "text", "parse_data", "actions", "token"}: the
events of `before` join the tracker as they are, then Rasa's own Agent handles the message, and the answer is
{"replies", "events", "slots"} with the events from the message on. A parse is {"parse", "language"}. Nothing of
bot.engine but its NLU components is imported here.
"""

import asyncio
import json
import logging
import os
import sys
import warnings

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import structlog  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # noqa: E402
from rasa.graph_components.converters.nlu_message_converter import NLUMessageConverter  # noqa: E402
from rasa.shared.core.events import Event  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)


async def turn(agent, asked):
    """Let Rasa's Agent handle one message of a conversation it keeps itself, in its own tracker store."""
    headers = {"Authorization": "Bearer " + asked["token"]}
    agent.processor.action_endpoint = EndpointConfig(asked["actions"], headers=headers)
    known = await _prepare(agent, asked["sender"], asked["before"])
    channel = CollectingOutputChannel()
    message = UserMessage(asked["text"], channel, asked["sender"], parse_data=asked["parse_data"])
    replies = await agent.handle_message(message)
    tracker = await agent.tracker_store.retrieve(asked["sender"])
    events = [event.as_dict() for event in tracker.events]
    return {"replies": replies, "events": events[known:], "slots": tracker.current_slot_values()}


async def _prepare(agent, sender, before):
    """Add what the engine sets before a message (a fresh session, the language); return the number of events then."""
    tracker = await agent.tracker_store.get_or_create_tracker(sender, append_action_listen=False)
    for event in before:
        tracker.update(Event.from_parameters(event), agent.domain)
    await agent.tracker_store.save(tracker)
    return len(tracker.events)


def parse(agent, asked):
    """What the model's own NLU components say on this Python, with these libraries."""
    schema, runner = agent.processor.model_metadata.predict_schema, agent.processor.graph_runner
    converter = next(name for name, node in schema.nodes.items() if node.uses is NLUMessageConverter)
    target = schema.nodes[agent.processor.model_metadata.nlu_target].needs["messages"]
    message = Message(data={"text": asked["parse"], "language": asked["language"], "language_chosen": False})
    tracker = DialogueStateTracker.from_events("parse", [])
    found = runner.run(inputs={converter: [message], "__tracker__": tracker}, targets=[target])[target]
    return {name: found[0].get(name) for name in ("language", "frontdesk", "matters")}


async def main():
    lines, sys.stdout = sys.stdout, sys.stderr  # Rasa prints as it pleases; our caller reads JSON
    agent = Agent.load(sys.argv[1])
    print(json.dumps({"ready": sys.version.split()[0]}), file=lines, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = parse(agent, asked) if "parse" in asked else await turn(agent, asked)
        print(json.dumps(answer), file=lines, flush=True)


if __name__ == "__main__":
    # Each line is answered before the next is read, so a blocking read in the loop holds nobody up.
    asyncio.run(main())
