"""Values, diagnostics and small tools that know nothing of a project or of Markdown.

What a card, a note or a place in a file is; how a problem is reported; files, git, suggestions.
Text formats belong in `markdown`, the files of a project in `project`.
"""
