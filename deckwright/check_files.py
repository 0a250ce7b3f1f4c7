"""Each card file by itself: parse and validate.

The result for a file depends on the file, the settings, and the images, not on other files
and not on the day. So a memo can have it, in memory or from an earlier run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import NamedTuple

from deckwright.cache.fingerprints import of_texts
from deckwright.cache.memo import Memo
from deckwright.cards import validate
from deckwright.cards.discover import CardFiles
from deckwright.cards.duplicates.repeated import Signature, signature
from deckwright.cards.parse import parse
from deckwright.core.card import Card, MetadataLine, RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.project.project import Project


class FileResult(NamedTuple):
    """What one card file contains, or all of them, and what is wrong with each.

    `ids` are those of all cards, `dates` their check dates, `images` the paths of the
    images that they show. `cards` are those without errors, `signatures` are theirs.
    `reading_diagnostics` say what could not be read.
    """

    ids: tuple[MetadataLine, ...] = ()
    dates: tuple[MetadataLine, ...] = ()
    images: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    signatures: tuple[Signature, ...] = ()
    reading_diagnostics: tuple[Diagnostic, ...] = ()
    rule_diagnostics: tuple[Diagnostic, ...] = ()

    def lasts(self) -> bool:
        """Return whether the result can be written: help that is yet to be found cannot."""
        return not any(one.find_help for one in (*self.reading_diagnostics, *self.rule_diagnostics))


def check_files(
    files: CardFiles, project: Project, memo: Memo | None = None, progress: Progress = SILENT
) -> FileResult:
    """Check every card file by itself, and return all results as one.

    `memo` has the results of earlier checks, of any project.
    """
    if memo and project.fingerprint:
        check = _with_memo(files, project, memo)
    else:
        check = partial(check_file, settings=validate.settings_of(project, files.images))
    results = map(check, progress.over("checking cards", files.sources))
    columns = zip(FileResult(), *results, strict=True)
    return FileResult._make(tuple(chain.from_iterable(column)) for column in columns)


def check_file(
    source: Source,
    settings: validate.Settings,
    parse: Callable[[Source], Outcome[tuple[RawCard, ...]]] = parse,
) -> FileResult:
    """Check the cards of one file."""
    parsed = parse(source)
    valid = validate.validate_file(source, parsed.value, settings)
    return FileResult(
        ids=tuple(raw.id for raw in parsed.value),
        dates=validate.dates_in(parsed.value),
        images=validate.images_in(parsed.value),
        cards=valid.value,
        signatures=tuple(map(signature, valid.value)),
        reading_diagnostics=parsed.diagnostics,
        rule_diagnostics=valid.diagnostics,
    )


def _with_memo(files: CardFiles, project: Project, memo: Memo) -> Callable[[Source], FileResult]:
    """Return the check of a file, which first looks for the result in the memo."""
    words = memo.get(of_texts(project.fingerprint, "words"), lambda: (set[str](), set[str]()))
    settings = validate.settings_of(project, files.images, words)
    images = (f"{image.path} {image.digest}" for image in files.images)
    key = of_texts(project.fingerprint, *images)

    def check(source: Source) -> FileResult:
        make = partial(check_file, source, settings, partial(cards_in, memo=memo))
        return memo.get(_key(key, source), make, FileResult.lasts)

    return check


def cards_in(source: Source, memo: Memo) -> Outcome[tuple[RawCard, ...]]:
    """Parse a card file, unless the memo has its cards in memory."""
    return memo.get(_key(b"cards", source), partial(parse, source), lambda made: False)


def _key(settings: bytes, source: Source) -> bytes:
    return of_texts(settings, source.path, source.card_folder, source.namespace, source.text)
