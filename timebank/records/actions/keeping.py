"""What is kept beside the records of service: trainings, whose minutes are never service, and words on the quality of a service."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.records.models import Evaluation, Grade, Training
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
    """Note that a volunteer took part in a training."""
    if course.day > clock.today():
        raise Invalid(
            "培训还没有举行，结束以后再登记。",
            "That training has not taken place yet; note it afterwards.",
            fields={"day": ("日期还没到", "Not yet")},
        )
    same = select(Training.id).where(Training.volunteer_id == volunteer.id, Training.name == course.name, Training.day == course.day)
    if db.session.scalar(same) is not None:
        raise Conflict("这一天的这项培训已经登记过了。", "This training of that day is on record already.")
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


def withdraw_training(training: Training, reason: str, by: User) -> None:
    """Withdraw a training noted by mistake; it stays to be seen with the reason."""
    if training.withdrawn_at is not None:
        raise Conflict("这项培训已经撤下了。", "This training has been withdrawn already.")
    if not reason.strip():
        raise Invalid(
            "请写为什么撤下，它会留在记录上。", "Say why; it stays on the record.", fields={"reason": ("请写原因", "Give a reason")}
        )
    training.withdrawn_reason = reason.strip()
    training.withdrawn_at, training.withdrawn_by = clock.now(), by.id
    audit.record("withdraw", "training", training.id)


def evaluate(record: ServiceRecord, grade: Grade, words: str, by: User) -> Evaluation:
    """Say how a service was (O67 art. 10); not of one's own, and anything but good needs a word."""
    if db.session.get_one(Volunteer, record.volunteer_id).user_id == by.id:
        raise Conflict("不能评价自己做的服务，请另一位同事来写。", "You cannot evaluate your own service. Ask a colleague.")
    if grade is not Grade.GOOD and not words.strip():
        raise Invalid(
            "不满意的地方请写一句，志愿者才知道怎么改。",
            "Say in a few words what was not good, so that the volunteer can do better.",
            fields={"words": ("请写一句", "Say it in a few words")},
        )
    said = Evaluation(record_id=record.id, grade=grade, words=words.strip() or None, by_user=by.id, at=clock.now())
    db.session.add(said)
    db.session.flush()
    audit.record("evaluate", "service_record", record.id, grade=grade.value)
    return said
