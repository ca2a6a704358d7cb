"""LimeSurvey: the questionnaire as `.lss`, the structure file that LimeSurvey itself exports.

Of the two forms that it imports, the XML one is the surer: its tables are those of the database,
read by name, while the tab-separated one leaves what it does not know to guesses. Every question is
a list of radio buttons of its own and no row of an array, so that each keeps its own routing and
its answers stand under its own code.

Question codes take letters and digits only: `ful_1` becomes `ful1` (`platforms.limesurvey_codes`),
and a reader of exports finds the study's column again. Answer codes take five: those of scales and
reasons fit, a list of words keeps its keys where all of them fit, else its places. The file is the
structure that belongs to an export:
`answers: {path:, platform: limesurvey, structure: questionnaire.lss}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from cxkit.answers.platforms.limesurvey_codes import code_of
from cxkit.answers.questionnaire.conditions import All, Any, AtLeast, Blank, Condition
from cxkit.answers.questionnaire.form import Asked, Choice, Column, Form, Page
from cxkit.errors import Problem, StudyError
from cxkit.library import Text

__all__ = ["LABEL", "SUFFIX", "by_hand", "columns", "written"]

LABEL = "LimeSurvey"
SUFFIX = ".lss"

DB_VERSION = "606"
"""The version of LimeSurvey's database whose tables are written (LimeSurvey 6)."""
_TYPES = {"single": ("L", "listradio"), "several": ("M", "multiplechoice"),
          "open": ("T", "longfreetext"), "amount": ("N", "numerical")}  # fmt: skip

Row = Mapping[str, object]


def written(form: Form) -> dict[str, bytes]:
    """One file.

    Raises
    ------
    StudyError
        If two columns of the study lead to the same question code.
    """
    slips = list(_shared_codes(form))
    if slips:
        raise StudyError.of(slips)
    return {"": _Survey(form).xml().encode()}


def by_hand(form: Form) -> list[str]:
    """What is to be set when exporting; the routing and the turning order are in the file."""
    return ["export responses with question codes as headings and answer codes"]


def columns(form: Form) -> tuple[Column, ...]:
    """The columns of an export of question codes, with answer codes or full answers."""
    found = [Column(code_of(name), {}, {value: value}) for name, value in form.fixed.items()]
    for one in form.questions:
        found += _columns(one)
    return tuple(found)


def _columns(one: Asked) -> Iterator[Column]:
    name = code_of(one.column)
    if one.kind != "several":
        labels = {choice.value: choice.label for choice in one.choices}
        yield Column(name, one.text, answer_codes(one.choices), labels, question=one)
        return
    for choice in one.choices:
        text = {lang: f"{words} [{choice.label[lang]}]" for lang, words in one.text.items()}
        of = f"{name}[{code_of(choice.value)}]"
        yield Column(of, text, {"yes": "Y", "no": ""}, {}, choice.value, one)


def answer_codes(choices: Sequence[Choice]) -> dict[str, str]:
    """Meaning -> answer code, at most five letters and digits each."""
    own = [one for one in choices if not one.is_reason]
    fits = all(re.fullmatch(r"[A-Za-z0-9]{1,5}", one.value) for one in own)
    return {one.value: one.value if fits and not one.is_reason else one.code for one in choices}


def _shared_codes(form: Form) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in (*form.fixed, *(one.column for one in form.questions)):
        code = code_of(name)
        if code in seen:
            yield Problem(
                "code_twice",
                f"the columns '{seen[code]}' and '{name}' have the same code in LimeSurvey",
                column=name,
                examples=(code,),
                expected="columns that differ in letters and digits",
            )
        seen.setdefault(code, name)


def relevance(form: Form, when: Condition | None) -> str:
    """A condition as LimeSurvey's expressions write it; "1" for everybody."""
    if when is None:
        return "1"
    if isinstance(when, All | Any):
        word = " and " if isinstance(when, All) else " or "
        return f"({word.join(relevance(form, part) for part in when.parts)})"
    asked = form.question(when.question)
    code = code_of(asked.column)
    if isinstance(when, Blank):
        return f"is_empty({code}.NAOK)"
    if isinstance(when, AtLeast):
        counted = (one for one in asked.choices if one.value not in when.beside)
        ticked = ", ".join(f"{code}_{code_of(one.value)}.NAOK" for one in counted)
        return f"(count({ticked}) >= {when.n})"
    if asked.kind == "several":
        return f'({code}_{code_of(when.value)}.NAOK == "Y")'
    return f'({code}.NAOK == "{answer_codes(asked.choices)[when.value]}")'


# -- the tables ----------------------------------------------------------------------------------

_TABLES = """
answers:
    aid qid code sortorder assessment_value scale_id
answer_l10ns:
    id aid answer language
groups:
    gid sid group_order randomization_group grelevance
group_l10ns:
    id gid group_name description language sid group_order randomization_group grelevance
questions:
    qid parent_qid sid gid type title preg other mandatory encrypted question_order scale_id
    same_default relevance question_theme_name modulename same_script
subquestions:
    qid parent_qid sid gid type title preg other mandatory encrypted question_order scale_id
    same_default relevance question_theme_name modulename same_script
question_l10ns:
    id qid question help script language
question_attributes:
    qid attribute value language
surveys:
    sid gsid admin expires startdate adminemail anonymized format savetimings template language
    additional_languages datestamp usecookie allowregister allowsave autonumber_start
    autoredirect allowprev printanswers ipaddr ipanonymize refurl showsurveypolicynotice
    publicstatistics publicgraphs listpublic htmlemail sendconfirmation tokenanswerspersistence
    assessments usecaptcha usetokens bounce_email attributedescriptions emailresponseto
    emailnotificationto tokenlength showxquestions showgroupinfo shownoanswer showqnumcode
    bouncetime bounceprocessing bounceaccounttype bounceaccounthost bounceaccountpass
    bounceaccountencryption bounceaccountuser showwelcome showprogress questionindex
    navigationdelay nokeyboard alloweditaftercompletion googleanalyticsstyle
    googleanalyticsapikey tokenencryptionoptions
surveys_languagesettings:
    surveyls_survey_id surveyls_language surveyls_title surveyls_description
    surveyls_welcometext surveyls_endtext surveyls_policy_notice surveyls_policy_error
    surveyls_policy_notice_label surveyls_url surveyls_urldescription surveyls_email_invite_subj
    surveyls_email_invite surveyls_email_remind_subj surveyls_email_remind
    surveyls_email_register_subj surveyls_email_register surveyls_email_confirm_subj
    surveyls_email_confirm surveyls_dateformat surveyls_attributecaptions surveyls_alias
    email_admin_notification_subj email_admin_notification email_admin_responses_subj
    email_admin_responses surveyls_numberformat attachments
"""
_FIELDS: Mapping[str, Sequence[str]] = {
    name: columns_.split() for name, columns_ in re.findall(r"(\w+):\n((?: .*\n)+)", _TABLES)
}
"""The tables, in the order of a file of LimeSurvey's own, and their columns."""


@dataclass
class _Survey:
    """The tables of one survey, filled in the order of the form."""

    form: Form
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in _FIELDS})

    def __post_init__(self) -> None:
        self.sid = 100000 + int(self.form.digest[:8], 16) % 900000
        self._n_questions = 0
        self._settings()
        for at, page in enumerate(self.form.pages, 1):
            self._group(at, page)

    def xml(self) -> str:
        """The file."""
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<!-- {self.form.provenance} -->",
            "<document>",
            " <LimeSurveyDocType>Survey</LimeSurveyDocType>",
            f" <DBVersion>{DB_VERSION}</DBVersion>",
            " <languages>",
            *(f"  <language>{one}</language>" for one in self.form.languages),
            " </languages>",
        ]
        for name, rows in self.tables.items():
            lines += _table(name, rows) if rows else []
        return "\n".join([*lines, "</document>", ""])

    # -- what stands in them

    def _settings(self) -> None:
        form, (main, *others) = self.form, self.form.languages
        self.tables["surveys"].append(
            {"sid": self.sid, "gsid": 1, "admin": "inherit", "anonymized": "N", "format": "G"}
            | {"savetimings": "Y", "template": "inherit", "language": main}
            | {"additional_languages": " ".join(others), "datestamp": "Y", "ipaddr": "N"}
            | {"refurl": "N", "allowprev": "N", "shownoanswer": "N", "showxquestions": "N"}
            | {"showgroupinfo": "D", "showqnumcode": "X", "showwelcome": "Y"}
            | {"showprogress": "Y", "questionindex": 0, "tokenlength": 15}
        )
        for language in form.languages:
            self.tables["surveys_languagesettings"].append(
                {"surveyls_survey_id": self.sid, "surveyls_language": language}
                | {"surveyls_title": _html(form.title[language])}
                | {"surveyls_welcometext": _html(form.consent[language])}
                | {"surveyls_endtext": _html(form.end[language])}
                | {"surveyls_dateformat": 6, "surveyls_numberformat": 0}
            )

    def _group(self, gid: int, page: Page) -> None:
        place = {"sid": self.sid, "group_order": gid, "randomization_group": page.turning}
        place["grelevance"] = relevance(self.form, page.when)
        self.tables["groups"].append({"gid": gid, **place})
        for language in self.form.languages:
            self.tables["group_l10ns"].append(
                {"id": len(self.tables["group_l10ns"]) + 1, "gid": gid, "language": language}
                | {"group_name": _html(page.title[language])}
                | {"description": _html(page.intro.get(language, ""))}
                | place
            )
        if gid == 1:
            for column, value in self.form.fixed.items():
                self._fixed(gid, column, value)
        for at, one in enumerate(page.questions, 1):
            qid = self._question(gid, at, one)
            if page.is_shuffled:
                self._attribute(qid, "random_group", code_of(page.key))

    def _fixed(self, gid: int, column: str, value: str) -> None:
        """A column that is the same for everybody: a hidden equation."""
        texts = dict.fromkeys(self.form.languages, value)
        qid = self._put(gid, 0, column, ("*", "equation"), texts)
        self._attribute(qid, "equation", value)
        self._attribute(qid, "hidden", "1")

    def _question(self, gid: int, at: int, one: Asked) -> int:
        when = relevance(self.form, one.when)
        need = "Y" if one.is_required else "N"
        qid = self._put(gid, at, one.column, _TYPES[one.kind], one.text, one.hint, when, need)
        if one.kind == "several":
            for place, choice in enumerate(one.choices):
                self._put(gid, place, choice.value, ("T", "longfreetext"), choice.label, of=qid)
            self._attribute(qid, "exclude_all_others", ";".join(map(code_of, one.alone)))
        if one.kind == "amount":
            self._attribute(qid, "num_value_int_only", "1")
            self._attribute(qid, "min_num_value_n", "0")
        for place, choice in enumerate(one.choices if one.kind == "single" else ()):
            self._answer(qid, place, answer_codes(one.choices)[choice.value], choice.label)
        return qid

    def _put(
        self,
        gid: int,
        at: int,
        column: str,
        kind: tuple[str, str],
        text: Text,
        hint: Text | None = None,
        when: str = "1",
        need: str = "N",
        of: int = 0,
    ) -> int:
        """A question, or a subquestion `of` another, with its texts; its id."""
        self._n_questions += 1
        qid = self._n_questions
        self.tables["subquestions" if of else "questions"].append(
            {"qid": qid, "parent_qid": of, "sid": self.sid, "gid": gid, "type": kind[0]}
            | {"title": code_of(column), "other": "N", "mandatory": need, "encrypted": "N"}
            | {"question_order": at, "scale_id": 0, "same_default": 0, "relevance": when}
            | {"question_theme_name": kind[1], "same_script": 0}
        )
        for language in self.form.languages:
            shown = {
                "question": _html(text[language]),
                "help": _html((hint or {}).get(language, "")),
            }
            texts = self.tables["question_l10ns"]
            texts.append({"id": len(texts) + 1, "qid": qid, **shown, "language": language})
        return qid

    def _answer(self, qid: int, at: int, code: str, label: Text) -> None:
        aid = len(self.tables["answers"]) + 1
        self.tables["answers"].append(
            {"aid": aid, "qid": qid, "code": code, "sortorder": at, "assessment_value": 0}
            | {"scale_id": 0}
        )
        for language in self.form.languages:
            texts = self.tables["answer_l10ns"]
            told = {"answer": _html(label[language]), "language": language}
            texts.append({"id": len(texts) + 1, "aid": aid, **told})

    def _attribute(self, qid: int, name: str, value: str) -> None:
        if value:
            row = {"qid": qid, "attribute": name, "value": value, "language": ""}
            self.tables["question_attributes"].append(row)


def _html(text: str) -> str:
    """A text as LimeSurvey shows it word for word: no markup, and braces that are no expression."""
    return escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")


def _table(name: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f" <{name}>"
    yield "  <fields>"
    yield from (f"   <fieldname>{one}</fieldname>" for one in _FIELDS[name])
    yield "  </fields>"
    yield "  <rows>"
    for row in rows:
        yield "   <row>"
        for one in _FIELDS[name]:
            if one in row:
                yield f"    {_cell(one, str(row[one]))}"
        yield "   </row>"
    yield "  </rows>"
    yield f" </{name}>"


def _cell(name: str, value: str) -> str:
    """A cell; what it holds may be anything but the end of what says so."""
    told = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{told}]]></{name}>" if value else f"<{name}/>"
