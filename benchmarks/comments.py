"""How well `cxkit train` tells comments apart, on public comments that people labelled.

Settings are chosen by cross-validation on the training files. With --held-out the validation
files are judged too, once, by models that were finished before; nothing is chosen after that.
Without the data (folder `data` of ../shared) nothing is done.

    python benchmarks/comments.py [--held-out] [--ship] > benchmarks/comments.md

--ship writes the kit's tone model of Indonesian comments, trained on SmSA and PRDECT-ID.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from cxkit.analysis.comments.accuracy import Accuracy, accuracy_of
from cxkit.analysis.comments.classifier import Classifier
from cxkit.analysis.comments.model_card import model_cards
from cxkit.analysis.comments.training import train
from cxkit.files import write_together
from cxkit.records import Estimate

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data"
MODELS = HERE.parent / "cxkit" / "library" / "models"
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
SEED = 20260101

HOASA = ("ac", "air_panas", "bau", "general", "kebersihan", "linen", "service", "sunrise_meal",
         "tv", "wifi")  # fmt: skip
CASA = ("fuel", "machine", "others", "part", "price", "service")
HOTELS = ("HoASA, aspects of hotels", "review", HOASA, "hoasa")
CARS = ("CASA, aspects of cars", "sentence", CASA, "casa")
SHIPPED = "SmSA + PRDECT (shipped)"
TONES = {"pos": "positive", "neg": "negative", "positive": "positive", "negative": "negative"}

SOURCE = (
    "SmSA (IndoNLU, Wilie et al. 2020; Purwarianti & Crisdayanti 2019), "
    "github.com/IndoNLP/indonlu, commit ce728f6926a3, training file; PRDECT-ID (Sutoyo et al. "
    "2022), github.com/rhiosutoyo/PRDECT-ID-Indonesian-Product-Reviews-Dataset, commit "
    "5d4941b8e033, half of the reviews. Changed: only weights of hashed n-grams are kept"
)
LICENCE = "SmSA: Apache-2.0; PRDECT-ID: MIT"

Labelled = tuple[list[str], list[str]]


@dataclass(frozen=True)
class Task:
    """Comments with one label each; those held out, where the data have such a file."""

    name: str
    learned: Labelled
    held_out: Labelled | None = None


def main() -> int:
    """Train on every task, print what came out as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--held-out", action="store_true", help="judge the validation files too")
    parser.add_argument("--ship", action="store_true", help="write the kit's tone model")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="tasks side by side")
    asked = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):  # read when numpy is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    if not (DATA / "reviews_id").is_dir():
        print("the public comments are not beside the clone: nothing to measure", file=sys.stderr)
        return 0
    tasks = [*_tasks(), *_of_aspects(*HOTELS), *_of_aspects(*CARS)]
    tasks = tasks if asked.held_out else [replace(task, held_out=None) for task in tasks]
    with ProcessPoolExecutor(asked.workers) as pool:
        models = dict(zip((task.name for task in tasks), pool.map(_trained, tasks)))
    if asked.ship:
        _ship(models[SHIPPED])
    for block in _told(models, asked.held_out):
        print(block, flush=True)
    return 0


def _told(models: Mapping[str, Classifier], judges: bool) -> Iterator[str]:
    yield f"# Classifier of comments: what it gets right\n\n{_HOW}"
    if not judges:
        yield "\nThe validation files were not touched in this run."
    yield "\n" + _row("data", "comments", "labels", "macro-F1 (cross-validation)", "right",
                      "most frequent", "ECE", "macro-F1 (validation)", "right", "ECE")  # fmt: skip
    yield _row("---", *["---:"] * 9)
    for name, model in models.items():
        if ": " not in name:
            yield _of_task(name, model)
    for kind in (HOTELS[0], CARS[0]):
        yield _mean_row(kind, [one for name, one in models.items() if name.startswith(f"{kind}: ")])
    for name in ("SmSA", SHIPPED):
        yield from _in_depth(name, models[name])
    yield from _on_other_kinds(models["SmSA"], models[SHIPPED])


_HOW = """\
Made by `python benchmarks/comments.py --held-out --ship` from a fixed seed. Six settings a task
(n-grams of one or two words and of 2 to 5 letters; three strengths of the ridge penalty), five
folds, copies of a comment in one fold; the setting with the smallest log loss is kept. Ranges are
95 %. ECE is the expected calibration error. Validation files chose nothing and were judged once.
*Most frequent* is the share that is right when every comment gets the most frequent label.

The English tweets (CC BY-NC-SA 4.0, unchecked) and the aspects are for measuring only: nothing
trained on them is shipped."""


def _tasks() -> Iterator[Task]:
    smsa = _labelled("reviews_id/smsa_train.csv.gz", "text", "label")
    held_out = _labelled("reviews_id/smsa_valid.csv", "text", "label")
    sentiment = _labelled("reviews_id/prdect_dev.csv", "Customer Review", "Sentiment")
    both = smsa[0] + sentiment[0], smsa[1] + [label.lower() for label in sentiment[1]]
    emotion = _labelled("reviews_id/prdect_dev.csv", "Customer Review", "Emotion")
    tweets = "comments_en/airline_comments_dev.csv.gz"
    yield Task("SmSA", smsa, held_out)
    yield Task(SHIPPED, both, held_out)
    yield Task("PRDECT sentiment", sentiment)
    yield Task("PRDECT emotion", emotion)
    yield Task("airline tweets, sentiment", _labelled(tweets, "text", "airline_sentiment"))
    yield Task("airline tweets, reason", _labelled(tweets, "text", "negativereason"))


def _labelled(file: str, text: str, label: str) -> Labelled:
    table = pd.read_csv(DATA / file, keep_default_na=False, dtype=str, encoding_errors="replace")
    kept = table[table[label] != ""]
    return kept[text].tolist(), kept[label].tolist()


def _of_aspects(kind: str, text: str, aspects: Sequence[str], file: str) -> Iterator[Task]:
    """A task for each aspect; `neg_pos`, which stands a few times at most, is left out."""
    for aspect in aspects:
        parts = (f"reviews_id/{file}_{part}.csv" for part in ("train", "valid"))
        learned, held_out = (_of_tone(_labelled(part, text, aspect)) for part in parts)
        yield Task(f"{kind}: {aspect}", learned, held_out)


def _of_tone(labelled: Labelled) -> Labelled:
    kept = [(text, label) for text, label in zip(*labelled) if label != "neg_pos"]
    return [text for text, _ in kept], [label for _, label in kept]


def _trained(task: Task) -> Classifier:
    about = {"source": SOURCE, "licence": LICENCE} if task.name == SHIPPED else {}
    model = train(*task.learned, seed=SEED, held_out=task.held_out, about=about)
    print(f"{task.name}: {time.process_time():.0f} s", file=sys.stderr, flush=True)
    return model


def _of_task(name: str, model: Classifier) -> str:
    judged, rest = model.cross_validated, model.held_out
    of_rest = ("", "", "") if rest is None else _numbers(rest)
    f1, right, gap = _numbers(judged)
    first = (name, f"{judged.n:,}", str(len(model.labels)))
    return _row(*first, f1, right, f"{judged.guess:.1%}", gap, *of_rest)


def _numbers(judged: Accuracy) -> tuple[str, str, str]:
    return _ranged(judged.macro_f1), f"{judged.accuracy.estimate:.1%}", _gap(judged)


def _gap(judged: Accuracy) -> str:
    return f"{judged.calibration_error:.3f}"


def _ranged(one: Estimate) -> str:
    return f"{one.estimate:.3f} ({one.ci_low:.3f} to {one.ci_high:.3f})"


def _mean_row(kind: str, models: Sequence[Classifier]) -> str:
    first = [model.cross_validated for model in models]
    rest = [model.held_out for model in models if model.held_out is not None]
    n = f"{max(one.n for one in first):,}"
    guess = f"{np.mean([one.guess for one in first]):.1%}"
    f1, right, gap = _means(first)
    of_rest = _means(rest) if rest else ("", "", "")
    return _row(f"{kind}, mean of {len(models)}", n, "3", f1, right, guess, gap, *of_rest)


def _means(judged: Sequence[Accuracy]) -> tuple[str, str, str]:
    f1 = np.mean([one.macro_f1.estimate for one in judged])
    right = np.mean([one.accuracy.estimate for one in judged])
    gap = np.mean([one.calibration_error for one in judged])
    return f"{f1:.3f}", f"{right:.1%}", f"{gap:.3f}"


def _in_depth(name: str, model: Classifier) -> Iterator[str]:
    """Settings, confusions and reliability of one model."""
    card = model.card
    yield f"\n## {name}\n"
    for one in card["tried"]:
        yield (
            f"- words 1 to {one['words']}, strength {one['strength']:g}: "
            f"log loss {one['log_loss']:.4f}"
        )
    yield f"\nTemperature {card['temperature']:.3f}; tilt {card['tilt']:g}."
    parts = {"cross-validation": model.cross_validated, "validation": model.held_out}
    for where, judged in parts.items():
        if judged is not None:
            yield from _tables(where, judged)
    if model.held_out is not None:
        yield f"\nValidation comments that read like a training comment: {card['held_out_seen']}."


def _tables(where: str, judged: Accuracy) -> Iterator[str]:
    yield f"\n### {where}: {judged.n:,} comments, kappa {judged.kappa:.3f}\n"
    yield _row("people \\ model", *judged.labels, "precision", "recall", "F1")
    yield _row("---", *["---:"] * (len(judged.labels) + 3))
    for row, one in zip(judged.confusion, judged.by_label):
        numbers = (f"{one[key]:.3f}" for key in ("precision", "recall", "f1"))
        yield _row(one["label"], *(f"{n:,}" for n in row), *numbers)
    yield "\n" + _row("probability", "comments", "mean probability", "share right")
    yield _row("---", "---:", "---:", "---:")
    for one in judged.bins:
        right = f"{one['right']:.3f} ({one['ci_low']:.3f} to {one['ci_high']:.3f})"
        span = f"{one['low']:.1f} to {one['high']:.1f}"
        yield _row(span, f"{one['n']:,}", f"{one['probability']:.3f}", right)


def _on_other_kinds(smsa: Classifier, shipped: Classifier) -> Iterator[str]:
    """What a model gets right on comments of another kind than those it learned from."""
    yield f"\n## Comments of another kind\n\n{_OTHER_KINDS}\n"
    yield _row("model", "comments of", "n", "right", "named neutral")
    yield _row("---", "---", "---:", "---:", "---:")
    products = _labelled("reviews_id/prdect_dev.csv", "Customer Review", "Sentiment")
    yield _on("SmSA", smsa, "products (PRDECT)", products[0], [one.lower() for one in products[1]])
    for name, file, text, aspects in (
        ("hotels (HoASA)", "hoasa_train", "review", HOASA),
        ("cars (CASA)", "casa_train", "sentence", CASA),
    ):
        table = pd.read_csv(DATA / f"reviews_id/{file}.csv", dtype=str, keep_default_na=False)
        tone = table[list(aspects)].apply(_one_tone, axis=1)
        texts, tones = table.loc[tone != "", text], tone[tone != ""]
        yield _on("SmSA + PRDECT", shipped, name, texts.tolist(), tones.tolist())


_OTHER_KINDS = """\
Positive or negative comments that a model never learned from; of hotels and cars those whose
aspects are all positive or all negative. A comment that is named neutral counts as wrong."""


def _one_tone(row: Iterable[str]) -> str:
    """The tone of all aspects that have one; blank where they differ or none has."""
    found = {TONES.get(one, "both" if "_" in one else "") for one in row} - {""}
    return found.pop() if len(found) == 1 and "both" not in found else ""


def _on(name: str, model: Classifier, kind: str, texts: list[str], given: list[str]) -> str:
    probabilities = model.probabilities(texts, any_language=True)
    named = model.named_by(probabilities)
    judged = accuracy_of(given, probabilities, model.labels, named=named, seed=SEED)
    neutral = sum(one == "neutral" for one in named) / len(named)
    right = judged.accuracy
    shown = f"{right.estimate:.1%} ({right.ci_low:.1%} to {right.ci_high:.1%})"
    return _row(name, kind, f"{judged.n:,}", shown, f"{neutral:.1%}")


def _ship(model: Classifier) -> None:
    files = {"tone_id.json": model.to_json(), "tone_id.md": model_cards(model, "tone_id.json")}
    write_together(MODELS, files)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
