from bench.correction import Rates, Row, Table, table


def test_a_row_has_what_a_corrector_did() -> None:
    rates = Rates(cer_raw=0.1, cer=0.0513, wer_raw=0.3, wer=0.2, pages=8, worse=1)
    row = Row(perfect_edits=2, perfect_cer=0.0004, rates={"samples": rates}, kept=0.96, seconds=4.4)
    lines = table(Table(rows={"channel": row})).splitlines()
    assert lines[0] == (
        "| corrector | perfect: edits, CER | samples | misspellings kept | s for 1,000 lines |"
    )
    assert lines[1].count("--:") == 4
    assert lines[2] == "| channel | 2, 0.04 % | 5.1 %, 20.0 % (1) | 96.0 % | 4.4 |"
