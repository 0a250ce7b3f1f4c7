"""What identifies a note and its versions: guids, ids, fingerprints and `mod`.

Permanent: a change here makes every card a new one for learners.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable

DRAFT_SECONDS = 600  # the `mod` of a draft is within this time of a release
SLOT = 512  # milliseconds between note ids, enough for the ids of a note's cards (at most 500)


def guid(namespace: str, card_id: str) -> str:
    """Return a note's guid: the first 80 bits of the SHA-256 of `namespace/id`.

    They are in base32 (RFC 4648), lowercase: 16 of a-z and 2-7, which no text format,
    shell or file system has to quote. Permanent.
    """
    digest = hashlib.sha256(f"{namespace}/{card_id}".encode()).digest()
    return b32encode(digest[:10]).decode("ascii").lower()


def fingerprint(notetype: int, fields: Iterable[str], tags: Iterable[str]) -> str:
    """Return the SHA-256 (hex) of fields and tags of a note with this note type id."""
    row = "\x1e".join((str(notetype), "\x1f".join(fields), " ".join(tags)))
    return hashlib.sha256(row.encode()).hexdigest()


def draft_mod(fingerprint: str, released: int, last_release: int) -> int:
    """Return the `mod` of a draft in seconds since 1970. `fingerprint` is hex.

    `released` is the `mod` of the released note, or 0. If there is one, the draft's is
    at most ten minutes *earlier*: *Update notes: Always* imports the draft, and any
    later import of the release, whose `mod` is greater, restores what was released. A
    note that no release has gets a time at most ten minutes after the last release or
    the project's epoch. The next release is later than both.
    """
    offset = 1 + int(fingerprint, 16) % DRAFT_SECONDS
    return released - offset if released else last_release + offset


def note_ids(count: int, time: int, taken: Iterable[int]) -> list[int]:
    """Return `count` note ids for a release at `time` (seconds since 1970), ascending.

    They are in milliseconds, before `time`, and not `taken`. Anki shows a note's id as
    the time when it was added, so a search by date finds the new notes of a release.
    """
    slots = {number // SLOT for number in taken}
    out: list[int] = []
    slot = time * 1000 // SLOT
    while len(out) < count:
        slot -= 1
        if slot not in slots:
            out.append(slot * SLOT)
    return out[::-1]


def apart(numbers: Iterable[int]) -> list[int]:
    """Return note ids in distinct slots; instead of a taken slot, the next lower one.

    Earlier ids in the list keep their slots.
    """
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
    """Return the id of a note's card; `ordinal` counts templates or gaps from 0."""
    return note + ordinal
