"""Requests to web sites, spaced out, and no more of them to a site that refuses them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deckwright.exchange.pages import web
from deckwright.exchange.pages.web import Answer, NoAnswerError

PAUSE = 5.0  # seconds before another request to a host, as AWS's robots.txt asks
FAILURES = 3  # requests in a row without an answer, after which a host is left alone
_REFUSED = (403, 429)


@dataclass
class Visits:
    """All requests of a run. `agent` is the name that it gives itself.

    `sleep` lets a time in seconds pass. `stopped` says why a host is not asked any more.
    """

    agent: str
    sleep: Callable[[float], None] = time.sleep
    stopped: dict[str, str] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _failures: Counter[str] = field(default_factory=Counter)

    def ask(
        self, method: str, url: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make a request when its host may be asked again. Raises NoAnswerError."""
        web.require_web(url)
        host = urlsplit(url).hostname or ""
        if host in self.stopped:
            raise NoAnswerError(self.stopped[host])
        if host in self._asked:
            self.sleep(PAUSE)
        self._asked.add(host)
        try:
            answer = web.ask(method, url, {"User-Agent": self.agent, **(headers or {})}, limit)
        except NoAnswerError as error:
            self._failures[host] += 1
            if self._failures[host] == FAILURES:
                message = f"{FAILURES} requests to {host} in a row failed, at last: {error}"
                self.stopped[host] = message
            raise
        self._failures[host] = 0
        if answer.status in _REFUSED:
            again = answer.headers.get("retry-after", "")
            again = f"; it asks to wait for {again} seconds" if again.isdigit() else ""
            self.stopped[host] = f"{host} refuses requests ({answer.status}){again}"
            raise NoAnswerError(self.stopped[host])
        return answer
