"""A sentence waits for its reader: Chinese where it is said, every other language in a catalogue, without a line of code."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from timebank import sentences
from timebank.clock import ZONE
from timebank.errors import Conflict, Invalid, wrong
from timebank.sentences import Paragraph, Sentence, the_day, the_moment, the_month, to

FULL = "%(seats)s 个名额满了。先加名额，或者等有人取消。"


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a third language: one catalogue in a folder of its own."""
    source = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        f'msgid "{FULL}"\nmsgstr "Les %(seats)s places sont prises."\n\n'
        'msgid "上门理发"\nmsgstr "Coiffure"\n\nmsgid "。"\nmsgstr "."\n\n'
        'msgctxt "whom"\nmsgid "他"\nmsgstr "lui"\n\nmsgctxt "in a sentence"\nmsgid "M月d日"\nmsgstr "d MMMM"\n\n'
        'msgid "%(count)s 份"\nmsgid_plural "%(count)s 份"\nmsgstr[0] "%(count)s boîte"\nmsgstr[1] "%(count)s boîtes"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(sentences, "FOLDER", tmp_path)
    _forget()
    yield "fr"
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    sentences.catalogue.cache_clear()
    sentences.languages.cache_clear()


def test_a_sentence_is_its_chinese_and_its_english_and_fills_its_gaps_in_both() -> None:
    zh, en = Sentence(FULL, seats=3)
    assert zh == "3 个名额满了。先加名额，或者等有人取消。"
    assert en == "All 3 seats are taken. Add seats first, or wait until somebody calls off."


def test_another_language_needs_one_catalogue_and_no_code(third: str) -> None:
    assert Sentence(FULL, seats=3).to(third) == "Les 3 places sont prises."
    assert Sentence("收件箱").to(third) == "收件箱"


def test_the_languages_one_can_read_are_chinese_and_those_with_a_catalogue(third: str) -> None:
    assert sentences.languages() == ("zh", "fr")
    assert [sentences.own_name(each) for each in ("zh", "en", third)] == ["中文", "English", "Français"]


def test_what_an_office_wrote_in_two_languages_is_read_in_a_third_by_its_chinese_else_in_english(third: str) -> None:
    assert to(("上门理发", "Haircut at home"), third) == "Coiffure"
    assert to(("上门修脚", "Pedicure at home"), third) == "Pedicure at home"
    assert to(("", ""), third) == ""


def test_chinese_of_several_senses_says_in_which_it_is_meant(third: str) -> None:
    him, he = Sentence.of("whom", "他"), Sentence.of("who", "他")
    assert (him[0], he[0]) == ("他", "他")
    assert him.to(third) == "lui"
    assert he.to(third) == "他"


def test_a_number_of_things_is_said_in_the_form_of_the_number(third: str) -> None:
    assert [Sentence.many(count, "%(count)s 份").to(third) for count in (1, 2)] == ["1 boîte", "2 boîtes"]
    assert Sentence.many(2, "%(count)s 份")[0] == "2 份"


def test_a_day_is_written_as_each_language_writes_it(third: str) -> None:
    assert to(the_day(date(2026, 12, 1)), third) == "1 décembre"


def test_a_moment_is_a_day_and_a_time() -> None:
    assert the_moment(datetime(2026, 12, 1, 9, 5, tzinfo=ZONE)) == ("12月1日09:05", "2026-12-01 09:05")


def test_sentences_in_a_row_have_a_full_stop_each_and_a_space_where_words_have_one(third: str) -> None:
    both = Paragraph([Sentence("收件箱"), ("上门理发", "Haircut at home")])
    assert both[0] == "收件箱。上门理发。"
    assert both.to(third) == "收件箱. Coiffure."


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
