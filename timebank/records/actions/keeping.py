"""What is kept beside the records of service: trainings, whose minutes are never service, and words on the quality of a service."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.hours import DAY_AT_MOST
from timebank.records.models import Evaluation, Grade, Training
from timebank.sentences import Sentence
from timebank.visits.actions.kin import why_not
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A training as the law wants it on record (O67 art. 8)."""

    name: str
    content: str
    minutes: int
    held_by: str
    day: date


def add_training(volunteer: Volunteer, course: Course, by: User) -> Training:
    """Note that a volunteer took part in a training: not oneself, not one's family, and no more of a day than a day holds."""
    if why_not(by, volunteer) is not None:
        raise Conflict("不能给自己或亲属登记培训，请另一位同事来登记。")
    if course.day > clock.today():
        raise Invalid("培训还没有举行，结束以后再登记。", fields={"day": Sentence("日期还没到")})
    same = select(Training.id).where(Training.volunteer_id == volunteer.id, Training.name == course.name, Training.day == course.day)
    if db.session.scalar(same) is not None:
        raise Conflict("这一天的这项培训已经登记过了。")
    _refuse_long_day(volunteer, course)
    training = Training(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        name=course.name,
        content=course.content,
        minutes=course.minutes,
        held_by=course.held_by,
        day=course.day,
        noted_at=clock.now(),
        noted_by=by.id,
    )
    db.session.add(training)
    db.session.flush()
    audit.record("add", "training", training.id, volunteer=volunteer.id, minutes=training.minutes)
    return training


def _refuse_long_day(volunteer: Volunteer, course: Course) -> None:
    """Refuse trainings of more than twelve hours on one day, those on record and not withdrawn counted in; nobody else at the same moment."""
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    mine = (Training.volunteer_id == volunteer.id, Training.day == course.day, Training.withdrawn_at.is_(None))
    noted = db.session.scalar(select(func.coalesce(func.sum(Training.minutes), 0)).where(*mine)) or 0
    if noted + course.minutes > DAY_AT_MOST:
        sentence = Sentence("一天的培训合计最多登记 %(day_at_most)s 小时。几天的培训请按天各登记一条。", day_at_most=DAY_AT_MOST // 60)
        raise wrong("minutes", sentence)


def withdraw_training(training: Training, reason: str, by: User) -> None:
    """Withdraw a training noted by mistake; it stays to be seen with the reason."""
    if training.withdrawn_at is not None:
        raise Conflict("这项培训已经撤下了。")
    if not reason.strip():
        raise Invalid("请写为什么撤下，它会留在记录上。", fields={"reason": Sentence("请写原因")})
    training.withdrawn_reason = reason.strip()
    training.withdrawn_at, training.withdrawn_by = clock.now(), by.id
    audit.record("withdraw", "training", training.id)


def evaluate(record: ServiceRecord, grade: Grade, words: str, by: User) -> Evaluation:
    """Say how a service was (O67 art. 10); not of one's own or one's family's, and anything but good needs a word."""
    if record.volunteer.user_id == by.id:
        raise Conflict("不能评价自己做的服务，请另一位同事来写。")
    if why_not(by, record.volunteer, record.visit) is not None:
        raise Conflict("这是你亲属做的，或者是给你亲属做的服务，不能由你评价，请另一位同事来写。")
    if grade is not Grade.GOOD and not words.strip():
        raise Invalid("不满意的地方请写一句，志愿者才知道怎么改。", fields={"words": Sentence("请写一句")})
    said = Evaluation(record_id=record.id, grade=grade, words=words.strip() or None, by_user=by.id, at=clock.now())
    db.session.add(said)
    db.session.flush()
    audit.record("evaluate", "service_record", record.id, grade=grade.value)
    return said
