"""What somebody eats stands in the reader's language on every paper and card; what nobody knows stays as it was written."""

import pytest
from flask import Flask

from tests import builders as make
from timebank.db import transaction
from timebank.elders.diets import diet_words
from timebank.papers.facts import Language
from timebank.today.sheets import day_sheets, kitchen_sheet


@pytest.mark.parametrize(
    ("written", "english"),
    [
        ("软食", "soft food"),
        ("软食、低盐", "soft food, low salt"),
        ("低糖，忌花生", "low sugar, no peanuts"),
        ("不吃虾", "no shrimps"),
        ("对海鲜过敏", "no seafood"),
        ("低盐 软食；清真", "low salt, soft food, halal"),
        ("忌王婆婆的咸菜", "忌王婆婆的咸菜"),
        ("Soft food, no pork", "Soft food, no pork"),
        ("", ""),
    ],
)
def test_the_usual_words_are_read_in_english_and_others_stay(written: str, english: str) -> None:
    assert diet_words(written, "en") == english
    assert diet_words(written, "zh") == written


@pytest.mark.parametrize(("language", "words"), [("zh", "软食、忌花生"), ("en", "soft food, no peanuts")])
def test_whoever_cooks_and_whoever_carries_read_the_diet_in_their_language(app: Flask, language: Language, words: str) -> None:
    make.set_clock("2026-11-25 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        canteen = make.make_canteen(community)
        household = make.make_household(community)
        make.make_elder(household, diet="软食、忌花生")
        volunteer = make.make_volunteer(community)
        visit = make.make_visit(make.make_request(community, make.make_kind("MEAL"), household), make.WEDNESDAY, canteen)
        make.make_offer(visit, volunteer, 670, make.WEDNESDAY, pickup=650, accepted=True)
        sheet = kitchen_sheet(canteen, make.WEDNESDAY, language)
        (paper,) = day_sheets(community, make.WEDNESDAY, [volunteer.id], language, {})
        assert [label.kind for label in sheet.labels] == [words]
        assert [portion.kind for stop in paper.stops for portion in stop.portions] == [words]
