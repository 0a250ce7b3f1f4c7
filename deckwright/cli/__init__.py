"""The command line: one file per command in `commands`.

The only folder that prints, asks the clock, or imports click. Work that another folder
needs belongs in the folder that it is about.
"""
