"""The day and the time of a command. No other module asks the computer for them.

The tests set another time in the environment variable `DECKWRIGHT_NOW`, in seconds since
1970.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime


def now() -> int:
    """Return the seconds since 1970."""
    given = os.environ.get("DECKWRIGHT_NOW", "")
    return int(given) if given.isdecimal() else int(time.time())


def today() -> date:
    """Return the day in UTC."""
    return datetime.fromtimestamp(now(), UTC).date()
