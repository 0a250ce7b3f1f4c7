"""The command line: one file per command in `commands`.

The only folder that prints, asks the clock or knows click. Work that a command shares with
another belongs in the folder that it is about.
"""
