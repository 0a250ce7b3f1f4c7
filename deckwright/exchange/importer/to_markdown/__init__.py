"""The HTML of a field as Markdown in this project's dialect."""
