"""Four ways to customize a language model: what each changes, the request or the weights."""

from shapes import BLUE, GREY, PLUM, Tone, arrow, box, sheet, text

ROWS = (
    # name, part that is added to the request, parts of the model, which of them changes
    ("prompt", "instructions", ("weights",), None),
    ("retrieval (RAG)", "passages", ("weights",), None),
    ("LoRA", "", ("weights", "adapter"), "adapter"),
    ("full fine-tuning", "", ("weights",), "weights"),
)
SAME = Tone(GREY.ink, GREY.tint)


def draw() -> str:
    parts = [text(88, 16, "request", GREY), text(252, 16, "model", GREY)]
    for n, (name, added, model, changed) in enumerate(ROWS):
        top = 28 + n * 72
        when, tone = ("in each request", BLUE) if added else ("by training", PLUM)
        parts += [
            text(6, top + 14, name, at="start", bold=True),
            text(314, top + 14, when, tone, at="end"),
            box(104, top + 24, 66, 30, "question", SAME),
            arrow([(170, top + 39), (190, top + 39)], GREY),
        ]
        if added:
            parts.append(box(6, top + 24, 94, 30, added, BLUE, bold=True))
        width = (124 - 4 * (len(model) - 1)) / len(model)
        for m, words in enumerate(model):
            mine = words == changed
            parts.append(
                box(
                    190 + m * (width + 4),
                    top + 24,
                    width,
                    30,
                    words,
                    PLUM if mine else SAME,
                    bold=mine,
                )
            )
    parts.append(text(160, 328, "gray: unchanged", GREY))
    return sheet("What each way of customizing changes", 338, parts)
