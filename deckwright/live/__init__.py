"""What keeps running: the file watcher, the preview server and the language server."""
