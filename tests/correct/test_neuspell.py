import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertModel, BertTokenizer

from stages.config.correct_settings import NeuSpellSettings
from stages.correct.corrector import CorrectedText, TextLine, correct_text
from stages.correct.neuspell import CHECKPOINTS, NeuSpellCorrector
from stages.errors import UserError
from tests.correct.checkpoints import save_neuspell
from tests.correct.foreign import ask_for_code
from tests.correct.stage import ROOT, corrected, run, write_page

TABLE = {"teh": "the", "importamt": "important", "##erment": "government", "odd": "<<PAD>>"}
WORDS = ["the", "cat", "said", "is", "in", ",", ".", "gov", "'", "t", "don", "isn"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_neuspell(tmp_path_factory.mktemp("neuspell"), TABLE, WORDS)


@pytest.fixture(scope="module")
def corrector(checkpoint: Path) -> NeuSpellCorrector:
    return load(checkpoint)


def load(folder: Path) -> NeuSpellCorrector:
    base = str(folder / "base")
    return NeuSpellCorrector(NeuSpellSettings(checkpoint=str(folder), base_model=base))


def mend(corrector: NeuSpellCorrector, *lines: str) -> CorrectedText:
    return correct_text([TextLine(line) for line in lines], [corrector])


def test_words_are_mended_in_their_place(corrector: NeuSpellCorrector) -> None:
    text = mend(corrector, "teh cat  said,'is' importamt", "", " in goverment .  Teh teh.")
    assert text.corrected == ["the cat  said,'is' important", "", " in government .  Teh the."]
    assert [(edit.line, edit.before, edit.after) for edit in text.edits] == [
        (0, "teh", "the"),
        (0, "importamt", "important"),
        (2, "goverment", "government"),
        (2, "teh", "the"),
    ]


def test_the_score_is_the_checkpoints_probability(
    corrector: NeuSpellCorrector, checkpoint: Path
) -> None:
    (edit,) = mend(corrector, "teh").edits
    saved = torch.load(checkpoint / "model.pth.tar", weights_only=False)["model_state_dict"]
    bert = BertModel(BertConfig.from_pretrained(checkpoint / "base")).eval()
    weights = {k.removeprefix("bert_model."): w for k, w in saved.items() if k[0] == "b"}
    bert.load_state_dict(weights, strict=False)
    tokenizer = BertTokenizer.from_pretrained(checkpoint / "base")
    with torch.no_grad():
        hidden = bert(**tokenizer("teh", return_tensors="pt")).last_hidden_state[0, 1]
    logits = hidden @ saved["dense.weight"].T + saved["dense.bias"]
    assert edit.score == pytest.approx(float(logits.softmax(-1).max()), abs=5e-4)


def test_unknown_words_numbers_and_special_tokens_stay(corrector: NeuSpellCorrector) -> None:
    lines = ["Zermatt 1,496 é € [UNK] odd", "\x00 \u200b", "don't isn’t ##erment", "x" * 300]
    assert mend(corrector, *lines).corrected == lines


@given(st.lists(st.text(st.sampled_from("abct ,.'’7é#[]\u200b\x00\u3000語"), max_size=20)))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_the_checkpoint_leaves_alone_stays(
    corrector: NeuSpellCorrector, lines: list[str]
) -> None:
    assert mend(corrector, *lines).corrected == lines


def test_a_long_text_is_read_to_its_end(corrector: NeuSpellCorrector) -> None:
    line = "the cat said teh " * 60
    text = mend(corrector, line, line + "teh")
    assert text.corrected == [line.replace("teh", "the"), (line + "teh").replace("teh", "the")]


def test_the_later_layout_loads_as_well(tmp_path: Path) -> None:
    checkpoint = save_neuspell(tmp_path, TABLE, WORDS, pickled_as="pytorch_model.bin")
    assert mend(load(checkpoint), "teh cat").corrected == ["the cat"]


def test_code_of_the_base_model_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_neuspell(tmp_path, TABLE, WORDS)
    ask_for_code(tmp_path / "base", tmp_path / "ran", monkeypatch)
    with pytest.raises(UserError, match=r"no configuration and tokenizer of BERT \([^\n]+$"):
        load(tmp_path)
    assert not (tmp_path / "ran").exists()
    assert sys.stdin.read(2) == "y\n", "somebody was asked"


def test_a_vocabulary_that_would_act_is_refused(tmp_path: Path) -> None:
    save_neuspell(tmp_path, TABLE, WORDS)
    (tmp_path / "vocab.pkl").write_bytes(b"cos\nmkdir\n(S'" + bytes(tmp_path / "made") + b"'\ntR.")
    with pytest.raises(UserError, match=r"vocab\.pkl: refused, .*mkdir"):
        load(tmp_path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\x80\x04}.", "not a NeuSpell vocabulary"), (b"nothing", "refused, not plain data")],
)
def test_another_vocabulary_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    save_neuspell(tmp_path, TABLE, WORDS)
    (tmp_path / "vocab.pkl").write_bytes(content)
    with pytest.raises(UserError, match=said):
        load(tmp_path)


def test_files_that_do_not_fit_are_one_line(tmp_path: Path) -> None:
    one = save_neuspell(tmp_path / "one", TABLE, WORDS)
    other = save_neuspell(tmp_path / "other", TABLE, [*WORDS, "more"])
    (other / "vocab.pkl").rename(one / "vocab.pkl")
    with pytest.raises(UserError, match=r"^[^\n]*do not fit[^\n]*$"):
        load(one)
    (one / "model.pth.tar").unlink()
    with pytest.raises(UserError, match="no weights there"):
        load(one)


def test_a_published_name_says_what_to_download_and_where_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint: Path
) -> None:
    name = "subwordbert-probwordnoise"
    named = NeuSpellSettings(checkpoint=name, base_model=str(checkpoint / "base"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        NeuSpellCorrector(named)
    for said in (str(CHECKPOINTS / name), "vocab.pkl", "model.pth.tar", "https://"):
        assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    CHECKPOINTS.mkdir(parents=True)
    (CHECKPOINTS / name).symlink_to(checkpoint)
    assert mend(NeuSpellCorrector(named), "teh").corrected == ["the"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"correct\.neuspell\.checkpoint"):
        load(tmp_path / "none")


def test_a_base_model_that_cannot_be_had_is_one_line(checkpoint: Path) -> None:
    published = NeuSpellSettings(checkpoint=str(checkpoint), base_model="bert-base-cased")
    with pytest.raises(UserError) as caught:
        NeuSpellCorrector(published)
    assert "https://huggingface.co/bert-base-cased" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_stage_runs_it(tmp_path: Path, checkpoint: Path) -> None:
    """As the command line does: neuspell says nothing, asks no hub, leaves no folder behind."""
    write_page(tmp_path, ["Teh cat, teh", "goverment."])
    done = run(
        tmp_path,
        "correct=neuspell",
        f"correct.neuspell.checkpoint={checkpoint}",
        f"correct.neuspell.base_model={checkpoint / 'base'}",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = corrected(tmp_path)
    assert page.essay.corrected == ["Teh cat, the", "government."]
    assert {edit.corrector for edit in page.essay.edits} == {"neuspell"}
    package = find_spec("neuspell")
    assert package is not None and package.origin is not None
    assert not (Path(package.origin).parents[1] / "data").exists()


def test_the_stage_imports_torch_only_for_those_that_need_it() -> None:
    code = "import sys, stages.correct.__main__; print(*{'torch', 'neuspell'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == ""


def test_a_sentence_of_more_pieces_than_the_encoder_has_positions_is_mended_in_parts(
    corrector: NeuSpellCorrector,
) -> None:
    word, endless = "gov" + 3 * "erment", "gov" + 200 * "erment"
    given = " ".join([*50 * [word], endless, "teh"])
    after = mend(corrector, given).corrected[0].split()
    assert len(after) == 52
    assert after[50:] == [endless, "the"]
