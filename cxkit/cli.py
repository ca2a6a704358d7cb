"""The commands: each reads its words, calls one function of the house, and prints what it made.

Results go to stdout, progress to stderr. Heavy libraries are imported by the function called.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cxkit import __version__
from cxkit.errors import StudyError

_STUDY = click.argument("study")
_LANGUAGE = click.option(
    "--language", "-l", multiple=True, help="id, en; repeat for more; the study's if none"
)
_OUTPUT = click.option("--output", "-o", type=click.Path(path_type=Path), help="folder to write to")
_QUIET = click.option("--quiet", "-q", is_flag=True, help="no progress on stderr")
_JSON = click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
_BESIDE = {
    "tables": "a workbook of all tables beside each page (.xlsx)",
    "data": "every published record beside the pages (.csv, .parquet)",
    "figures": "every figure beside each page (.svg, .png)",
    "pptx": "a deck beside each page (.pptx): needs cxkit[pptx]",
    "pdf": "each page on paper (.pdf): needs Chromium, Chrome or Edge",
}


def _beside(command: Any) -> Any:
    """A flag for each thing that can stand beside a page."""
    for form, help_text in reversed(_BESIDE.items()):
        command = click.option(
            f"--{form}", "beside", flag_value=form, multiple=True, help=help_text
        )(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cxkit")
def cli() -> None:
    """From survey answers to a customer-experience report that can be checked.

    STUDY is a folder that holds a study.yaml, a study.yaml, or the word demo.
    """


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--preset",
    type=click.Choice(["retail", "finance", "telecom", "neutral"]),
    default="retail",
    show_default=True,
    help="wording of the fulfilment statements",
)
def new(folder: Path, preset: str) -> None:
    """Lay down a study in FOLDER that runs at once on simulated answers."""
    from cxkit.answers.new import lay_down

    lay_down(folder, preset)
    click.echo(folder)


@cli.command("map")
@click.argument("export", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="study.yaml",
    show_default=True,
    help="study file to write; never overwritten",
)
@click.option("--platform", help="where the export comes from; recognised from the file if none")
@click.option("--structure", type=click.Path(path_type=Path), help="its questionnaire file")
@click.option("--sheet", help="the sheet of a workbook that holds the answers")
@click.option("--brand", default="", help="the brand asked about; read from the questions if none")
@_JSON
def map_export(
    export: Path,
    output: Path,
    platform: str | None,
    structure: Path | None,
    sheet: str | None,
    brand: str,
    as_json: bool,
) -> None:
    """Draft a study file from an unknown EXPORT: which column asks what, and how sure that is.

    What is sure stands; what is not stands behind a comment sign; CONFIRM stands where only you
    know the value. Every column of the export is accounted for.
    """
    from cxkit.answers.mapping import draft_study

    mapped = draft_study(
        export, output, platform=platform, structure=structure, sheet=sheet, brand=brand
    )
    click.echo(mapped.to_json() if as_json else mapped.summary())


@cli.command()
@_STUDY
@_JSON
def check(study: str, as_json: bool) -> int:
    """Say every problem in a study, its answers and its list of reports at once."""
    from cxkit.report.checked import check as check_study

    problems = check_study(study)
    if as_json:
        click.echo(problems.to_json())
    else:
        click.echo(problems.table())
    return 2 if problems.errors else 0


@cli.command()
@_STUDY
@_QUIET
def exclusions(study: str, quiet: bool) -> None:
    """List flagged respondents in exclusions.csv, for a person to decide.

    Rows are added at the end of the table, each with an empty decision; what stands there is never
    touched. Nobody is left out before somebody writes `exclude`.
    """
    from cxkit.answers.exclusions import list_flagged

    listed = list_flagged(study)
    click.echo(listed.summary)
    for note in listed.notes:
        _tell(quiet, note)


@cli.command()
@_STUDY
@click.option("--notebook", "-n", default="report", show_default=True, help="which notebook to run")
@click.option(
    "--depth",
    type=click.Choice(["full", "brief", "board"]),
    help="how much it tells: all, what a small group can carry, or one page (-p depth=...)",
)
@click.option("--parameter", "-p", multiple=True, metavar="KEY=VALUE", help="a notebook parameter")
@_LANGUAGE
@_OUTPUT
@_beside
@_QUIET
@_JSON
def run(
    study: str,
    notebook: str,
    depth: str | None,
    parameter: Sequence[str],
    language: Sequence[str],
    output: Path | None,
    beside: Sequence[str],
    quiet: bool,
    as_json: bool,
) -> None:
    """Execute a notebook on STUDY and write its pages, JSON and executed notebook."""
    from cxkit.report.run import run as run_report

    _tell(quiet, f"running {notebook} on {study}")
    report = run_report(
        study,
        notebook,
        language=language,
        output=output,
        parameters={**({"depth": depth} if depth else {}), **_pairs(parameter)},
        beside=beside,
    )
    _tell(quiet, "{all:.1f} s, of which the cells {cells:.1f} s".format(**report.seconds))
    _print_report(report, as_json)


@cli.command()
@_STUDY
@click.option(
    "--by",
    multiple=True,
    metavar="SEGMENT",
    help="a report for each group, or for each wave; repeat for each combination",
)
@click.option("--notebook", "-n", help="which notebook to run; report if only --by is given")
@click.option(
    "--depth",
    type=click.Choice(["full", "brief", "board"]),
    help="how much a report tells; what the study says if none, else brief for groups",
)
@click.option("--parameter", "-p", multiple=True, metavar="KEY=VALUE", help="a notebook parameter")
@_LANGUAGE
@click.option(
    "--workers", "-w", type=click.IntRange(min=1), help="reports side by side; one a processor"
)
@click.option("--scheduler", metavar="ADDRESS", help="a Dask cluster, or local:N")
@click.option("--force", is_flag=True, help="make again what is unchanged")
@click.option("--dry-run", is_flag=True, help="print the plan and make nothing")
@click.option("--fresh-kernels", is_flag=True, help="start every kernel from nothing")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="the time that one report may take",
)
@click.option(
    "--memory",
    type=click.IntRange(min=1),
    metavar="MB",
    help="the memory that the kernel of one report may take",
)
@_OUTPUT
@_beside
@_QUIET
@_JSON
def batch(
    study: str,
    by: Sequence[str],
    notebook: str | None,
    depth: str | None,
    parameter: Sequence[str],
    language: Sequence[str],
    output: Path | None,
    beside: Sequence[str],
    force: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    **how: Any,
) -> int:
    """Make many reports of STUDY, and a page that lists them.

    Which ones, the study says under `reports:`; --by or --notebook ask for others in its place.
    What is there and unchanged is not made again: after a stop, give the same command once more.

    Several --by combine: --by region --by wave makes a report for each region in each wave. With
    -p wave=2026H1 or -p group=region=java only reports of that wave or group are made.
    """
    from cxkit.report.batch import Interrupted
    from cxkit.report.batch import batch as make
    from cxkit.report.batch_status import foreseen

    asked: dict[str, Any] = {"by": by, "notebook": notebook, "depth": depth, "force": force}
    asked |= {"parameters": _pairs(parameter), "language": language, "output": output}
    asked["beside"] = beside
    if dry_run:
        plan = foreseen(study, **asked)
        click.echo(_as_json(plan.to_dict()) if as_json else plan)
        return 0
    try:
        made = make(study, quiet=quiet, **asked, **how)
    except Interrupted as stop:
        print(stop, file=sys.stderr)
        return 1
    _tell(quiet, made.summary)
    if made.failed:
        print(made.troubles, file=sys.stderr)
    if as_json:
        click.echo(_as_json(made.to_dict()))
    else:
        for path in made.paths:
            click.echo(path)
    return 0 if made.is_done else 1


@cli.command()
@_STUDY
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="the folder of its reports, if it is another",
)
def clean(study: str, output: Path | None) -> None:
    """Remove the cache of STUDY and what killed runs left; never answers or reports.

    The cache is made again when it is needed.
    """
    from cxkit.report.leftovers import clean as remove

    click.echo(remove(study, output))


@cli.command()
@click.argument("executed")
@_LANGUAGE
@_OUTPUT
@_beside
@_JSON
def render(
    executed: str,
    language: Sequence[str],
    output: Path | None,
    beside: Sequence[str],
    as_json: bool,
) -> None:
    """Write the page of an EXECUTED notebook without running it again."""
    from cxkit.report.run import render as render_pages

    report = render_pages(executed, language=language, output=output, beside=beside)
    _print_report(report, as_json)


@cli.command()
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--study", help="its study; the demo or the folder above its reports if none")
@click.option("--notebook", "-n", metavar="PATH", help="its notebook, if it lies elsewhere")
@click.option(
    "--crate",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="write an RO-Crate of it too: beside the page, or in DIR",
)
@_QUIET
@_JSON
def verify(
    page: Path,
    study: str | None,
    notebook: str | None,
    crate: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Say whether PAGE is what its study gives, or every number that differs and why.

    Runs the notebook of the PAGE again, from what the page says of how it was made, and compares
    byte by byte. Nothing is written to where the page lies, unless a crate is asked for.
    """
    from cxkit.report.crate import crate as write_crate
    from cxkit.report.verify import verify as verify_page

    _tell(quiet, f"making {page.name} again")
    verification = verify_page(page, study=study, notebook=notebook)
    written = None if crate is None else write_crate(verification, crate or None)
    if as_json:
        told = {**verification.to_dict(), "crate": None if written is None else str(written)}
        click.echo(_as_json(told))
    else:
        click.echo(verification)
        _tell(quiet or written is None, f"crate: {written}")
    return 0 if verification.identical else 1


@cli.command()
@_STUDY
@click.option(
    "-n", "n", type=click.IntRange(min=1), help="respondents per wave; the truth's if none"
)
@click.option("--seed", type=int, help="same seed, same answers; the truth's if none")
@click.option(
    "--to",
    type=click.Choice(
        ["plain", "qualtrics", "limesurvey", "xlsform", "surveymonkey", "google_forms"]
    ),
    default="plain",
    show_default=True,
    help="whose export to write",
)
@click.option("--labels", is_flag=True, help="what respondents read, in the place of codes")
@click.option("--language", "-l", help="language of an export's texts; the study's first if none")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="CSV (or .xlsx) to write"
)
def simulate(
    study: str,
    n: int | None,
    seed: int | None,
    to: str,
    labels: bool,
    language: str | None,
    output: Path,
) -> None:
    """Write answers with planted truth for STUDY (from its truth.yaml, or the kit's own).

    With --to, in the form in which a survey platform exports them: header rows, the platform's own
    columns, codes or labels. The same seed gives the same answers on every platform.
    """
    from cxkit.answers.simulated import write

    click.echo(write(study, to, output, n, seed, labels=labels, language=language))


@cli.command()
@_STUDY
@click.option(
    "--to",
    type=click.Choice(["xlsform", "limesurvey", "qualtrics", "markdown"]),
    required=True,
    help="the survey platform, or markdown for review",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="file to write"
)
@click.option("--battery", "-b", multiple=True, metavar="NAME", help="a battery to add; repeat")
@click.option("--wave", help="the wave that is to be asked; the last one if none")
@_QUIET
def questionnaire(
    study: str, to: str, output: Path, battery: Sequence[str], wave: str | None, quiet: bool
) -> None:
    """Write the questionnaire of STUDY for a survey platform, in every language it has.

    The core and the study's batteries, in the study's words, under the columns that it maps. How
    long it takes, and what is to be set by hand, is told on stderr.
    """
    from cxkit.answers.questionnaire import write

    made = write(study, to, output, wave=wave, batteries=battery)
    for line in (made.length, *made.notes):
        _tell(quiet, line)
    for file in made.files:
        click.echo(file)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", required=True, metavar="COLUMN", help="the column of comments")
@click.option("--label", required=True, metavar="COLUMN", help="the column of their labels")
@click.option(
    "--dev",
    type=click.Path(path_type=Path),
    help="comments held out, with the same columns: judged once, when the model is made",
)
@click.option("--source", default="", help="where the comments come from, for the model card")
@click.option("--licence", default="", help="under which licence, for the model card")
@click.option("--seed", type=int, default=20260101, show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="model file to write"
)
@_QUIET
@_JSON
def train(
    file: Path,
    text: str,
    label: str,
    dev: Path | None,
    source: str,
    licence: str,
    seed: int,
    output: Path,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a classifier of comments from a table that people labelled: needs cxkit[comments].

    Settings are chosen by cross-validation on FILE alone. Beside the model file stands its card
    (.md): accuracy, confusions, calibration and limits, in every language of the kit.
    """
    from cxkit.analysis.comments.model_card import model_cards, summary
    from cxkit.analysis.comments.training import needs
    from cxkit.analysis.comments.training import train as learn
    from cxkit.answers.labelled_comments import labelled_comments
    from cxkit.files import ensure_writable, sha256_of, write_together

    needs()
    _ensure_json(output)
    ensure_writable(output.parent)
    learned = labelled_comments(file, text, label)
    held_out = None if dev is None else labelled_comments(dev, text, label)
    about = {"file": file.name, "sha256": sha256_of(file), "text": text, "label": label}
    about |= {"source": source, "licence": licence}
    _tell(quiet, f"learning from {file.name}")
    model = learn(*learned, seed=seed, held_out=held_out, about=about)
    card = output.with_suffix(".md")
    told = model_cards(model, output.name)
    write_together(output.parent, {output.name: model.to_json(), card.name: told})
    _tell(quiet, summary(model, "en"))
    click.echo(_as_json(model.card) if as_json else f"{output}\n{card}")


def _ensure_json(output: Path) -> None:
    """StudyError unless a model file is to be named as one."""
    if output.suffix != ".json":
        raise StudyError(
            f"'{output.name}' is no name for a model file",
            where="-o",
            expected="a name that ends in .json; its card gets .md",
        )


@cli.group()
def comments() -> None:
    """Code open comments with the researcher in the loop: code some, and the rest is coded."""


@comments.command("draft")
@_STUDY
@click.option(
    "-n", "n", type=click.IntRange(min=1), default=200, show_default=True, help="how many to code"
)
@click.option("--comment", metavar="KEY", help="the comment question; the study's first if none")
@click.option("--wave", help="the wave to draw from, the latest if none")
@click.option("--seed", type=int, help="same seed, same draw; the study's if none")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="CSV file to write"
)
@_QUIET
def draft_comments(
    study: str,
    n: int,
    comment: str | None,
    wave: str | None,
    seed: int | None,
    output: Path,
    quiet: bool,
) -> None:
    """Draw comments of STUDY at random, to be coded by hand, with what the codebook suggests.

    Fill in `themes` (keys of the codebook with ; between them, or `none`) and name the file in the
    study: coding: {coded: FILE}. A file that is there already is not overwritten.
    """
    from cxkit.analysis.comments.hand import draft
    from cxkit.answers import load
    from cxkit.files import ensure_writable, write_together

    if output.exists():
        raise StudyError(
            f"there is a file '{output.name}' already",
            where="-o",
            expected="a new file: what you coded is never overwritten",
        )
    ensure_writable(output.parent)
    drawn = draft(load(study, wave=wave).latest, n, comment=comment, seed=seed)
    write_together(output.parent, {output.name: drawn.text})
    _tell(quiet, f"{len(drawn.rows)} of {drawn.n_all} comments; half of them are kept for checking")
    click.echo(output)


@comments.command("train")
@_STUDY
@click.option("--seed", type=int, help="same seed, same model; the study's if none")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="model file to write"
)
@_QUIET
def train_comments(study: str, seed: int | None, output: Path, quiet: bool) -> None:
    """Train a model of themes on the comments of STUDY that were coded by hand.

    It learns from the half that was drawn for it and is judged on the other; what is known of it
    is written beside it, as MODEL.md. Name the file in the study:
    coding: {coded: FILE, model: MODEL}. Needs cxkit[comments].
    """
    from cxkit.analysis.comments.hand import trained
    from cxkit.analysis.comments.model_card import model_cards, summary
    from cxkit.answers import load
    from cxkit.files import ensure_writable, write_together

    _ensure_json(output)
    ensure_writable(output.parent)
    model = trained(load(study), seed=seed)
    card = output.with_suffix(".md")
    told = model_cards(model, output.name)
    write_together(output.parent, {output.name: model.to_json(), card.name: told})
    if pooled := model.card["about"].get("pooled"):
        _tell(quiet, f"not learned, with only one comment to learn from: {', '.join(pooled)}")
    _tell(quiet, summary(model, "en"))
    click.echo(f"{output}\n{card}")


@cli.command()
@click.argument("study", required=False)
@click.argument("jupyter", nargs=-1, metavar="[-- OPTIONS OF JUPYTER LAB]")
@click.option("--copy-only", is_flag=True, help="lay the copies and start nothing")
@_QUIET
def lab(study: str | None, jupyter: Sequence[str], copy_only: bool, quiet: bool) -> None:
    """Open STUDY in JupyterLab, with copies of the kit's notebooks to work in.

    The copies lie in STUDY/notebooks and know their study. One that is there already is never
    overwritten, and `cxkit run STUDY --notebook NAME` takes it before the kit's.

    Without STUDY: the study in the working folder; else the demo, whose notebooks are the
    clone's own, or copies in cxkit-demo where the kit is installed.

    Words after `--` are for JupyterLab: cxkit lab STUDY -- --no-browser --port 8899
    """
    from cxkit import places
    from cxkit.lab import start as jupyterlab

    if study and study.startswith("-"):
        jupyter, study = [study, *jupyter], None
    if study is None:
        study = "." if (places.root() / "study.yaml").is_file() else "demo"
    file = places.find_study(study)
    if not copy_only:
        jupyterlab.ensure_installed()
    copies = jupyterlab.lay_copies(file)
    _tell(quiet, str(copies))
    click.echo(copies.folder)
    if not copy_only:
        jupyterlab.start(file, jupyter)


@cli.command()
@_STUDY
def upgrade(study: str) -> None:
    """Bring an older study file along to the schema of today; comments and order stay."""
    from cxkit.study.upgrade import upgrade as bring_along

    click.echo(bring_along(study).summary)


@cli.command()
def doctor() -> None:
    """Print what is installed, for bug reports."""
    from cxkit import places
    from cxkit.report.beside import missing
    from cxkit.report.provenance import versions

    rows = {**versions(), "kit": "clone" if places.is_clone() else "installed"}
    lacking = missing(_BESIDE)
    for form in ("pptx", "pdf"):
        rows[f"--{form}"] = f"not possible: {lacking[form].hint}" if form in lacking else "possible"
    for name, value in rows.items():
        click.echo(f"{name:<12} {value}")


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign:
            raise StudyError(
                f"parameter '{text}' has no value",
                where="-p",
                expected="key=value, as in wave=2026H1",
            )
        pairs[key.strip()] = value.strip()
    return pairs


def _tell(quiet: bool, text: str) -> None:
    if not quiet:
        print(text, file=sys.stderr)


def _print_report(report: Any, as_json: bool) -> None:
    if not as_json:
        for path in (*report.paths, *report.beside):
            click.echo(path)
        return
    made = {
        "pages": {language: str(path) for language, path in report.pages.items()},
        "json": str(report.json) if report.json else None,
        "notebook": str(report.notebook) if report.notebook else None,
        "beside": [str(path) for path in report.beside],
        "seconds": {key: round(value, 3) for key, value in report.seconds.items()},
    }
    click.echo(_as_json(made))


def _as_json(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False, indent=1)
