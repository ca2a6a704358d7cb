"""The front door: runs a command, turns the user's slips into words and our bugs into a log."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from cxkit.errors import CxkitError, ReportError, StudyError

DONE, FAILED, MEND, OUR_BUG = 0, 1, 2, 70


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code (DONE, FAILED, MEND or OUR_BUG)."""
    import click

    from cxkit.cli import cli

    try:
        result = cli.main(args=arguments, prog_name="cxkit", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except ReportError as error:
        print(error, file=sys.stderr)
        return FAILED
    except CxkitError as error:
        print(error, file=sys.stderr)
        return MEND
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return MEND
    except click.Abort:
        print("stopped", file=sys.stderr)
        return FAILED
    except (PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        place, why = str(error.filename), error.strerror or "refused"
        print(StudyError(f"{why}: '{place}'", place, "a place that may be used"), file=sys.stderr)
        return MEND
    except Exception as error:
        log = _log(error)
        print(f"cxkit: a mistake of ours, not yours: {error!r} (log: {log})", file=sys.stderr)
        return OUR_BUG


def _log(error: Exception) -> Path:
    from cxkit import __version__

    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 (it stays for the bug report)
        "w", prefix="cxkit-", suffix=".log", delete=False, encoding="utf-8"
    )
    with handle:
        handle.write(f"cxkit {__version__}, Python {sys.version}\n")
        traceback.print_exception(error, file=handle)
    return Path(handle.name)


if __name__ == "__main__":
    sys.exit(main())
