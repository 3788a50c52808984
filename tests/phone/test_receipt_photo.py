"""A photo of a receipt: only its picture is kept, and what is too large, no photo or half of one is refused kindly, with everything typed still there."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.browser import Browser
from tests.builders import (
    make_community,
    make_elder,
    make_household,
    make_kind,
    make_offer,
    make_request,
    make_user,
    make_visit,
    make_volunteer,
    set_clock,
)
from tests.phone.test_phone import Scene, text
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.photos import MOST_BYTES, clean
from timebank.places.models import Community
from timebank.visits.actions import shopping

FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
TABLE = b"\xff\xdb\x00\x04\x00\x10"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34\xff\xd3\x56" + b"\xff\xda\x00\x04\x01\x02" + b"\x78"
PLACE = b"\xff\xe1\x00\x14Exif\0\0GPS 36.05 12"
WORDS = b"\xff\xfe\x00\x0ataken by"
PICTURE = b"\xff\xd8" + TABLE + FRAME + SCAN + b"\xff\xd9"
TAKEN = (
    b"\xff\xd8\xff\xe0\x00\x04JF" + PLACE + TABLE + b"\xff" + WORDS + FRAME + SCAN[:-7] + PLACE + SCAN[-7:] + b"\xff\xd9" + b"more: 36.05"
)


def test_only_the_picture_stays() -> None:
    kept = clean(TAKEN)
    assert kept == b"\xff\xd8" + b"\xff\xe0\x00\x04JF" + TABLE + FRAME + SCAN + b"\xff\xd9"
    assert clean(PICTURE) == PICTURE
    assert clean(kept) == kept


@pytest.mark.parametrize("cut", range(0, len(TAKEN) - 13, 3))
def test_half_a_photo_is_none(cut: int) -> None:
    with pytest.raises(Invalid):
        clean(TAKEN[:cut])


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\xff",
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"GIF89a",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 400,
        b"\xff\xd8\xff\xe1\xff\xff",
    ],
)
def test_what_is_no_photo_is_refused_with_a_way_on(other: bytes) -> None:
    with pytest.raises(Invalid, match="hand the receipt in at the station"):
        clean(other)


def test_a_large_photo_is_refused_with_its_size() -> None:
    with pytest.raises(Invalid, match=r"2\.0 MB"):
        clean(PICTURE + bytes(2_000_000))
    assert len(PICTURE) < MOST_BYTES


@pytest.fixture
def errand(app: Flask, sign_in_as: Callable[..., Browser]) -> tuple[Scene, int, int]:
    """A volunteer at the shop with a list, and the numbers of the offer and the visit."""
    set_clock("2026-11-25 14:30")
    with app.app_context(), transaction():
        number = make_community().id
    browser = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        community = db.session.get_one(Community, number)
        volunteer = make_volunteer(community, user_id=browser.user)
        home = make_household(community)
        make_elder(home)
        need = make_request(community, make_kind("SHOP", skills=[]), home)
        shopping.set_list(need, "鸡蛋两斤", 5000, db.session.get_one(User, make_user(Role.COORDINATOR, community).id))
        made = make_offer(make_visit(need), volunteer, 870, accepted=True)
        scene = Scene(app, browser, number, volunteer.id)
        found = (scene, made.id, made.visit_id)
    browser.send(f"/phone/visits/{found[1]}/check-in")
    return found


def send(scene: Scene, offer_id: int, photo: bytes) -> TestResponse:
    """Send the form of a receipt with a photo, as a browser packs it."""
    fields = {"csrf_token": scene.browser.token(), "_key": f"receipt-{len(photo)}", "cash": "50", "spent": "32.50"}
    boundary, body = encode_multipart({**fields, "photo": FileStorage(io.BytesIO(photo), "小票.jpg", "photo", "image/jpeg")})
    return scene.browser.post(f"/phone/visits/{offer_id}/receipt", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_the_photo_is_seen_by_whoever_took_it_and_by_the_desk_and_by_nobody_else(
    errand: tuple[Scene, int, int], sign_in_as: Callable[..., Browser]
) -> None:
    scene, offer_id, visit_id = errand
    assert send(scene, offer_id, TAKEN).status_code == 303
    mine = scene.browser.get(f"/phone/visits/{offer_id}/receipt.jpg")
    assert (mine.status_code, mine.mimetype, mine.data) == (200, "image/jpeg", clean(TAKEN))
    assert b"GPS" not in mine.data
    assert "看小票照片" in text(scene.browser.get(f"/phone/visits/{offer_id}"))
    assert sign_in_as(Role.COORDINATOR, scene.community_id).get(f"/visits/{visit_id}/receipt.jpg").data == mine.data
    stranger = sign_in_as(Role.FAMILY, scene.community_id)
    assert stranger.get(f"/family/visits/{visit_id}/receipt.jpg").status_code == 404
    assert stranger.get(f"/visits/{visit_id}/receipt.jpg").status_code == 403
    assert sign_in_as(Role.VOLUNTEER, scene.community_id).get(f"/phone/visits/{offer_id}/receipt.jpg").status_code == 404


def test_a_photo_that_is_not_taken_leaves_everything_typed(errand: tuple[Scene, int, int]) -> None:
    scene, offer_id, _visit_id = errand
    answer = send(scene, offer_id, PICTURE + bytes(2_000_000))
    assert answer.status_code == 422
    assert 'value="32.50"' in text(answer)
    assert "2.0 MB" in text(answer)
    assert scene.browser.get(f"/phone/visits/{offer_id}/receipt.jpg").status_code == 404
    huge = send(scene, offer_id, bytes(40_000_000))
    assert huge.status_code == 413
    assert "照片截个图再传" in text(huge)
    assert scene.browser.send(f"/phone/visits/{offer_id}/receipt", cash="50", spent="32.50").status_code == 303
