import json
import shutil
from pathlib import Path

import pytest

from audit.__main__ import LOCKS, Audit, Finding, NoAnswerError, ask, main, parse, pinned, told

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


def test_without_the_program_the_command_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="not there; `make audit` installs it"):
        main()
