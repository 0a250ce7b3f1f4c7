"""Bring a running Anki up to date through its add-on AnkiConnect."""
