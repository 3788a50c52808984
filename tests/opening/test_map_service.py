"""Where a building is: coordinates of every map in WGS-84, and a map's service that is asked when a setting names one, shown to be confirmed."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import prcoords
import pytest
from flask import Flask
from geopy.distance import great_circle
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role
from timebank.app import create_app
from timebank.audit import AuditRow
from timebank.config import Settings
from timebank.db import db, transaction
from timebank.errors import Refusal
from timebank.places import asking
from timebank.places.models import Building, Community
from timebank.places.points import in_wgs84

CITIES = {
    "兰州": ((36.0611, 103.8343), 220),
    "青岛": ((36.0671, 120.3826), 459),
    "德州": ((37.4355, 116.3575), 524),
    "潍坊": ((36.7069, 119.1619), 535),
    "北京": ((39.9042, 116.4074), 555),
    "合肥": ((31.8206, 117.2272), 565),
}
HERE = (36.0671, 120.3826)


def on_map(spot: tuple[float, float], datum: str) -> prcoords.Coords:
    """Return a point of WGS-84 as another map has it."""
    there = prcoords.wgs_gcj(prcoords.Coords(*spot))
    return there if datum == "gcj02" else prcoords.gcj_bd(there)


@pytest.mark.parametrize("city", CITIES)
def test_a_coordinate_of_another_map_comes_back_to_where_it_is(city: str) -> None:
    spot, shift = CITIES[city]
    there, baidu = on_map(spot, "gcj02"), on_map(spot, "bd09")
    assert abs(great_circle(spot, (there.lat, there.lon)).m - shift) < 10
    assert 850 < great_circle((there.lat, there.lon), (baidu.lat, baidu.lon)).m < 940
    assert great_circle(spot, in_wgs84(there.lat, there.lon, "gcj02")).m < 0.1
    assert great_circle(spot, in_wgs84(baidu.lat, baidu.lon, "bd09")).m < 0.1


class Fake(BaseHTTPRequestHandler):
    """The three services, with what they really answer."""

    asked: ClassVar[list[tuple[str, dict[str, list[str]]]]] = []

    def do_GET(self) -> None:
        """Answer as the service does whose path it is."""
        at, said = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        self.asked.append((at.path, said))
        body = json.dumps(self.answer(at.path, said), ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.end_headers()
        self.wfile.write(body)

    def answer(self, path: str, said: dict[str, list[str]]) -> object:
        """Return an answer."""
        nowhere = "没有" in str(said)
        if path == "/v3/geocode/geo":
            if said["key"] != ["right"]:
                return {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}
            spot = on_map(HERE, "gcj02")
            found = {
                "formatted_address": "山东省青岛市市南区正阳关路9号院3号楼",
                "level": "门牌号",
                "location": f"{spot.lon:.6f},{spot.lat:.6f}",
            }
            return {
                "status": "1",
                "info": "OK",
                "infocode": "10000",
                "count": "0" if nowhere else "1",
                "geocodes": [] if nowhere else [found],
            }
        if path == "/geocoding/v3/":
            if said["ak"] != ["right"]:
                return {"status": 240, "message": "APP 服务被禁用"}
            spot = on_map(HERE, "bd09")
            where = {"location": {"lng": spot.lon, "lat": spot.lat}, "precise": 1, "confidence": 80, "comprehension": 100, "level": "门址"}
            return {"status": 1, "msg": "无相关结果", "results": []} if nowhere else {"status": 0, "result": where}
        named = {"lat": str(HERE[0]), "lon": str(HERE[1]), "display_name": "正阳关路, 市南区, 青岛市", "importance": 0.4}
        return [] if nowhere else [named]

    def log_message(self, *_said: object) -> None:
        """Write nothing down."""


@pytest.fixture
def services() -> Iterator[str]:
    """Run the services; give their address."""
    Fake.asked.clear()
    asking._kept.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def settings(name: str, url: str, key: str = "right") -> Settings:
    """Return the settings of an office that asks a service."""
    return Settings(geocoder=name, geocoder_url=url, geocoder_key=key)


@pytest.mark.parametrize("name", asking.SERVICES)
def test_what_each_service_answers_is_where_it_is_and_is_asked_once(name: str, services: str) -> None:
    own = settings(name, services)
    found = asking.ask(own, "八大关街道八大关社区正阳关路9号院3号楼")
    assert great_circle(HERE, found.point).m < 0.2
    assert asking.ask(own, "八大关街道八大关社区正阳关路9号院3号楼") == found
    assert len(Fake.asked) == 1
    with pytest.raises(Refusal, match="Press on the map"):
        asking.ask(own, "没有这个地方")


@pytest.mark.parametrize("name", ["amap", "baidu"])
def test_a_wrong_key_and_a_service_that_is_down_are_told_in_words(name: str, services: str) -> None:
    for own in (settings(name, services, "wrong"), settings(name, "http://127.0.0.1:9")):
        with pytest.raises(Refusal, match="gave no answer"):
            asking.ask(own, "正阳关路9号院3号楼")


def test_without_the_setting_nobody_is_asked_and_a_wrong_one_stops_the_start(tmp_path: object) -> None:
    assert not asking.can_ask(Settings())
    with pytest.raises(Refusal, match="No map service"):
        asking.ask(Settings(), "正阳关路9号院3号楼")
    for wrong in (Settings(geocoder="google"), Settings(geocoder="nominatim")):
        with pytest.raises(Refusal, match="TIMEBANK_GEOCODER"):
            create_app(replace(wrong, instance=str(tmp_path)), testing=True)


@pytest.fixture
def office(app: Flask, services: str, monkeypatch: pytest.MonkeyPatch, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give a coordinator's browser in an office that asks 高德."""
    own: Settings = app.extensions["timebank"]
    monkeypatch.setitem(app.extensions, "timebank", replace(own, geocoder="amap", geocoder_url=services, geocoder_key="right"))
    with app.app_context(), transaction():
        community = make.make_community()
        number = community.id
    return sign_in_as(Role.COORDINATOR, number)


def test_a_building_is_found_shown_and_only_put_down_when_somebody_confirms_it(app: Flask, office: Browser) -> None:
    assert "按地址找坐标" in office.get("/office/buildings").text
    led = office.send("/office/buildings/find", compound="正阳关路9号院", name="3号楼", floors="6", access="1")
    assert led.status_code == 303
    page = office.get(led.location).text
    assert "正阳关路9号院3号楼" in page
    assert 'value="3号楼"' in page
    with app.app_context():
        assert db.session.scalar(select(Building.id)) is None
        asked = db.session.scalars(select(AuditRow).where(AuditRow.verb == "locate")).one()
        assert asked.detail == {"service": "amap"}
        community = db.session.scalars(select(Community)).one()
        sent = f"{community.street.name}{community.name}正阳关路9号院3号楼"
    assert Fake.asked[-1][1]["address"] == [sent], "a place and nothing else goes out"
    spot = parse_qs(urlsplit(led.location).query)
    office.send("/office/buildings", compound="正阳关路9号院", name="3号楼", floors="6", spot=spot["spot"][0], datum=spot["datum"][0])
    with app.app_context():
        house = db.session.scalars(select(Building)).one()
        assert great_circle(HERE, (house.lat, house.lon)).m < 0.2
        number = house.id
    moved = office.send("/office/buildings/find", compound="正阳关路9号院", name="3号楼", building=str(number))
    assert moved.location.startswith(f"/office/buildings/{number}?")
    assert spot["spot"][0] in office.get(moved.location).text


def test_what_the_service_does_not_know_is_told_beside_the_field_and_what_was_typed_stays(office: Browser) -> None:
    answer = office.send("/office/buildings/find", compound="没有这个院子", name="3号楼")
    assert answer.status_code == 422
    assert "地图服务不知道这个地方" in answer.text
    assert "没有这个院子" in answer.text


def test_without_the_setting_the_page_has_no_such_button(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        number = make.make_community().id
    assert "按地址找坐标" not in sign_in_as(Role.COORDINATOR, number).get("/office/buildings").text
