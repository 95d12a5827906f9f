"""Where a message falls into parts that could each be a matter of its own. Conservative: a story is one part.

People put a second matter behind words that say so ("also", "otra pregunta"), or ask two questions. What is told before
a question belongs to that question; what is asked on with nothing named ("and how much is it?") to what is before it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from bot.core.normalise import folded

MOST_PARTS = 4
"""A message of more is a long story, whose pieces mean little alone."""

_FEWEST_WORDS = 2
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,&+]")
# A dot after one or two letters may be an abbreviation's ("St.", "p.m."), one before a letter an address's.
_STOP = re.compile(r"[?!;]+(?=\s|$|¿)|(?<=[^\W_]{3})\.+(?=\s|$|¿)|\n+")
_EDGES = " ,.;:-–\n\t"


@dataclass(frozen=True)
class Joints:
    """One language's words between matters.

    `begins`: another follows, but `not_after` some words; `links`: another may, before an opener.
    """

    begins: tuple[tuple[str, ...], ...]
    not_after: frozenset[str]
    links: frozenset[str]
    openers: frozenset[str]
    askers: frozenset[str]
    courtesies: frozenset[str]

    @classmethod
    def from_data(cls, parts: Mapping[str, Any]) -> "Joints":
        """`parts`: that section of a file in data/phrasing."""
        begins = sorted((tuple(folded(phrase).split()) for phrase in parts["begins"]), key=len, reverse=True)
        names = ("not_after", "links", "openers", "askers", "courtesies")
        not_after, links, openers, askers, courtesies = (frozenset(map(folded, parts[name])) for name in names)
        return cls(tuple(begins), not_after, links, openers | askers, askers, courtesies)


@dataclass(frozen=True)
class Parts:
    """`texts`: the parts in order, none where the message is one. `loose`: joined by no more than an "and"."""

    texts: tuple[str, ...] = ()
    loose: bool = False


@dataclass(frozen=True)
class _Piece:
    """`start`, `end` in the text. `begins`: a phrase before it says that another matter follows; `linked`: an "and"."""

    start: int
    end: int
    begins: bool = False
    linked: bool = False
    asks: bool = False


def split(text: str, joints: Joints, *, is_follow_up: Callable[[str], bool]) -> Parts:
    """The parts of `text`. `is_follow_up`: whether a piece asks on about the one before it."""
    pieces = _standing(text, joints, is_follow_up)
    loose = len(pieces) == 2 and pieces[1].linked and not any(piece.begins or piece.asks for piece in pieces)
    starts = [place for place in range(1, len(pieces)) if loose or _starts_part(pieces, place)]
    if not 0 < len(starts) < MOST_PARTS:
        return Parts()
    spans = [(pieces[first].start, pieces[after - 1].end) for first, after in pairwise([0, *starts, len(pieces)])]
    return Parts(tuple(text[start:end].strip(_EDGES) for start, end in spans), loose)


def _starts_part(pieces: Sequence[_Piece], place: int) -> bool:
    return pieces[place].begins or (pieces[place - 1].asks and any(piece.asks for piece in pieces[place:]))


def _standing(text: str, joints: Joints, is_follow_up: Callable[[str], bool]) -> list[_Piece]:
    """The pieces that say something by themselves; the others are drawn into the piece before them."""
    standing: list[_Piece] = []
    for piece in _pieces(text, joints):
        own = text[piece.start : piece.end]
        words = _words(own)
        if not words or joints.courtesies.issuperset(words):
            continue
        asks = words[0] in joints.askers or "?" in own or "¿" in text[max(0, piece.start - 1) : piece.end]
        if standing and (len(words) < _FEWEST_WORDS or is_follow_up(own)):
            standing[-1] = replace(standing[-1], end=piece.end, asks=standing[-1].asks or asks)
        else:
            standing.append(replace(piece, asks=asks))
    return standing


def _pieces(text: str, joints: Joints) -> Iterator[_Piece]:
    ends = [*(stop.end() for stop in _STOP.finditer(text)), len(text)]
    for begin, end in pairwise([0, *ends]):
        yield from _clauses(text, begin, end, joints)


def _clauses(text: str, begin: int, end: int, joints: Joints) -> Iterator[_Piece]:
    """The pieces of one sentence, without the words that join them."""
    found = list(_TOKEN.finditer(text, begin, end))
    words = [folded(token.group()) for token in found]
    piece, place = _Piece(begin, end), 0
    while place < len(words):
        length, sure = _joint_at(words, place, joints)
        after = place + length
        if length and after < len(words):
            yield replace(piece, end=found[place].start())
            # "Another thing, where": the comma says no less than the words before it.
            sure = sure or (piece.begins and found[place].start() == piece.start)
            piece = _Piece(found[after].start(), end, begins=sure, linked=words[place] != ",")
        place = max(after, place + 1)
    yield piece


def _joint_at(words: Sequence[str], place: int, joints: Joints) -> tuple[int, bool]:
    """How many words at `place` join what is before them with what follows, 0 for none; whether they are sure to."""
    link = 1 if words[place] in joints.links else 0
    begins = joints.begins if place == 0 or words[place - 1] not in joints.not_after else ()
    for phrase in begins:
        if tuple(words[place + link : place + link + len(phrase)]) == phrase:
            return link + len(phrase), True
    opens = place + link < len(words) and words[place + link] in joints.openers
    return (link if opens else 0), False


def _words(text: str) -> list[str]:
    return [folded(token) for token in _TOKEN.findall(text) if token[0].isalnum()]
