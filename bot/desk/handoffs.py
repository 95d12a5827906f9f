"""The staff side of a handoff: claim, reply, resolve, hand back. Two people cannot win the same resident."""

from collections.abc import Sequence

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoff import Handoff, HandoffReason, HandoffStatus, claim, end, release
from bot.core.message import Author, Owner, Reply, Shown
from bot.core.refused import Refused
from bot.core.text import clean, is_empty
from bot.desk.parts import Parts
from bot.desk.replies import say, shown
from bot.desk.views import StaffView, WaitingView
from bot.desk.watch import QUEUE
from bot.store import audit, conversations, handoffs, messages


class Handoffs:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    async def queue(self) -> list[WaitingView]:
        """Everything open: waiting first, urgent first, oldest first."""
        rows, now = await self.parts.db.read(handoffs.list_open), self.parts.clock()
        return [
            WaitingView(
                handoff_id=row["id"],
                conversation_id=row["conversation_id"],
                channel=row["channel"],
                language=row["language"],
                status=row["status"],
                reason=row["reason"],
                topic=row["topic"],
                unit=row["unit"],
                urgent=row["urgent"],
                summary=row["summary"],
                requested_at=row["requested_at"],
                waited_seconds=((row["claimed_at"] or now) - row["requested_at"]).total_seconds(),
                staff_id=row["staff_id"],
                staff_name=row["staff_name"],
                last_text_at=row["last_text_at"],
            )
            for row in rows
        ]

    async def claim(self, handoff_id: str, staff: StaffView) -> None:
        """Take a waiting conversation. Raises Refused(already_claimed) for whoever comes second."""

        async def work(tx: AsyncConnection) -> str:
            waiting = await self._handoff(tx, handoff_id)
            claimed = claim(waiting, staff_id=staff.id, now=self.parts.clock())
            if not await handoffs.save(tx, claimed, expected=HandoffStatus.WAITING):
                raise Refused("Someone is already helping this resident.", code="already_claimed")
            await conversations.set_owner(tx, waiting.conversation_id, Owner.STAFF)
            await self._notice(tx, waiting.conversation_id, "staff_joined", staff)
            await self._audit(tx, staff, "claim", waiting.conversation_id, handoff=handoff_id)
            return waiting.conversation_id

        self._published(await self.parts.db.write(work))

    async def take(self, conversation_id: str, staff: StaffView) -> None:
        """Write to a resident who left a message and asked to be answered here. Raises Refused(already_claimed)."""

        async def work(tx: AsyncConnection) -> None:
            await self._row(tx, conversation_id)
            now = self.parts.clock()
            found, _ = await handoffs.request(
                tx,
                conversation_id,
                reason=HandoffReason.LEFT_MESSAGE.value,
                topic=None,
                unit=None,
                summary="",
                urgent=False,
                now=now,
            )
            if found.staff_id == staff.id:
                return
            claimed = claim(found, staff_id=staff.id, now=now)
            await handoffs.save(tx, claimed, expected=HandoffStatus.WAITING)
            await conversations.set_owner(tx, conversation_id, Owner.STAFF)
            await self._notice(tx, conversation_id, "staff_joined", staff)
            await self._audit(tx, staff, "take", conversation_id, handoff=found.id)

        await self.parts.db.write(work)
        self._published(conversation_id)

    async def reply(self, conversation_id: str, staff: StaffView, text: str, client_id: str) -> Shown:
        """Say `text` to the resident; the same `client_id` is the same reply. Raises Refused(not_yours, empty)."""
        text = clean(text)
        if is_empty(text):
            raise Refused("There is nothing to send yet.", code="empty")

        async def work(tx: AsyncConnection) -> RowMapping:
            external_id = f"{conversation_id}:staff:{client_id}"[:200]
            row = await self._row(tx, conversation_id)
            if known := await messages.by_external_id(tx, row["channel"], external_id):
                return known
            await self._mine(tx, conversation_id, staff)
            message_id = await messages.add_outgoing(
                tx,
                conversation_id,
                channel=row["channel"],
                pushed=row["channel"] in self.parts.pushed,
                now=self.parts.clock(),
                author=Author.STAFF.value,
                body=text,
                staff_id=staff.id,
                staff_name=staff.name,
                external_id=external_id,
            )
            said = await messages.by_id(tx, message_id)
            assert said is not None
            await self._audit(tx, staff, "reply", conversation_id, message=message_id)
            return said

        said = shown(await self.parts.db.write(work))
        self._published(conversation_id)
        return said

    async def end(self, handoff_id: str, staff: StaffView, *, status: HandoffStatus) -> None:
        """Resolve or hand back; the assistant answers again from the next message on."""
        key = "staff_resolved" if status is HandoffStatus.RESOLVED else "staff_handed_back"

        async def work(tx: AsyncConnection) -> str:
            claimed = await self._handoff(tx, handoff_id)
            ended = end(claimed, staff_id=staff.id, status=status, now=self.parts.clock())
            if not await handoffs.save(tx, ended, expected=HandoffStatus.CLAIMED):
                raise Refused("This conversation was closed already.", code="not_claimed")
            await conversations.set_owner(tx, claimed.conversation_id, Owner.ASSISTANT)
            changes = {"state": None, "state_turns": 0, "form": None} if status is HandoffStatus.RESOLVED else {}
            if changes:
                await conversations.change(tx, claimed.conversation_id, **changes)
            await self._notice(tx, claimed.conversation_id, key, staff)
            action = "resolve" if status is HandoffStatus.RESOLVED else "hand_back"
            await self._audit(tx, staff, action, claimed.conversation_id, handoff=handoff_id)
            return claimed.conversation_id

        self._published(await self.parts.db.write(work))

    async def release(self, handoff_id: str, staff: StaffView) -> None:
        """`staff` is gone: the resident waits again and is told. Raises Refused when somebody changed it meanwhile."""

        async def work(tx: AsyncConnection) -> str:
            claimed = await self._handoff(tx, handoff_id)
            waiting = release(claimed)
            if claimed.staff_id != staff.id or not await handoffs.save(tx, waiting, expected=HandoffStatus.CLAIMED):
                raise Refused("Someone else is helping this resident.", code="not_yours")
            await conversations.set_owner(tx, claimed.conversation_id, Owner.WAITING)
            await self._notice(tx, claimed.conversation_id, "handoff_staff_gone", staff)
            return claimed.conversation_id

        self._published(await self.parts.db.write(work))

    async def transcript(self, conversation_id: str) -> list[Shown]:
        """Everything, edits and what the channel could not take included, with how each delivery stands."""
        rows: Sequence[RowMapping] = await self.parts.db.read(lambda tx: messages.since(tx, conversation_id, 0, 5000))
        return [shown(row) for row in rows]

    async def _audit(self, tx: AsyncConnection, staff: StaffView, action: str, thing: str, **detail: str) -> None:
        """What staff did is on record with it, or neither is."""
        await audit.append(tx, staff.username or staff.id, action, thing, detail, self.parts.clock())

    async def _mine(self, tx: AsyncConnection, conversation_id: str, staff: StaffView) -> Handoff:
        found = await handoffs.open_of(tx, conversation_id)
        if found is None or found.status is not HandoffStatus.CLAIMED:
            raise Refused("Claim this conversation before you write in it.", code="not_claimed")
        if found.staff_id != staff.id:
            raise Refused("Someone else is helping this resident.", code="not_yours")
        return found

    async def _handoff(self, tx: AsyncConnection, handoff_id: str) -> Handoff:
        found = await handoffs.by_id(tx, handoff_id)
        if found is None:
            raise Refused("There is no such conversation in the queue.", code="not_found")
        return found

    async def _row(self, tx: AsyncConnection, conversation_id: str) -> RowMapping:
        row = await conversations.by_id(tx, conversation_id)
        if row is None:
            raise Refused("There is no such conversation.", code="not_found")
        return row

    async def _notice(self, tx: AsyncConnection, conversation_id: str, key: str, staff: StaffView) -> None:
        row = await self._row(tx, conversation_id)
        text = self.parts.words.say(key, row["language"], staff=staff.name)
        reply = Reply(text, author=Author.NOTICE, divider=True)
        await say(tx, row, [reply], pushed=self.parts.pushed, now=self.parts.clock())

    def _published(self, conversation_id: str) -> None:
        for kind in ("messages", "owner"):
            self.parts.watches.publish(conversation_id, kind)
        self.parts.watches.publish(QUEUE, "queue")
