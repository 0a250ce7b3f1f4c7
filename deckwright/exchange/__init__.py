"""Notes of other programs in (`importer`), our notes into a running Anki (`push`)."""
