"""A second process that does part of the work, where forking is safe and worth it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection


def start(work: Callable[[], bytes]) -> Callable[[], bytes | None] | None:
    """Run `work` in a copy of this process; return a function that waits for its result.

    The result is None if the copy has failed or was killed. Returns None at once where this
    process cannot be copied: outside of Linux, with a single processor, or with threads.
    """
    if not sys.platform.startswith("linux") or len(os.sched_getaffinity(0)) < 2:
        return None
    if threading.active_count() > 1:
        return None
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, theirs), daemon=True)
    try:
        process.start()
    except OSError:
        return None
    theirs.close()

    def wait() -> bytes | None:
        try:
            return ours.recv_bytes() or None
        except (EOFError, OSError):
            return None
        finally:
            ours.close()
            process.join()

    return wait


def _run(work: Callable[[], bytes], result: Connection) -> None:
    """Send the result of `work`; nothing if it fails, because its caller then does it again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        data = work()
    except Exception:  # the first process meets it, too, and reports it
        data = b""
    with contextlib.suppress(OSError):  # the first process is gone
        result.send_bytes(data)
    os._exit(0)  # no cleanup of what belongs to the first process
