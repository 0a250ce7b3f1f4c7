"""Turn the notes in Anki packages, text exports, CSV and TSV into card files."""
