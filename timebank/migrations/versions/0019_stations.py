"""Stations: hours and services, courses, sessions with their queue, things left to be mended or kept, check-ups with their calls.

Nobody gets a seat there is not, however many sign up at the same moment, and what was fetched stays fetched.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0021"
branch_labels = None
depends_on = None

FULL = (
    "NEW.turn IN ('signed_up', 'arrived', 'called', 'served') AND (SELECT count(*) FROM attendance a WHERE a.session_id = NEW.session_id"
    " AND a.id <> COALESCE(NEW.id, -1) AND a.turn IN ('signed_up', 'arrived', 'called', 'served'))"
    " >= (SELECT s.seats FROM service_session s WHERE s.id = NEW.session_id)"
)
CLASS_FULL = (
    'NEW."left" IS NULL AND (SELECT count(*) FROM learner l WHERE l.course_id = NEW.course_id AND l.id <> COALESCE(NEW.id, -1)'
    ' AND l."left" IS NULL) >= (SELECT c.seats FROM course c WHERE c.id = NEW.course_id)'
)
FEWER = (
    "NEW.seats < OLD.seats AND (SELECT count(*) FROM attendance a WHERE a.session_id = NEW.id"
    " AND a.turn IN ('signed_up', 'arrived', 'called', 'served')) > NEW.seats"
)
GONE = (
    "OLD.progress IN ('collected', 'returned') AND (NEW.progress <> OLD.progress OR NEW.handed_at <> OLD.handed_at"
    " OR NEW.handed_to <> OLD.handed_to OR NEW.handed_by <> OLD.handed_by OR NEW.number <> OLD.number)"
)
OF_SESSION = "SELECT 1 FROM service_session WHERE id = NEW.session_id FOR UPDATE"
OF_COURSE = "SELECT 1 FROM course WHERE id = NEW.course_id FOR UPDATE"
# name, table, event, what is locked first where several write at once, what must not be, in what words it is refused
GUARDS = (
    ("attendance_seats_insert", "attendance", "INSERT", OF_SESSION, FULL, "attendance: every seat is taken"),
    ("attendance_seats_update", "attendance", "UPDATE", OF_SESSION, FULL, "attendance: every seat is taken"),
    ("learner_seats_insert", "learner", "INSERT", OF_COURSE, CLASS_FULL, "learner: every seat is taken"),
    ("learner_seats_update", "learner", "UPDATE", OF_COURSE, CLASS_FULL, "learner: every seat is taken"),
    ("service_session_seats", "service_session", "UPDATE", "", FEWER, "service_session: more people have a seat"),
    ("station_item_gone", "station_item", "UPDATE", "", GONE, "station_item: it was fetched"),
)


def upgrade() -> None:
    op.create_table(
        "station_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name=op.f("ck_station_opening_times")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_station_opening_weekday")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_opening_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_opening")),
        sa.UniqueConstraint("station_id", "weekday", "start", name=op.f("uq_station_opening_station_id_weekday_start")),
    )
    op.create_table(
        "station_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column(
            "service",
            sa.Enum(
                "haircut",
                "repair",
                "sewing",
                "parcel",
                "check_up",
                "clinic",
                "course",
                "canteen",
                "children",
                "day_care",
                "rest",
                name="service",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_service_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_service")),
        sa.UniqueConstraint("station_id", "service", name=op.f("uq_station_service_station_id_service")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "haircut",
                "clinic",
                "course",
                "craft",
                "children",
                "day_care",
                "sitting",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=True),
        sa.Column("teacher_name", sa.String(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('course', 'craft')", name=op.f("ck_course_taught")),
        sa.CheckConstraint("seats BETWEEN 1 AND 500", name=op.f("ck_course_seats")),
        sa.CheckConstraint("station_id IS NOT NULL OR length(place) > 0", name=op.f("ck_course_somewhere")),
        sa.CheckConstraint("teacher_id IS NOT NULL OR length(teacher_name) > 0", name=op.f("ck_course_teacher")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_course_community_id_community")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_course_station_id_station")),
        sa.ForeignKeyConstraint(["teacher_id"], ["volunteer.id"], name=op.f("fk_course_teacher_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("community_id", "title", name=op.f("uq_course_community_id_title")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_station_id"), ["station_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_teacher_id"), ["teacher_id"], unique=False)

    op.create_table(
        "service_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("canteen_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "haircut",
                "clinic",
                "course",
                "craft",
                "children",
                "day_care",
                "sitting",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("chairs", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("head_count", sa.Integer(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "closed", "cancelled", name="sessionstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_service_session_ended")
        ),
        sa.CheckConstraint("state <> 'cancelled' OR length(reason) > 0", name=op.f("ck_service_session_reason")),
        sa.CheckConstraint("head_count BETWEEN 0 AND 20000 AND boxes BETWEEN 0 AND 2000", name=op.f("ck_service_session_counts")),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_service_session_title")),
        sa.CheckConstraint("min_age IS NULL OR min_age BETWEEN 1 AND 120", name=op.f("ck_service_session_min_age")),
        sa.CheckConstraint("seats BETWEEN 1 AND 2000 AND chairs BETWEEN 1 AND 50", name=op.f("ck_service_session_seats")),
        sa.CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name=op.f("ck_service_session_times")),
        sa.CheckConstraint("station_id IS NOT NULL OR length(place) > 0", name=op.f("ck_service_session_somewhere")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_service_session_canteen_id_canteen")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_service_session_community_id_community")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_service_session_course_id_course")),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_service_session_ended_by_user")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_service_session_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_session")),
    )
    with op.batch_alter_table("service_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_session_canteen_id"), ["canteen_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_session_community_id_service_session_day"), ["community_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_session_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_session_station_id"), ["station_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "turn",
            sa.Enum(
                "waiting",
                "signed_up",
                "arrived",
                "called",
                "served",
                "no_show",
                "cancelled",
                name="turn",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("desk", "phone", "walk_in", "online", "register", name="source", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_up", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(name) > 0 AND length(who) > 0", name=op.f("ck_attendance_somebody")),
        sa.CheckConstraint("number >= 1 AND boxes BETWEEN 0 AND 10", name=op.f("ck_attendance_numbers")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_attendance_asked_by_user")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_attendance_elder_id_elder")),
        sa.ForeignKeyConstraint(["session_id"], ["service_session.id"], name=op.f("fk_attendance_session_id_service_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_attendance_session_id_number")),
        sa.UniqueConstraint("session_id", "who", name=op.f("uq_attendance_session_id_who")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendance_elder_id"), ["elder_id"], unique=False)

    op.create_table(
        "check_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("last_done", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 104", name=op.f("ck_check_up_every_weeks")),
        sa.CheckConstraint("length(name) > 0 AND length(who) > 0 AND length(what) > 0", name=op.f("ck_check_up_somebody")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_check_up_community_id_community")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_check_up_elder_id_elder")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_check_up_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_up")),
    )
    with op.batch_alter_table("check_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_up_community_id_check_up_due"), ["community_id", "due"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_up_elder_id"), ["elder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_up_station_id"), ["station_id"], unique=False)
        batch_op.create_index(
            "uq_check_up_now",
            ["community_id", "who", "what"],
            unique=True,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )

    op.create_table(
        "learner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Date(), nullable=False),
        sa.Column("left", sa.Date(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.CheckConstraint('"left" IS NULL OR "left" >= joined', name=op.f("ck_learner_days")),
        sa.CheckConstraint("length(name) > 0 AND length(who) > 0", name=op.f("ck_learner_somebody")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_learner_course_id_course")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_learner_elder_id_elder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
    )
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learner_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learner_elder_id"), ["elder_id"], unique=False)
        batch_op.create_index(
            "uq_learner_now",
            ["course_id", "who"],
            unique=True,
            sqlite_where=sa.text('"left" IS NULL'),
            postgresql_where=sa.text('"left" IS NULL'),
        )

    op.create_table(
        "station_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "sort", sa.Enum("repair", "sewing", "parcel", name="sort", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column(
            "progress",
            sa.Enum(
                "brought",
                "in_work",
                "ready",
                "cannot",
                "collected",
                "returned",
                name="progress",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("mended_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("had_ticket", sa.Boolean(), nullable=False),
        sa.Column("check_note", sa.String(), nullable=False),
        sa.Column("handed_to", sa.String(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(progress IN ('collected', 'returned')) = (handed_at IS NOT NULL)", name=op.f("ck_station_item_handed")),
        sa.CheckConstraint("sort <> 'parcel' OR until IS NOT NULL", name=op.f("ck_station_item_until")),
        sa.CheckConstraint(
            "(handed_at IS NULL) = (handed_by IS NULL) AND (handed_at IS NULL) = (length(handed_to) = 0)",
            name=op.f("ck_station_item_handed_to"),
        ),
        sa.CheckConstraint("handed_at IS NULL OR had_ticket OR length(check_note) > 0", name=op.f("ck_station_item_checked")),
        sa.CheckConstraint("length(name) > 0 AND length(who) > 0 AND length(what) > 0", name=op.f("ck_station_item_somebody")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_station_item_community_id_community")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_station_item_elder_id_elder")),
        sa.ForeignKeyConstraint(["handed_by"], ["user.id"], name=op.f("fk_station_item_handed_by_user")),
        sa.ForeignKeyConstraint(["mended_by"], ["volunteer.id"], name=op.f("fk_station_item_mended_by_volunteer")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_item_station_id_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_item")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_station_item_community_id_number")),
    )
    with op.batch_alter_table("station_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_station_item_community_id_station_item_progress"), ["community_id", "progress"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_item_elder_id"), ["elder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_item_mended_by"), ["mended_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_item_station_id"), ["station_id"], unique=False)

    op.create_table(
        "check_up_recall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_up_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("coming", "done", "not_reached", "later", name="outcome", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_user"], ["user.id"], name=op.f("fk_check_up_recall_by_user_user")),
        sa.ForeignKeyConstraint(["check_up_id"], ["check_up.id"], name=op.f("fk_check_up_recall_check_up_id_check_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_up_recall")),
    )
    with op.batch_alter_table("check_up_recall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_up_recall_check_up_id"), ["check_up_id"], unique=False)
    for guard in GUARDS:
        _guard(*guard)


def _guard(name: str, table: str, event: str, locked: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
        return
    first = f"PERFORM{locked.removeprefix('SELECT')};" if locked else ""
    body = f"{first} IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
    with op.batch_alter_table("check_up_recall", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_up_recall_check_up_id"))

    op.drop_table("check_up_recall")
    with op.batch_alter_table("station_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_station_item_station_id"))
        batch_op.drop_index(batch_op.f("ix_station_item_mended_by"))
        batch_op.drop_index(batch_op.f("ix_station_item_elder_id"))
        batch_op.drop_index(batch_op.f("ix_station_item_community_id_station_item_progress"))

    op.drop_table("station_item")
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.drop_index("uq_learner_now", sqlite_where=sa.text('"left" IS NULL'), postgresql_where=sa.text('"left" IS NULL'))
        batch_op.drop_index(batch_op.f("ix_learner_elder_id"))
        batch_op.drop_index(batch_op.f("ix_learner_course_id"))

    op.drop_table("learner")
    with op.batch_alter_table("check_up", schema=None) as batch_op:
        batch_op.drop_index("uq_check_up_now", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL"))
        batch_op.drop_index(batch_op.f("ix_check_up_station_id"))
        batch_op.drop_index(batch_op.f("ix_check_up_elder_id"))
        batch_op.drop_index(batch_op.f("ix_check_up_community_id_check_up_due"))

    op.drop_table("check_up")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_elder_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_asked_by"))

    op.drop_table("attendance")
    with op.batch_alter_table("service_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_session_station_id"))
        batch_op.drop_index(batch_op.f("ix_service_session_course_id"))
        batch_op.drop_index(batch_op.f("ix_service_session_community_id_service_session_day"))
        batch_op.drop_index(batch_op.f("ix_service_session_canteen_id"))

    op.drop_table("service_session")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_teacher_id"))
        batch_op.drop_index(batch_op.f("ix_course_station_id"))
        batch_op.drop_index(batch_op.f("ix_course_community_id"))

    op.drop_table("course")
    op.drop_table("station_service")
    op.drop_table("station_opening")
