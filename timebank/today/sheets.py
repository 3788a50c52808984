"""What stands on day sheets and kitchen sheets: the live offers of a day, as papers.

A sheet names doors, so only who carries it gets it; it never holds an illness in words, an ID number or a door's code.
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from timebank import clock
from timebank.access.masking import mask_name, surname_of
from timebank.elders.diets import diet_words
from timebank.elders.models import Elder, ElderState, Household
from timebank.elders.queries import read_diets
from timebank.papers.facts import BoxLabel, CanteenSheet, DaySheet, KitchenRound, Language, Portion, SheetStop, add_up
from timebank.papers.words import one
from timebank.places.models import Canteen, Community
from timebank.sentences import Sentence, to
from timebank.visits.actions.scheduling import eaters_on, served_by
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.queries import Meals, day_offers, meals_of
from timebank.visits.states import BEFORE_DOOR
from timebank.volunteers.models import Travel, Volunteer

EAT_WITHIN = 120
STAIRS_FROM = 3
LOOKS_LIKE_A_CODE = re.compile(r"\d{3,}")
ORDINARY = Sentence.of("today", "普通")
NOBODY = Sentence.of("today", "还没有人来取")
TRAVEL = {Travel.WALK: Sentence.of("today", "步行"), Travel.EBIKE: Sentence.of("today", "电动车")}


def carriers(community_id: int, day: date) -> list[tuple[Volunteer, int]]:
    """Return who has something to do on a day, without a phone first, with the number of doors."""
    counted: dict[int, tuple[Volunteer, int]] = {}
    for offer in _going(community_id, day):
        volunteer, doors = counted.get(offer.volunteer_id, (offer.volunteer, 0))
        counted[offer.volunteer_id] = (volunteer, doors + 1)
    return sorted(counted.values(), key=lambda pair: (pair[0].has_phone, pair[0].sort_key, pair[0].id))


def day_sheets(community: Community, day: date, volunteer_ids: Sequence[int], language: Language, links: dict[int, str]) -> list[DaySheet]:
    """Return the sheets of some volunteers: one for each meal round, one for the home visits of the day."""
    chosen = [offer for offer in _going(community.id, day) if offer.volunteer_id in volunteer_ids]
    chosen.sort(key=lambda offer: (offer.volunteer.sort_key, offer.volunteer_id, offer.round_id or 0, offer.start))
    sheets = []
    for (volunteer_id, round_id), offers in groupby(chosen, key=lambda offer: (offer.volunteer_id, offer.round_id)):
        number = f"D-{day:%m%d}-{volunteer_id:03d}" + (f"-R{round_id}" if round_id else "")
        sheets.append(_sheet(number, community, list(offers), language, links.get(volunteer_id, "")))
    return sheets


def kitchen_sheet(canteen: Canteen, day: date, language: Language, meals: Meals | None = None) -> CanteenSheet:
    """Return what a canteen packs on a day: the trips in the order of pick-up, and a label for each box.

    Each meal is packed once; those nobody fetches yet stand last, until somebody decides that they are not needed. ``meals`` are
    those of the day, where they have been read already.
    """
    trips: dict[int, list[tuple[Visit, Offer]]] = {}
    nobody: list[Visit] = []
    found = meals if meals is not None else meals_of(canteen.community_id, day)
    read_diets(elder for visit, _ in found for elder in served_by(visit.request))
    for visit, made in found:
        if visit.canteen_id != canteen.id:
            continue
        if made is not None and made.round is not None and (made.round.picked_up_at is None or made.state is OfferState.ACCEPTED):
            trips.setdefault(made.round.id, []).append((visit, made))
        elif visit.state in BEFORE_DOOR:
            nobody.append(visit)
    fetched: list[KitchenRound] = []
    labels: list[BoxLabel] = []
    for members in sorted(trips.values(), key=lambda each: _pickup(each[0][1])):
        doors = sorted(members, key=lambda each: (each[1].start, each[1].id))
        trip = doors[0][1].round
        if trip is not None:
            name = f"R{len(fetched) + 1}"
            _pack(name, trip.pickup, mask_name(trip.volunteer.name), [visit for visit, _ in doors], day, language, (fetched, labels))
    if nobody:
        first = min(visit.window_from for visit in nobody)
        _pack("—", max(first, canteen.ready), one(NOBODY, language), nobody, day, language, (fetched, labels))
    return CanteenSheet(day, canteen.name, tuple(fetched), tuple(labels), clock.now(), clock.clock.is_demo)


def _pickup(made: Offer) -> tuple[int, int]:
    """Order trips by their pick-up."""
    return (made.round.pickup, made.round.id) if made.round is not None else (0, 0)


def _pack(
    name: str, pickup: int, carrier: str, doors: list[Visit], day: date, language: Language, into: tuple[list[KitchenRound], list[BoxLabel]]
) -> None:
    """Put the boxes of one trip on the kitchen's sheet, and their labels."""
    boxes = [(stop, each) for stop, visit in enumerate(doors, start=1) for each in _portions(visit, day, language)]
    into[0].append(KitchenRound(name, clock.hhmm(pickup), carrier, len(doors), add_up(each for _, each in boxes)))
    into[1].extend(
        BoxLabel(name, stop, each.kind, each.special, clock.hhmm(pickup + EAT_WITHIN)) for stop, each in boxes for _ in range(each.count)
    )


def _going(community_id: int, day: date) -> list[Offer]:
    """Return the offers of a day that somebody has accepted."""
    return [offer for offer in day_offers(community_id, day) if offer.state is OfferState.ACCEPTED]


def _sheet(number: str, community: Community, offers: list[Offer], language: Language, link: str) -> DaySheet:
    """Return one sheet of one volunteer's offers."""
    first, last = offers[0], offers[-1]
    meals = first.round
    stops = tuple(_stop(index, offer, language) for index, offer in enumerate(offers, start=1))
    travel = one(TRAVEL[first.volunteer.travel], language)
    boxes = sum(each.count for stop in stops for each in stop.portions)
    if meals is None:
        title, summary = (
            Sentence("服务日单").to(language),
            Sentence.many(len(stops), "%(count)s 处 · %(travel)s", travel=travel).to(language),
        )
        return DaySheet(
            number,
            first.day,
            title,
            community.name,
            first.volunteer.name,
            summary,
            stops,
            community.phone,
            sign_in_url=link,
        )
    doors, carried = Sentence.many(len(stops), "%(count)s 户"), Sentence.many(boxes, "%(count)s 份")
    title = Sentence("送餐日单").to(language)
    summary = Sentence("%(doors)s %(boxes)s · %(travel)s", doors=doors, boxes=carried, travel=travel).to(language)
    return DaySheet(
        number=number,
        on=first.day,
        title=title,
        community=community.name,
        volunteer_name=first.volunteer.name,
        summary=summary,
        stops=stops,
        station_phone=community.phone,
        pickup_time=clock.hhmm(meals.pickup),
        pickup_place=f"{meals.canteen.name}（{meals.canteen.address}）",
        finish_time=clock.hhmm(last.start + last.visit.minutes),
        latest_time=clock.hhmm(max(offer.visit.window_to for offer in offers)),
        sign_in_url=link,
    )


def _stop(number: int, offer: Offer, language: Language) -> SheetStop:
    """Return one door of a sheet."""
    visit, home = offer.visit, offer.visit.household
    return SheetStop(
        number=number,
        address=f"{home.building.compound.name} {home.building.name}",
        who=_who(home, language),
        door=_door(home, language),
        note=_note(home, language),
        portions=_portions(visit, offer.day, language),
        at="" if visit.boxes else clock.hhmm(offer.start),
        what="" if visit.boxes else to(visit.kind.words, language),
    )


def _who(home: Household, language: Language) -> str:
    """Return whom to ask for: surname and title, of everybody who lives there."""
    return to(Sentence("、"), language).join(_titled(elder).to(language) for elder in _living(home))


def _titled(elder: Elder) -> Sentence:
    """Return an elder by surname, as one speaks of her or him."""
    surname = surname_of(elder.name)
    if elder.gender == "F":
        return Sentence("%(surname)s奶奶", surname=surname)
    return Sentence("%(surname)s爷爷", surname=surname) if elder.gender == "M" else Sentence("%(surname)s老人", surname=surname)


def _door(home: Household, language: Language) -> str:
    """Return the way from the entrance to the door."""
    parts = [home.entrance, to(Sentence("%(floor)s 楼", floor=home.floor), language), home.door or ""]
    if home.floor >= STAIRS_FROM and not home.building.lift:
        parts.append(to(Sentence("无电梯"), language))
    return to(Sentence("，"), language).join(part for part in parts if part)


def _note(home: Household, language: Language) -> str:
    """Return the note about the door; what looks like a code stays at the station."""
    note = home.door_note or ""
    if not LOOKS_LIKE_A_CODE.search(note):
        return note
    return Sentence("进门方法请问服务站").to(language)


def _portions(visit: Visit, day: date, language: Language) -> tuple[Portion, ...]:
    """Return the boxes of a door by kind: a diet for each who keeps one and is at home, ordinary ones for the rest."""
    diets = sorted(elder.diet for elder in eaters_on(visit.request, day) if elder.diet)[: visit.boxes]
    counts = {diet: diets.count(diet) for diet in diets}
    plain = visit.boxes - len(diets)
    ordinary = (Portion(one(ORDINARY, language), plain),) if plain else ()
    return ordinary + tuple(Portion(diet_words(diet, language), count, special=True) for diet, count in counts.items())


def _living(home: Household) -> list[Elder]:
    """Return the elders who live behind a door now."""
    return [elder for elder in home.elders if elder.state is ElderState.ACTIVE]
