"""The commands: one module each, with its options, its help, and its work.

Each module has a click command called `command`. The group in `cli.main` imports a
module only when its command is called, so the names and summaries that the first help
shows are here.
"""

from __future__ import annotations

GROUPS = {
    "Everyday work": {
        "new": "Start a card in the right file and open it in your editor.",
        "check": "List problems in the cards and how to fix each one.",
        "fmt": "Put card files into the standard format.",
        "preview": "Build the packages and a site that shows every card.",
        "decks": "Build the Anki packages into dist/.",
        "push": "Send cards straight to Anki on this computer.",
        "find": "Search the cards.",
        "explain": "Explain the code of an error, warning, or note.",
    },
    "Your own cards": {
        "init": "Start a new deck on any subject.",
        "fork": "Set up a folder for your own cards.",
        "import": "Import an Anki package or a text file as card files.",
    },
    "Facts and coverage": {
        "coverage": "Count cards by topic and show what is missing.",
        "stale": "List the cards that most need rechecking.",
        "verify": "Compare the cards with published data and pages.",
        "pages": "Copy source pages so that `verify` can read them.",
        "evidence": "Find a value in published data or on a card's source pages.",
    },
    "Releases and tools": {
        "retire": "Retire a released card and tell learners why.",
        "release": "Commit, tag, and build a release.",
        "lsp": "Run the language server for editors.",
        "completion": "Print a shell completion script.",
    },
}
SUMMARIES = {name: line for group in GROUPS.values() for name, line in group.items()}


def module(name: str) -> str:
    """The module of a command. That of `import` has an underscore at its end."""
    return f"{__name__}.{'import_' if name == 'import' else name}"
