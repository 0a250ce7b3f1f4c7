"""Names that a user invents: of a deck, and the tag and the namespace that are made from it."""

from __future__ import annotations

import locale
import re
import secrets
import unicodedata

from deckwright.core.errors import UserError

# ISO 639-1, which is complete: all newer codes have three letters.
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id
ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu
lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu
rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr
ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_LANGUAGES = frozenset(_CODES.split())
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def deck_name(name: str) -> str:
    """Return the normal form of a name for a deck. Raises UserError if it cannot be used."""
    deck = " ".join(unicodedata.normalize("NFC", name).split())
    fits = re.fullmatch(r'[^:"\s]([^:"]*[^:"\s])?', deck) and deck.isprintable()
    if not fits or len(deck) > 60:
        help_line = (
            'use up to 60 characters, but no `:` or double quotation marks, such as "My cards"'
        )
        raise UserError(f"`{name}` cannot be the name of a deck", help_line)
    return deck


def language_tag(tag: str) -> str:
    """Return a BCP 47 tag of a language. Raises UserError if it has another form or code."""
    code = tag.partition("-")[0].lower()
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and (code in _LANGUAGES or code[2:]):
        return tag
    names = reversed(locale.windows_locale.values())  # such as ja_JP
    regions = {name.partition("_")[2].lower(): name[:2] for name in names} | {"sp": "es"}
    guess = regions.get(code) or locale.locale_alias.get(code, "")[:2]
    is_code = guess in _LANGUAGES
    help_line = f"did you mean `{guess}`?" if is_code else "write a tag such as es, ja, or pt-BR"
    raise UserError(f"`{tag}` is not a language tag", help_line)


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
