"""Who a note is and when it changed: guids and stamps. Permanent: a change here makes every learner's card a new one."""

from __future__ import annotations

import hashlib
from base64 import b32encode

DRAFT_SECONDS = 600  # drafts are stamped within this time after the last release


def guid(namespace: str, card_id: str) -> str:
    """The note's guid: the first 80 bits of SHA-256 over `namespace/id`, in base32 (RFC 4648), small letters: 16 of a-z and
    2-7, which no text format, shell or file system has to quote. Permanent."""
    digest = hashlib.sha256(f"{namespace}/{card_id}".encode()).digest()
    return b32encode(digest[:10]).decode("ascii").lower()


def draft_stamp(epoch: int, fingerprint: str) -> int:
    """Seconds since 1970 for a draft's row: the last release (here: the epoch) + 1 + fingerprint (hex) modulo ten minutes."""
    return epoch + 1 + int(fingerprint, 16) % DRAFT_SECONDS
