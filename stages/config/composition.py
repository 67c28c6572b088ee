"""The composition of the settings from conf/ by Hydra, and their check against the schemas.

conf/ is the only source of settings. The params stage composes it into params.yaml;
`dvc exp run -S` composes the same groups with its overrides; `python -m stages.<name> key=value`
composes them once more for that call alone.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from yaml import YAMLError

from stages.config.conf_files import check_files
from stages.config.plain_yaml import Key, lines, read_text, values
from stages.config.plain_yaml import compose as compose_nodes
from stages.config.secrecy import refuse_secrets
from stages.config.settings import Params
from stages.errors import UserError

CONF = Path("conf")
PARAMS = Path("params.yaml")
NOT_CONF = (
    f"{PARAMS} holds an experiment's settings, not those of {CONF}/; `python -m stages.params`,"
    " then `dvc repro`, goes back to these"
)

MAX_OVERRIDE = 2000  # characters; Hydra's parser takes seconds for ten thousand
FAULTS = 8
SHOWN = 60


def validate(settings: object, origin: str, places: Mapping[Key, str] | None = None) -> Params:
    """Settings with the schema's types.

    Args:
        origin: where the settings come from.
        places: where each of them stands, by its path.

    Raises:
        UserError: one line that names every key at fault, where it stands, and why; or a setting
            holds a secret (`stages.config.secrecy`).
    """
    refuse_secrets(settings, origin)
    try:
        return Params.model_validate(settings)
    except ValidationError as error:
        found = [_fault(dict(e), places or {}) for e in error.errors(include_url=False)]
        more = [f"and {len(found) - FAULTS} more"] if len(found) > FAULTS else []
        raise UserError(f"{origin}: {'; '.join(found[:FAULTS] + more)}") from None


def _fault(error: dict[str, object], places: Mapping[Key, str]) -> str:
    location = error["loc"]
    assert isinstance(location, tuple)
    path = tuple(str(part) for part in location)
    key = ".".join(path) or "settings"
    place = f" ({places[path]})" if path in places else ""
    match error["type"]:
        case "extra_forbidden":
            return f"{key[:SHOWN]}: no such setting{place}"
        case "missing":
            return f"{key}: not set"
        case _:
            value, told = repr(error["input"])[:SHOWN], str(error["msg"])
            return f"{key}={value}: {told[:1].lower()}{told[1:]}{place}"


def compose_yaml(overrides: Sequence[str] = (), conf: Path = CONF) -> str:
    """The settings in conf/ as YAML, the very bytes that DVC's own Hydra composition writes.

    Args:
        overrides: Hydra overrides such as `segment.thresholds=[0.1]` or `recognize=trocr_large`.
        conf: the folder of config groups.

    Raises:
        UserError: conf/ is missing or malformed, an override names what does not exist, or is
            longer than `MAX_OVERRIDE` characters.
    """
    origin = " ".join(overrides)[: 4 * SHOWN] or str(conf)
    if max(map(len, overrides), default=0) > MAX_OVERRIDE:
        raise UserError(f"{origin}: over {MAX_OVERRIDE} characters; shorten it, or edit {conf}")
    check_files(conf)
    try:
        with initialize_config_dir(str(conf.resolve()), version_base="1.3"):
            config = compose("config", overrides=list(overrides))
        OmegaConf.resolve(config)
        return OmegaConf.to_yaml(config)
    except (HydraException, OmegaConfBaseException, YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{origin}: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    """What Hydra or OmegaConf say over several lines, less the advice for their programmers."""
    lines = [line.strip() for line in str(error).splitlines()]
    advice = ("To append to your config", "Set the environment variable", "See https", "provider=")
    told = [line for line in lines if line and not line.startswith((*advice, "Config search path"))]
    return re.sub(
        r"Could not override '(.+)'\.", r"there is no setting \1 in conf/", " ".join(told)
    )


def parse(text: str, origin: str, places: Mapping[Key, str] | None = None) -> Params:
    """YAML text as typed settings.

    Args:
        places: as for `validate`; without any, the lines of the text.

    Raises:
        UserError: the text is no plain YAML, or its settings do not fit the schema.
    """
    node = compose_nodes(text, origin)
    values(node, origin)
    if places is None:
        places = {key: f"line {line}" for key, line in lines(node).items()}
    try:
        settings = OmegaConf.to_container(OmegaConf.create(text), resolve=True)
    except (OmegaConfBaseException, YAMLError, ValueError) as error:
        raise UserError(f"{origin}: {_one_line(error)}") from None
    return validate(settings, origin, places)


def differs_from_conf() -> bool:
    """Whether params.yaml holds other settings than conf/, as `dvc exp run -S` leaves it."""
    try:
        return PARAMS.exists() and read_text(PARAMS) != compose_yaml()
    except UserError:
        return False


def load(overrides: Sequence[str] = ()) -> Params:
    """The settings for a stage: params.yaml, or with overrides conf/ composed with them.

    Raises:
        UserError: as `compose_yaml` and `parse`, or params.yaml does not exist.
    """
    if overrides:
        return parse(compose_yaml(overrides), " ".join(overrides), {})
    if not PARAMS.exists():
        raise UserError(f"{PARAMS}: not there yet; write it with `dvc repro params`")
    return parse(read_text(PARAMS), str(PARAMS))
