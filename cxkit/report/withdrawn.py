"""Reports of groups that are left out now and that an earlier call made: they may stay nowhere."""

from __future__ import annotations

from cxkit.files import remove_together
from cxkit.report.job import read_record
from cxkit.report.plan import Plan, Planned

__all__ = ["withdraw"]


def withdraw(plan: Plan) -> tuple[str, ...]:
    """Remove what earlier calls made of groups that a plan leaves out.

    A page of a group that is private by now would tell it, and with the others' pages beside it
    would tell those that it is left out for. The record goes last, so that a call that is ended
    in between is followed by one that removes the rest.

    Returns
    -------
    tuple of str
        The reports that are gone, in the order of the plan.
    """
    return tuple(one.stem for one in plan.left_out if _was_made(one) and _removed(plan, one))


def _was_made(one: Planned) -> bool:
    return one.job.record is not None and one.job.record.is_file()


def _removed(plan: Plan, one: Planned) -> bool:
    languages = dict.fromkeys([*plan.languages, *plan.study.languages])
    suffixes = [*(f"{language}.html" for language in languages), "json", "ipynb", "failed.ipynb"]
    names = [f"{one.stem}.{suffix}" for suffix in suffixes]
    names += (read_record(one.job) or {}).get("files", {})
    remove_together(plan.folder, dict.fromkeys(names))
    if one.job.record:
        one.job.record.unlink(missing_ok=True)
    return True
