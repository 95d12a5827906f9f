"""A progress bar for whatever takes longer than a second."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.train import Progress as Told


@contextmanager
def bar(title: str) -> Iterator[Told]:
    """A bar on standard error that is told of stages and shares (0 to 1); one line a stage where nobody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        seen: set[str] = set()

        def say(stage: str, share: float) -> None:
            if stage not in seen:
                seen.add(stage)
                console.print(f"  {title}: {stage} ({share:.0%})")

        yield say
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda stage, share: progress.update(task, description=f"{title}: {stage}", completed=share)
