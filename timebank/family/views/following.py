"""What a family sees of a visit: when, who, the code to show at the door, and how far it is."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from flask_babel import format_datetime, gettext
from flask_babel import gettext as _

from timebank import clock
from timebank.access.masking import surname_of
from timebank.catalogue.models import Evidence
from timebank.sentences import CHINESE
from timebank.visits.actions import paying
from timebank.visits.actions.confirming import Served, overlong
from timebank.visits.actions.telling import whom
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, RequestState, Visit, VisitState
from timebank.visits.registers import state_of
from timebank.visits.states import SERVED
from timebank.visits.views.cards import day_words, elders_of
from timebank.volunteers.models import Gender, Volunteer
from timebank.web import language, listed, voiced

Step = dict[str, str]
AHEAD = {VisitState.OFFERED, VisitState.ACCEPTED, VisitState.UNDER_WAY}
NOT_AGREED = {VisitState.OPEN, VisitState.OFFERED}
LIVE = {VisitState.ACCEPTED, VisitState.UNDER_WAY}


@dataclass(frozen=True, slots=True)
class Followed:
    """A visit as its family follows it."""

    visit: Visit
    going: tuple[Offer, ...]
    doors_before: int

    @property
    def day(self) -> date | None:
        """The day it is planned for."""
        return self.visit.day

    @property
    def ahead(self) -> bool:
        """Whether it is still to come or under way."""
        return self.visit.state in AHEAD

    @property
    def overlong(self) -> Served | None:
        """What lasted so much longer than planned that the station looks at the times before anybody confirms."""
        return overlong(self.visit) if self.visit.state is VisitState.DONE else None

    @property
    def asks(self) -> bool:
        """Whether it waits for the family's word, and not for a coordinator's."""
        return self.visit.state is VisitState.DONE and not self.visit.doubted_at and self.overlong is None

    @property
    def live(self) -> bool:
        """Whether its card may still change today."""
        return self.visit.state in LIVE and self.visit.day == clock.today()

    @property
    def meal(self) -> bool:
        """Whether it is one door of a meal round."""
        return self.visit.canteen_id is not None

    @property
    def title(self) -> str:
        """What it is."""
        return voiced(self.visit.kind.words)

    @property
    def whom(self) -> str:
        """Whom it is for."""
        return voiced((whom(self.visit)[0], listed(each.name for each in elders_of(self.visit))))

    @property
    def when(self) -> str:
        """The day and about when."""
        if self.visit.day is None or self.visit.start is None:
            return str(_("日子还没定"))
        return f"{day_words(self.visit.day)} {clock.hhmm(self.visit.start)}"

    @property
    def spoken(self) -> str:
        """When, as one says it: 今天下午 2 点半."""
        if self.visit.day is None or self.visit.start is None:
            return str(_("日子还没定"))
        if language() != CHINESE:
            return self.when
        return f"{day_words(self.visit.day).split(' · ')[0]}{spoken_time(self.visit.start)}"

    @property
    def who(self) -> str:
        """Who comes, by surname."""
        return listed(carer(each) for each in self.going)

    @property
    def cost(self) -> str:
        """Who pays for it with how many minutes, in a sentence; nothing where time accounts are not used for visits."""
        return cost_words(self.visit)

    @property
    def shows_code(self) -> bool:
        """Whether the code is needed at the door."""
        return self.visit.kind.evidence is Evidence.TIMED and self.visit.state in AHEAD and bool(self.going)

    @property
    def status(self) -> str:
        """The word of the status chip."""
        failed = [each.outcome for each in self.going if each.outcome is not None and each.outcome not in SERVED]
        if self.visit.state is VisitState.FAILED and failed:
            return "no_answer" if Outcome.NO_ANSWER in failed else "failed"
        return self.visit.state.value

    @property
    def line(self) -> str:
        """Where it stands, in one short sentence."""
        words: dict[VisitState, str] = {
            VisitState.OPEN: _("正在安排人"),
            VisitState.OFFERED: _("已经在问志愿者，还没定"),
            VisitState.ACCEPTED: _("%(who)s来", who=self.who),
            VisitState.UNDER_WAY: self._under_way(),
            VisitState.DONE: self._done(),
            VisitState.CONFIRMED: _("做好了，已经确认"),
            VisitState.FAILED: self._failed(),
            VisitState.CANCELLED: _("取消了"),
        }
        return words[self.visit.state]

    def _done(self) -> str:
        """Return whose word something that is done waits for."""
        if self.visit.doubted_at:
            return str(_("您说有不对，协调员会打电话"))
        return str(_("做好了，请您确认") if self.asks else _("做好了，服务站在核对时间"))

    def _under_way(self) -> str:
        """Return how far somebody under way is."""
        if not self.meal:
            return str(_("%(who)s到了，正在做", who=self.who))
        return str(_("正在路上，前面还有 %(count)s 户", count=self.doors_before) if self.doors_before else _("正在路上，下一家就到"))

    def _failed(self) -> str:
        """Return why it did not take place, as far as a family may read it."""
        words: dict[Outcome | None, str] = {
            Outcome.NO_ANSWER: _("来了，没人应门；社区会打电话给您"),
            Outcome.REFUSED: _("来了，老人说这次不要"),
            Outcome.WRONG_ADDRESS: _("地址没找到，社区会打电话给您"),
            Outcome.NOT_READY: _("来了，这次没做成"),
        }
        outcome = next((each.outcome for each in self.going if each.outcome is not None), None)
        return words.get(outcome) or str(_("这次没有做成，社区会联系您"))

    @property
    def steps(self) -> list[Step]:
        """The way of a visit: its stations with their times."""
        return self._meal_steps() if self.meal else self._timed_steps()

    @property
    def _is_over(self) -> bool:
        """Whether it took place, also where nobody checked in."""
        return self.visit.state in {VisitState.DONE, VisitState.CONFIRMED}

    def _meal_steps(self) -> list[Step]:
        """Return the stations of a meal."""
        picked = next((each.round.picked_up_at for each in self.going if each.round is not None), None)
        served = next((each.ended_at for each in self.going if each.outcome is not None), None)
        under_way = self.visit.state is VisitState.UNDER_WAY
        ended = self._is_over
        return [
            _step(_("有人接了"), self.who, done=bool(self.going)),
            _step(_("在食堂取到了"), _time(picked), done=picked is not None),
            _step(_("正在路上"), self._under_way() if under_way else "", done=ended, current=under_way),
            self._last_step(_("送到了") if ended else _("送到家"), served),
        ]

    def _timed_steps(self) -> list[Step]:
        """Return the stations of a timed visit."""
        began = next((each.started_at for each in self.going if each.started_at is not None), None)
        ended = next((each.ended_at for each in self.going if each.ended_at is not None), None)
        under_way = self.visit.state is VisitState.UNDER_WAY
        return [
            _step(_("有人接了") if self.going else _("等人接"), self.who, done=bool(self.going), current=not self.going),
            _step(_("到您家"), _time(began), done=(began is not None and not under_way) or self._is_over, current=under_way),
            self._last_step(_("做好了"), ended),
        ]

    def _last_step(self, word: str, when: datetime | None) -> Step:
        """Return the last station: done, failed, or still to come."""
        if self.visit.state is VisitState.FAILED:
            return {"state": "trouble", "title": self._failed(), "text": _time(when)}
        return _step(word, _time(when) if when else "", done=self._is_over)


def cost_words(visit: Visit) -> str:
    """Return who pays for a visit that is agreed or took place, in a sentence; nothing where time accounts are not used for it."""
    if visit.state in NOT_AGREED:
        return estimate_words(paying.estimate(paying.price(visit), visit.request.elder, visit.household.elders))
    bill = paying.bill(visit)
    if bill is None:
        return ""
    if not bill.free:
        return str(_("这次用 %(minutes)s 分钟，从老人的时间账户出。", minutes=bill.minutes))
    if bill.paid:
        words = _(
            "这次要 %(minutes)s 分钟：老人的时间账户出 %(paid)s 分钟，其余 %(free)s 分钟不收，志愿者照样记时。",
            **asdict(bill),
            free=bill.free,
        )
        return str(words)
    return str(_("老人的时间账户不出，这次不收时间，志愿者照样记时。"))


def estimate_words(found: paying.Estimate | None) -> str:
    """Return what something would take of an elder's account before it is agreed, in a sentence."""
    if found is None:
        return ""
    said = {"minutes": found.minutes, "has": found.has}
    if found.has >= found.minutes:
        return str(_("这次要 %(minutes)s 分钟，老人的时间账户有 %(has)s 分钟，约好以后留出来。", **said))
    if found.has:
        return str(_("这次要 %(minutes)s 分钟，老人的时间账户有 %(has)s 分钟，不够的不收，照样来。", **said))
    return str(_("这次要 %(minutes)s 分钟，老人的时间账户还没有时间，不收，照样来。", **said))


def _step(title: str, text: str, *, done: bool, current: bool = False) -> Step:
    """Return one station."""
    return {"state": "current" if current else "done" if done else "to_do", "title": title, "text": text}


def _time(instant: datetime | None) -> str:
    """Return a clock time, nothing when there is none."""
    return format_datetime(instant, "HH:mm") if instant else ""


def spoken_time(minute: int) -> str:
    """Return a time of day as one says it in Chinese: 下午 2 点半; a minute nobody would say is about the nearest five."""
    said = 5 * round(minute / 5)
    hour, rest = divmod(said, 60)
    part = "早上" if hour < 8 else "上午" if hour < 11 else "中午" if hour < 13 else "下午" if hour < 18 else "晚上"
    past = {0: "", 15: "一刻", 30: "半", 45: "三刻"}.get(rest, f" {rest} 分")
    return f"{part} {hour - 12 if hour > 12 else hour} 点{past}{'' if said == minute else '左右'}"


def said_at(instant: datetime) -> str:
    """Return when something happened, as one says it."""
    day, minute = instant.astimezone(clock.ZONE).date(), clock.minute_of(instant)
    if language() != "zh":
        return f"{day_words(day)} {clock.hhmm(minute)}"
    return f"{day_words(day).split(' · ')[0]}{spoken_time(minute)}"


def follow(visit: Visit) -> Followed:
    """Return a visit as its family follows it."""
    going = tuple(each for each in visit.offers if each.state is OfferState.ACCEPTED)
    return Followed(visit, going, _doors_before(going))


def _doors_before(going: Iterable[Offer]) -> int:
    """Return how many doors of the same round come first."""
    for made in going:
        if made.round is not None:
            return sum(
                1 for each in made.round.offers if each.state is OfferState.ACCEPTED and each.outcome is None and each.start < made.start
            )
    return 0


def carer(made: Offer) -> str:
    """Return who comes as a family knows them."""
    return courtesy(made.volunteer)


def courtesy(volunteer: Volunteer) -> str:
    """Return a volunteer as somebody who has not met them may read them: the surname, never more."""
    surname = surname_of(volunteer.name)
    if volunteer.gender is None:
        return str(_("志愿者%(surname)s老师", surname=surname))
    return str(_("%(surname)s女士", surname=surname) if volunteer.gender is Gender.F else _("%(surname)s先生", surname=surname))


def names_of(visits: Iterable[Visit]) -> list[str]:
    """Return the surnames of those who have said they will come, each once."""
    going = [each for visit in visits for each in visit.offers if each.state is OfferState.ACCEPTED]
    return list(dict.fromkeys(carer(each) for each in going))


def request_steps(asked: HelpRequest, visits: Sequence[Followed]) -> list[Step]:
    """Return the way of a request: heard, taken on, somebody found, done."""
    state = state_of(asked)
    declined = state is RequestState.DECLINED
    taken_on = state in {RequestState.ACCEPTED, RequestState.ENDED} and (state is RequestState.ACCEPTED or bool(visits))
    someone = any(each.going for each in visits)
    done = any(each.visit.state in {VisitState.DONE, VisitState.CONFIRMED} for each in visits)
    steps = [
        {
            "state": "done",
            "title": _("社区收到了"),
            "text": format_datetime(asked.asked_at, gettext("M月d日 HH:mm")),
        }
    ]
    if declined:
        return [*steps, {"state": "trouble", "title": _("这次接不下来"), "text": asked.reason}]
    if state is RequestState.ENDED and not done:
        return [*steps, {"state": "trouble", "title": _("已经取消"), "text": ""}]
    return [
        *steps,
        _step(
            _("协调员看过、接下了") if taken_on else _("等协调员看"),
            "" if taken_on else _("一般一个工作日内给您回话"),
            done=taken_on,
            current=not taken_on,
        ),
        _step(_("有志愿者来") if someone else _("找志愿者"), "", done=someone, current=taken_on and not someone),
        _step(_("做好了"), "", done=done),
    ]
