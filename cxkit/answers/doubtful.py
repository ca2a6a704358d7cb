"""Labels that stand at different places in different questionnaires: what to say of them."""

from __future__ import annotations

from collections.abc import Iterable

from cxkit.answers.phrases import brief
from cxkit.library import Scale, load_yaml
from cxkit.library.files import LIBRARY

__all__ = ["doubt"]


def doubt(texts: Iterable[str], scale: Scale) -> str | None:
    """What to try with texts of which no dictionary knows the place; None if there are none.

    >>> from cxkit.library import scale
    >>> doubt(["Kurang setuju"], scale("agreement_5")).partition("text_answers")[2]
    ': {agreement_5: {Kurang setuju: 2 or 3}}'
    """
    proposed = {text: places for text in texts if (places := _codes(text, scale))}
    if not proposed:
        return None
    pairs = ", ".join(
        f"{brief(text)}: {' or '.join(f'{code:g}' for code in codes)}"
        for text, codes in list(proposed.items())[:8]
    )
    one = f"'{brief(next(iter(proposed)))}' stands" if len(proposed) == 1 else "such labels stand"
    return (
        f"{one} at different places in different questionnaires: "
        f"confirm with yours, then say text_answers: {{{scale.key}: {{{pairs}}}}}"
    )


def _codes(text: str, scale: Scale) -> tuple[float, ...]:
    """The codes at which a label is met on scales with so many points; () if it is not doubtful."""
    word = " ".join(text.casefold().replace("-", " ").split())
    n_points = len(scale.points)
    rising = scale.points if scale.direction == "up" else scale.points[::-1]
    for label, places in load_yaml(LIBRARY / "doubtful_labels.yaml").items():
        stem = label.removesuffix("*")
        if word == label or (stem != label and word.startswith(stem)):
            return tuple(rising[place - 1] for place in places.get(n_points, ()))
    return ()
