"""Who a note is and when it changed: guids, stamps, ids. Permanent: a change here makes every learner's card a new one."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable

DRAFT_SECONDS = 600  # drafts are stamped within this time of a release
SLOT = 512  # milliseconds between two note ids: room for the ids of all cards that a note can have (500)


def guid(namespace: str, card_id: str) -> str:
    """The note's guid: the first 80 bits of SHA-256 over `namespace/id`, in base32 (RFC 4648), small letters: 16 of a-z and
    2-7, which no text format, shell or file system has to quote. Permanent."""
    digest = hashlib.sha256(f"{namespace}/{card_id}".encode()).digest()
    return b32encode(digest[:10]).decode("ascii").lower()


def fingerprint(notetype: int, fields: Iterable[str], tags: Iterable[str]) -> str:
    """SHA-256 (hex) of a row as Anki stores it: id of the note type, fields, tags."""
    row = "\x1e".join((str(notetype), "\x1f".join(fields), " ".join(tags)))
    return hashlib.sha256(row.encode()).hexdigest()


def draft_mod(fingerprint: str, released: int, last_release: int) -> int:
    """Seconds since 1970 for a draft's row; `fingerprint` is hex.

    A row that learners have (`released` is its stamp) is stamped within the ten minutes *before* that: *Update notes: Always*
    takes it, and any later import of the release, whose stamp is greater, puts back what was released. A row that no release
    has (`released` is 0) is stamped within the ten minutes after the last release, or after the project's epoch. The next
    release is made later than both.
    """
    offset = 1 + int(fingerprint, 16) % DRAFT_SECONDS
    return released - offset if released else last_release + offset


def note_ids(count: int, time: int, taken: Iterable[int]) -> list[int]:
    """`count` ids (milliseconds since 1970) for notes that are released at `time` (seconds), rising, below it and clear of
    `taken`. Anki shows a note's id as the time when it was added, and so finds the new ones of a release."""
    slots = {number // SLOT for number in taken}
    out: list[int] = []
    slot = time * 1000 // SLOT
    while len(out) < count:
        slot -= 1
        if slot not in slots:
            out.append(slot * SLOT)
    return out[::-1]


def apart(numbers: Iterable[int]) -> list[int]:
    """The same note ids, but of two that are too near each other the later in the list is moved down to the next free place."""
    taken: set[int] = set()
    out = []
    for number in numbers:
        slot = number // SLOT
        while slot in taken:
            slot -= 1
        taken.add(slot)
        out.append(number if slot == number // SLOT else slot * SLOT)
    return out


def card_id(note: int, ordinal: int) -> int:
    """Id of a released note's card; `ordinal` counts from 0."""
    return note + ordinal
