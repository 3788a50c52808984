"""课程: the list of courses, a new one with its teacher, the register of one with its classes."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.elders import queries as elders
from timebank.forms import args, take
from timebank.stations import queries
from timebank.stations.actions import courses as verbs
from timebank.stations.models import TAUGHT, Kind
from timebank.stations.schemas import ClassesForm, CourseForm, LookArgs, SeatsForm, WhoForm
from timebank.stations.views.shared import (
    FOUND,
    Errors,
    attempt,
    blueprint,
    choices,
    looked_words,
    mine,
    person,
    station_choices,
    station_of,
    volunteer_choices,
)
from timebank.volunteers import queries as volunteers
from timebank.web import Page, Submission, found


@blueprint.get("/courses")
def courses() -> str:
    """Show the courses with how many learn in each."""
    gone = args(LookArgs())["gone"]
    rows = queries.courses(mine(), ended=gone)
    counts = queries.learner_counts(mine())
    return render_template(
        "stations/courses.html", rows=rows, counts=counts, gone=gone, learners=sum(counts.get(each.id, 0) for each in rows)
    )


@blueprint.route("/courses/new", methods=["GET", "POST"])
def found_course() -> Page:
    """Found a course."""
    if request.method == "GET":
        return _new_page({})

    def act(taken: Submission) -> AnyResponse:
        said = take(CourseForm(), request.form)
        plan = verbs.Syllabus(
            title=said["title"],
            kind=said["kind"],
            seats=said["seats"],
            teacher=volunteers.volunteer_in(mine(), said["teacher"]) if said["teacher"] else None,
            teacher_name=said["teacher_name"],
            station=station_of(mine(), said["station"]),
            place=said["place"],
        )
        made = verbs.found_course(mine(), plan)
        flash(_("课程建好了。接着排课、登记学员。"), "done")
        return taken.redirect(url_for(".course", course_id=made.id))

    return attempt(act, _new_page)


def _new_page(errors: Errors) -> str:
    """Return the form of a course."""
    return render_template(
        "stations/course_new.html",
        kinds=choices(Kind, sorted(TAUGHT)),
        stations=station_choices(mine()),
        volunteers=volunteer_choices(mine()),
        given=request.form,
        errors=errors,
    )


@blueprint.get("/courses/<int:course_id>")
def course(course_id: int) -> str:
    """Show a course: its register and its classes."""
    return _page(course_id, {})


def _page(course_id: int, errors: Errors) -> str:
    """Return the page of a course."""
    shown = found(queries.course_in(mine(), course_id))
    q = looked_words()
    learners = queries.learners(shown)
    classes = queries.classes(shown)
    here = {each.who for each in learners}
    return render_template(
        "stations/course.html",
        course=shown,
        learners=learners,
        classes=classes,
        came={
            each.who: sum(row.who == each.who and row.turn.value == "served" for one in classes for row in one.attendances)
            for each in learners
        },
        held=sum(each.state.value == "closed" for each in classes),
        q=q,
        elders=[(each, f"elder {each.id}" in here) for each in elders.elders(mine(), q)[:FOUND]] if q else [],
        today=clock.today(),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/courses/<int:course_id>/learners")
def join(course_id: int) -> Page:
    """Put somebody into the register."""

    def act(taken: Submission) -> AnyResponse:
        said = take(WhoForm(), request.form)
        shown = found(queries.course_in(mine(), course_id))
        made = verbs.join(shown, person(mine(), said["elder"], said["name"], said["phone"]))
        flash(_("%(name)s登记在名册上了。", name=made.name), "done")
        return taken.redirect(url_for(".course", course_id=course_id))

    return attempt(act, lambda errors: _page(course_id, errors))


@blueprint.post("/learners/<int:learner_id>/leave")
def leave(learner_id: int) -> Page:
    """Take somebody out of a register."""
    course_id = found(queries.learner_in(mine(), learner_id)).course_id

    def act(taken: Submission) -> AnyResponse:
        learner = found(queries.learner_in(mine(), learner_id))
        verbs.leave(learner)
        flash(_("%(name)s退课了，以后的课不再等他。", name=learner.name), "done")
        return taken.redirect(url_for(".course", course_id=course_id))

    return attempt(act, lambda errors: _page(course_id, errors))


@blueprint.post("/courses/<int:course_id>/seats")
def course_seats(course_id: int) -> Page:
    """Change how many a course holds."""

    def act(taken: Submission) -> AnyResponse:
        verbs.add_seats(found(queries.course_in(mine(), course_id)), take(SeatsForm(), request.form)["seats"])
        flash(_("名额改好了。"), "done")
        return taken.redirect(url_for(".course", course_id=course_id))

    return attempt(act, lambda errors: _page(course_id, errors))


@blueprint.post("/courses/<int:course_id>/classes")
def schedule(course_id: int) -> Page:
    """Put weekly classes on the calendar."""

    def act(taken: Submission) -> AnyResponse:
        said = take(ClassesForm(), request.form)
        made = verbs.schedule(found(queries.course_in(mine(), course_id)), said["first"], said["start"], said["end"], said["times"])
        flash(_("排了 %(count)s 次课，名册上的学员都在签到表上。", count=len(made)), "done")
        return taken.redirect(url_for(".course", course_id=course_id))

    return attempt(act, lambda errors: _page(course_id, errors))


@blueprint.post("/courses/<int:course_id>/end")
def end_course(course_id: int) -> Page:
    """End a course."""

    def act(taken: Submission) -> AnyResponse:
        verbs.end(found(queries.course_in(mine(), course_id)))
        flash(_("结课了，名册和课次都留着。"), "done")
        return taken.redirect(url_for(".course", course_id=course_id))

    return attempt(act, lambda errors: _page(course_id, errors))
