"""What must not be told: passwords in URIs, and the values of variables that hold secrets.

A variable holds a secret by its name, as HF_TOKEN_2, OPENAI_APIKEY, GITHUB_PAT and DB_PASS do.
"""

import os
import re
from collections.abc import Iterator, Mapping

from stages.errors import UserError

SECRET_NAME = re.compile(
    r"""(?ix)
    ( TOKEN | SECRETS? | PASSWORDS? | PASSWD | PASSPHRASE | PASSCODE | CREDENTIALS? | CREDS
    | ( API | ACCESS | ACCOUNT | AUTH | PRIVATE | SECRET ) _? KEYS? | _KEY | KEY_ID
    | _PAT | _PWD | ( ^ | _ ) PASS | ( DB | MYSQL | PG | SSH ) P( ASS | WD )
    | _AUTH | _JWT | CONNECTION_STRING
    )
    ( _? [0-9]+ | _( DEV | TEST | STAGING | PROD | OLD | NEW ) )? $
    """
)
# Passes over something, and folders.
OTHER_NAME = re.compile(
    r"""(?ix)
    ( ^ | _ )
    ( ( [0-9]+ | ONE | TWO | THREE | FOUR | SIX | TWELVE | SINGLE | DOUBLE | MULTI | FIRST | SECOND
      | THIRD | NEXT | LAST | FINAL | EACH | PER | BY | LOW | HIGH | BAND ) _PASS
    | ( HOST | INIT | INITIAL | ORIG | ORIGINAL | OLD | LAST | PREV | START | PROJECT | WORK ) _PWD
    ) $
    """
)
MIN_LENGTH = 8
USERINFO = re.compile(r"(?<=://)(?:[^/?#\s]*@|[^/:@\s]*:\S*@)")
LEFT_OUT = "***"


def holds_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret, as far as names tell."""
    return bool(SECRET_NAME.search(name)) and not OTHER_NAME.search(name)


def secrets(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that hold secrets, by their names, those with the longest value first.

    A value below eight characters may stand in a text by chance and does not count.
    """
    found = {
        name: value
        for name, value in environment.items()
        if holds_secret(name) and len(value) >= MIN_LENGTH
    }
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def without_userinfo(text: str) -> str:
    """`text` fit to be shown: user, password and query left out of the URIs in it.

    A password may hold `@`, and `/` as SQLAlchemy reads it; where a URI can be read in two ways,
    more is left out.
    """
    return re.sub(r"(://[^\s?'\"]*)\?[^\s'\")]*", r"\1", USERINFO.sub("", text))


def without_secrets(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """`text` without what `secrets` finds and without passwords in URIs."""
    for value in secrets(environment).values():
        text = text.replace(value, LEFT_OUT)
    return without_userinfo(text)


def one_line(text: str) -> str:
    """`text` on one line that no terminal acts on: control characters as Python writes them."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def refuse_secrets(
    settings: object, origin: str, environment: Mapping[str, str] = os.environ
) -> None:
    """See that settings hold no secret: they are written to files, Git and MLflow.

    Args:
        settings: nested dicts and lists.
        origin: where they come from.

    Raises:
        UserError: a value holds a password in a URI, or what a secret variable holds.
    """
    kept = secrets(environment)
    for key, text in _texts(settings):
        found = [f"the value of {name}" for name, value in kept.items() if value in text]
        if USERINFO.search(text):
            found.append("user and password of a URI")
        if found:
            raise UserError(
                f"{origin}: {key}: holds {found[0]}, and settings are written to params.yaml, Git "
                "and MLflow; take it out, and leave secrets to the environment"
            )


def _texts(settings: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(settings, str):
        yield key, settings
    elif isinstance(settings, dict):
        for name, value in settings.items():
            yield from _texts(value, f"{key}.{name}".lstrip("."))
    elif isinstance(settings, list):
        for value in settings:
            yield from _texts(value, key)
