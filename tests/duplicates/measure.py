"""`make duplicates`: how well the tiers find the duplicates among labeled pairs of cards.

The model is tuned on `pairs.jsonl` and `questions.jsonl`. `held-out.jsonl` and
`questions-held-out.jsonl` are only measured: never change the model because of a pair in them. The
questions are what learners bring along: a fact against a question, short prompts, definitions, and
one verb with two objects (`kind` says which). One pair a line: `a` and `b` are the
bodies of two cards, `label` says how they were made; exact, reordered and paraphrased pairs are
duplicates. Tiers are cumulative: likely counts certain and likely, possible counts all three.

    python tests/duplicates/measure.py [--errors] [--fit]

With --fit it prints new weights of the model.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from deckwright import pipeline  # noqa: E402
from deckwright.cards import body as content  # noqa: E402
from deckwright.cards import lookalikes, similarity  # noqa: E402
from deckwright.cards.measures import measures  # noqa: E402
from deckwright.cards.parse import parse  # noqa: E402
from deckwright.core.source import Source  # noqa: E402

TUNED = ("pairs.jsonl", "questions.jsonl")
HELD_OUT = ("held-out.jsonl", "questions-held-out.jsonl")
DUPLICATES = {"exact", "reordered", "paraphrased"}
OTHERS = {"template", "reversed", "related", "unrelated"}
TIERS = (similarity.CERTAIN, similarity.LIKELY, similarity.POSSIBLE)
RIDGE = 2.0  # how strongly the fit keeps weights small
DECK = 120.0  # so many pairs do all pairs of the real deck count for, as examples of no duplicates


class Pair(NamedTuple):
    """A labeled pair as the comparison reads it."""

    label: str
    one: similarity.Reading
    other: similarity.Reading
    text: tuple[str, str]

    @property
    def duplicate(self) -> bool:
        return self.label in DUPLICATES


class Figures(NamedTuple):
    """How well a tier finds duplicates, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


def reading(body: str) -> similarity.Reading:
    """Return a card's body as the comparison reads it."""
    source = Source("pair.md", f"# T\n\n## pair\n\n- kind: concept\n- topic: x\n\n{body}\n")
    found, _ = content.read(parse(source).values[0], {"kind": ("concept",)})
    assert found is not None, body
    return similarity.read(found)


def load(name: str) -> list[Pair]:
    """Return the labeled pairs of a file in this folder."""
    rows = [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]
    return [Pair(r["label"], reading(r["a"]), reading(r["b"]), (r["a"], r["b"])) for r in rows]


def figures(pairs: Sequence[Pair], tier: str) -> Figures:
    """Return precision, recall and F1 of a tier together with those above it."""
    wanted = TIERS[: TIERS.index(tier) + 1]
    flagged = [pair for pair in pairs if similarity.tier(pair.one, pair.other) in wanted]
    right = sum(pair.duplicate for pair in flagged)
    precision = right / len(flagged) if flagged else 1.0
    recall = right / sum(pair.duplicate for pair in pairs)
    return Figures(
        precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0
    )


def table(pairs: Sequence[Pair]) -> str:
    """Return the figures by tier, and how much of each label is flagged, as text."""
    lines = ["tier, with those above   precision  recall     F1"]
    lines += [
        f"{tier:<24} {f.precision:9.3f} {f.recall:7.3f} {f.f1:6.3f}"
        for tier in TIERS
        for f in (figures(pairs, tier),)
    ]
    lines.append("label           pairs  certain  likely  possible  (share flagged)")
    for label in sorted({pair.label for pair in pairs}, key=lambda name: (name in OTHERS, name)):
        here = [similarity.tier(pair.one, pair.other) for pair in pairs if pair.label == label]
        shares = [sum(tier in TIERS[: n + 1] for tier in here) / len(here) for n in range(3)]
        lines.append(
            f"{label:<14} {len(here):6} {shares[0]:8.2f} {shares[1]:7.2f} {shares[2]:9.2f}"
        )
    return "\n".join(lines)


def errors(pairs: Sequence[Pair]) -> str:
    """Return every pair that the three tiers together get wrong, with its score."""
    out = []
    for pair in pairs:
        tier = similarity.tier(pair.one, pair.other)
        score = similarity.score(similarity.loosened(pair.one), similarity.loosened(pair.other))
        if bool(tier) != pair.duplicate:
            out.append(f"{tier or 'nothing'} {score:.2f} {pair.label}")
            out += (f"  {text!r}" for text in pair.text)
    return "\n".join(out)


def deck() -> list[dict[str, float]]:
    """Return the measures of all pairs of real cards that `check --similar` compares.

    None of them is a duplicate, as their authors say.
    """
    cards = pipeline.check(HERE.parents[1], date.max - timedelta(days=9)).values[0].cards
    loose = [similarity.loosened(similarity.read(card.content)) for card in cards]
    return [measures(loose[i], loose[j]) for i, j in lookalikes.candidates(loose)]


def fit(
    pairs: Sequence[Pair], others: Sequence[dict[str, float]]
) -> tuple[float, dict[str, float]]:
    """Return bias and weights of the model, fitted with Newton's method.

    It is a logistic model with a ridge penalty on standardized measures. `others` are measures
    of pairs that are no duplicates.
    """
    rows = [
        measures(similarity.loosened(p.one), similarity.loosened(p.other)) for p in pairs
    ] + list(others)
    names, count = list(rows[0]), len(rows)
    share = [1.0] * len(pairs) + [DECK / len(others)] * len(others)
    mean = {n: sum(r[n] for r in rows) / count for n in names}
    spread = {n: math.sqrt(sum((r[n] - mean[n]) ** 2 for r in rows) / count) or 1.0 for n in names}
    matrix = [[1.0, *((r[n] - mean[n]) / spread[n] for n in names)] for r in rows]
    wanted = [float(pair.duplicate) for pair in pairs] + [0.0] * len(others)
    weights = [0.0] * (len(names) + 1)
    for _ in range(30):
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
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--errors", action="store_true", help="list the pairs that the tiers get wrong"
    )
    options.add_argument(
        "--fit",
        action="store_true",
        help="print the weights that TUNED gives, for deckwright/cards/similarity.toml",
    )
    chosen = options.parse_args()
    if chosen.fit:
        bias, weights = fit([pair for name in TUNED for pair in load(name)], deck())
        print(f"bias = {bias:.3f}\n\n[weights]")
        print("\n".join(f'"{name}" = {weight:.3f}' for name, weight in weights.items()))
        return
    for name in (*TUNED, *HELD_OUT):
        pairs = load(name)
        print(
            f"{name}: {len(pairs)} pairs\n{table(pairs)}\n{errors(pairs) if chosen.errors else ''}"
        )


if __name__ == "__main__":
    main()
