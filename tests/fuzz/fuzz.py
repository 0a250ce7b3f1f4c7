"""Attack the compiler with random input for as long as you like.

    .venv/bin/python tests/fuzz/fuzz.py cards --minutes 30
    .venv/bin/python tests/fuzz/fuzz.py all --minutes 30

An input that breaks a rule, or takes more than 20 seconds, is written to the folder of the
corpus, which every test run tries again. Targets: cards, pictures, import.
"""

from __future__ import annotations

import faulthandler
import hashlib
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

import click

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

from fuzz_inputs import OF as INPUTS  # noqa: E402
from fuzz_targets import OF as TARGETS  # noqa: E402
from fuzz_targets import Target  # noqa: E402
from hypothesis import HealthCheck, given, seed, settings  # noqa: E402

CORPUS = HERE / "corpus"
SECONDS = 20  # for one input
MEMORY = 4 << 30  # bytes
_ROUND = 200  # inputs with one seed


class HarmError(Exception):
    """What an input did, without the input itself, which can be large."""


def attack_for(name: str, one: Target, minutes: float, first_seed: int) -> int:
    """Attack a target for some minutes; return the number of inputs.

    Raises HarmError, after the input was added to the corpus.
    """
    count, number, end = 0, first_seed, time.monotonic() + 60 * minutes
    last = CORPUS / name / "slow"

    def tried(data: bytes) -> None:
        nonlocal count
        count += 1
        last.write_bytes(data)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            one(data)
        finally:
            faulthandler.cancel_dump_traceback_later()

    last.parent.mkdir(parents=True, exist_ok=True)
    while time.monotonic() < end:
        number += 1
        run_round = settings(
            max_examples=_ROUND,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(seed(number)(given(INPUTS[name])(tried)))
        try:
            run_round()
        except Exception as error:
            data = last.read_bytes()
            kept = last.with_name(hashlib.sha256(data).hexdigest()[:12])
            last.rename(kept)
            lines = "".join(traceback.format_tb(error.__traceback__)[-3:])
            told = f"{lines}{type(error).__name__}: {str(error)[:500]}"
            where = kept.relative_to(HERE.parent.parent)
            raise HarmError(f"{told}\n{name}: seed {number}, {where}") from None
    last.unlink(missing_ok=True)
    return count


@click.command(help=__doc__)
@click.argument("target", type=click.Choice(["all", *TARGETS]))
@click.option("--minutes", default=1.0, help="How long to attack each target. Default: 1.")
@click.option("--seed", "first_seed", default=0, help="Where the random numbers begin.")
def main(target: str, minutes: float, first_seed: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for name in TARGETS if target == "all" else [target]:
        with tempfile.TemporaryDirectory() as folder, TARGETS[name](Path(folder)) as one:
            try:
                count = attack_for(name, one, minutes, first_seed)
            except HarmError as error:
                raise click.ClickException(str(error)) from None
        print(f"{name}: {count:,} inputs, no problem", flush=True)


if __name__ == "__main__":
    main()
