import subprocess
import sys

import pytest

from stages.config.composition import compose_yaml, load, parse
from stages.config.secrecy import (
    one_line,
    refuse_secrets,
    secrets,
    without_secrets,
    without_userinfo,
)
from stages.errors import UserError

KEPT = {
    "HF_TOKEN": "hf_0123456789",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdz",
    "MLFLOW_TRACKING_PASSWORD": "correct horse",
    "MLFLOW_TRACKING_TOKEN": "correct horse battery",
    "PGPASSWORD": "staple12",
}
PUBLIC = {
    "HOME": "/home/ann",
    "TOKENIZERS_PARALLELISM": "false",
    "KEYBOARD": "us-intl-x",
    "A_KEY": "",
}


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://ann:secret@host:5000/x", "http://host:5000/x"),
        ("http://ann:se@cret@host", "http://host"),
        ("http://secret@host", "http://host"),
        ("postgresql+psycopg2://ann:se/cret@db/x", "postgresql+psycopg2://db/x"),
        ("postgresql://db/x?user=ann&password=secret", "postgresql://db/x"),
        ("sqlite:////a@b/mlflow.db", "sqlite:////a@b/mlflow.db"),
        ("http://host:5000/x", "http://host:5000/x"),
    ],
)
def test_passwords_are_not_shown(uri: str, shown: str) -> None:
    assert without_userinfo(uri) == shown
    assert without_userinfo(f"API request to {uri} failed") == f"API request to {shown} failed"


def test_variables_hold_secrets_by_their_names() -> None:
    assert secrets(KEPT | PUBLIC | {"SHORT_KEY": "1234567"}).keys() == KEPT.keys()


SECRET = """
    GITHUB_PAT AZURE_DEVOPS_EXT_PAT OPENAI_APIKEY openaiApiKey API_KEYS ANTHROPIC_API_KEY ACCESSKEY
    MYSQL_PWD DB_PWD DBPWD DB_PASS DBPASS SSHPASS PASS smtp_pass MYSQL_ROOT_PASS
    HF_TOKEN_2 HF_TOKEN2 HF_TOKEN_OLD DB_PASSWORD_PROD DB_PASS_1 AWS_ACCESS_KEY_ID_2 GHTOKEN
    REDISCLI_AUTH SERVICE_JWT DB_CREDS APP_SECRETS KEY_PASSPHRASE VAULT_PASSCODE
    GOOGLE_APPLICATION_CREDENTIALS AZURE_STORAGE_CONNECTION_STRING
"""
INNOCENT = """
    token_length max_new_tokens TOKENIZERS_PARALLELISM passes PASSES pass_count single_pass
    twelve_pass SECOND_PASS low_pass BYPASS COMPASS SSH_ASKPASS PGPASSFILE path PATH PYTHONPATH
    PATTERN pattern SPAT PWD OLDPWD INIT_CWD INITIAL_PWD HOST_PWD PAT_SIZE KEYBOARD KEYS MONKEY
    HOTKEY keys_2 SSH_AUTH_SOCK XAUTHORITY AUTHOR SECRETARY PASSENGER CREDIT TOKEN_FILE NEW OLD_2
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_variable_of_this_name_holds_a_secret(name: str) -> None:
    assert secrets({name: "x" * 8}) == {name: "x" * 8}


@pytest.mark.parametrize("name", INNOCENT.split())
def test_a_variable_of_this_name_holds_none(name: str) -> None:
    assert secrets({name: "x" * 8}) == {}


@pytest.mark.parametrize("name", KEPT)
def test_no_secret_is_told(name: str) -> None:
    told = without_secrets(f"403 for {KEPT[name]} at https://ann:{KEPT[name]}@host/x", KEPT)
    assert told == "403 for *** at https://host/x"


def test_text_for_a_terminal_is_one_line_without_its_commands() -> None:
    assert one_line("a\nb\x1b[31m\u202ec café") == "a\\nb\\x1b[31m\\u202ec café"


@pytest.mark.parametrize("name", KEPT)
def test_settings_with_a_secret_are_refused_without_telling_it(name: str) -> None:
    with pytest.raises(UserError, match=rf"x: a\.b: holds the value of {name}, ") as caught:
        refuse_secrets({"a": {"b": ["ok", f"<{KEPT[name]}>"]}}, "x", {name: KEPT[name]})
    assert KEPT[name] not in str(caught.value)
    refuse_secrets({"a": {"b": ["ok"]}}, "x", KEPT | PUBLIC)


@pytest.mark.parametrize("key", ["recognize.checkpoint", "segment.method", "crop.language"])
def test_a_secret_of_the_environment_does_not_get_into_settings(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", KEPT["HF_TOKEN"])
    with pytest.raises(UserError, match=rf"{key}: holds the value of HF_TOKEN") as caught:
        load([f"{key}=${{oc.env:HF_TOKEN}}"])
    assert KEPT["HF_TOKEN"] not in str(caught.value)


def test_a_uri_with_a_password_is_no_setting() -> None:
    text = compose_yaml().replace("models/embedded", "https://ann:secret@host/model")
    with pytest.raises(UserError, match="user and password of a URI") as caught:
        parse(text, "params.yaml")
    assert "secret@" not in str(caught.value)


def test_an_error_is_told_without_secrets_and_on_one_line() -> None:
    code = (
        "from stages.errors import UserError\n"
        "from stages.running.runner import run_command\n"
        "def fail():\n"
        "    raise UserError('hf_0123456789\\nat s3://ann:secret@host\\x1b[2J')\n"
        "run_command('x', fail)\n"
    )
    environment = {"HF_TOKEN": KEPT["HF_TOKEN"]}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "x: ***\\nat s3://host\\x1b[2J\n")
