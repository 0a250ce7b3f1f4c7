"""Results of earlier runs, in the user's cache folder.

A result is stored under a fingerprint of everything that it depends on. Whoever deletes the
folder loses nothing but time.
"""
