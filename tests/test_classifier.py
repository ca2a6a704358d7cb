"""A classifier of comments learns what is there, finds nothing in noise, says how sure it is."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from itertools import pairwise

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from cxkit import library
from cxkit.__main__ import main
from cxkit.analysis.comments import training
from cxkit.analysis.comments.accuracy import accuracy_of, macro_f1
from cxkit.analysis.comments.classifier import Classifier, quantised, shipped
from cxkit.analysis.comments.model_card import model_card, model_cards, summary
from cxkit.analysis.comments.ngrams import Ngrams, cleaned, has_words
from cxkit.analysis.comments.training import Setting, train
from cxkit.answers.labelled_comments import labelled_comments
from cxkit.errors import CxkitError, StudyError, SurveyError
from cxkit.library.files import LIBRARY

THINGS = (
    "baju", "sepatu", "tas", "topi", "buku", "jam", "meja", "kursi", "lampu", "kipas", "panci",
    "gelas", "piring", "sendok", "kabel", "tenda", "sabun", "handuk", "kemeja", "celana", "jaket",
    "sandal", "payung", "bantal", "selimut", "karpet",
)  # fmt: skip
CUES = {"praise": ("bagus", "puas", "cepat"), "complaint": ("rusak", "kecewa", "lambat")}
FAST = (Setting(1, (2, 4), 1.6, bits=13),)
SECRET = "zirkonium"


def comments(n: int, seed: int = 1, slips: float = 0.0) -> tuple[list[str], list[str]]:
    """Comments of two things, one cue and a letter code; a share of labels is the wrong one."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        label = str(rng.choice(list(CUES)))
        code = "".join(rng.choice(list("bcdfgklmn"), 5))
        texts.append(f"{' '.join(rng.choice(THINGS, 2))} yang {rng.choice(CUES[label])} {code}")
        other = next(one for one in CUES if one != label)
        labels.append(other if rng.random() < slips else label)
    return texts, labels


@pytest.fixture(scope="module")
def model() -> Classifier:
    texts, labels = comments(120)
    about = {"file": "coded.csv", "text": "komentar", "label": "kode", "licence": "MIT"}
    texts[0] += f" {SECRET}"
    return train(texts, labels, seed=3, settings=FAST, held_out=comments(80, seed=2), about=about)


# -- n-grams -----------------------------------------------------------------------------------


def test_words_fall_into_the_buckets_that_a_count_by_hand_expects():
    """Nearly as many buckets as different words and pairs: with 4 million, two hardly meet."""
    text = "barang bagus dan barang murah"
    words = text.split()
    expected = len(set(words) | set(pairwise(words)))
    assert Ngrams(bits=22, words=2, letters=(0, 0)).of([text]).nnz == expected


def test_letters_fall_into_the_buckets_that_a_count_by_hand_expects():
    text = " bagus sekali "
    expected = {text[i : i + n] for n in (2, 3, 4) for i in range(len(text) - n + 1)}
    assert Ngrams(bits=22, words=0, letters=(2, 4)).of([text]).nnz == len(expected)


def test_a_comment_is_the_same_wherever_it_stands():
    """What stands before or after a comment moves none of its n-grams."""
    texts = ["ga sesuai bgt", "", "pesanan cepat \U0001f600", "x"]
    together = Ngrams(bits=12).of(texts).toarray()
    alone = np.vstack([Ngrams(bits=12).of([text]).toarray() for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_numbers_links_and_names_are_not_seen():
    one, two = "pesan 12 di www.toko.id, @andi", "pesan 98 di https://lain.id/x, @budi"
    assert cleaned(one) == cleaned(two)


@pytest.mark.parametrize("text", ["", "   ", "5/5 !!!", "\U0001f44d\U0001f44d", "--"])
def test_a_text_without_a_letter_holds_nothing_to_read(text):
    assert not has_words(text)
    assert Ngrams(bits=10).of([text]).nnz == 0


# -- accuracy ----------------------------------------------------------------------------------


def test_accuracy_equals_what_scikit_learn_computes():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    labels = ("a", "b", "c")
    given = rng.choice(labels, 300, p=[0.6, 0.3, 0.1])
    table = rng.dirichlet([1, 1, 1], 300)
    named = [labels[j] for j in table.argmax(axis=1)]
    told = accuracy_of(list(given), table, labels)
    assert told.macro_f1.estimate == pytest.approx(metrics.f1_score(given, named, average="macro"))
    assert told.kappa == pytest.approx(metrics.cohen_kappa_score(given, named))
    assert told.log_loss == pytest.approx(metrics.log_loss(given, table, labels=list(labels)))
    np.testing.assert_array_equal(told.confusion, metrics.confusion_matrix(given, named))
    right = int(np.sum(given == named))
    interval = proportion_confint(right, 300, method="wilson")
    assert (told.accuracy.ci_low, told.accuracy.ci_high) == pytest.approx(interval)


def test_calibration_error_is_the_mean_gap_by_hand():
    """Two comments at .65, one right; two at .95, both right: (2*.15 + 2*.05) / 4."""
    table = [[0.65, 0.35], [0.65, 0.35], [0.95, 0.05], [0.95, 0.05]]
    told = accuracy_of(["a", "b", "a", "a"], table, ("a", "b"))
    assert told.calibration_error == pytest.approx(0.1)
    assert [one["n"] for one in told.bins] == [2, 2]


def test_the_interval_of_macro_f1_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(7)
    shares = np.array([[0.5, 0.05, 0.05], [0.04, 0.2, 0.06], [0.03, 0.02, 0.05]])
    truth = float(macro_f1(shares))
    held = 0
    for seed in range(150):
        counts = rng.multinomial(200, shares.ravel()).reshape(3, 3)
        told = _counted(counts, seed)
        held += told.macro_f1.ci_low <= truth <= told.macro_f1.ci_high
    assert 0.88 <= held / 150 <= 0.99


def test_no_slip_among_a_few_comments_is_no_certainty():
    told = _counted(np.diag([8, 8]), 1).macro_f1
    assert told.estimate == 1
    assert 0.75 < told.ci_low < 0.95


def _counted(counts, seed):
    labels = tuple("abc"[: len(counts)])
    given, named = [], []
    for i, row in enumerate(counts):
        for j, n in enumerate(row):
            given += [labels[i]] * int(n)
            named += [labels[j]] * int(n)
    table = np.full((len(given), len(labels)), 1 / len(labels))
    return accuracy_of(given, table, labels, named=named, seed=seed)


# -- what is learned ---------------------------------------------------------------------------


def test_what_is_there_is_learned(model):
    assert model.cross_validated.accuracy.estimate > 0.95
    assert model.held_out.accuracy.ci_low > 0.9
    assert model.named(["kursi yang kecewa", "lampu puas"]) == ["complaint", "praise"]


def test_nothing_is_found_where_nothing_is():
    """Labels drawn by lot: right no more often than by guessing."""
    texts, _ = comments(240)
    labels = np.random.default_rng(9).choice(["a", "b"], 240).tolist()
    told = train(texts, labels, seed=1, settings=FAST, held_out=(_new(), _lot(80)))
    assert told.cross_validated.accuracy.ci_low < 0.5 < told.cross_validated.accuracy.ci_high
    assert told.held_out.accuracy.ci_low < 0.5 < told.held_out.accuracy.ci_high
    assert told.cross_validated.kappa < 0.15
    assert np.ptp(told.probabilities(_new())[:, 0]) < 0.7


def _new() -> list[str]:
    return comments(80, seed=11)[0]


def _lot(n: int) -> list[str]:
    return np.random.default_rng(12).choice(["a", "b"], n).tolist()


def test_copies_of_a_comment_do_not_pass_for_knowledge():
    """Each comment four times with a label drawn by lot: a copy in another fold would tell it."""
    texts, _ = comments(60)
    labels = np.random.default_rng(4).choice(["a", "b"], 60).tolist()
    written = [text.upper() if i % 2 else text for i in range(4) for text in texts]
    told = train(written, labels * 4, seed=1, settings=FAST).cross_validated
    assert told.n == 240
    assert told.accuracy.estimate < 0.68


def test_probabilities_mean_what_they_say():
    """One label in five is a slip: who knows the rest is right four times in five, and says so."""
    model = train(*comments(400, slips=0.2), seed=1, settings=FAST)
    sure = model.probabilities(comments(200, seed=8)[0]).max(axis=1)
    assert sure.mean() == pytest.approx(0.8, abs=0.06)
    assert model.cross_validated.calibration_error < 0.08


def test_the_mean_probability_of_a_rare_label_is_its_share():
    """A label is named more often than it is there where rare ones are favoured; shares are not."""
    texts, labels = comments(500, slips=0.1)
    kept = [i for i, label in enumerate(labels) if label == "praise" or i % 8 == 0]
    texts, labels = [texts[i] for i in kept], [labels[i] for i in kept]
    model = train(texts, labels, seed=1, settings=FAST)
    share = np.mean([label == "complaint" for label in labels])
    assert model.probabilities(texts)[:, 0].mean() == pytest.approx(share, abs=0.03)
    assert model.tilt[0] >= model.tilt[1]


def test_settings_are_chosen_by_their_loss_on_unseen_comments():
    """Words alone tell nothing where only parts of words differ; runs of letters do."""
    stems = ["".join(x) for x in np.random.default_rng(3).choice(list("bdgklmnprt"), (80, 6))]
    texts = [f"{stem}{'ah' if i % 2 else 'uh'}" for i, stem in enumerate(stems)]
    words, letters = Setting(1, (0, 0), bits=13), Setting(1, (2, 4), bits=13)
    labels = [f"l{i % 2}" for i in range(80)]
    model = train(texts, labels, settings=(words, letters))
    assert model.card["chosen"]["letters"] == (2, 4)
    assert len(model.card["tried"]) == 2
    assert model.cross_validated.accuracy.estimate > 0.9


def test_what_was_left_out_is_counted():
    texts, labels = comments(30)
    told = train([*texts, None, "5/5", "bagus"], [*labels, "praise", "praise", ""], settings=FAST)
    assert (told.card["n"], told.card["left_out"]) == (30, 3)
    assert told.card["few"] == ["complaint", "praise"]


# -- what cannot be read -----------------------------------------------------------------------


def test_what_cannot_be_read_gets_no_label(model):
    """Missing, empty, emoji alone, another language: no number, and no label."""
    texts = [None, "", "\U0001f620\U0001f620", "12/10", "the parcel was late and nobody called me"]
    assert np.isnan(model.probabilities(texts)).all()
    assert model.named(texts) == [None] * len(texts)
    assert np.isfinite(model.probabilities(texts[-1:], any_language=True)).all()
    assert model.probabilities([]).shape == (0, 2)


def test_probabilities_sum_to_one_whatever_stands_beside(model):
    texts = comments(40, seed=5)[0]
    together = model.probabilities(texts)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    np.testing.assert_allclose(together[7], model.probabilities(texts[7:8])[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("texts", "labels", "said"),
    [
        ([], [], "no comment to learn from"),
        (["", "!!"], ["a", "b"], "no comment to learn from"),
        (["satu", "dua"], ["a"], "2 comments and 1 label"),
        (["satu", "dua", "tiga"], ["a", "a", "a"], "all comments have the label 'a'"),
        (["satu", "dua", "tiga"], ["a", "a", "b"], "only one comment to learn from: 'b'"),
        (["satu", "dua", "jelek", "JELEK", "  jelek "], list("aabbb"), "only one comment"),
    ],
)
def test_too_little_to_learn_from_is_said(texts, labels, said):
    with pytest.raises(SurveyError, match="expected") as caught:
        train(texts, labels, settings=FAST)
    assert said in str(caught.value)


def test_a_label_that_was_never_trained_is_refused_among_those_held_out():
    with pytest.raises(SurveyError, match="not trained: 'strange'"):
        train(*comments(30), settings=FAST, held_out=(["baju bagus"], ["strange"]))


def test_without_scikit_learn_training_says_what_to_install(monkeypatch):
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"cxkit\[comments\]"):
        train(*comments(30), settings=FAST)


# -- the file ----------------------------------------------------------------------------------


def test_a_model_comes_back_from_its_file_as_it_was(model, tmp_path):
    back = Classifier.read(model.write(tmp_path / "m.json"))
    texts = comments(30, seed=6)[0]
    np.testing.assert_array_equal(back.probabilities(texts), model.probabilities(texts))
    assert (back.labels, back.digest, back.languages) == (model.labels, model.digest, ("id",))
    assert back.held_out.to_dict() == model.held_out.to_dict()


def test_the_same_comments_and_seed_give_the_same_bytes():
    one, other = (train(*comments(40), seed=2, settings=FAST).to_json() for _ in range(2))
    assert one == other
    assert one != train(*comments(40), seed=3, settings=FAST).to_json()


def test_a_model_holds_no_word_of_anybody(model):
    told = model.to_json() + model_cards(model, "m.json")
    assert SECRET not in told
    assert not [word for word in THINGS if len(word) > 4 and word in told]


def test_a_model_is_asked_without_scikit_learn(model, tmp_path, monkeypatch):
    path = model.write(tmp_path / "m.json")
    for name in [one for one in sys.modules if one.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert Classifier.read(path).named(["baju bagus"]) == ["praise"]


def test_whole_steps_stay_near_the_weights():
    weights = np.random.default_rng(1).normal(size=(500, 3))
    whole, steps = quantised(weights)
    assert whole.dtype == np.int8
    assert np.abs(whole * steps - weights).max() <= steps.max() / 2 + 1e-12


def _cut(text: str) -> bytes:
    return text[: len(text) // 2].encode()


def _with(text: str, **changed: object) -> bytes:
    return json.dumps({**json.loads(text), **changed}).encode()


def _without(text: str, key: str) -> bytes:
    return json.dumps({k: v for k, v in json.loads(text).items() if k != key}).encode()


def _bomb(text: str) -> bytes:
    long = base64.b85encode(zlib.compress(bytes(10**8), 9)).decode()
    return _with(text, weights=long)


def _bent(text: str) -> bytes:
    raw = zlib.decompress(base64.b85decode(json.loads(text)["weights"]))
    bent = bytes([raw[0] ^ 1, *raw[1:]])
    return _with(text, weights=base64.b85encode(zlib.compress(bent)).decode())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut, "not a model file, or a damaged one"),
        (lambda text: b"\x80\x04\x95pickle", "not a model file, or a damaged one"),
        (lambda text: b"", "not a model file, or a damaged one"),
        (lambda text: b"[" * 100_000, "not a model file, or a damaged one"),
        (lambda text: b'{"schema": "cxkit.report/1"}', "a file of another kind"),
        (lambda text: b"[1, 2]", "a file of another kind"),
        (lambda text: _with(text, schema="cxkit.classifier/2"), "another version"),
        (lambda text: _with(text, labels=["a", "b", "c"]), "is damaged"),
        (lambda text: _with(text, labels=["b", "b"]), "is damaged"),
        (lambda text: _with(text, offsets=[float("nan"), 0]), "is damaged"),
        (lambda text: _with(text, steps="ab"), "is damaged"),
        (lambda text: _with(text, ngrams={"bits": 60, "words": 1, "letters": [2, 4]}), "damaged"),
        (lambda text: _with(text, weights="~~~"), "is damaged"),
        (lambda text: _with(text, card={}), "is damaged"),
        (lambda text: _with(text, card=7), "is damaged"),
        (lambda text: _without(text, "tilt"), "is damaged"),
        (_bent, "is damaged"),
        (_bomb, "is damaged"),
    ],
)
def test_a_damaged_model_is_refused_in_words(model, tmp_path, damage, said):
    file = tmp_path / "m.json"
    file.write_bytes(damage(model.to_json()))
    with pytest.raises(StudyError) as caught:
        Classifier.read(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "cxkit train" in str(caught.value)


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StudyError, match="no such file"):
        Classifier.read(tmp_path / "none.json")
    with pytest.raises(StudyError, match="cannot be read"):
        Classifier.read(tmp_path)


# -- the card ----------------------------------------------------------------------------------


def test_the_card_tells_every_number_in_every_language(model):
    for language, share in (("id", "100% (97% sampai 100%)"), ("en", "100% (97% to 100%)")):
        told = model_card(model, "tone.json", language)
        words = library.locale(language)["model_card"]
        assert share in told
        assert words["limit_kind"] in told
        assert words["confusion_text"] in told
        assert "komentar, kode" in told
        assert "MIT" in told
        assert "{" not in told
    assert model_cards(model, "m").count("\n# ") == len(library.languages()) - 1


def test_without_comments_held_out_the_card_says_so():
    told = model_card(train(*comments(30), settings=FAST), "m.json", "id")
    assert library.locale("id")["model_card"]["not_held_out"] in told


def test_the_summary_holds_what_a_guess_would_get(model):
    first, second = summary(model, "en").splitlines()
    assert "n = 120" in first.replace("\u00a0", " ")
    assert "Always the most frequent label: 5" in first
    assert "n = 80" in second.replace("\u00a0", " ")


# -- the command -------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    """Writes comments as a CSV and says where."""

    def written(name: str, texts: list[str], labels: list[str]):
        rows = [f"{text},{label}" for text, label in zip(texts, labels)]
        path = tmp_path / name
        path.write_text("\n".join(["komentar,kode", *rows]) + "\n", encoding="utf-8")
        return path

    return written


def test_train_writes_a_model_and_its_card(table, tmp_path, capsys):
    file = table("coded.csv", *comments(30))
    dev = table("dev.csv", *comments(20, seed=2))
    to = tmp_path / "made" / "m.json"
    asked = ["train", str(file), "--text", "komentar", "--label", "kode", "--dev", str(dev)]
    assert main([*asked, "--source", "own", "-o", str(to)]) == 0
    told = capsys.readouterr()
    assert told.out.split() == [str(to), str(to.with_suffix(".md"))]
    assert "Comments held out" in told.err
    assert Classifier.read(to).card["about"]["file"] == "coded.csv"
    assert str(tmp_path) not in to.read_text() + to.with_suffix(".md").read_text()


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (comments(30), {"--text": "komentr"}, "did you mean 'komentar'?"),
        (comments(30), {"-o": "m.pickle"}, "ends in .json"),
        (([], []), {}, "holds a header and no answers"),
        ((["baju bagus", "tas rusak", "tas jelek"], ["a", "b", "b"]), {}, "only one comment"),
    ],
)
def test_what_train_cannot_use_is_said_and_nothing_is_written(
    table, tmp_path, capsys, monkeypatch, rows, options, said
):
    monkeypatch.chdir(tmp_path)
    file = table("coded.csv", *rows)
    asked = {"--text": "komentar", "--label": "kode", "-o": "m.json", **options}
    before = sorted(tmp_path.iterdir())
    assert main(["train", str(file), *[word for pair in asked.items() for word in pair]]) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_table_that_is_not_there_or_empty_is_named(tmp_path):
    with pytest.raises(SurveyError, match="there is no file"):
        labelled_comments(tmp_path / "none.csv", "a", "b")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(CxkitError, match="is empty"):
        labelled_comments(tmp_path / "empty.csv", "a", "b")


# -- the model that the kit ships --------------------------------------------------------------


TONE = LIBRARY / "models" / "tone_id.json"


@pytest.fixture(scope="module")
def tone() -> Classifier:
    return shipped("tone_id")


def test_the_shipped_model_tells_the_tone_of_comments_written_here(tone):
    good = ["pengiriman cepat, barangnya bagus banget", "pelayanannya ramah dan memuaskan"]
    bad = ["barang rusak, penjual ga respon, kecewa bgt", "aplikasinya lemot dan sering error"]
    assert tone.labels == ("negative", "neutral", "positive")
    assert tone.named([*good, *bad]) == ["positive", "positive", "negative", "negative"]
    assert tone.named(["the delivery was late and nobody answered me"]) == [None]


def test_the_shipped_model_is_small_and_names_its_sources(tone):
    assert TONE.stat().st_size < 600_000
    card = TONE.with_suffix(".md").read_text(encoding="utf-8")
    assert card == model_cards(tone, TONE.name)
    assert "Apache-2.0" in card
    assert "MIT" in card
    assert tone.cross_validated.macro_f1.ci_low > 0.8
    assert tone.held_out.macro_f1.estimate > 0.8


def test_a_model_that_the_kit_does_not_bring_is_refused_by_name():
    with pytest.raises(StudyError, match="did you mean 'tone_id'"):
        shipped("tone_ID")
