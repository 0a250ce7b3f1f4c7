"""Names that a user invents: of a deck, and the tag and the namespace that are made from it."""

from __future__ import annotations

import locale
import re
import secrets
import unicodedata

from deckwright.core.errors import UserError

# ISO 639-1, which is complete: all newer codes have three letters.
_LANGUAGE = re.compile(
    r"a[abefkmnrsvyz]|b[aeghimnors]|c[aehorsuvy]|d[aevz]|e[elnostu]|f[afijory]|g[adlnuv]"
    r"|h[aeiortuyz]|i[adegikostu]|j[av]|k[agijklmnorsuvwy]|l[abginotuv]|m[ghiklnrsty]"
    r"|n[abdeglnorvy]|o[cjmrs]|p[ailst]|qu|r[mnouw]|s[acdegiklmnoqrstuvw]|t[aeghiklnorstwy]"
    r"|u[gkrz]|v[eio]|w[ao]|xh|y[io]|z[ahu]"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def deck_name(name: str) -> str:
    """Return the normal form of a name for a deck. Raises UserError if it cannot be used."""
    deck = " ".join(unicodedata.normalize("NFC", name).split())
    fits = re.fullmatch(r'[^:"\s]([^:"]*[^:"\s])?', deck) and deck.isprintable()
    if not fits or len(deck) > 60:
        help_line = (
            'use up to 60 characters, but no `:` or double quotation marks, such as "My cards"'
        )
        raise UserError(f"`{name}` can't be the name of a deck", help_line)
    return deck


def language_tag(tag: str) -> str:
    """Return a BCP 47 tag of a language. Raises UserError if it has another form or code."""
    code = tag.partition("-")[0].lower()
    has_form = re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag)
    if has_form and (code[2:] or _LANGUAGE.fullmatch(code)):
        return tag
    names = reversed(locale.windows_locale.values())  # such as ja_JP
    regions = {name.partition("_")[2].lower(): name[:2] for name in names} | {"sp": "es"}
    guess = regions.get(code) or locale.locale_alias.get(code, "")[:2]
    is_code = _LANGUAGE.fullmatch(guess)
    help_line = f"did you mean `{guess}`?" if is_code else "write a tag such as es, ja, or pt-BR"
    raise UserError(f"`{tag}` isn't a language tag", help_line)


def tag_of(name: str) -> str:
    """Return the tag that is made from a name, or nothing if it has no letter to start with."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    tag = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return tag[:40].rstrip("-") if re.match(r"[a-z]", tag) else ""


def new_tag() -> str:
    """Return a tag for a deck whose name gives none: 20 bits, so that two such decks differ."""
    return f"deck-{_random(4)}"


def new_namespace(tag: str) -> str:
    """Return a namespace that nobody else has: the tag, and 40 bits so that two people differ."""
    return f"{tag}-{_random(8)}"


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
