import pytest

from training.settings import parse

REQUIRED = ["--name", "x", "--init", "models/embedded", "--export", "out"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--device", "bogus", "bogus: Expected one of cpu, cuda"),
        ("--ctc-weight", "nan", "nan: give a number from 0"),
        ("--ctc-weight", "-1", "-1: give a number from 0"),
        ("--lines", "0", "0: give a number from 1"),
        ("--rate", "inf", "inf: give a number above 0"),
    ],
)
def test_what_cannot_be_trained_with_is_one_line(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([*REQUIRED, f"{option}={value}"])
    assert said in capsys.readouterr().err


def test_the_devices_of_this_machine_are_taken() -> None:
    assert parse([*REQUIRED, "--device", "cpu"]).device == "cpu"
