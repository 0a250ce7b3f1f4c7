"""Compare our notes with those in a running Anki and bring it up to date through AnkiConnect."""
