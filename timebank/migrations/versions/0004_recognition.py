"""Teams, batches of certificates, stars, the honour list, awards, national reports."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_certificate_batch_period")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_certificate_batch_asked_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_certificate_batch_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
    )
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_batch_community_id"), ["community_id"], unique=False)

    op.create_table(
        "star_rule",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("two", sa.Integer(), nullable=False),
        sa.Column("three", sa.Integer(), nullable=False),
        sa.Column("four", sa.Integer(), nullable=False),
        sa.Column("five", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.CheckConstraint("faults BETWEEN 0 AND 100", name=op.f("ck_star_rule_faults")),
        sa.CheckConstraint(
            "one > 0 AND two > one AND three > two AND four > three AND five > four AND five <= 100000", name=op.f("ck_star_rule_rising")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_star_rule_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_star_rule")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_team_name")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_team_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_team_community_id_name")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_community_id"), ["community_id"], unique=False)

    op.create_table(
        "award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=False),
        sa.CheckConstraint("length(name) > 0 AND length(given_by) > 0", name=op.f("ck_award_named")),
        sa.CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name=op.f("ck_award_withdrawn_for_a_reason")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_award_community_id_community")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_award_noted_by_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_award_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_award_standing",
            ["volunteer_id", "name", "day"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "honour_consent",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_honour_consent_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_honour_consent")),
    )
    op.create_table(
        "star_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("no_shows", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("asked", "granted", "declined", name="starstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_star_application_decided")),
        sa.CheckConstraint("state <> 'declined' OR length(reason) > 0", name=op.f("ck_star_application_declined_for_a_reason")),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_star_application_decided_by_somebody")),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_star_application_level")),
        sa.CheckConstraint("minutes > 0 AND doubts >= 0 AND no_shows >= 0", name=op.f("ck_star_application_counts")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_star_application_community_id_community")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_star_application_decided_by_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_star_application_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_application")),
    )
    with op.batch_alter_table("star_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_star_application_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_star_application_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_star_application_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_star_application_live",
            ["volunteer_id", "level"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'granted')"),
            postgresql_where=sa.text("state IN ('asked', 'granted')"),
        )

    op.create_table(
        "team_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Date(), nullable=False),
        sa.Column("left", sa.Date(), nullable=True),
        sa.CheckConstraint('"left" IS NULL OR "left" >= joined', name=op.f("ck_team_member_days")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_team_member_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_member_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_team_member_now",
            ["team_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text('"left" IS NULL'),
            postgresql_where=sa.text('"left" IS NULL'),
        )

    op.create_table(
        "certificate_batch_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("refusal_zh", sa.String(), nullable=False),
        sa.Column("refusal_en", sa.String(), nullable=False),
        sa.Column("paper", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "done_at IS NULL OR certificate_id IS NOT NULL OR length(refusal_zh) > 0", name=op.f("ck_certificate_batch_line_done")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_batch_line_batch_id_certificate_batch")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_batch_line_certificate_id_certificate")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_certificate_batch_line_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch_line")),
        sa.UniqueConstraint("batch_id", "volunteer_id", name=op.f("uq_certificate_batch_line_batch_id_volunteer_id")),
    )
    with op.batch_alter_table("certificate_batch_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_batch_line_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_batch_line_certificate_id"), ["certificate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_batch_line_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "national_report",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("national_no", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(national_no) BETWEEN 1 AND 40", name=op.f("ck_national_report_national_no")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_national_report_noted_by_user")),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_national_report_record_id_service_record")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_national_report")),
    )
    with op.batch_alter_table("national_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_national_report_national_no"), ["national_no"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("national_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_national_report_national_no"))

    op.drop_table("national_report")
    with op.batch_alter_table("certificate_batch_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_batch_line_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_batch_line_certificate_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_batch_line_batch_id"))

    op.drop_table("certificate_batch_line")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index("uq_team_member_now", sqlite_where=sa.text('"left" IS NULL'), postgresql_where=sa.text('"left" IS NULL'))
        batch_op.drop_index(batch_op.f("ix_team_member_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_team_member_team_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("star_application", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_star_application_live",
            sqlite_where=sa.text("state IN ('asked', 'granted')"),
            postgresql_where=sa.text("state IN ('asked', 'granted')"),
        )
        batch_op.drop_index(batch_op.f("ix_star_application_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_star_application_state"))
        batch_op.drop_index(batch_op.f("ix_star_application_community_id"))

    op.drop_table("star_application")
    op.drop_table("honour_consent")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_award_standing", sqlite_where=sa.text("withdrawn_at IS NULL"), postgresql_where=sa.text("withdrawn_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_award_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_award_community_id"))

    op.drop_table("award")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_community_id"))

    op.drop_table("team")
    op.drop_table("star_rule")
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_batch_community_id"))

    op.drop_table("certificate_batch")
