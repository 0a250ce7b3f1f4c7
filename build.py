#!/usr/bin/env python3
"""The repository's entry point: `./build.py --help` lists the commands.

It runs the compiler with the Python in .venv, which `make decks` makes. A Python outside
of a virtual environment, or without the packages, hands over to that one, so nothing has
to be activated.

cards/**/*.md
  │  discover   the card folders       →  Source    text and path, images
  │  parse      one Source             →  RawCard   values with their places, HTML
  │  validate   + schema/, the rules   →  Card      cannot exist if it is wrong
  │  duplicates + the ledger           →  Card      no id twice, no question twice
  │  card_html  one Card               →  CardHtml  its fields in HTML
  │  notes      + decks/notetypes/     →  Note      fields, tags, guid, home deck
  ▼  package    + decks/project.toml   →  dist/     the same notes, the same bytes
     report     all Diagnostics        →  text with carets, JSON, annotations
"""

import os
import sys
from importlib.util import find_spec

HANDED_OVER = "_DECKWRIGHT_HANDED_OVER"  # set in a run that another Python has started
handed_over = os.environ.pop(HANDED_OVER, "")
windows = os.name == "nt"
venv = os.path.join(os.path.dirname(os.path.abspath(__file__)), ".venv")
python = (
    os.path.join(venv, "Scripts", "python.exe") if windows else os.path.join(venv, "bin/python")
)
own = sys.prefix != sys.base_prefix and find_spec("genanki") is not None
if not own and not handed_over and os.path.exists(python):
    environment = {**os.environ, HANDED_OVER: "1"}
    if windows:  # there, a shell would not wait for what execve starts
        import subprocess

        sys.exit(subprocess.run([python, *sys.argv], env=environment).returncode)
    os.execve(python, [python, *sys.argv], environment)
if sys.version_info < (3, 11):  # noqa: UP036 (an older Python must say so)
    sys.exit("build.py needs Python 3.11 or newer. Run `make decks` once.")

try:
    from deckwright.cli.main import main

    if __name__ == "__main__":
        called = sys.argv[0] if os.sep in sys.argv[0] else "./" + sys.argv[0]
        main(prog_name=called, complete_var="_DECKWRIGHT_COMPLETE")
except ModuleNotFoundError as error:
    sys.exit(f"build.py needs the package {error.name}. Run `make decks` once.")
except KeyboardInterrupt:
    sys.stderr.write("stopped\n")
    sys.exit(130)
