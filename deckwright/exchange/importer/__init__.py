"""Read Anki packages, text exports, CSV and TSV, and turn their notes into card files."""
