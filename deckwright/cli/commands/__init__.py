"""The commands: one module each, with its options, its help, and its work.

Each module has a click command called `command`. The group in `cli.main` imports a
module only when its command is called, so the names and summaries that the first help
shows are here.
"""

from __future__ import annotations

GROUPS = {
    "Everyday": {
        "new": "Start a card in the right file and open it in your editor.",
        "check": "List every problem, each with its place and a fix.",
        "fmt": "Bring card files to their standard format.",
        "preview": "Build the packages and a site that shows every card.",
        "decks": "Build the Anki packages into dist/.",
        "find": "Search the cards.",
        "explain": "Explain an error or warning code, with examples.",
    },
    "Restructure": {
        "mv": "Move cards to another file.",
        "split": "Split a card that asks too much into two.",
        "retire": "Withdraw a released card and tell learners why.",
    },
    "Your own cards": {
        "fork": "Set up a place for your own cards next to the project's.",
        "import": "Turn an Anki package or a text file into card files.",
        "push": "Send cards straight to Anki on this machine.",
    },
    "Reports": {
        "coverage": "Count cards by topic and show what is missing.",
        "stats": "Show the deck in numbers.",
        "stale": "List the cards to check again first.",
        "verify": "Compare the cards with published data.",
        "evidence": "Find where published data states a value.",
        "diff": "Show what changed for learners between two versions.",
    },
    "Releases and tools": {
        "release": "Build, commit, and tag a release.",
        "merge-ledger": "Merge the ledgers of two branches.",
        "lsp": "Run the language server for editors.",
        "completion": "Print the script that completes commands with Tab.",
    },
}
SUMMARIES = {name: line for group in GROUPS.values() for name, line in group.items()}


def module(name: str) -> str:
    """The module of a command. That of `import` has an underscore at its end."""
    file = {"import": "import_"}.get(name, name.replace("-", "_"))
    return f"{__name__}.{file}"
