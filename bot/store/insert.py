"""INSERT ... ON CONFLICT DO NOTHING, which SQLAlchemy spells once a database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_or_ignore(tx: AsyncConnection, table: Table, values: Mapping[str, Any], unique: Sequence[str]) -> Insert:
    """An insert that does nothing where a row with the same `unique` columns exists; its rowcount is then 0."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement: Insert = dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    return statement
