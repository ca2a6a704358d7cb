"""What docs/night.md says is so, and its examples run, as far as one machine can tell.

`srun` is a stand-in that starts its command twice here; the Dask scheduler, its workers and their
certificates are real. Airflow, Kubernetes and GitHub read their files elsewhere: here it is checked
that the files say what they must, and that the commands in them are commands of the kit.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from quick_study import lay_quick
from ruamel.yaml import YAML

from cxkit.cli import cli

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "night.md"
EXAMPLES = PROJECT / "docs" / "night"
STAND_IN = """\
#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
"$@" & one=$!
"$@" & two=$!
trap 'kill $one $two 2> /dev/null' TERM INT
wait $one
wait $two
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small study of two regions in `kedai`, and a `cxkit` command in `bin`."""
    home = tmp_path_factory.mktemp("night")
    _lay_study(home / "kedai")
    (home / "bin").mkdir()
    here = f'PYTHONPATH="{PROJECT}" exec "{sys.executable}"'
    _command(home / "bin" / "cxkit", f'#!/bin/sh\n{here} -m cxkit "$@"\n')
    return home


@pytest.fixture(scope="module")
def made(home: Path) -> Path:
    """The study's reports, after a night by cron that went well and said nothing."""
    done = _by_cron(home, home / "kedai")
    assert done.returncode == 0, done.stdout
    assert (done.stdout, done.stderr) == ("", "")
    return home / "kedai" / "reports"


def _lay_study(folder: Path) -> None:
    reports = "reports: [{notebook: quick, by: region}]\n"
    lay_quick(folder, more=reports, regions={"bali": 60, "java": 60}, waves=("2026H1",))


def _command(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _read_yaml(name: str) -> list[Any]:
    yaml = YAML(typ="safe")
    return list(yaml.load_all((EXAMPLES / name).read_text(encoding="utf-8")))


def _refusal(words: Sequence[str]) -> str:
    """What the kit's command line says against some words, without running them; "" if nothing."""
    said = CliRunner().invoke(cli, [*words, "--help"])
    if said.exit_code:
        return said.output
    name, *rest = words
    command = cli.commands[name]
    try:
        command.make_context(name, list(rest))
    except Exception as slip:  # noqa: BLE001 - whatever click says against them
        return str(slip)
    return ""


# -- cron -----------------------------------------------------------------------------------------


def _crontab() -> tuple[dict[str, str], str]:
    """The settings and the one command of the crontab, as cron reads them."""
    lines = (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    settings = dict(line.split("=", 1) for line in told if re.match(r"\w+=", line))
    (job,) = [line for line in told if not re.match(r"\w+=", line)]
    *when, command = job.split(None, 5)
    assert len(when) == 5
    return settings, command


def _by_cron(home: Path, study: Path) -> subprocess.CompletedProcess[str]:
    """The crontab's command as cron starts it: with its own shell and next to no environment."""
    settings, command = _crontab()
    path = settings["PATH"].replace("/srv/cxkit/.venv/bin", str(home / "bin"))
    bare = {"HOME": str(home), "LOGNAME": "night", "SHELL": settings["SHELL"]}
    return subprocess.run(
        [settings["SHELL"], "-c", command],
        env={**bare, "PATH": path, "STUDY": str(study)},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_cron_says_nothing_of_a_night_that_ended_well(made: Path) -> None:
    names = {path.name for path in made.glob("*.html")}
    assert {"kedai-quick-region-java.en.html", "kedai-quick-region-bali.id.html"} <= names


def test_cron_mails_the_exit_code_and_the_reason(home: Path) -> None:
    done = _by_cron(home, home / "nowhere")
    assert done.returncode == 2
    first, second, *_ = done.stdout.splitlines()
    assert first == "cxkit batch: exit 2"
    assert "there is no study" in second


def test_cron_would_cut_the_line_at_no_percent_sign() -> None:
    settings, command = _crontab()
    assert "%" not in command
    assert not any("$" in value for value in settings.values()), "cron expands nothing"


# -- Airflow --------------------------------------------------------------------------------------


def _arguments(call: str) -> dict[str, ast.expr]:
    tree = ast.parse((EXAMPLES / "airflow_dag.py").read_text(encoding="utf-8"))
    (found,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == call
    ]
    return {word.arg: word.value for word in found.keywords if word.arg}


def test_airflow_runs_the_batch_and_tries_again(home: Path, made: Path) -> None:
    task = _arguments("BashOperator")
    names = dict(zip(ast.literal_eval(task["env"]), (home / "bin" / "cxkit", home / "kedai")))
    assert list(names) == ["CXKIT", "STUDY"]
    before = _bytes(made)
    done = subprocess.run(
        ["bash", "-c", ast.literal_eval(task["bash_command"])],
        env={"PATH": os.defpath, **{name: str(value) for name, value in names.items()}},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert _bytes(made) == before, "a second try makes nothing again"
    assert ast.literal_eval(task["retries"]) > 0
    assert ast.literal_eval(_arguments("DAG")["max_active_runs"]) == 1


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.html")}


# -- SLURM ----------------------------------------------------------------------------------------


def test_the_slurm_script_is_a_script() -> None:
    script = EXAMPLES / "slurm.sh"
    subprocess.run(["bash", "-n", str(script)], check=True)
    options = re.findall(r"^#SBATCH --([a-z-]+)", script.read_text(encoding="utf-8"), re.M)
    assert {"ntasks", "mem-per-cpu", "time", "signal", "no-kill"} <= set(options)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", str(script)], check=True)


@pytest.mark.slow  # a real scheduler and two workers with certificates of their own
def test_the_slurm_script_makes_the_batch_on_workers_and_leaves_nothing(
    home: Path, made: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="dask is not installed")
    if not shutil.which("openssl"):
        pytest.skip("no openssl on the PATH")
    study = tmp_path / "kedai"
    _lay_study(study)
    venv = tmp_path / "venv" / "bin"
    venv.mkdir(parents=True)
    shutil.copy(home / "bin" / "cxkit", venv / "cxkit")
    _command(venv / "dask", f'#!/bin/sh\nexec "{sys.executable}" -m dask "$@"\n')
    _command(venv / "srun", STAND_IN)
    done = subprocess.run(
        ["bash", str(EXAMPLES / "slurm.sh")],
        env={**os.environ, "STUDY": str(study), "VENV": str(venv.parent)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert _bytes(study / "reports") == _bytes(made), "the same bytes as on one machine"
    assert not list(study.glob(".dask-*")), "the night's key is gone"
    assert str(study) not in _running(), "nothing is alive"


def _running() -> str:
    return subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True).stdout


# -- Kubernetes -----------------------------------------------------------------------------------


def _pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("kubernetes.yaml", "kubernetes-dask.yaml"):
        for one in _read_yaml(name):
            spec = one["spec"].get("jobTemplate", one)["spec"]
            if "template" in spec:
                yield one["metadata"]["name"], spec["template"]


def test_kubernetes_runs_one_batch_at_a_time_and_tries_again() -> None:
    (job,) = _read_yaml("kubernetes.yaml")
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    spec = job["spec"]["jobTemplate"]["spec"]
    assert spec["backoffLimit"] > 0
    (container,) = spec["template"]["spec"]["containers"]
    mending, _ = spec["podFailurePolicy"]["rules"]
    assert mending["action"] == "FailJob"
    assert mending["onExitCodes"]["containerName"] == container["name"]
    assert mending["onExitCodes"]["values"] == [2]
    assert spec["template"]["spec"]["restartPolicy"] == "Never", "as podFailurePolicy demands"


def test_pods_mount_what_they_name_and_run_as_nobody_special() -> None:
    found = dict(_pods())
    assert set(found) == {"cxkit-night", "cxkit-dask-scheduler", "cxkit-dask-worker"}
    for name, pod in found.items():
        spec = pod["spec"]
        (container,) = spec["containers"]
        mounted = {one["name"] for one in container.get("volumeMounts", [])}
        assert mounted == {one["name"] for one in spec.get("volumes", [])}, name
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert container["resources"]["limits"]["memory"]


def test_the_service_finds_the_scheduler_that_workers_ask_for() -> None:
    service, scheduler, worker, policy = _read_yaml("kubernetes-dask.yaml")
    pod = scheduler["spec"]["template"]
    assert service["spec"]["selector"] == pod["metadata"]["labels"]
    (port,) = service["spec"]["ports"]
    (container,) = pod["spec"]["containers"]
    assert container["ports"] == [{"containerPort": port["port"]}]
    address = f"tcp://{service['metadata']['name']}:{port['port']}"
    assert address in worker["spec"]["template"]["spec"]["containers"][0]["command"]
    assert (
        address in (EXAMPLES / "kubernetes-dask.yaml").read_text(encoding="utf-8").split("---")[0]
    )
    chosen = policy["spec"]["podSelector"]["matchLabels"].items()
    for _, one in _pods():
        assert chosen <= one["metadata"]["labels"].items()


def test_the_image_is_built_as_the_readme_installs() -> None:
    lines = (EXAMPLES / "Dockerfile").read_text(encoding="utf-8").splitlines()
    runs = [line.removeprefix("RUN ").split() for line in lines if line.startswith("RUN ")]
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    for words in runs:
        options = {word for word in words if word.startswith("--")} - {"--no-cache-dir"}
        assert any(options <= set(line.split()) for line in readme.splitlines() if "pip" in line)
    assert (PROJECT / "requirements.lock").is_file()


# -- GitHub Actions -------------------------------------------------------------------------------


def test_github_restores_what_is_done_and_keeps_no_answers() -> None:
    (workflow,) = _read_yaml("github-actions.yml")
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["batch"]["steps"]
    uses = [step.get("uses", "").partition("@")[0] for step in steps]
    runs = [step.get("run", "") for step in steps]
    batch = next(number for number, run in enumerate(runs) if "cxkit batch" in run)
    assert uses.index("actions/cache/restore") < batch < uses.index("actions/cache/save")
    assert all(step["if"] == "always()" for step in steps[batch + 1 :])
    kept = [path for step in steps for path in step.get("with", {}).get("path", "").split()]
    assert kept
    assert not [path for path in kept if not path.startswith(("study/reports", "cxkit"))]
    if shutil.which("actionlint"):
        subprocess.run(["actionlint", str(EXAMPLES / "github-actions.yml")], check=True)


# -- the page -------------------------------------------------------------------------------------


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Every `cxkit` command of the page and of the examples, with where it stands."""
    for file in (PAGE, *sorted(EXAMPLES.iterdir())):
        text = file.read_text(encoding="utf-8")
        text = text.replace("\\\n", " ").replace('exec "$CXKIT"', "cxkit")
        for line in text.splitlines():
            found = re.search(r"(?:^|[`( ])cxkit (batch|verify|check|clean) [^`#&;|)]*", line)
            if found:
                words = shlex.split(re.sub(r"\s2>.*", "", found[0]).strip(" `("))
                yield f"{file.name}: {line.strip()}", words[1:]
    args = [pod["spec"]["containers"][0].get("args") for _, pod in _pods()]
    yield from (("kubernetes.yaml", words) for words in args if words)


def test_every_command_of_the_page_and_the_examples_is_one() -> None:
    found = list(_commands())
    assert len(found) >= 8
    refused = {where: _refusal(words) for where, words in found}
    assert not {where: said for where, said in refused.items() if said}


def test_the_page_names_every_example_and_no_other() -> None:
    named = set(re.findall(r"\]\(night/([\w.-]+)\)", PAGE.read_text(encoding="utf-8")))
    assert named == {path.name for path in EXAMPLES.iterdir()}


def test_the_page_lists_the_events_and_fields_of_the_log(made: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in (made / "kedai-batch.jsonl").read_text().splitlines()]
    assert rows
    fields = {name for row in rows for name in row} | {row["event"] for row in rows}
    assert {name for name in fields if f"`{name}`" not in text} == set()
