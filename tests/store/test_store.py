"""The store's own promises: migrations both ways, the cipher, topics byte for byte, who may change the audit."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.refused import Refused, Unavailable
from bot.store import audit, topics
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import downgrade, upgrade
from bot.training.topic_files import read_topics, write_topics
from tests.conftest import ROOT


async def test_tables_come_and_go_and_come_again(database_url: str):
    await upgrade(database_url)
    await upgrade(database_url)
    await downgrade(database_url, "base")
    await upgrade(database_url)


async def test_a_database_of_a_newer_version_is_refused(db: Database, settings):
    await db.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(Refused, match="newer version"):
        await upgrade(settings.database)


async def test_topics_are_exported_byte_for_byte_as_they_were_imported(db: Database, clock, tmp_path: Path):
    found = read_topics(ROOT / "data" / "nlu")
    assert await db.write(lambda tx: topics.save_all(tx, found, by="test", now=clock())) == len(found)
    assert await db.write(lambda tx: topics.save_all(tx, found, by="test", now=clock())) == 0
    write_topics(await db.read(topics.list_all), tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.glob("*.yml")}
    assert written == {path.name: path.read_bytes() for path in (ROOT / "data" / "nlu").glob("*.yml")}


async def test_audit_rows_cannot_be_changed_and_the_chain_holds(db: Database, clock):
    for number in range(3):
        await db.write(lambda tx, n=number: audit.append(tx, "sam", "claim", f"h{n}", {}, clock()))
    for statement in ("UPDATE audit SET actor = 'kim'", "DELETE FROM audit"):
        with pytest.raises(Exception, match=r"never changed|audit"):
            await db.write(lambda tx, s=statement: tx.execute(text(s)))
    assert await db.read(audit.first_broken) is None


def test_a_chat_id_cannot_be_read_with_another_key():
    token = Cipher(b"one key").encrypt("12345")
    assert "12345" not in token
    assert Cipher(b"one key").decrypt(token) == "12345"
    with pytest.raises(Unavailable):
        Cipher(b"another key").decrypt(token)


async def test_a_database_that_is_not_there_is_unavailable_and_not_a_drivers_error():
    db = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable):
        await db.read(topics.count)
    await db.close()
