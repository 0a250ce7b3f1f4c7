"""How well the compiler finds the duplicates among labeled pairs of cards.

The model is fitted to `pairs.jsonl` and `questions.jsonl`. `held-out.jsonl` and
`questions-held-out.jsonl` are only measured: never change the model because of a pair in them. The
questions are what learners bring along: a fact against a question, short prompts, definitions, and
one verb with two objects (`kind` says which). One pair a line: `a` and `b` are the
bodies of two cards, `label` says how they were made; exact, reordered and paraphrased pairs are
duplicates. Likely duplicates include the certain ones.

    python tests/duplicates/measure.py [--fit]

With --fit it prints new weights of the model (deckwright/cards/duplicates/model.py).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from deckwright import pipeline  # noqa: E402
from deckwright.cards import body as content  # noqa: E402
from deckwright.cards.duplicates.card_terms import (  # noqa: E402
    CardTerms,
    card_terms,
    without_synonyms,
)
from deckwright.cards.duplicates.model import LIKELY, measures, probability  # noqa: E402
from deckwright.cards.duplicates.repeated import Signature, certain, signature  # noqa: E402
from deckwright.cards.duplicates.similar import candidates  # noqa: E402
from deckwright.cards.parse import parse  # noqa: E402
from deckwright.core.card import Card, Cloze  # noqa: E402
from deckwright.core.source import Source  # noqa: E402

FITTED = ("pairs.jsonl", "questions.jsonl")
HELD_OUT = ("held-out.jsonl", "questions-held-out.jsonl")
DUPLICATES = {"exact", "reordered", "paraphrased"}
OTHERS = {"template", "reversed", "related", "unrelated"}
RIDGE = 2.0  # how strongly the fit keeps weights small
DECK = 150.0  # so many pairs do all pairs of the real deck count for, as examples of no duplicates


class Pair(NamedTuple):
    """Two cards with a label."""

    label: str
    texts: tuple[str, ...]
    signatures: tuple[Signature, ...]
    terms: tuple[CardTerms, ...]

    @property
    def duplicate(self) -> bool:
        return self.label in DUPLICATES

    @property
    def certain(self) -> bool:
        return certain(*self.signatures)

    @property
    def likely(self) -> bool:
        return self.certain or probability(*self.terms) >= LIKELY


def pair(label: str, *texts: str) -> Pair:
    """Return a pair, given the bodies of its two cards."""
    bodies = []
    for text in texts:
        source = Source("pair.md", f"# T\n\n## pair\n\n- kind: concept\n- topic: x\n\n{text}\n")
        body, _ = content.read(parse(source).value[0], {"kind": ("concept",)})
        assert body is not None, text
        bodies.append(body)
    terms = tuple(without_synonyms(card_terms(body)) for body in bodies)
    signatures = []
    for body in bodies:
        prompt = body.text if isinstance(body, Cloze) else body.question
        card = cast("Card", SimpleNamespace(content=body, language="en", prompt=prompt))
        signatures.append(signature(card))
    return Pair(label, texts, tuple(signatures), terms)


def load(name: str) -> list[Pair]:
    """Return the labeled pairs of a file in this folder."""
    rows = map(json.loads, (HERE / name).read_text("utf-8").splitlines())
    return [pair(row["label"], row["a"], row["b"]) for row in rows]


def precision_and_recall(pairs: Sequence[Pair], flags: Sequence[bool]) -> tuple[float, float]:
    """Return how many flagged pairs are duplicates, and how many duplicates are flagged."""
    found = sum(flag and pair.duplicate for pair, flag in zip(pairs, flags, strict=True))
    precision = found / sum(flags) if any(flags) else 1.0
    return precision, found / sum(pair.duplicate for pair in pairs)


def table(pairs: Sequence[Pair]) -> str:
    """Return precision and recall, and how much of each label is flagged, as text."""
    flags = {"certain": [one.certain for one in pairs], "likely": [one.likely for one in pairs]}
    lines = ["                precision  recall"]
    for name, found in flags.items():
        precision, recall = precision_and_recall(pairs, found)
        lines.append(f"{name:<16} {precision:8.3f} {recall:7.3f}")
    lines.append("label           pairs  certain  likely  (share flagged)")
    for label in sorted({one.label for one in pairs}, key=lambda name: (name in OTHERS, name)):
        places = [place for place, one in enumerate(pairs) if one.label == label]
        shares = [sum(found[place] for place in places) / len(places) for found in flags.values()]
        lines.append(f"{label:<14} {len(places):6} {shares[0]:8.2f} {shares[1]:7.2f}")
    return "\n".join(lines)


def deck() -> list[tuple[CardTerms, ...]]:
    """Return all pairs of real cards that `check --similar` compares.

    None of them is a duplicate, as their authors say.
    """
    cards = pipeline.check(HERE.parents[1], date.max - timedelta(days=9)).value.cards
    terms = [without_synonyms(card_terms(card.content)) for card in cards]
    return [(terms[i], terms[j]) for i, j in candidates(terms)]


def fit(
    pairs: Sequence[Pair], others: Sequence[tuple[CardTerms, ...]]
) -> tuple[float, dict[str, float]]:
    """Return bias and weights of the model, fitted with Newton's method.

    It is a logistic model with a ridge penalty on standardized measures, for pairs that
    are no certain duplicates. `others` are pairs that are no duplicates.
    """
    pairs = [one for one in pairs if not one.certain]
    rows = [measures(*one) for one in (*(pair.terms for pair in pairs), *others)]
    names, count = list(rows[0]), len(rows)
    share = [1.0] * len(pairs) + [DECK / len(others)] * len(others)
    mean = {n: sum(r[n] for r in rows) / count for n in names}
    spread = {n: math.sqrt(sum((r[n] - mean[n]) ** 2 for r in rows) / count) or 1.0 for n in names}
    matrix = [[1.0, *((r[n] - mean[n]) / spread[n] for n in names)] for r in rows]
    wanted = [float(pair.duplicate) for pair in pairs] + [0.0] * len(others)
    weights = [0.0] * (len(names) + 1)
    for _ in range(20):
        step = newton_step(matrix, wanted, share, weights)
        weights = [w - s for w, s in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    plain = {n: weights[i + 1] / spread[n] for i, n in enumerate(names)}
    return weights[0] - sum(plain[n] * mean[n] for n in names), plain


def newton_step(
    matrix: list[list[float]], wanted: list[float], share: list[float], weights: list[float]
) -> list[float]:
    """Return what to subtract from the weights: the gradient over the Hessian."""
    guesses = [1 / (1 + math.exp(-dot(weights, row))) for row in matrix]
    off = [s * (g - y) for s, g, y in zip(share, guesses, wanted, strict=True)]
    curve = [s * g * (1 - g) for s, g in zip(share, guesses, strict=True)]
    columns = list(zip(*matrix, strict=True))
    gradient = [dot(off, column) for column in columns]
    hessian = []
    for i, one in enumerate(columns):
        weighed = [c * value for c, value in zip(curve, one, strict=True)]
        hessian.append([dot(weighed, other) for other in columns])
        if i:  # no penalty on the bias
            gradient[i] += RIDGE * weights[i]
            hessian[i][i] += RIDGE
    return solve(hessian, gradient)


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the dot product of two vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Return the solution of a system of linear equations (Gauss, with pivots)."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(len(rows)):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def main() -> None:
    options = argparse.ArgumentParser(description="Measure how well duplicates are found.")
    options.add_argument("--fit", action="store_true", help="print the weights that FITTED gives")
    if options.parse_args().fit:
        bias, weights = fit([one for name in FITTED for one in load(name)], deck())
        print(f"BIAS = {bias:.3f}")
        print("\n".join(f'    "{name}": {weight:.3f},' for name, weight in weights.items()))
        return
    for name in (*FITTED, *HELD_OUT):
        pairs = load(name)
        print(f"{name}: {len(pairs)} pairs\n{table(pairs)}\n")


if __name__ == "__main__":
    main()
