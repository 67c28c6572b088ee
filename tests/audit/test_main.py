import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.__main__ import LOCKS, PROGRAM, Audit, Finding, NoAnswerError, ask, parse, pinned, told
from audit.__main__ import VULNERABLE as PROBE

ROOT = Path(__file__).parents[2]

# As pip-audit 2.10.1 answered for these two, descriptions left out.
VULNERABLE = {
    "dependencies": [
        {
            "name": "jinja2",
            "version": "2.4.1",
            "vulns": [
                {
                    "id": "PYSEC-2014-8",
                    "fix_versions": ["2.7.2"],
                    "aliases": ["CVE-2014-1402", "GHSA-8r7q-cvjq-x353"],
                },
                {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": []},
            ],
        },
        {"name": "yarl", "version": "1.25.1", "vulns": []},
    ],
    "fixes": [],
}
# As it answers, with exit code 0 and "No known vulnerabilities found", where the index has no
# advisories.
SKIPPED = {
    "dependencies": [
        {
            "name": "jinja2",
            "skip_reason": "Dependency not found on PyPI and could not be audited: jinja2 (2.4.1)",
        }
    ],
    "fixes": [],
}


def test_findings_are_told_with_what_mends_them() -> None:
    audit = parse(json.dumps(VULNERABLE))
    assert audit == Audit(
        audited=2,
        findings=[
            Finding("jinja2", "2.4.1", "PYSEC-2014-8", ("2.7.2",)),
            Finding("jinja2", "2.4.1", "PYSEC-2019-217", ("2.10.1",)),
        ],
        unknown=[],
    )
    assert told(audit).splitlines() == [
        "jinja2 2.4.1: PYSEC-2014-8, mended in 2.7.2",
        "jinja2 2.4.1: PYSEC-2019-217, mended in 2.10.1",
        "2 packages audited; vulnerabilities: 2 known",
    ]


def test_a_package_that_was_skipped_does_not_pass_as_safe() -> None:
    audit = parse(json.dumps(SKIPPED))
    assert audit == Audit(audited=0, findings=[], unknown=["jinja2"])
    assert "not audited, not known to the service: jinja2" in told(audit)


@pytest.mark.parametrize("answer", ["", "no", "[]", "{}", '{"dependencies": [{}]}'])
def test_what_is_no_report_is_no_answer(answer: str) -> None:
    with pytest.raises(NoAnswerError):
        parse(answer)


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_all_pinned_releases_are_asked_for(lock: Path) -> None:
    releases = pinned(lock)
    written = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    assert (
        len(releases) == len(written) == len({release.partition("==")[0] for release in releases})
    )
    assert not any("+" in release for release in releases)


def test_a_program_that_fails_is_no_answer() -> None:
    program = shutil.which("false")
    assert program
    with pytest.raises(NoAnswerError, match="code 1"):
        ask("osv", ["jinja2==2.4.1"], Path(program))


@dataclass(frozen=True)
class Place:
    """A folder with lock files of its own, and what was asked there of a made-up pip-audit."""

    root: Path

    def put(self, body: str, interpreter: str = sys.executable) -> None:
        """Make pip-audit do this; `service` and `asked`, the releases, are at hand."""
        self._program.parent.mkdir(parents=True, exist_ok=True)
        self._program.write_text(f"#!{interpreter}\n{STUB}{body}", encoding="utf-8")
        self._program.chmod(0o755)

    def audit(self) -> subprocess.CompletedProcess[str]:
        """`python -m audit` there."""
        return subprocess.run(
            [sys.executable, "-m", "audit"],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        """A service and the releases it was asked for, of every call."""
        path = self.root / "asked"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def _program(self) -> Path:
        return self.root / PROGRAM


STUB = """
import json, pathlib, sys
options = sys.argv[1:]
service = options[options.index("--vulnerability-service") + 1]
releases = pathlib.Path(options[options.index("--requirement") + 1]).read_text().split()
with open("asked", "a") as file:
    print(service, *releases, file=file)

def answer(findings, skipped=()):
    packages = []
    for release in releases:
        name, _, version = release.partition("==")
        if name in skipped:
            packages.append({"name": name, "skip_reason": "not found"})
            continue
        vulns = [{"id": i, "fix_versions": ["9"]} for i in findings.get(name, [])]
        packages.append({"name": name, "version": version, "vulns": vulns})
    print(json.dumps({"dependencies": packages, "fixes": []}))
    sys.exit(any(findings.get(r.partition("==")[0]) for r in releases))
"""
KNOWS_THE_PROBE = 'answer({"jinja2": ["PYSEC-2014-8"]})'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for lock, releases in zip(LOCKS, ("one==1\ntwo==2", "three==3", "four==4"), strict=True):
        (tmp_path / lock).write_text(f"# of {lock}\n{releases}\n", encoding="utf-8")
    return Place(tmp_path)


def test_where_nothing_is_known_the_code_is_0_and_every_lock_was_asked_for(place: Place) -> None:
    place.put(KNOWS_THE_PROBE)
    done = place.audit()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "requirements.lock (pypi)",
        "2 packages audited; vulnerabilities: none known",
        "requirements-kraken.lock (pypi)",
        "1 packages audited; vulnerabilities: none known",
        "requirements-audit.lock (pypi)",
        "1 packages audited; vulnerabilities: none known",
    ]
    assert place.asked == [f"pypi {PROBE}", "pypi one==1 two==2", "pypi three==3", "pypi four==4"]


@pytest.mark.parametrize("package", ["two", "three", "four"])
def test_a_finding_in_any_lock_is_code_1(place: Place, package: str) -> None:
    place.put(f'answer({{"jinja2": ["PYSEC-2014-8"], "{package}": ["PYSEC-2026-1"]}})')
    done = place.audit()
    assert (done.returncode, done.stderr) == (1, "")
    assert f"\n{package} " in done.stdout
    assert done.stdout.count("PYSEC-2026-1, mended in 9") == 1


def test_a_package_that_was_not_audited_is_code_1(place: Place) -> None:
    place.put('answer({"jinja2": ["PYSEC-2014-8"]}, skipped=["four"])')
    done = place.audit()
    assert (done.returncode, done.stderr) == (1, "")
    assert "not audited, not known to the service: four\n0 packages audited" in done.stdout


def test_a_service_that_knows_nothing_of_the_probe_is_passed_over(place: Place) -> None:
    place.put('answer({"jinja2": ["PYSEC-2014-8"]} if service == "osv" else {})')
    done = place.audit()
    assert (done.returncode, done.stderr) == (0, "")
    assert place.asked[:3] == [f"pypi {PROBE}", f"osv {PROBE}", "osv one==1 two==2"]
    assert done.stdout.count("(osv)") == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("answer({})", f"has nothing on {PROBE}, which is vulnerable"),
        ('sys.exit("connecting\\nno route to host")', "no route to host"),
        ('print("<html>a login page</html>")', "pip-audit gave no report (Expecting value"),
        (
            f'{KNOWS_THE_PROBE} if "{PROBE}" in releases else sys.exit("no route to host")',
            "no route to host",
        ),
    ],
)
def test_where_no_service_answers_the_code_is_2_and_nothing_passes_as_audited(
    place: Place, body: str, reason: str
) -> None:
    place.put(body)
    done = place.audit()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("audit: no advisories to be had, nothing was audited (")
    assert reason in done.stderr
    assert done.stderr.endswith("); see to the network and try again\n")
    assert done.stderr.count("\n") == 1


def test_without_the_program_the_command_is_named(place: Place) -> None:
    done = place.audit()
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"audit: {PROGRAM}: not there; `make audit` installs it\n",
    )


def test_a_program_whose_python_is_gone_is_one_line(place: Place) -> None:
    place.put("", interpreter="/moved/python")
    done = place.audit()
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"audit: {PROGRAM}: cannot be run (No such file or directory); "
        "remove .cache/audit, then `make audit` installs it anew\n",
    )


def test_every_lock_file_of_the_project_is_audited() -> None:
    assert sorted(path.name for path in ROOT.glob("*.lock")) == sorted(
        ["dvc.lock", *map(str, LOCKS)]
    )
