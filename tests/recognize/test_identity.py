import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from stages.config.settings import RecognizeSettings
from stages.recognize.checkpoint import load_checkpoint
from stages.recognize.identity import CPU_BUILD, identify

EMBEDDED = Path("models/embedded")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_weights_have_their_name_without_being_loaded(
    settings: Callable[..., RecognizeSettings], device: str
) -> None:
    wanted = settings(checkpoint=str(EMBEDDED), device="cpu")
    loaded, named = load_checkpoint(wanted).identity, identify(wanted, device)
    assert (named.name, named.digest, named.revision) == (loaded.name, loaded.digest, None)
    assert (named.device, named.dtype) == (device, "float32")
    assert identify(wanted) == loaded


@pytest.mark.skipif(not version("torch").endswith(CPU_BUILD), reason="torch knows the devices")
def test_torch_is_loaded_only_to_read() -> None:
    """It takes seconds, which a run whose crops are all known need not spend."""
    script = (
        "import sys\n"
        "import stages.recognize.__main__ as recognize\n"
        "from stages.config.composition import load\n"
        "with recognize.open_engine(load([]).recognize) as engine:\n"
        "    print(engine.identity.device, 'torch' in sys.modules, 'transformers' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["cpu", "False", "False"]
