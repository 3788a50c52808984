"""Where a place is, asked of a map's service: only when a setting names one, of places and never of people.

What goes out is the street, the community, the yard and the house, nothing else; what comes back is shifted from the service's own map
into WGS-84 and shown to a person, who confirms it or not. Each address is asked once as long as the process lives. Without the setting
nobody is asked and everything works by the pin and by coordinates that are pasted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from geopy.exc import GeopyError
from geopy.geocoders import BaiduV3, Nominatim
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from timebank.config import Settings
from timebank.errors import NotAvailable, NotFound, Refusal
from timebank.places.points import Point, in_wgs84

SECONDS = 5
MOST_KEPT = 2_000
OK = "1"


class AMap(Geocoder):  # type: ignore[misc] # geopy ships no types
    """高德's service, which answers in GCJ-02; geopy has none of its own."""

    def __init__(self, key: str, **more: Any) -> None:  # noqa: ANN401 - geopy's own options
        """Keep the key that each question carries."""
        super().__init__(**more)
        self.domain = ""
        self._key = key

    def geocode(self, query: str, *, timeout: float = SECONDS) -> Location | None:
        """Return where an address is, nothing where the service does not know."""
        url = f"{self.scheme}://{self.domain}/v3/geocode/geo?{urlencode({'address': query, 'key': self._key, 'output': 'JSON'})}"
        return self._call_geocoder(url, self._read, timeout=timeout)

    def _read(self, page: dict[str, Any]) -> Location | None:
        """Return what an answer says."""
        if page.get("status") != OK:
            raise GeopyError(str(page.get("infocode")))
        found = page.get("geocodes") or []
        if not found:
            return None
        lon, lat = found[0]["location"].split(",")
        return Location(str(found[0]["formatted_address"]), (float(lat), float(lon)), found[0])


def _amap(scheme: str, domain: str, key: str) -> Geocoder:
    """Return 高德 at an address."""
    made = AMap(key, scheme=scheme)
    made.domain = domain
    return made


def _baidu(scheme: str, domain: str, key: str) -> Geocoder:
    """Return 百度 at an address."""
    made = BaiduV3(key, scheme=scheme)
    made.api = f"{scheme}://{domain}{made.api_path}"
    return made


def _nominatim(scheme: str, domain: str, _key: str) -> Geocoder:
    """Return a Nominatim of the office's own at its address."""
    return Nominatim(user_agent="timebank", scheme=scheme, domain=domain)


@dataclass(frozen=True, slots=True)
class Service:
    """A map's service: how it is begun, on which map it measures, where it is when no address is set; nothing where one must be."""

    begin: Callable[[str, str, str], Any]
    datum: str
    home: str


SERVICES = {
    "amap": Service(_amap, "gcj02", "https://restapi.amap.com"),
    "baidu": Service(_baidu, "bd09", "https://api.map.baidu.com"),
    "nominatim": Service(_nominatim, "wgs84", ""),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where a service puts an address, in WGS-84, and how it names what it found; nothing where it gives no name."""

    point: Point
    said: str


_kept: dict[tuple[str, str, str], Found] = {}


def can_ask(settings: Settings) -> bool:
    """Say whether a service is set that can be asked; refuse a setting that names none."""
    if not settings.geocoder:
        return False
    service = SERVICES.get(settings.geocoder)
    if service is None or not (settings.geocoder_url or service.home):
        raise Refusal("TIMEBANK_GEOCODER 只能是 amap、baidu 或 nominatim；nominatim 还要设 TIMEBANK_GEOCODER_URL，写自己的那台。")
    return True


def ask(settings: Settings, address: str) -> Found:
    """Return where a service puts an address; refuse in words where it does not answer or does not know."""
    if not can_ask(settings):
        raise NotAvailable("没有设置查位置的地图服务。请在图上点，或者贴坐标。")
    key = (settings.geocoder, settings.geocoder_url, address)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = _asked(settings, SERVICES[settings.geocoder], address)
    return _kept[key]


def _asked(settings: Settings, service: Service, address: str) -> Found:
    """Ask the service."""
    try:
        at = urlsplit(settings.geocoder_url or service.home)
        found = service.begin(at.scheme, at.netloc, settings.geocoder_key).geocode(address, timeout=SECONDS)
        point = None if found is None else in_wgs84(float(found.latitude), float(found.longitude), service.datum)
    except (GeopyError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise NotAvailable(
            "地图服务没有答上来（%(name)s）。请在图上点，或者贴坐标；密钥和网址在设置里核对。", name=type(error).__name__
        ) from error
    if point is None:
        raise NotFound("地图服务不知道这个地方。请在图上点，或者贴坐标。")
    return Found(point, str(found.address or ""))
