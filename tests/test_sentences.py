"""A sentence waits for its reader: Chinese where it is said, every other language in a catalogue, without a line of code."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from timebank import sentences
from timebank.errors import Conflict, Invalid, wrong
from timebank.sentences import Sentence, the_day, the_month, to

FULL = "%(seats)s 个名额满了。先加名额，或者等有人取消。"


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a third language: one catalogue in a folder of its own."""
    source = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "{FULL}"\nmsgstr "Les %(seats)s places sont prises."\n'
    )
    monkeypatch.setattr(sentences, "FOLDER", tmp_path)
    sentences.catalogue.cache_clear()
    yield "fr"
    sentences.catalogue.cache_clear()


def test_a_sentence_is_its_chinese_and_its_english_and_fills_its_gaps_in_both() -> None:
    zh, en = Sentence(FULL, seats=3)
    assert zh == "3 个名额满了。先加名额，或者等有人取消。"
    assert en == "All 3 seats are taken. Add seats first, or wait until somebody calls off."


def test_another_language_needs_one_catalogue_and_no_code(third: str) -> None:
    assert Sentence(FULL, seats=3).to(third) == "Les 3 places sont prises."
    assert Sentence("收件箱").to(third) == "收件箱"


def test_what_fills_a_gap_is_said_in_the_readers_language_as_well() -> None:
    why = Sentence("第 %(number)s 行：%(why)s", number=7, why=Sentence(FULL, seats=3))
    assert to(why, "zh") == "第 7 行：3 个名额满了。先加名额，或者等有人取消。"
    assert to(why, "en").startswith("Row 7: All 3 seats")
    day, names = the_day(date(2026, 12, 1)), [("甲 号", "A"), ("乙 号", "B")]
    assert Sentence("%(numbers)s还没做完，位子都占着。先点做完，再叫下一位。", numbers=names)[0].startswith("甲 号、乙 号还没做完")
    assert Sentence("%(numbers)s还没做完，位子都占着。先点做完，再叫下一位。", numbers=names)[1].startswith("Still being served: A, B.")
    assert (day, the_month(date(2026, 12, 1))) == (("12月1日", "2026-12-01"), ("2026年12月", "2026-12"))


def test_a_pair_of_words_is_read_like_a_sentence() -> None:
    assert (to(("理发", "Haircut"), "zh"), to(("理发", "Haircut"), "en")) == ("理发", "Haircut")


def test_a_message_without_gaps_may_hold_a_per_cent_sign() -> None:
    assert Sentence("100% 要填")[0] == "100% 要填"


def test_a_refusal_says_one_sentence_and_stands_beside_its_field() -> None:
    refused = wrong("seats", FULL, seats=3)
    assert isinstance(refused, Invalid)
    assert refused.fields == {"seats": refused.words}
    assert str(refused) == refused.en == "All 3 seats are taken. Add seats first, or wait until somebody calls off."
    assert Conflict(("不行", "No")).zh == "不行"


def test_a_refusal_is_put_together_only_when_somebody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_language: str) -> None:
        raise OSError

    monkeypatch.setattr(sentences, "catalogue", closed)
    assert Conflict(FULL, seats=3).said == FULL
