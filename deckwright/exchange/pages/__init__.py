"""Fetch the pages that cards cite, politely, and check their addresses.

`web` makes one request, `visits` spaces them out, `fetch` keeps the copies of pages.
"""
