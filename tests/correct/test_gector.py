import json
import os
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from stages.config.composition import load
from stages.config.correct_settings import GectorSettings
from stages.correct.__main__ import correct
from stages.correct.corrector import CorrectedText, TextLine, correct_text
from stages.correct.gector import GectorCorrector, load_verb_forms
from stages.correct.gector_model import load_gector
from stages.errors import UserError
from tests.correct.checkpoints import save_gector
from tests.correct.foreign import ask_for_code
from tests.correct.stage import corrected, write_page

TABLE = {
    "an": "$REPLACE_a",
    "teh": "$REPLACE_the",
    "school": "$APPEND_.",
    "very": "$DELETE",
    "i": "$TRANSFORM_CASE_CAPITAL",
    "be": "$MERGE_SPACE",
    "go": "$TRANSFORM_VERB_VB_VBZ",
    "goes": "$APPEND_to",
    "listen": "$APPEND_to",
}
WORDS = ["A", "cat", "to", "cause", "we", "sat", "old", ",", ".", "the", "a", "I"]


def settings(folder: Path | str, **other: object) -> GectorSettings:
    values = {
        "checkpoint": str(folder),
        "base_model": None,
        "verb_forms": str(Path(folder) / "verbs.txt"),
        "iterations": 5,
        "keep_confidence": 0.0,
        "min_error_probability": 0.0,
        "batch_size": 2,
    }
    return GectorSettings.model_validate(values | other)


@pytest.fixture(scope="module", params=["bert", "roberta", "deberta"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_gector(tmp_path_factory.mktemp("gector"), TABLE, WORDS, kind=request.param)
    (folder / "verbs.txt").write_text("go_goes:VB_VBZ\ngo_gone:VB_VBN\n")
    return folder


def mend(corrector: GectorCorrector, *lines: str) -> CorrectedText:
    return correct_text([TextLine(line) for line in lines], [corrector])


def mend_once(folder: Path, *lines: str, **other: object) -> list[str]:
    return mend(GectorCorrector(settings(folder, iterations=1, **other)), *lines).corrected


def test_labels_are_applied_in_their_place(checkpoint: Path) -> None:
    corrector = GectorCorrector(settings(checkpoint, iterations=1))
    text = mend(corrector, "i sat,  an very old cat", "", "be cause we go school, teh Zermatt’s 7%")
    assert text.corrected == ["I sat,  a old cat", "", "because we goes school., the Zermatt’s 7%"]
    assert [(edit.line, edit.before, edit.after, edit.reason) for edit in text.edits] == [
        (0, "i", "I", "$TRANSFORM_CASE_CAPITAL"),
        (0, "an", "a", "$REPLACE_a"),
        (0, "very ", "", "$DELETE"),
        (2, "be cause", "because", "$MERGE_SPACE"),
        (2, "go", "goes", "$TRANSFORM_VERB_VB_VBZ"),
        (2, "", ".", "$APPEND_."),
        (2, "teh", "the", "$REPLACE_the"),
    ]
    assert {edit.score for edit in text.edits} == {0.9}


def test_each_iteration_sees_what_the_last_one_wrote(checkpoint: Path) -> None:
    after = [
        mend(GectorCorrector(settings(checkpoint, iterations=n)), "we go the cat").corrected
        for n in (1, 2)
    ]
    assert after == [["we goes the cat"], ["we goes to the cat"]]


def test_no_edit_crosses_a_line(checkpoint: Path) -> None:
    lines = ["we sat be", "cause we listen", "the cat"]
    assert mend_once(checkpoint, *lines) == ["we sat be", "cause we listen to", "the cat"]


def test_the_same_again_is_the_same(checkpoint: Path) -> None:
    lines = ["i sat on an cat. We go", "teh old. An very", "very very old"]
    one, other = (
        mend(GectorCorrector(settings(checkpoint, batch_size=size)), *lines) for size in (1, 32)
    )
    assert one == other


def test_sentences_longer_than_the_encoder_keep_their_end(tmp_path: Path) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS, max_length=8)
    line = "teh " * 20
    (after,) = mend_once(folder, line)
    assert after == "the " * 5 + "teh " * 15


@pytest.mark.parametrize(("bias", "changes"), [(0.0, True), (0.79, True), (0.81, False)])
def test_keep_confidence_tips_the_balance(tmp_path: Path, bias: float, changes: bool) -> None:
    """$KEEP has 0.1 against the label's 0.9."""
    folder = save_gector(tmp_path, TABLE, WORDS)
    after = mend_once(folder, "teh cat", keep_confidence=bias)
    assert after == (["the cat"] if changes else ["teh cat"])


@pytest.mark.parametrize(("least", "after"), [(0.2, "the cat a"), (0.8, "teh cat an")])
def test_labels_less_probable_are_left_out(tmp_path: Path, least: float, after: str) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS, sure=0.7, wrong={"cat": 0.95})
    assert mend_once(folder, "teh cat an", min_error_probability=least) == [after]


@pytest.mark.parametrize(("least", "after"), [(0.5, "the cat. A"), (0.7, "teh cat. A")])
def test_a_sentence_without_a_word_likely_wrong_is_left_alone(
    tmp_path: Path, least: float, after: str
) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS, wrong={"teh": 0.6, "A": 0.95})
    assert mend_once(folder, "teh cat. A", min_error_probability=least) == [after]


def test_the_beginning_can_be_added_to(tmp_path: Path) -> None:
    folder = save_gector(tmp_path, {"$START": "$APPEND_The"}, WORDS, wrong={"$START": 0.6})
    assert mend_once(folder, "old cat sat.", min_error_probability=0.5) == ["The old cat sat."]
    assert mend_once(folder, "old cat sat.", min_error_probability=0.7) == ["old cat sat."]


def test_a_pickled_checkpoint_is_read_like_safetensors(tmp_path: Path) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS, pickled=True)
    assert mend_once(folder, "teh cat") == ["the cat"]


def test_a_pickle_that_would_act_is_refused(tmp_path: Path) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS)
    (folder / "model.safetensors").unlink()

    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "made"),)

    torch.save({"bert": Payload()}, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"pytorch_model\.bin: refused, .*mkdir"):
        load_gector(settings(folder))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("part", ["", "encoder"])
def test_code_of_a_checkpoint_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    folder = save_gector(tmp_path / "gector", TABLE, WORDS)
    ask_for_code(folder / part, tmp_path / "ran", monkeypatch)
    config = folder / "config.json"
    content = json.loads(config.read_text()) | {"model_type": ""}
    config.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"^[^\n]+$"):
        load_gector(settings(folder))
    assert not (tmp_path / "ran").exists()
    assert sys.stdin.read(2) == "y\n", "somebody was asked"


def test_verb_forms_that_are_not_there_are_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS)
    corrector = GectorCorrector(settings(folder))
    assert mend(corrector, "we go", "teh").corrected == ["we go", "the"]
    assert mend(corrector, "we go").corrected == ["we go"]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(folder / "verbs.txt") in said
    assert "https://" in said


def test_verb_forms_in_another_encoding_or_a_folder_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "verbs.txt"
    path.write_text("\ufeffgo_goes:VB_VBZ\n", encoding="utf-8")
    assert load_verb_forms(path) == {("go", "VB_VBZ"): "goes"}
    path.write_bytes(b"go_go\xe9s:VB_VBZ\n")
    with pytest.raises(UserError, match=r"verbs\.txt: is no UTF-8"):
        load_verb_forms(path)
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\)"):
        load_verb_forms(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id2label": {"0": "<OOV>", "5": "$KEEP"}},
        {"max_length": "long"},
        {"d_label2id": {"$CORRECT": 0, "$INCORRECT": 7}},
    ],
)
def test_a_configuration_that_fits_no_labels_is_one_line(
    wrong: dict[str, object], tmp_path: Path
) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS)
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | wrong))
    with pytest.raises(UserError, match=r"config\.json: not the configuration of a GECToR"):
        GectorCorrector(settings(folder))


def test_verb_forms_name_the_line_at_fault(tmp_path: Path) -> None:
    path = tmp_path / "verbs.txt"
    path.write_text("go_goes:VB_VBZ\ngo_go's:VB_VBZ\nbe_is:VB_VBZ\n")
    assert load_verb_forms(path) == {("go", "VB_VBZ"): "goes", ("be", "VB_VBZ"): "is"}
    path.write_text("go_goes:VB_VBZ\n<html>\n")
    with pytest.raises(UserError, match=r"verbs\.txt: line 2"):
        load_verb_forms(path)


def test_a_published_name_says_what_to_download_and_where_to() -> None:
    name = "gotutiyan/gector-roberta-base-5k"
    with pytest.raises(UserError) as caught:
        load_gector(settings(name))
    for said in (name, f"https://huggingface.co/{name}", "models/gector/gector-roberta-base-5k"):
        assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_encoder_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS)
    with pytest.raises(UserError, match=r"^[^\n]*https://huggingface\.co/roberta-base[^\n]*$"):
        load_gector(settings(folder, base_model="roberta-base"))


def test_what_is_no_gector_checkpoint_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such folder; set correct\.gector\.checkpoint"):
        load_gector(settings(tmp_path / "none"))
    folder = save_gector(tmp_path / "a", TABLE, WORDS)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match=r"^[^\n]*config\.json: not the configuration[^\n]*$"):
        load_gector(settings(folder))


@pytest.mark.parametrize(
    "lost", ["label_proj_layer.bias", "bert.encoder.layer.0.output.dense.bias"]
)
def test_weights_that_do_not_fit_are_one_line(tmp_path: Path, lost: str) -> None:
    folder = save_gector(tmp_path, TABLE, WORDS)
    weights = load_file(folder / "model.safetensors")
    del weights[lost]
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(UserError, match=f"^[^\n]*does not fit the encoder[^\n]*{lost}[^\n]*$"):
        load_gector(settings(folder))


def test_the_stage_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = save_gector(tmp_path / "checkpoint", TABLE, WORDS)
    write_page(tmp_path, ["i sat be", "cause, teh cat"])
    monkeypatch.chdir(tmp_path)
    standard = ["correct.target=standard", "correct.standard_chain=[gector]"]
    correct(load(["correct=gector", f"correct.gector.checkpoint={folder}", *standard]))
    assert "models/gector/verb-form-vocab.txt: not there" in capsys.readouterr().err
    page = corrected(tmp_path)
    # only the non-word is open in the transcription
    assert page.essay.corrected == ["i sat be", "cause, the cat"]
    assert {edit.corrector for edit in page.essay.edits} == {"gector"}
    assert page.essay_standard is not None
    assert page.essay_standard.raw == page.essay.corrected
    assert page.essay_standard.corrected == ["I sat be", "cause, the cat"]
