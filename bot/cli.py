"""``frontdesk``: the command line."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.core.refused import Refused, Unavailable
from bot.settings import Settings
from bot.store.db import Database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A public-safety department's front desk on Telegram and the web.",
)
topics_app = typer.Typer(no_args_is_help=True, help="Topics: what residents ask and the approved answers.")
staff_app = typer.Typer(no_args_is_help=True, help="Staff accounts.")
dev_app = typer.Typer(no_args_is_help=True, help="For development.")
app.add_typer(topics_app, name="topics")
app.add_typer(staff_app, name="staff")
app.add_typer(dev_app, name="dev")


@app.command("run")
def run_command() -> None:
    """Start the desk and its engines; the first start also makes the database and the first release.

    Example: FRONTDESK_PORT=9000 frontdesk run
    """
    from bot.run import serve

    serve(Settings())


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question, in any of the department's languages.")] = None,
    file: Annotated[
        Path | None, typer.Option(help='A file with one {"text": ...} a line.', exists=True, dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object a line.")] = False,
) -> None:
    """Ask through the same gate and engine as a resident's message; nothing real is written.

    Examples:
      frontdesk ask "how do i get my accident report"
      frontdesk ask --file questions.jsonl --json

    The object: text, language, outcome (answer, form, choices, emergency, handoff, smalltalk, no_answer), topic,
    confidence (calibrated probability), choices (topic ids), notice (the emergency notice stands above), reply, ms.
    """
    from bot.ask import ask_all

    texts = [text] if text is not None else _texts(file)

    async def work() -> None:
        async for answer in ask_all(Settings(), texts):
            print(_answer_line(answer, as_json=as_json), flush=True)

    _run(work())


def _texts(file: Path | None) -> list[str]:
    if file is None:
        raise typer.BadParameter("Give a question or --file.")
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(str(json.loads(line)["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise typer.BadParameter(f'Line {number} of {file.name} is not a {{"text": ...}} object.') from error
    return found


def _answer_line(answer: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps({key: value for key, value in answer.items() if key != "buttons"}, ensure_ascii=False)
    sure = f", {answer['confidence']:.0%} sure" if answer["confidence"] is not None else ""
    buttons = "".join(f"\n  [{title}]" for title in answer["buttons"])
    return f"{answer['reply']}{buttons}\n({answer['outcome']}: {answer['topic'] or '-'}{sure}, {answer['ms']:.0f} ms)"


@app.command("train")
def train_command(
    live: Annotated[
        bool, typer.Option(help="Make the new release the live one (a running desk takes it at its next start).")
    ] = True,
) -> None:
    """Build a release from the topics in the database, if it passes its gate.

    Example: frontdesk train
    """
    from bot.progress import bar
    from bot.train import train

    async def work(db: Database) -> None:
        with bar("Training") as progress:
            done = await train(Settings(), db, progress=progress, make_live=live)
        print(
            f"Release {done.release}: {done.topics} topics in {done.seconds:.1f} s." + (" It is live." if live else "")
        )

    _with_database(work)


@app.command("evaluate")
def evaluate_command(
    file: Annotated[Path, typer.Argument(help="Labelled messages, one JSON object a line.")],
    report: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("build/evaluation"),
    errors: Annotated[bool, typer.Option("--errors", help="List every message that went wrong.")] = False,
) -> None:
    """Measure the live release on labelled messages, asked as `frontdesk ask` does; writes JSON and one HTML page.

    Example: frontdesk evaluate questions.jsonl --errors

    A line: {"text", "lang", "topic", "also": [topics as right], "expect": answer, form, emergency, handoff,
    out_of_scope or smalltalk, "expect_also": [...], "provenance"}; other fields are ignored.
    """
    from bot.evaluate import evaluate, write
    from bot.evaluation.lines import error_lines, lines
    from bot.progress import bar

    async def work() -> None:
        with bar("Evaluating") as progress:
            found = await evaluate(Settings(), file, progress=progress)
        written = write(found, report)
        print("\n".join([*lines(found), *(error_lines(found) if errors else [])]))
        print("written: " + ", ".join(str(path) for path in written))

    _run(work())


@app.command()
def doctor() -> None:
    """Look at everything that must be right before the desk can run, and say what to do about what is not.

    Example: frontdesk doctor
    """
    from bot.doctor import examine

    findings = _run(examine(Settings()))
    for finding in findings:
        print(f"{'ok     ' if finding.is_well else 'PROBLEM'} {finding.part}: {finding.words}")
    raise typer.Exit(0 if all(finding.is_well for finding in findings) else 1)


@topics_app.command("import")
def topics_import(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the topic files; data/nlu if left out.")] = None,
) -> None:
    """Make the topic files the department's topics.

    Example: frontdesk topics import data/nlu
    """
    from bot.train import import_topics

    async def work(db: Database) -> None:
        changed = await import_topics(Settings(), db, by="command line", folder=folder)
        print(f"{changed} topics changed. Run 'frontdesk train' to build a release with them.")

    _with_database(work)


@topics_app.command("export")
def topics_export(folder: Annotated[Path, typer.Argument(help="Folder to write to.")]) -> None:
    """Write the department's topics as files, byte for byte the same when nothing changed.

    Example: frontdesk topics export data/nlu
    """
    from bot.train import export_topics

    async def work(db: Database) -> None:
        print(f"{await export_topics(db, folder)} topics written to {folder}.")

    _with_database(work)


@topics_app.command("check")
def topics_check() -> None:
    """Each answer's words and reading grade (years of schooling), then what is wrong with the topics.

    Example: frontdesk topics check
    """
    from bot.store import topics
    from bot.topic_report import report

    settings = Settings()

    async def work(db: Database) -> None:
        print("\n".join(report(await db.read(topics.list_all), settings.root)))

    _with_database(work)


@topics_app.command("list")
def topics_list() -> None:
    """List the topics with how many examples each has and when its answer is due for review.

    Example: frontdesk topics list
    """
    from bot.store import topics

    async def work(db: Database) -> None:
        for one in await db.read(topics.list_all):
            counts = " ".join(f"{language}:{len(texts)}" for language, texts in one.examples.items())
            print(f"{one.id:36} {counts:14} {one.owner:16} review by {one.review_due}")

    _with_database(work)


@staff_app.command("add")
def staff_add(
    username: Annotated[str, typer.Argument(help="The name they sign in with.")],
    name: Annotated[str, typer.Option(help="The name residents see.")],
    role: Annotated[str, typer.Option(help="staff or admin")] = "staff",
    password_stdin: Annotated[
        bool, typer.Option(help="Read the password from standard input instead of asking.")
    ] = False,
) -> None:
    """Add a staff account. The password is asked for and never shown.

    Example: frontdesk staff add srivera --name "Sam Rivera" --role staff
    """
    from bot.staff_accounts import add

    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )

    async def work(db: Database) -> None:
        made = await add(db, Settings(), username=username, name=name, role=role, password=password)
        print(f"{made.username} ({made.role.value}) can sign in now.")

    _with_database(work)


@staff_app.command("list")
def staff_list() -> None:
    """List staff accounts.

    Example: frontdesk staff list
    """
    from bot.store import staff

    async def work(db: Database) -> None:
        for one in await db.read(staff.list_all):
            print(f"{one.username:20} {one.name:30} {one.role.value:6} {'active' if one.active else 'closed'}")

    _with_database(work)


@dev_app.command("telegram")
def dev_telegram(
    port: Annotated[int, typer.Option(help="Port of the page and of the Bot API.")] = 8081,
) -> None:
    """Simulate Telegram: a page to chat as Telegram users, and the Bot API for the desk.

    Example, in two terminals:
      frontdesk dev telegram
      FRONTDESK_TELEGRAM_TOKEN=... FRONTDESK_TELEGRAM_API_URL=http://127.0.0.1:8081 frontdesk run
    """
    from bot.dev.telegram_simulator.server import run

    run(port=port)


def _with_database[T](work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` with the settings' database at this version's tables."""

    async def whole() -> T:
        from bot.store.migrate import upgrade

        settings = Settings()
        settings.var.mkdir(parents=True, exist_ok=True)
        await upgrade(settings.database)
        db = Database(settings.database)
        try:
            return await work(db)
        finally:
            await db.close()

    return _run(whole())


def _run(work: Any) -> Any:
    """Run to the end; refusals become one line in plain words."""
    from bot.logs import configure
    from bot.training.topic_files import TopicFileProblem

    configure("ERROR")
    try:
        return asyncio.run(work)
    except (Refused, Unavailable, TopicFileProblem) as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        raise typer.Exit(1) from error


def main() -> None:
    app()


if __name__ == "__main__":
    main()
