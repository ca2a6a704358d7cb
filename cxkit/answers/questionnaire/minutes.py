"""How long a questionnaire takes: a rule of ours, written down so that it can be disputed.

Whoever is asked everything reads 240 words a minute, the pace of silent reading (Brysbaert 2019,
Journal of Memory and Language 109: 238 for English prose); what stood there before in the same
words, an introduction or the answers of a scale, is read once. Then comes the answer: 2.5 seconds
for one choice, 6 for any number of choices, 12 for a sum, 25 for a comment, and 1.5 seconds to turn
a page. Those seconds are our assumption, set so that the core comes out near the six minutes that
it is meant to take. Respondents whom the routing spares questions need less; long comments, and
answers that take thought, take more. A pilot says what is true of a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cxkit.answers.questionnaire.form import Asked, Page
from cxkit.library import Text

__all__ = ["ANSWERING", "PAGE", "WORDS_A_MINUTE", "reading", "seconds"]

WORDS_A_MINUTE = 240
PAGE = 1.5
"""Seconds to turn a page."""
ANSWERING = {"single": 2.5, "several": 6.0, "amount": 12.0, "open": 25.0}
"""Seconds to answer, beside reading, by kind of question."""


def reading(text: Text) -> float:
    """Seconds to read a text, in the language in which it is longest.

    >>> reading({"en": "How satisfied are you with this shop, all in all, today, please?"})
    3.0
    """
    n_words = max((len(words.split()) for words in text.values()), default=0)
    return n_words * 60 / WORDS_A_MINUTE


def seconds(pages: Sequence[Page], frame: Iterable[Text] = ()) -> dict[str, float]:
    """Seconds by battery; those of the frame texts (consent, end) stand under ""."""
    spent = {"": sum(reading(text) for text in frame)}
    met: set[tuple[str, ...]] = set()

    def once(texts: Iterable[Text]) -> float:
        """Seconds to read these texts, none if the same stood there before."""
        shown = tuple(words for text in texts for words in text.values())
        is_new = shown not in met
        met.add(shown)
        return sum(reading(text) for text in texts) if is_new else 0.0

    def of(one: Asked) -> float:
        offered = [choice.label for choice in one.choices]
        return reading(one.text) + once([one.hint]) + once(offered) + ANSWERING[one.kind]

    for page in pages:
        first = page.questions[0].battery
        spent[first] = spent.get(first, 0.0) + PAGE + once([page.intro])
        for one in page.questions:
            spent[one.battery] = spent.get(one.battery, 0.0) + of(one)
    return spent
