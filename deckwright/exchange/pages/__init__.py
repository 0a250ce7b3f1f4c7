"""Fetch the pages that cards cite, politely, and check their addresses.

`web` makes one request, `visits` spaces them out, `store` keeps copies; `fetch` says what to
make of the answers.
"""
