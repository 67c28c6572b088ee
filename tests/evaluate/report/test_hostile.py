"""Texts that try to act, in every place of the report where a page's text or name can stand."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from stages.evaluate.outcomes import Outcome
from stages.evaluate.overlays import file_name, jpeg
from stages.pages.records import CorrectedText, Edit
from stages.pages.transcriptions import parse_typed
from tests.evaluate.pages import make_outcome
from tests.evaluate.pictures import make_report
from tests.evaluate.report.browsing import open_report, section_of

ATTACKS = [
    "<script>pwned=1</script>",
    "</noscript><script>pwned=1</script>",
    "</style></title></textarea><img src=x onerror=pwned=1>",
    "\"><svg/onload=pwned=1>' autofocus onfocus=pwned=1 x='",
    "&lt;img src=x onerror=pwned=1&gt; &#60;script&#62;pwned=1&#60;/script&#62;",
    "<a href='javascript:pwned=1'>click</a><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<!--<script>pwned=1//--></script>{{ 7*7 }}{% raw %}",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>",
]


def attacked(attack: str, number: int) -> list[Outcome]:
    """A page that came through and one that did not, with `attack` wherever a text can stand."""
    typed = parse_typed(
        f"topic: |\n  {attack}\nband: 5\nessay: |\n  {attack} typed\n  two\n"
        f"examiner_comment: |\n  {attack} typed\n",
        "x",
    )
    name = f"{number} {attack}"
    outcome = make_outcome(name, raw=[attack, "two"], final=[attack, "too"], truth=typed)
    reading, layout = outcome.reading, outcome.layout
    assert reading and layout
    edit = Edit(
        line=0,
        start=0,
        end=1,
        before=attack,
        after=f"{attack} after",
        corrector=attack,
        reason=attack,
        score=0.5,
    )
    text = CorrectedText(raw=[attack], corrected=[f"{attack} corrected"], edits=[edit])
    corrected = reading.corrected.model_copy(update={"topic": text, "examiner_comment": text})
    raw = reading.raw.model_copy(update={"checkpoint": attack})
    provenance = reading.provenance.model_copy(update={"candidate": attack})
    done = replace(
        outcome,
        source=f"{attack}.png",
        result=replace(reading, corrected=corrected, raw=raw, provenance=provenance),
        layout=layout.model_copy(update={"fallbacks": [f"{attack}: {attack}"]}),
    )
    return [done, make_outcome(f"{number} rejected {attack}", reason=attack)]


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [page for number, attack in enumerate(ATTACKS) for page in attacked(attack, number)]


@pytest.mark.parametrize("scripts", [True, False])
def test_texts_are_shown_and_never_act(
    browser: Browser, outcomes: list[Outcome], tmp_path: Path, scripts: bool
) -> None:
    # page names hold slashes here, as no file's can
    path = tmp_path / "report.html"
    path.write_text(make_report(outcomes), encoding="utf-8")
    page, wrong = open_report(browser, path.as_uri(), java_script_enabled=scripts)
    for outcome in outcomes:
        section = section_of(page, outcome.page)
        section.scroll_into_view_if_needed()
        if outcome.rejection:
            expect(section).to_contain_text(outcome.rejection.reason)
        else:
            for details in section.locator("details").all():
                details.evaluate("element => element.open = true") if scripts else None
            assert outcome.truth and outcome.truth.examiner_comment
            expect(section).to_contain_text(outcome.truth.examiner_comment)
    assert wrong == []
    if scripts:
        assert page.evaluate("typeof pwned") == "undefined"
        assert page.evaluate("document.scripts.length") == 1
        foreign = "a[href^=javascript], iframe, svg[onload], base, [onerror], [onfocus], [srcdoc]"
        assert page.locator(foreign).count() == 0
        assert page.evaluate("document.querySelectorAll('meta[http-equiv=refresh]').length") == 0
    page.context.close()


NAMES = [
    "<img src=x onerror=pwned=1>",
    'a" onerror="pwned=1',
    "&lt;img src=x onerror=pwned=1&gt;",
    "Page #3",
    "half?",
    "50%41",
    "long" * 55,
]


def test_a_page_s_name_does_not_act_in_dvc_s_page_of_plots(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("overlays").mkdir()
    for name in NAMES:
        Path("overlays", file_name(name)).write_bytes(jpeg(Image.new("RGB", (20, 20))))
    Path("pages.csv").write_text("page,essay_wer\n" + "".join(f"'{n}',0.5\n" for n in NAMES[::2]))
    Path("dvc.yaml").write_text("plots: [overlays, pages.csv: {x: essay_wer, y: page}]")
    for arguments in (["init", "-q", "--no-scm"], ["plots", "show", "-o", "out"]):
        command = [sys.executable, "-m", "dvc", *arguments]
        subprocess.run(command, check=True, capture_output=True)
    page = browser.new_page()
    page.goto((tmp_path / "out/index.html").as_uri())
    pictures = page.locator("img")
    expect(pictures).to_have_count(len(NAMES))
    for picture in pictures.all():
        picture.evaluate("image => image.decode()")
    assert page.evaluate("typeof pwned") == "undefined"
    page.close()
