"""Fetch the pages that cards cite, politely, and check their addresses.

`web` makes one request, `visits` spaces them out, `store` keeps copies; `fetch` and `links`
say what to make of the answers.
"""
