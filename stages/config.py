"""The composition of the settings from conf/ by Hydra, and their check against the schemas.

conf/ is the only source of settings. The params stage composes it into params.yaml;
`dvc exp run -S` composes the same groups with its overrides; `python -m stages.<name> key=value`
composes them once more for that call alone.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from yaml import YAMLError

from stages.errors import UserError
from stages.settings import Params

CONF = Path("conf")
PARAMS = Path("params.yaml")


def validate(settings: object, origin: str) -> Params:
    """Settings with the schema's types.

    Raises:
        UserError: one line that names every key at fault, where the settings come from, and why.
    """
    try:
        return Params.model_validate(settings)
    except ValidationError as error:
        faults = "; ".join(_fault(dict(e)) for e in error.errors(include_url=False))
        raise UserError(f"{origin}: {faults}") from None


def _fault(error: dict[str, object]) -> str:
    location = error["loc"]
    assert isinstance(location, tuple)
    key = ".".join(str(part) for part in location) or "settings"
    match error["type"]:
        case "extra_forbidden":
            return f"{key}: no such setting"
        case "missing":
            return f"{key}: not set"
        case _:
            return f"{key}={error['input']!r}: {str(error['msg']).lower()}"


def compose_yaml(overrides: Sequence[str] = (), conf: Path = CONF) -> str:
    """The settings in conf/ as YAML, the very bytes that DVC's own Hydra composition writes.

    Args:
        overrides: Hydra overrides such as `segment.thresholds=[0.1]` or `recognize=trocr_large`.
        conf: the folder of config groups.

    Raises:
        UserError: conf/ is missing or malformed, or an override names what does not exist.
    """
    try:
        with initialize_config_dir(str(conf.resolve()), version_base="1.3"):
            config = compose("config", overrides=list(overrides))
        OmegaConf.resolve(config)
        return OmegaConf.to_yaml(config)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise UserError(f"{' '.join(overrides) or conf}: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    """What Hydra or OmegaConf say over several lines, less the advice for their programmers."""
    lines = [line.strip() for line in str(error).splitlines()]
    advice = ("To append to your config", "Set the environment variable", "See https", "provider=")
    told = [line for line in lines if line and not line.startswith((*advice, "Config search path"))]
    return re.sub(
        r"Could not override '(.+)'\.", r"there is no setting \1 in conf/", " ".join(told)
    )


def parse(text: str, origin: str) -> Params:
    """YAML text as typed settings.

    Raises:
        UserError: the text is no YAML, or its settings do not fit the schema.
    """
    try:
        settings = OmegaConf.to_container(OmegaConf.create(text), resolve=True)
    except (OmegaConfBaseException, YAMLError, ValueError) as error:
        raise UserError(f"{origin}: {_one_line(error)}") from None
    return validate(settings, origin)


def load(overrides: Sequence[str] = ()) -> Params:
    """The settings for a stage: params.yaml, or with overrides conf/ composed with them.

    Raises:
        UserError: as `compose_yaml` and `parse`, or params.yaml does not exist.
    """
    if overrides:
        return parse(compose_yaml(overrides), " ".join(overrides))
    if not PARAMS.exists():
        raise UserError(f"{PARAMS}: not there yet; write it with `dvc repro params`")
    return parse(PARAMS.read_text(encoding="utf-8"), str(PARAMS))
