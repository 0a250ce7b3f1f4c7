#!/usr/bin/env python3
"""The door of the compiler. It holds no logic; `python build.py --help` says what can be asked.

cards/**/*.md
  │  discover   the card folders              →  Source     text and path, pictures
  │  parse      one Source                    →  RawCard    every value keeps the Span it came from
  │  validate   + schema/, the rules          →  Card       cannot exist if it is wrong
  │  dedupe     + the ledger                  →  Card       no id twice, no question twice
  │  render     + decks/notetypes/            →  Note       HTML fields, tags, guid, home deck
  ▼  package    + decks/project.toml          →  dist/      the same notes, the same bytes
     report     Diagnostics of every stage    →  carets, JSON, annotations
"""

import os
import sys
from importlib.util import find_spec

if sys.version_info < (3, 11):  # noqa: UP036 (an older Python must be told so, in words that it can parse)
    sys.exit("build.py needs Python 3.11 or newer. Use `make decks`, or .venv/bin/python build.py.")

# Libraries are imported where they are wanted, so that one that is missing would be missed in the middle of a run.
LIBRARIES = (
    "click", "genanki", "jinja2", "jsonschema", "latex2mathml", "markdown_it", "mdit_py_plugins", "pygments", "spellchecker", "Stemmer",
    "zstandard",
)  # fmt: skip
SENT = "_DECKWRIGHT_SENT"  # says that this run began with another Python, which sent it here
sent = os.environ.pop(SENT, "")
missing = [name for name in LIBRARIES if find_spec(name) is None]
if missing:
    own = os.path.join(
        os.path.dirname(os.path.abspath(__file__)), ".venv", "bin", "python"
    )  # what `make decks` made
    if not sent and os.path.exists(own) and os.path.dirname(os.path.dirname(own)) != sys.prefix:
        os.execve(own, [own, *sys.argv], {**os.environ, SENT: "1"})
    sys.exit("build.py needs the package " + missing[0] + ". Run `make decks` once.")

try:
    from deckwright.cli.main import main
except KeyboardInterrupt:
    sys.stderr.write("stopped\n")
    sys.exit(130)

if __name__ == "__main__":
    main(prog_name="python build.py", complete_var="_DECKWRIGHT_COMPLETE")
