"""python -m audit, or `make audit`: the pinned packages against published advisories (pip-audit).

A release that is known to be vulnerable is asked for first: pip-audit ends well where a service
knows none of the packages, and says that no vulnerability is known. The exit code is 0 where all
packages were audited and nothing is known, 1 where something is or a package was not audited, 2
where nothing was: no service answered, or pip-audit cannot be run.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

PROGRAM = Path(".cache/audit/bin/pip-audit")
LOCKS = [
    Path("requirements.lock"),
    Path("requirements-kraken.lock"),
    Path("requirements-audit.lock"),
]
SERVICES = ("pypi", "osv")
VULNERABLE = "jinja2==2.4.1"  # PYSEC-2014-8 and others
TIMEOUT_S = "15"


class NoAnswerError(Exception):
    """The service's advisories could not be had; the reason in one line."""


@dataclass(frozen=True)
class Finding:
    """An advisory that names a pinned release; `fixed` are the releases without it."""

    package: str
    version: str
    advisory: str
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """What a service knows; `unknown` are packages that it has nothing on, not even a release."""

    audited: int
    findings: list[Finding]
    unknown: list[str]


def pinned(lock: Path) -> list[str]:
    """Every `name==version` of a lock file, without what PyPI does not know, such as `+cpu`."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.partition("+")[0].strip() for line in lines if "==" in line]


def parse(answer: str) -> Audit:
    """What pip-audit says with `--format json`.

    Raises:
        NoAnswerError: it is no such JSON.
    """
    try:
        packages = json.loads(answer)["dependencies"]
        known = [package for package in packages if "skip_reason" not in package]
        return Audit(
            audited=len(known),
            findings=[
                Finding(p["name"], p["version"], found["id"], tuple(found["fix_versions"]))
                for p in known
                for found in p["vulns"]
            ],
            unknown=sorted(package["name"] for package in packages if "skip_reason" in package),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(f"pip-audit gave no report ({error})") from None


def ask(service: str, requirements: Sequence[str], program: Path = PROGRAM) -> Audit:
    """What a service of pip-audit knows of these releases.

    Raises:
        NoAnswerError: it cannot be reached.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        done = subprocess.run(
            [
                *(str(program), "--requirement", str(path), "--vulnerability-service", service),
                *("--disable-pip", "--no-deps", "--format", "json", "--timeout", TIMEOUT_S),
                *("--progress-spinner", "off"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if not done.stdout.strip():
        raise NoAnswerError((done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1])
    return parse(done.stdout)


def answering() -> str:
    """The first service that knows the advisories of a release known to be vulnerable.

    Raises:
        NoAnswerError: none does; names every service with its reason.
    """
    reasons = []
    for service in SERVICES:
        try:
            if ask(service, [VULNERABLE]).findings:
                return service
            reasons.append(f"{service}: has nothing on {VULNERABLE}, which is vulnerable")
        except NoAnswerError as error:
            reasons.append(f"{service}: {str(error)[:120]}")
    raise NoAnswerError("; ".join(reasons))


def told(audit: Audit) -> str:
    """The audit for people, one line a finding."""
    lines = [
        f"{f.package} {f.version}: {f.advisory}, mended in {', '.join(f.fixed) or 'no release'}"
        for f in audit.findings
    ]
    if audit.unknown:
        lines.append(f"not audited, not known to the service: {', '.join(audit.unknown)}")
    advisories = f"{len(audit.findings)} known" if audit.findings else "none known"
    return "\n".join([*lines, f"{audit.audited} packages audited; vulnerabilities: {advisories}"])


def main() -> None:
    """Audit all pinned packages."""
    if not PROGRAM.is_file():
        stop(f"{PROGRAM}: not there; `make audit` installs it")
    pins = {lock: pinned(lock) for lock in LOCKS}
    try:
        service = answering()
        audits = {lock: ask(service, releases) for lock, releases in pins.items()}
    except NoAnswerError as error:
        stop(
            f"no advisories to be had, nothing was audited ({error}); "
            "see to the network and try again"
        )
    except OSError as error:  # its Python is gone, as where the checkout was moved
        stop(
            f"{PROGRAM}: cannot be run ({error.strerror}); "
            f"remove {PROGRAM.parents[1]}, then `make audit` installs it anew"
        )
    for lock, audit in audits.items():
        print(f"{lock} ({service})\n{told(audit)}")
    sys.exit(any(audit.findings or audit.unknown for audit in audits.values()))


def stop(reason: str) -> NoReturn:
    """End with exit code 2: nothing was audited."""
    print(f"audit: {reason}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
