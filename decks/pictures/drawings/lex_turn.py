"""A dialogue with a Lex bot: the utterance finds the intent, each prompt fills a slot,
then the intent is fulfilled.
"""

from shapes import AMBER, BLUE, CALLER, GREEN, GREY, arrow, box, sheet, text

ASKED = (
    # top, prompt of the bot, answer, slot
    (74, "Which size?", "Large.", "size: large"),
    (158, "Which crust?", "Thin.", "crust: thin"),
)


def draw() -> str:
    parts = [
        text(70, 16, "dialogue", GREY),
        text(240, 16, "how Lex interprets it", GREY),
        box(30, 26, 116, 32, "A pizza, please.", CALLER),
        arrow([(146, 42), (176, 42)]),
        box(176, 24, 138, 36, "intent: OrderPizza", BLUE, bold=True),
        arrow([(245, 60), (245, 250)], GREY),
    ]
    for top, prompt, answer, slot in ASKED:
        parts += [
            box(6, top, 104, 30, prompt, BLUE),
            box(64, top + 38, 82, 30, answer, CALLER),
            arrow([(146, top + 53), (182, top + 53)]),
            box(182, top + 38, 126, 30, f"slot {slot}", GREEN),
        ]
    parts += [
        text(236, 243, "all slots filled", GREY, at="end"),
        box(176, 250, 138, 34, "fulfillment", AMBER, bold=True),
    ]
    return sheet("From an utterance to fulfillment", 290, parts)
