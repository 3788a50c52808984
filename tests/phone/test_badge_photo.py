"""The photo on a volunteer's card: shrunk on the phone, the picture alone kept under seal, seen by whoever checks the card, gone when it is taken back."""

import io
import re

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from tests.browser import Browser, open_browser
from tests.phone.test_badge import address, scene
from tests.phone.test_phone import Scene, text, volunteer_of
from tests.phone.test_receipt_photo import PICTURE, TAKEN
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.photos import clean
from timebank.volunteers.badges import BadgePhoto

__all__ = ["scene"]
TAKE, SHOWN = "/phone/card/photo", "/phone/card/photo.jpg"


def take(browser: Browser, photo: bytes) -> TestResponse:
    """Send a photo as the card's form does."""
    return browser.send(TAKE, photo=FileStorage(io.BytesIO(photo), "me.jpg"))


def seen(scene: Scene, client: Browser) -> str | None:
    """Return where the photo stands on the page that anybody reads from the card's code."""
    found = re.search(r'src="(/volunteer/[^"]+/photo.jpg)"', text(client.get(address(scene, scene.volunteer_id))))
    return found[1] if found else None


def test_the_picture_alone_is_kept_under_seal_and_seen_on_the_card_and_by_whoever_checks_it(scene: Scene, client: Browser) -> None:
    assert scene.browser.get(SHOWN).status_code == 404
    assert seen(scene, client) is None
    assert take(scene.browser, TAKEN).location == "/phone/card"
    assert SHOWN in text(scene.browser.get("/phone/card"))
    assert scene.browser.get(SHOWN).data == clean(TAKEN)
    where = seen(scene, client)
    assert where is not None
    answer = client.get(where)
    assert (answer.data, answer.content_type) == (clean(TAKEN), "image/jpeg")
    assert b"GPS" not in answer.data
    with scene.app.app_context():
        raw = db.session.connection().exec_driver_sql("select picture from badge_photo").scalar_one()
        assert clean(TAKEN).hex() not in raw
        assert db.session.scalars(select(AuditRow.verb).where(AuditRow.verb == "take_photo")).all() == ["take_photo"]


def test_a_new_photo_takes_the_old_one_s_place_and_one_that_is_taken_back_is_gone(scene: Scene, client: Browser) -> None:
    take(scene.browser, TAKEN)
    take(scene.browser, PICTURE)
    assert scene.browser.get(SHOWN).data == PICTURE
    where = str(seen(scene, client))
    assert scene.browser.send(f"{TAKE}/drop").location == "/phone/card"
    assert scene.browser.send(f"{TAKE}/drop").status_code == 303
    assert (scene.browser.get(SHOWN).status_code, client.get(where).status_code, seen(scene, client)) == (404, 404, None)
    with scene.app.app_context():
        assert db.session.scalars(select(BadgePhoto)).all() == []


@pytest.mark.parametrize("photo", [b"", b"GIF89a", PICTURE[:-9]])
def test_what_is_no_photo_is_refused_with_a_way_on_and_the_old_one_stays(scene: Scene, photo: bytes) -> None:
    take(scene.browser, PICTURE)
    answer = take(scene.browser, photo)
    assert answer.status_code == 422
    assert "不是能用的照片" in text(answer)
    assert "服务站" in text(answer)
    assert scene.browser.get(SHOWN).data == PICTURE


def test_whoever_serves_no_more_shows_no_photo_and_nobody_else_has_a_card_of_theirs(scene: Scene, client: Browser) -> None:
    take(scene.browser, PICTURE)
    where = str(seen(scene, client))
    with scene.app.app_context(), transaction():
        volunteer_of(scene).active = False
    assert client.get(where).status_code == 404
    assert client.get("/volunteer/made.up/photo.jpg").status_code == 404
    assert open_browser(scene.app).get(SHOWN).status_code == 303
