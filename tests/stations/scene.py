"""One of each thing at a station, for tests of every page."""

from datetime import date, timedelta

from sqlalchemy import select

from tests import builders as make
from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder
from timebank.places.models import Community, Station
from timebank.stations.actions import check_ups, courses, hosting, items, places, queueing, sessions
from timebank.stations.actions.people import person
from timebank.stations.models import Kind, Service, ServiceSession, Sort, Source, Turn


def furnish(community: Community, elder: Elder, names: tuple[str, ...], station_name: str, *, crowd: int = 0) -> ServiceSession:
    """Add a station with a haircut day, a course, things left and check-ups; a ``crowd`` signs up as well."""
    today: date = clock.today()
    barber = make.make_volunteer(community, names[1])
    if db.session.scalar(select(ServiceKind.id).where(ServiceKind.code == "STHAIR")) is None:
        make.make_kind("STHAIR", name="服务站理发", name_en="Haircuts at a station", skills=[], at_door=False)
    station = make.add(
        Station(community_id=community.id, name=station_name, address=station_name, lat=36.05, lon=120.35, phone="0532-88880000")
    )
    places.set_up(station, [(day, 510, 690) for day in range(6)], [Service.HAIRCUT, Service.REPAIR])
    day = sessions.hold(
        community.id,
        sessions.Draft(kind=Kind.HAIRCUT, title=names[0], day=today, start=1080, end=1200, seats=max(2, crowd), station=station),
    )
    hosting.add_host(day, barber)
    who = person(community.id, elder=elder)
    row = queueing.sign_up(day, who, Source.PHONE)
    queueing.move(row, Turn.ARRIVED)
    for number in range(crowd):
        queueing.sign_up(day, person(community.id, name=f"{names[1]}{number}", phone=f"1380{number:07d}"), Source.ONLINE)
    course = courses.found_course(
        community.id, courses.Syllabus(title=names[2], kind=Kind.CRAFT, seats=20, teacher_name=names[1], station=station)
    )
    courses.join(course, who)
    courses.schedule(course, today + timedelta(days=1), 840, 930, 2)
    brought = items.bring(station, items.Brought(sort=Sort.REPAIR, what=names[3]), person(community.id, name=names[1]))
    items.finish(brought, barber, "", mended=True)
    items.bring(station, items.Brought(sort=Sort.PARCEL, what=names[3]), who)
    check_ups.begin(community.id, check_ups.Rhythm(what=names[4], every_weeks=4, due=today, station=station), who)
    return day
