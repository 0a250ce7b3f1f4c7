"""What one run keeps for the next: results that depend only on what has not changed.

A result is kept under a fingerprint of everything that it depends on, in the user's cache
folder. Whoever deletes the folder loses nothing but time.
"""
