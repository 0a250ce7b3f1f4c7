"""Requests to web sites, spaced out, and no more of them to a site that refuses them."""

from __future__ import annotations

import time
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

    `sleep` lets a time in seconds pass.
    """

    agent: str
    sleep: Callable[[float], None] = time.sleep
    _failures: dict[str, int] = field(default_factory=dict)  # in a row, by host

    def ask(
        self, method: str, url: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make a request when its host may be asked again. Raises NoAnswerError."""
        web.require_web(url)
        host = urlsplit(url).hostname or ""
        if host in self._failures:
            if self._failures[host] >= FAILURES:
                raise NoAnswerError(f"{host} gets no more requests in this run")
            self.sleep(PAUSE)
        self._failures[host] = self._failures.get(host, 0) + 1
        answer = web.ask(method, url, {"User-Agent": self.agent, **(headers or {})}, limit)
        if answer.status in _REFUSED:
            self._failures[host] = FAILURES
            raise NoAnswerError(f"{host} refuses requests ({answer.status})")
        self._failures[host] = 0
        return answer
