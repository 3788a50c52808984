"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The ledger's triggers, one list per database; see timebank/ledger/ddl.py for what each of them keeps.
CREATE_SQLITE = [
    "CREATE TRIGGER ledger_transfer_guard BEFORE INSERT ON ledger_transfer FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_transfer: seq is taken') WHERE EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.seq); SELECT RAISE(ABORT, 'ledger_transfer: idempotency key is taken') WHERE EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.idem_scope = NEW.idem_scope AND t.idem_key = NEW.idem_key); SELECT RAISE(ABORT, 'ledger_transfer: source is credited') WHERE NEW.kind IN ('earn', 'manual') AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.source = NEW.source AND t.kind IN ('earn', 'manual')); SELECT RAISE(ABORT, 'ledger_transfer: an earlier version is still credited') WHERE NEW.kind IN ('earn', 'manual') AND substr(NEW.source, 1, 7) = 'record:' AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.kind IN ('earn', 'manual') AND t.source >= rtrim(NEW.source, '0123456789') AND t.source < rtrim(NEW.source, '0123456789') || ':' AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = t.seq)); SELECT RAISE(ABORT, 'ledger_transfer: already reversed') WHERE EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.reverses = NEW.reverses); SELECT RAISE(ABORT, 'ledger_transfer: not a mirror') WHERE NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.reverses AND t.kind NOT IN ('reversal', 'hold') AND t.community_id = NEW.community_id AND t.minutes = NEW.minutes AND t.debit_id = NEW.credit_id AND t.credit_id = NEW.debit_id); SELECT RAISE(ABORT, 'ledger_transfer: wrong accounts') WHERE NEW.kind <> 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_account d, ledger_account c WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND d.community_id = NEW.community_id AND c.community_id = NEW.community_id AND ((NEW.kind = 'earn' AND d.kind = 'issued' AND c.kind = 'member') OR (NEW.kind = 'earn' AND d.kind = 'issued' AND c.kind = 'pool') OR (NEW.kind = 'manual' AND d.kind = 'issued' AND c.kind = 'member') OR (NEW.kind = 'grant' AND d.kind = 'issued' AND c.kind = 'pool') OR (NEW.kind = 'grant' AND d.kind = 'pool' AND c.kind = 'member') OR (NEW.kind = 'gift' AND d.kind = 'member' AND c.kind = 'member') OR (NEW.kind = 'donate' AND d.kind = 'member' AND c.kind = 'pool') OR (NEW.kind = 'hold' AND d.kind = 'member' AND c.kind = 'held') OR (NEW.kind = 'settle' AND d.kind = 'held' AND c.kind = 'redeemed') OR (NEW.kind = 'release' AND d.kind = 'held' AND c.kind = 'member'))); SELECT RAISE(ABORT, 'ledger_transfer: more than the hold') WHERE NEW.hold_seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_transfer h WHERE h.seq = NEW.hold_seq AND h.kind = 'hold' AND h.community_id = NEW.community_id AND (NEW.kind = 'settle' OR h.debit_id = NEW.credit_id) AND h.minutes >= NEW.minutes + COALESCE((SELECT SUM(s.minutes) FROM ledger_transfer s WHERE s.hold_seq = h.seq AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = s.seq)), 0)); SELECT RAISE(ABORT, 'ledger_transfer: does not continue the chain') WHERE NEW.prev_hash <> COALESCE((SELECT t.hash FROM ledger_transfer t WHERE t.community_id = NEW.community_id ORDER BY t.seq DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000') OR NEW.seq <= COALESCE((SELECT MAX(t.seq) FROM ledger_transfer t WHERE t.community_id = NEW.community_id), 0); SELECT RAISE(ABORT, 'ledger_transfer: minutes are not whole') WHERE typeof(NEW.minutes) <> 'integer'; END",
    "CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_transfer: a ledger row is for ever') WHERE 1 = 1; END",
    "CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_transfer: a ledger row is for ever') WHERE 1 = 1; END",
    "CREATE TRIGGER ledger_account_guard BEFORE INSERT ON ledger_account FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_account: an account opens empty') WHERE NEW.balance <> 0 OR NEW.last_seq <> 0; SELECT RAISE(ABORT, 'ledger_account: account exists') WHERE EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = NEW.id); SELECT RAISE(ABORT, 'ledger_account: system account exists') WHERE NEW.kind <> 'member' AND EXISTS (SELECT 1 FROM ledger_account a WHERE a.community_id = NEW.community_id AND a.kind = NEW.kind); END",
    "CREATE TRIGGER ledger_account_keep BEFORE UPDATE ON ledger_account FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_account: an account keeps its identity') WHERE NEW.id <> OLD.id OR NEW.community_id <> OLD.community_id OR NEW.kind <> OLD.kind OR NEW.opened_at <> OLD.opened_at; SELECT RAISE(ABORT, 'ledger_account: a balance moves only by a transfer') WHERE (NEW.balance <> OLD.balance OR NEW.last_seq <> OLD.last_seq) AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.last_seq AND NEW.last_seq > OLD.last_seq AND ((t.credit_id = NEW.id AND NEW.balance = OLD.balance + t.minutes) OR (t.debit_id = NEW.id AND NEW.balance = OLD.balance - t.minutes))); END",
    "CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'ledger_account: a ledger row is for ever') WHERE 1 = 1; END",
    "CREATE TRIGGER ledger_transfer_move AFTER INSERT ON ledger_transfer FOR EACH ROW BEGIN UPDATE ledger_account SET balance = balance - NEW.minutes, last_seq = NEW.seq WHERE id = NEW.debit_id; UPDATE ledger_account SET balance = balance + NEW.minutes, last_seq = NEW.seq WHERE id = NEW.credit_id; END",
]
DROP_SQLITE = [
    "DROP TRIGGER ledger_transfer_guard",
    "DROP TRIGGER ledger_transfer_no_update",
    "DROP TRIGGER ledger_transfer_no_delete",
    "DROP TRIGGER ledger_account_guard",
    "DROP TRIGGER ledger_account_keep",
    "DROP TRIGGER ledger_account_no_delete",
    "DROP TRIGGER ledger_transfer_move",
]
CREATE_POSTGRESQL = [
    "CREATE FUNCTION ledger_transfer_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.seq) THEN RAISE EXCEPTION 'ledger_transfer: seq is taken' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.idem_scope = NEW.idem_scope AND t.idem_key = NEW.idem_key) THEN RAISE EXCEPTION 'ledger_transfer: idempotency key is taken' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.kind IN ('earn', 'manual') AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.source = NEW.source AND t.kind IN ('earn', 'manual')) THEN RAISE EXCEPTION 'ledger_transfer: source is credited' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.kind IN ('earn', 'manual') AND substr(NEW.source, 1, 7) = 'record:' AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.kind IN ('earn', 'manual') AND t.source >= rtrim(NEW.source, '0123456789') AND t.source < rtrim(NEW.source, '0123456789') || ':' AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = t.seq)) THEN RAISE EXCEPTION 'ledger_transfer: an earlier version is still credited' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.reverses = NEW.reverses) THEN RAISE EXCEPTION 'ledger_transfer: already reversed' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.reverses AND t.kind NOT IN ('reversal', 'hold') AND t.community_id = NEW.community_id AND t.minutes = NEW.minutes AND t.debit_id = NEW.credit_id AND t.credit_id = NEW.debit_id) THEN RAISE EXCEPTION 'ledger_transfer: not a mirror' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.kind <> 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_account d, ledger_account c WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND d.community_id = NEW.community_id AND c.community_id = NEW.community_id AND ((NEW.kind = 'earn' AND d.kind = 'issued' AND c.kind = 'member') OR (NEW.kind = 'earn' AND d.kind = 'issued' AND c.kind = 'pool') OR (NEW.kind = 'manual' AND d.kind = 'issued' AND c.kind = 'member') OR (NEW.kind = 'grant' AND d.kind = 'issued' AND c.kind = 'pool') OR (NEW.kind = 'grant' AND d.kind = 'pool' AND c.kind = 'member') OR (NEW.kind = 'gift' AND d.kind = 'member' AND c.kind = 'member') OR (NEW.kind = 'donate' AND d.kind = 'member' AND c.kind = 'pool') OR (NEW.kind = 'hold' AND d.kind = 'member' AND c.kind = 'held') OR (NEW.kind = 'settle' AND d.kind = 'held' AND c.kind = 'redeemed') OR (NEW.kind = 'release' AND d.kind = 'held' AND c.kind = 'member'))) THEN RAISE EXCEPTION 'ledger_transfer: wrong accounts' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.hold_seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_transfer h WHERE h.seq = NEW.hold_seq AND h.kind = 'hold' AND h.community_id = NEW.community_id AND (NEW.kind = 'settle' OR h.debit_id = NEW.credit_id) AND h.minutes >= NEW.minutes + COALESCE((SELECT SUM(s.minutes) FROM ledger_transfer s WHERE s.hold_seq = h.seq AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = s.seq)), 0)) THEN RAISE EXCEPTION 'ledger_transfer: more than the hold' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.prev_hash <> COALESCE((SELECT t.hash FROM ledger_transfer t WHERE t.community_id = NEW.community_id ORDER BY t.seq DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000') OR NEW.seq <= COALESCE((SELECT MAX(t.seq) FROM ledger_transfer t WHERE t.community_id = NEW.community_id), 0) THEN RAISE EXCEPTION 'ledger_transfer: does not continue the chain' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_transfer_guard BEFORE INSERT ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_guard()",
    "CREATE FUNCTION ledger_transfer_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'ledger_transfer: a ledger row is for ever' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_no_update()",
    "CREATE FUNCTION ledger_transfer_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'ledger_transfer: a ledger row is for ever' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_no_delete()",
    "CREATE FUNCTION ledger_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.balance <> 0 OR NEW.last_seq <> 0 THEN RAISE EXCEPTION 'ledger_account: an account opens empty' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = NEW.id) THEN RAISE EXCEPTION 'ledger_account: account exists' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NEW.kind <> 'member' AND EXISTS (SELECT 1 FROM ledger_account a WHERE a.community_id = NEW.community_id AND a.kind = NEW.kind) THEN RAISE EXCEPTION 'ledger_account: system account exists' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_account_guard BEFORE INSERT ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_guard()",
    "CREATE FUNCTION ledger_account_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.community_id <> OLD.community_id OR NEW.kind <> OLD.kind OR NEW.opened_at <> OLD.opened_at THEN RAISE EXCEPTION 'ledger_account: an account keeps its identity' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF (NEW.balance <> OLD.balance OR NEW.last_seq <> OLD.last_seq) AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.last_seq AND NEW.last_seq > OLD.last_seq AND ((t.credit_id = NEW.id AND NEW.balance = OLD.balance + t.minutes) OR (t.debit_id = NEW.id AND NEW.balance = OLD.balance - t.minutes))) THEN RAISE EXCEPTION 'ledger_account: a balance moves only by a transfer' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_account_keep BEFORE UPDATE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_keep()",
    "CREATE FUNCTION ledger_account_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'ledger_account: a ledger row is for ever' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_no_delete()",
    "CREATE FUNCTION ledger_transfer_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ledger_account SET balance = balance - NEW.minutes, last_seq = NEW.seq WHERE id = NEW.debit_id; UPDATE ledger_account SET balance = balance + NEW.minutes, last_seq = NEW.seq WHERE id = NEW.credit_id; RETURN NEW; END $$",
    "CREATE TRIGGER ledger_transfer_move AFTER INSERT ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_move()",
    "CREATE TRIGGER ledger_transfer_no_truncate BEFORE TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_no_delete()",
    "CREATE TRIGGER ledger_account_no_truncate BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_no_delete()",
]
DROP_POSTGRESQL = [
    "DROP TRIGGER ledger_transfer_guard ON ledger_transfer",
    "DROP TRIGGER ledger_transfer_no_update ON ledger_transfer",
    "DROP TRIGGER ledger_transfer_no_delete ON ledger_transfer",
    "DROP TRIGGER ledger_account_guard ON ledger_account",
    "DROP TRIGGER ledger_account_keep ON ledger_account",
    "DROP TRIGGER ledger_account_no_delete ON ledger_account",
    "DROP TRIGGER ledger_transfer_move ON ledger_transfer",
    "DROP TRIGGER ledger_transfer_no_truncate ON ledger_transfer",
    "DROP TRIGGER ledger_account_no_truncate ON ledger_account",
    "DROP FUNCTION ledger_transfer_guard()",
    "DROP FUNCTION ledger_transfer_no_update()",
    "DROP FUNCTION ledger_transfer_no_delete()",
    "DROP FUNCTION ledger_account_guard()",
    "DROP FUNCTION ledger_account_keep()",
    "DROP FUNCTION ledger_account_no_delete()",
    "DROP FUNCTION ledger_transfer_move()",
]


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_subject_audit_subject_id"), ["subject", "subject_id"], unique=False)

    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Enum("off", "work", name="daykind", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "check_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_try")),
    )
    with op.batch_alter_table("check_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_try_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_try_source_check_try_at"), ["source", "at"], unique=False)

    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("member", "pool", "issued", "held", "redeemed", name="kind", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("balance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("last_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'issued') = (limit_minutes IS NULL)", name=op.f("ck_ledger_account_only_issued_is_unlimited")),
        sa.CheckConstraint("limit_minutes IS NULL OR balance >= -limit_minutes", name=op.f("ck_ledger_account_no_overdraft")),
        sa.CheckConstraint("limit_minutes IS NULL OR limit_minutes >= 0", name=op.f("ck_ledger_account_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
    )
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_account_community_id"), ["community_id"], unique=False)
        batch_op.create_index(
            "uq_ledger_account_system",
            ["community_id", "kind"],
            unique=True,
            sqlite_where=sa.text("kind <> 'member'"),
            postgresql_where=sa.text("kind <> 'member'"),
        )

    op.create_table(
        "service_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("group_en", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("crew", sa.Integer(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("second_skills", sa.JSON(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column(
            "evidence", sa.Enum("door_tap", "timed", name="evidence", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column("at_door", sa.Boolean(), nullable=False),
        sa.Column("from_canteen", sa.Boolean(), nullable=False),
        sa.Column("workdays_only", sa.Boolean(), nullable=False),
        sa.Column("credit_cap", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("icon", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("credit_cap IS NULL OR credit_cap BETWEEN 1 AND 720", name=op.f("ck_service_kind_credit_cap")),
        sa.CheckConstraint("crew IN (1, 2)", name=op.f("ck_service_kind_crew")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 720", name=op.f("ck_service_kind_minutes")),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000000", name=op.f("ck_service_kind_weight")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_service_kind_code")),
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    with op.batch_alter_table("sign_in_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_code_phone_sign_in_code_created_at"), ["phone", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_code_source_sign_in_code_created_at"), ["source", "created_at"], unique=False)

    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("needs_proof", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_code")),
    )
    op.create_table(
        "street",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        sa.UniqueConstraint("name", name=op.f("uq_street_name")),
    )
    op.create_table(
        "submission",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_submission")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "coordinator",
                "team_lead",
                "building_lead",
                "canteen",
                "volunteer",
                "family",
                "inspector",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(phone) = 11", name=op.f("ck_user_phone_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("phone", name=op.f("uq_user_phone")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_community_id"), ["community_id"], unique=False)

    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("issuer_code", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_community_street_id_street")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("slug", name=op.f("uq_community_slug")),
    )
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_street_id"), ["street_id"], unique=False)

    op.create_table(
        "ledger_transfer",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("debit_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "earn",
                "grant",
                "gift",
                "donate",
                "hold",
                "settle",
                "release",
                "reversal",
                "manual",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=100).with_variant(sa.String(length=100, collation="C"), "postgresql"), nullable=False),
        sa.Column("idem_scope", sa.String(length=100), nullable=False),
        sa.Column("idem_key", sa.String(length=200), nullable=False),
        sa.Column("reverses", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("hold_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("approver", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_ledger_transfer_reversal_names_its_target")),
        sa.CheckConstraint("(kind IN ('settle', 'release')) = (hold_seq IS NOT NULL)", name=op.f("ck_ledger_transfer_names_its_hold")),
        sa.CheckConstraint(
            "kind <> 'earn' OR (substr(source, 1, 7) = 'record:' AND source <> rtrim(source, '0123456789') AND rtrim(source, '0123456789') LIKE 'record:%:' || 'v')",
            name=op.f("ck_ledger_transfer_earn_names_a_record"),
        ),
        sa.CheckConstraint(
            "kind <> 'manual' OR (approver IS NOT NULL AND note IS NOT NULL)", name=op.f("ck_ledger_transfer_manual_is_approved")
        ),
        sa.CheckConstraint(
            "substr(source, 1, 7) <> 'record:' OR kind IN ('earn', 'manual')", name=op.f("ck_ledger_transfer_record_is_a_credit")
        ),
        sa.CheckConstraint("approver IS NULL OR approver <> actor", name=op.f("ck_ledger_transfer_two_people")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_ledger_transfer_two_accounts")),
        sa.CheckConstraint("length(source) > 0 AND length(actor) > 0", name=op.f("ck_ledger_transfer_evidence")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 44640", name=op.f("ck_ledger_transfer_minutes")),
        sa.ForeignKeyConstraint(["credit_id"], ["ledger_account.id"], name=op.f("fk_ledger_transfer_credit_id_ledger_account")),
        sa.ForeignKeyConstraint(["debit_id"], ["ledger_account.id"], name=op.f("fk_ledger_transfer_debit_id_ledger_account")),
        sa.ForeignKeyConstraint(["hold_seq"], ["ledger_transfer.seq"], name=op.f("fk_ledger_transfer_hold_seq_ledger_transfer")),
        sa.ForeignKeyConstraint(["reverses"], ["ledger_transfer.seq"], name=op.f("fk_ledger_transfer_reverses_ledger_transfer")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("community_id", "prev_hash", name=op.f("uq_ledger_transfer_community_id_prev_hash")),
        sa.UniqueConstraint("idem_scope", "idem_key", name=op.f("uq_ledger_transfer_idem_scope_idem_key")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_transfer_reverses")),
    )
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_transfer_community_seq", ["community_id", "seq"], unique=False)
        batch_op.create_index("ix_ledger_transfer_credit_at", ["credit_id", "at"], unique=False)
        batch_op.create_index("ix_ledger_transfer_debit_at", ["debit_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_transfer_hold_seq"), ["hold_seq"], unique=False)
        batch_op.create_index("ix_ledger_transfer_source", ["source"], unique=False)
        batch_op.create_index(
            "uq_ledger_transfer_credit",
            ["source"],
            unique=True,
            sqlite_where=sa.text("kind IN ('earn', 'manual')"),
            postgresql_where=sa.text("kind IN ('earn', 'manual')"),
        )

    op.create_table(
        "magic_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose", sa.Enum("day-sheet", "demo", name="purpose", native_enum=False, create_constraint=True, length=16), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("use_limit", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses <= use_limit", name=op.f("ck_magic_link_uses_within_limit")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_magic_link_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_magic_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_magic_link_token_hash")),
    )
    with op.batch_alter_table("magic_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_magic_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "sent", "failed", "held", name="state", native_enum=False, create_constraint=True, length=8),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_community_id_notice_created_at"), ["community_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_user_id"), ["user_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["code_id"], ["sign_in_code.id"], name=op.f("fk_session_code_id_sign_in_code")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_session_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("code_id", name=op.f("uq_session_code_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "canteen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("access", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("hot", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.CheckConstraint("hot BETWEEN 1 AND 240", name=op.f("ck_canteen_hot")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_canteen_point")),
        sa.CheckConstraint("ready BETWEEN 0 AND 1440 AND until > ready AND until <= 1440", name=op.f("ck_canteen_times")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_canteen_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canteen")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_canteen_community_id_name")),
    )
    with op.batch_alter_table("canteen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_canteen_community_id"), ["community_id"], unique=False)

    op.create_table(
        "compound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_compound_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compound")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_compound_community_id_name")),
    )
    with op.batch_alter_table("compound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_compound_community_id"), ["community_id"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "closed", name="planstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("ceilings", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("bound", sa.Integer(), nullable=True),
        sa.Column("served_weight", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_plan_version")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_plan_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("community_id", "week", name=op.f("uq_plan_community_id_week")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_community_id"), ["community_id"], unique=False)

    op.create_table(
        "station",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_station_point")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_station_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_station_community_id_name")),
    )
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_station_community_id"), ["community_id"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_unit_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_unit_community_id_name")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_community_id"), ["community_id"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_upload_community_id_community")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_upload_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("token", name=op.f("uq_upload_token")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_user_id"), ["user_id"], unique=False)

    op.create_table(
        "building",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("lift", sa.Boolean(), nullable=False),
        sa.Column("access", sa.Integer(), nullable=False),
        sa.CheckConstraint("access BETWEEN 0 AND 60", name=op.f("ck_building_access")),
        sa.CheckConstraint("floors BETWEEN 1 AND 200", name=op.f("ck_building_floors")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_building_point")),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_building_compound_id_compound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("compound_id", "name", name=op.f("uq_building_compound_id_name")),
    )
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_building_compound_id"), ["compound_id"], unique=False)

    op.create_table(
        "plan_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("solve", "replan", name="runkind", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "failed", name="runstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("input_version", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("needed_weight", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_run_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_run")),
    )
    with op.batch_alter_table("plan_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_run_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_run_state"), ["state"], unique=False)

    op.create_table(
        "volunteer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("gender", sa.Enum("F", "M", name="gender", native_enum=False, create_constraint=True, length=24), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("travel", sa.Enum("walk", "ebike", name="travel", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("radius", sa.Integer(), nullable=True),
        sa.Column("max_day", sa.Integer(), nullable=False),
        sa.Column("max_week", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("has_phone", sa.Boolean(), nullable=False),
        sa.Column("insured_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("boxes BETWEEN 0 AND 100", name=op.f("ck_volunteer_boxes")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_volunteer_point")),
        sa.CheckConstraint("max_day BETWEEN 1 AND 720", name=op.f("ck_volunteer_max_day")),
        sa.CheckConstraint("max_week BETWEEN 1 AND 5040", name=op.f("ck_volunteer_max_week")),
        sa.CheckConstraint("radius IS NULL OR radius > 0", name=op.f("ck_volunteer_radius")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_volunteer_account_id_ledger_account")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_volunteer_community_id_community")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_volunteer_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_volunteer_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint("account_id", name=op.f("uq_volunteer_account_id")),
        sa.UniqueConstraint("community_id", "phone", name=op.f("uq_volunteer_community_id_phone")),
        sa.UniqueConstraint("number", name=op.f("uq_volunteer_number")),
        sa.UniqueConstraint("user_id", name=op.f("uq_volunteer_user_id")),
    )
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_sort_key"), ["sort_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "availability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name=op.f("ck_availability_times")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_availability_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
        sa.UniqueConstraint("volunteer_id", "weekday", "start", name=op.f("uq_availability_volunteer_id_weekday_start")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("check_code", sa.String(length=12), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("valid", "revoked", "replaced", name="certificatestate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("national_no", sa.String(), nullable=False),
        sa.CheckConstraint("(state = 'valid') = (ended_at IS NULL)", name=op.f("ck_certificate_ended")),
        sa.CheckConstraint("state = 'valid' OR length(revoked_reason) > 0", name=op.f("ck_certificate_ended_for_a_reason")),
        sa.CheckConstraint("length(check_code) = 12", name=op.f("ck_certificate_check_code")),
        sa.CheckConstraint("length(content_sha256) = 64", name=op.f("ck_certificate_content_sha256")),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_certificate_period")),
        sa.CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name=op.f("ck_certificate_replaces_another")),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_certificate_serial")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_certificate_community_id_community")),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_certificate_ended_by_user")),
        sa.ForeignKeyConstraint(["issued_by"], ["user.id"], name=op.f("fk_certificate_issued_by_user")),
        sa.ForeignKeyConstraint(["replaces_id"], ["certificate.id"], name=op.f("fk_certificate_replaces_id_certificate")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_certificate_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("check_code", name=op.f("uq_certificate_check_code")),
        sa.UniqueConstraint("community_id", "year", "serial", name=op.f("uq_certificate_community_id_year_serial")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_certificate_replaces_id")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_volunteer_id_certificate_issued_at"), ["volunteer_id", "issued_at"], unique=False)

    op.create_table(
        "held_skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_held_skill_skill_id_skill")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_held_skill_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_skill")),
        sa.UniqueConstraint("volunteer_id", "skill_id", name=op.f("uq_held_skill_volunteer_id_skill_id")),
    )
    with op.batch_alter_table("held_skill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_skill_skill_id"), ["skill_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_skill_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("entrance", sa.String(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("door", sa.Text(), nullable=True),
        sa.Column("door_note", sa.Text(), nullable=True),
        sa.CheckConstraint("floor BETWEEN 1 AND 200", name=op.f("ck_household_floor")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_household_building_id_building")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_household_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_household_community_id_number")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_building_id"), ["building_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_community_id"), ["community_id"], unique=False)

    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("canteen_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("pickup", sa.Integer(), nullable=False),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("counted IS NULL OR counted BETWEEN 0 AND 200", name=op.f("ck_round_counted")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_round_canteen_id_canteen")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_round_community_id_community")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_round_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("volunteer_id", "day", "window", name=op.f("uq_round_volunteer_id_day_window")),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name=op.f("ck_time_off_times")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_time_off_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
    )
    with op.batch_alter_table("time_off", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_time_off_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "elder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("lives_alone", sa.Boolean(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("unknown", "able", "partly", "lost", name="carelevel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("diet", sa.Text(), nullable=True),
        sa.Column("care_note", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("active", "moved", "deceased", name="elderstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_elder_community_id_community")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_elder_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elder")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_elder_community_id_number")),
    )
    with op.batch_alter_table("elder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_elder_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_elder_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_elder_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "pairing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("tie", sa.Enum("usual", "excluded", name="tie", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_pairing_household_id_household")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_pairing_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
        sa.UniqueConstraint("household_id", "volunteer_id", name=op.f("uq_pairing_household_id_volunteer_id")),
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairing_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairing_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("service", "health", "door", name="purpose", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_consent_elder_id_elder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_elder_id"), ["elder_id"], unique=False)

    op.create_table(
        "family_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_family_member_elder_id_elder")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_family_member_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_member")),
        sa.UniqueConstraint("elder_id", "user_id", name=op.f("uq_family_member_elder_id_user_id")),
    )
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_family_member_elder_id"), ["elder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_family_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "help_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column(
            "pattern",
            sa.Enum("once", "each_day", "one_of", name="pattern", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("dates", sa.JSON(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("window_from", sa.Integer(), nullable=False),
        sa.Column("window_to", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("for_name", sa.Text(), nullable=True),
        sa.Column("for_address", sa.Text(), nullable=True),
        sa.Column(
            "source",
            sa.Enum("family", "desk", "import", name="source", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("new", "accepted", "declined", "ended", name="requeststate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'accepted' OR household_id IS NOT NULL", name=op.f("ck_help_request_accepted_has_door")),
        sa.CheckConstraint("boxes BETWEEN 0 AND 20", name=op.f("ck_help_request_boxes")),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 52", name=op.f("ck_help_request_every_weeks")),
        sa.CheckConstraint("minutes IS NULL OR minutes BETWEEN 1 AND 720", name=op.f("ck_help_request_minutes")),
        sa.CheckConstraint("window_from >= 0 AND window_to > window_from AND window_to <= 1440", name=op.f("ck_help_request_window")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_help_request_asked_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_help_request_community_id_community")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_help_request_decided_by_user")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_help_request_elder_id_elder")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_help_request_household_id_household")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_help_request_kind_id_service_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_help_request_community_id_number")),
        sa.UniqueConstraint("token", name=op.f("uq_help_request_token")),
    )
    with op.batch_alter_table("help_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_request_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_elder_id"), ["elder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_kind_id"), ["kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_state"), ["state"], unique=False)

    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_pause_days")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_pause_elder_id_elder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_elder_id"), ["elder_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("window_from", sa.Integer(), nullable=False),
        sa.Column("window_to", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("crew", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("canteen_id", sa.Integer(), nullable=True),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "offered",
                "accepted",
                "under_way",
                "done",
                "confirmed",
                "failed",
                "cancelled",
                name="visitstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(canteen_id IS NULL) = (boxes = 0)", name=op.f("ck_visit_canteen_boxes")),
        sa.CheckConstraint("crew IN (1, 2)", name=op.f("ck_visit_crew")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 720", name=op.f("ck_visit_minutes")),
        sa.CheckConstraint("window_from >= 0 AND window_to > window_from AND window_to <= 1440", name=op.f("ck_visit_window")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_visit_canteen_id_canteen")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_visit_community_id_community")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_visit_household_id_household")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_visit_kind_id_service_kind")),
        sa.ForeignKeyConstraint(["request_id"], ["help_request.id"], name=op.f("fk_visit_request_id_help_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("request_id", "occurrence", name=op.f("uq_visit_request_id_occurrence")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_community_id_visit_week"), ["community_id", "week"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_kind_id"), ["kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_state"), ["state"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("pickup", sa.Integer(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.CheckConstraint("pickup IS NULL OR pickup <= start", name=op.f("ck_assignment_pickup")),
        sa.CheckConstraint("start BETWEEN 0 AND 1439", name=op.f("ck_assignment_start")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_assignment_plan_id_plan")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_assignment_visit_id_visit")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_assignment_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("plan_id", "visit_id", "volunteer_id", name=op.f("uq_assignment_plan_id_visit_id_volunteer_id")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_assignment_plan_id_assignment_volunteer_id_assignment_day"), ["plan_id", "volunteer_id", "day"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assignment_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column(
            "trust",
            sa.Enum(
                "code", "family", "desk", "call", "auto", "two_persons", name="trust", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("by_user", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_user"], ["user.id"], name=op.f("fk_confirmation_by_user_user")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_confirmation_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_confirmation_visit_id")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("why_zh", sa.String(), nullable=False),
        sa.Column("why_en", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("sent", "accepted", "declined", "withdrawn", name="offerstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "answered_by",
            sa.Enum(
                "code", "family", "desk", "call", "auto", "two_persons", name="trust", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_ok", sa.Boolean(), nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "no_answer",
                "refused",
                "wrong_address",
                "not_ready",
                "unwell",
                "other",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.CheckConstraint("started_at IS NULL OR state = 'accepted'", name=op.f("ck_offer_started_is_accepted")),
        sa.CheckConstraint("code_tries BETWEEN 0 AND 5", name=op.f("ck_offer_code_tries")),
        sa.CheckConstraint("start BETWEEN 0 AND 1439", name=op.f("ck_offer_start")),
        sa.CheckConstraint("started_at IS NULL OR ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_offer_order")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_offer_round_id_round")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_offer_visit_id_visit")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_offer_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "uq_offer_live_visit_volunteer",
            ["visit_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('sent', 'accepted')"),
            postgresql_where=sa.text("state IN ('sent', 'accepted')"),
        )

    op.create_table(
        "service_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("doors", sa.Integer(), nullable=False),
        sa.Column(
            "trust",
            sa.Enum(
                "code", "family", "desk", "call", "auto", "two_persons", name="trust", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("transfer_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("(visit_id IS NULL) <> (round_id IS NULL)", name=op.f("ck_service_record_visit_or_round")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_service_record_order")),
        sa.CheckConstraint("minutes BETWEEN 0 AND 720", name=op.f("ck_service_record_minutes")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_record_version")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_service_record_community_id_community")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["user.id"], name=op.f("fk_service_record_confirmed_by_user")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_service_record_kind_id_service_kind")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_service_record_round_id_round")),
        sa.ForeignKeyConstraint(["transfer_seq"], ["ledger_transfer.seq"], name=op.f("fk_service_record_transfer_seq_ledger_transfer")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_service_record_visit_id_visit")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_service_record_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("transfer_seq", name=op.f("uq_service_record_transfer_seq")),
        sa.UniqueConstraint("volunteer_id", "round_id", "version", name=op.f("uq_service_record_volunteer_id_round_id_version")),
        sa.UniqueConstraint("volunteer_id", "visit_id", "version", name=op.f("uq_service_record_volunteer_id_visit_id_version")),
    )
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_record_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_kind_id"), ["kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_volunteer_id_service_record_day"), ["volunteer_id", "day"], unique=False)

    op.create_table(
        "unserved",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.JSON(), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("fix", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_unserved_plan_id_plan")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_unserved_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unserved")),
        sa.UniqueConstraint("plan_id", "visit_id", name=op.f("uq_unserved_plan_id_visit_id")),
    )
    with op.batch_alter_table("unserved", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unserved_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unserved_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "done",
                "no_answer",
                "refused",
                "wrong_address",
                "not_ready",
                "unwell",
                "other",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_alert_closed_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_alert_community_id_community")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_alert_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_alert_offer_id")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_community_id"), ["community_id"], unique=False)

    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_objection_answered")),
        sa.ForeignKeyConstraint(["answered_by"], ["user.id"], name=op.f("fk_objection_answered_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_objection_community_id_community")),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_objection_record_id_service_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_objection_record_id"), ["record_id"], unique=False)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in CREATE_SQLITE if sqlite else CREATE_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in DROP_SQLITE if sqlite else DROP_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_record_id"))
        batch_op.drop_index(batch_op.f("ix_objection_community_id"))

    op.drop_table("objection")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_community_id"))

    op.drop_table("alert")
    with op.batch_alter_table("unserved", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unserved_visit_id"))
        batch_op.drop_index(batch_op.f("ix_unserved_plan_id"))

    op.drop_table("unserved")
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_record_volunteer_id_service_record_day"))
        batch_op.drop_index(batch_op.f("ix_service_record_visit_id"))
        batch_op.drop_index(batch_op.f("ix_service_record_round_id"))
        batch_op.drop_index(batch_op.f("ix_service_record_kind_id"))
        batch_op.drop_index(batch_op.f("ix_service_record_day"))
        batch_op.drop_index(batch_op.f("ix_service_record_community_id"))

    op.drop_table("service_record")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_live_visit_volunteer",
            sqlite_where=sa.text("state IN ('sent', 'accepted')"),
            postgresql_where=sa.text("state IN ('sent', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_offer_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_offer_visit_id"))
        batch_op.drop_index(batch_op.f("ix_offer_state"))
        batch_op.drop_index(batch_op.f("ix_offer_round_id"))
        batch_op.drop_index(batch_op.f("ix_offer_day"))

    op.drop_table("offer")
    op.drop_table("confirmation")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_visit_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_plan_id_assignment_volunteer_id_assignment_day"))
        batch_op.drop_index(batch_op.f("ix_assignment_plan_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_state"))
        batch_op.drop_index(batch_op.f("ix_visit_request_id"))
        batch_op.drop_index(batch_op.f("ix_visit_kind_id"))
        batch_op.drop_index(batch_op.f("ix_visit_household_id"))
        batch_op.drop_index(batch_op.f("ix_visit_day"))
        batch_op.drop_index(batch_op.f("ix_visit_community_id_visit_week"))
        batch_op.drop_index(batch_op.f("ix_visit_community_id"))

    op.drop_table("visit")
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pause_elder_id"))

    op.drop_table("pause")
    with op.batch_alter_table("help_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_help_request_state"))
        batch_op.drop_index(batch_op.f("ix_help_request_kind_id"))
        batch_op.drop_index(batch_op.f("ix_help_request_household_id"))
        batch_op.drop_index(batch_op.f("ix_help_request_elder_id"))
        batch_op.drop_index(batch_op.f("ix_help_request_community_id"))
        batch_op.drop_index(batch_op.f("ix_help_request_asked_by"))

    op.drop_table("help_request")
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_family_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_family_member_elder_id"))

    op.drop_table("family_member")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_elder_id"))

    op.drop_table("consent")
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairing_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_pairing_household_id"))

    op.drop_table("pairing")
    with op.batch_alter_table("elder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_elder_sort_key"))
        batch_op.drop_index(batch_op.f("ix_elder_household_id"))
        batch_op.drop_index(batch_op.f("ix_elder_community_id"))

    op.drop_table("elder")
    with op.batch_alter_table("time_off", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_time_off_volunteer_id"))

    op.drop_table("time_off")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_round_day"))
        batch_op.drop_index(batch_op.f("ix_round_community_id"))

    op.drop_table("round")
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_community_id"))
        batch_op.drop_index(batch_op.f("ix_household_building_id"))

    op.drop_table("household")
    with op.batch_alter_table("held_skill", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_skill_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_held_skill_skill_id"))

    op.drop_table("held_skill")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_volunteer_id_certificate_issued_at"))
        batch_op.drop_index(batch_op.f("ix_certificate_state"))
        batch_op.drop_index(batch_op.f("ix_certificate_community_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_volunteer_id"))

    op.drop_table("availability")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteer_unit_id"))
        batch_op.drop_index(batch_op.f("ix_volunteer_sort_key"))
        batch_op.drop_index(batch_op.f("ix_volunteer_community_id"))

    op.drop_table("volunteer")
    with op.batch_alter_table("plan_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_run_state"))
        batch_op.drop_index(batch_op.f("ix_plan_run_plan_id"))

    op.drop_table("plan_run")
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_building_compound_id"))

    op.drop_table("building")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_user_id"))
        batch_op.drop_index(batch_op.f("ix_upload_created_at"))
        batch_op.drop_index(batch_op.f("ix_upload_community_id"))

    op.drop_table("upload")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_community_id"))

    op.drop_table("unit")
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_station_community_id"))

    op.drop_table("station")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_community_id"))

    op.drop_table("plan")
    with op.batch_alter_table("compound", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_compound_community_id"))

    op.drop_table("compound")
    with op.batch_alter_table("canteen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_canteen_community_id"))

    op.drop_table("canteen")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_user_id"))

    op.drop_table("session")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_user_id"))
        batch_op.drop_index(batch_op.f("ix_notice_state"))
        batch_op.drop_index(batch_op.f("ix_notice_community_id_notice_created_at"))

    op.drop_table("notice")
    with op.batch_alter_table("magic_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_magic_link_user_id"))

    op.drop_table("magic_link")
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ledger_transfer_credit",
            sqlite_where=sa.text("kind IN ('earn', 'manual')"),
            postgresql_where=sa.text("kind IN ('earn', 'manual')"),
        )
        batch_op.drop_index("ix_ledger_transfer_source")
        batch_op.drop_index(batch_op.f("ix_ledger_transfer_hold_seq"))
        batch_op.drop_index("ix_ledger_transfer_debit_at")
        batch_op.drop_index("ix_ledger_transfer_credit_at")
        batch_op.drop_index("ix_ledger_transfer_community_seq")

    op.drop_table("ledger_transfer")
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_street_id"))

    op.drop_table("community")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_community_id"))

    op.drop_table("user")
    op.drop_table("submission")
    op.drop_table("street")
    op.drop_table("skill")
    with op.batch_alter_table("sign_in_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_code_source_sign_in_code_created_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_code_phone_sign_in_code_created_at"))

    op.drop_table("sign_in_code")
    op.drop_table("service_kind")
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ledger_account_system", sqlite_where=sa.text("kind <> 'member'"), postgresql_where=sa.text("kind <> 'member'")
        )
        batch_op.drop_index(batch_op.f("ix_ledger_account_community_id"))

    op.drop_table("ledger_account")
    with op.batch_alter_table("check_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_try_source_check_try_at"))
        batch_op.drop_index(batch_op.f("ix_check_try_at"))

    op.drop_table("check_try")
    op.drop_table("calendar_day")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_subject_audit_subject_id"))

    op.drop_table("audit")
