"""Requests to web sites, spaced out, and no more of them to a site that refuses them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deckwright.exchange.pages import web
from deckwright.exchange.pages.web import Answer, NoAnswerError

PAUSE = 5.0  # seconds from one answer of a host to the next request, as AWS's robots.txt asks
FAILURES = 3  # requests in a row without an answer, after which a host is left alone
_REFUSED = (403, 429)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time in seconds, from any point on, and a way to let it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class StoppedError(NoAnswerError):
    """A host is not asked any more in this run."""


@dataclass
class Visits:
    """All requests of a run. `agent` is the name that it gives itself.

    `stopped` says why a host is not asked any more.
    """

    agent: str
    clock: Clock = Clock()
    stopped: dict[str, str] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)

    def ask(
        self, method: str, url: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make a request when its host may be asked again.

        Raises NoAnswerError, or StoppedError if the host has refused requests.
        """
        web.require_web(url)
        host = urlsplit(url).hostname or ""
        if host in self.stopped:
            raise StoppedError(self.stopped[host])
        now = self.clock.now()
        if self._next.get(host, now) > now:
            self.clock.sleep(self._next[host] - now)
        try:
            answer = web.ask(method, url, {"User-Agent": self.agent, **(headers or {})}, limit)
        except NoAnswerError as error:
            self._count_failure(host, str(error))
            raise
        finally:
            self._next[host] = self.clock.now() + PAUSE
        self._failures[host] = 0
        if answer.status in _REFUSED:
            again = answer.headers.get("retry-after", "")
            again = f"; it asks to wait for {again} seconds" if again.isdigit() else ""
            self.stopped[host] = f"{host} refuses requests ({answer.status}){again}"
            raise StoppedError(self.stopped[host])
        return answer

    def _count_failure(self, host: str, why: str) -> None:
        self._failures[host] = self._failures.get(host, 0) + 1
        if self._failures[host] == FAILURES:
            self.stopped[host] = f"{FAILURES} requests to {host} in a row failed, at last: {why}"


def agent(program: str, address: str) -> str:
    """Return the name that requests give: the program, and the project's address, if any."""
    return f"{program} (+{address})" if address else program
