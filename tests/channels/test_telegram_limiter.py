"""Telegram's limits kept, with a clock that goes only as fast as somebody waits."""

import asyncio

from bot.channels.telegram.limiter import Lane, Limiter


class Clock:
    """Sleepers wake in order of their time; the clock jumps to the next one once everybody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, waiter))
        await waiter

    async def run(self, *tasks: "asyncio.Task[object]") -> None:
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers:
                self._sleepers.sort(key=lambda sleeper: sleeper[0])
                at, waiter = self._sleepers.pop(0)
                self.now = max(self.now, at)
                waiter.set_result(None)


async def sent(
    limiter: Limiter, clock: Clock, chat: str, log: list[tuple[str, float]], lane: Lane = Lane.REPLY
) -> None:
    while wait := await limiter.turn(chat, lane):
        await clock.sleep(wait)
    log.append((chat, round(clock.now - 1000, 3)))


async def test_a_chat_gets_a_short_burst_and_then_one_a_second():
    clock, log = Clock(), list[tuple[str, float]]()
    limiter = Limiter(25, clock=clock, sleep=clock.sleep)

    async def six() -> None:
        for _ in range(6):
            await sent(limiter, clock, "a", log)

    await clock.run(asyncio.create_task(six()))
    assert [round(at) for _, at in log] == [0, 0, 0, 1, 2, 3]


async def test_many_chats_share_the_overall_rate():
    clock, log = Clock(), list[tuple[str, float]]()
    limiter = Limiter(25, clock=clock, sleep=clock.sleep)
    await clock.run(*(asyncio.create_task(sent(limiter, clock, str(number), log)) for number in range(100)))
    times = sorted(at for _, at in log)
    assert max(sum(1 for at in times if start <= at < start + 1) for start in times) <= 30
    assert times[-1] < 4.5


async def test_notices_and_replies_go_before_a_broadcast():
    clock, log = Clock(), list[tuple[str, float]]()
    limiter = Limiter(5, clock=clock, sleep=clock.sleep)
    broadcast = [asyncio.create_task(sent(limiter, clock, f"b{n}", log, Lane.BROADCAST)) for n in range(20)]
    await asyncio.sleep(0)
    replies = [asyncio.create_task(sent(limiter, clock, f"r{n}", log)) for n in range(3)]
    notice = asyncio.create_task(sent(limiter, clock, "n", log, Lane.NOTICE))
    await clock.run(*broadcast, *replies, notice)
    order = [chat for chat, _ in log]
    assert order.index("n") < order.index("r0") < order.index("r2") < order.index("b5")


async def test_a_429_stops_its_chat_and_a_second_one_stops_all():
    clock = Clock()
    limiter = Limiter(25, clock=clock, sleep=clock.sleep)
    limiter.pause("a", 30)
    assert (await limiter.turn("a"), await limiter.turn("b")) == (30, 0)
    limiter.pause("b", 20)
    assert await limiter.turn("c") == 20


async def test_memory_is_bounded():
    limiter = Limiter(1_000_000)
    for number in range(20_100):
        await limiter.turn(str(number))
    assert len(limiter._chats) == 20_000
