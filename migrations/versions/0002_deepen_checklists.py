"""Checklists in depth: key points with their method, ratio, validity; transfers; guidelines.

Expand only: the previous release goes on working. It writes key points as texts into `key_points`
and knows nothing of `checking_points`; a trigger keeps both the same, whichever is written. The
release after this one drops the old column, the trigger and its function. A supervision code of
before may hold letters: where one does, that constraint stays NOT VALID and holds for what is
written from now on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSERT_ONLY = ("duty_transfer_item", "duty_transfer_officer")
CONTENT_TABLES = ("checklist_item", "item_version")
CONTENT_CHECKS = {
    "checking_points": "jsonb_typeof(checking_points) = 'array'",
    "supervision_code": "supervision_code ~ '^[0-9]{14}$'",
    "ratio": (
        "ratio_min_per_10000 BETWEEN 0 AND 10000 AND ratio_max_per_10000 BETWEEN 1 AND 10000"
        " AND ratio_min_per_10000 <= ratio_max_per_10000"
    ),
    "general_ratio": (
        "item_class = 'key' OR (ratio_min_per_10000 < 10000 AND ratio_max_per_10000 < 10000)"
    ),
    "validity": "valid_to >= valid_from",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    _add_content()
    _add_transfers()
    _add_defaults()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _remove_defaults()
    _remove_transfers()
    _remove_content()


def _add_content() -> None:
    op.execute(
        """
        CREATE FUNCTION checking_points_of(texts text[]) RETURNS jsonb
        LANGUAGE sql IMMUTABLE AS $$
            SELECT coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'content', said, 'method', NULL, 'yes_text', NULL, 'no_text', NULL
                    ) ORDER BY place
                ),
                '[]'
            ) FROM unnest(texts) WITH ORDINALITY AS point(said, place)
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION keep_key_points() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.checking_points IS NULL OR (
                TG_OP = 'UPDATE' AND NEW.key_points IS DISTINCT FROM OLD.key_points
                AND NEW.checking_points IS NOT DISTINCT FROM OLD.checking_points
            ) THEN
                NEW.checking_points := checking_points_of(NEW.key_points);
            ELSIF jsonb_typeof(NEW.checking_points) = 'array' THEN
                NEW.key_points := ARRAY(
                    SELECT point ->> 'content'
                    FROM jsonb_array_elements(NEW.checking_points) WITH ORDINALITY AS p(point, place)
                    ORDER BY place
                );
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in CONTENT_TABLES:
        op.add_column(table, sa.Column("checking_points", postgresql.JSONB(), nullable=True))
        op.add_column(table, sa.Column("ratio_min_per_10000", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("ratio_max_per_10000", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("valid_from", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("valid_to", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("remark", sa.String(length=2000), nullable=True))
        op.alter_column(table, "key_points", server_default=sa.text("'{}'"))
    # Insert-only for everybody but this backfill: it adds a column and changes nothing said.
    op.execute("ALTER TABLE item_version DISABLE TRIGGER insert_only")
    op.execute("UPDATE checklist_item SET checking_points = checking_points_of(key_points)")
    op.execute("UPDATE item_version SET checking_points = checking_points_of(key_points)")
    op.execute("ALTER TABLE item_version ENABLE TRIGGER insert_only")
    for table in CONTENT_TABLES:
        # Fires before NOT NULL is looked at: a row of the previous release gets its points here.
        op.execute(
            f"CREATE TRIGGER keep_key_points BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION keep_key_points()"
        )
        op.alter_column(table, "checking_points", nullable=False)
        for name, condition in CONTENT_CHECKS.items():
            if name != "supervision_code":
                op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
        _check_codes(table, CONTENT_CHECKS["supervision_code"])


def _check_codes(table: str, condition: str) -> None:
    name = f"ck_{table}_supervision_code"
    op.create_check_constraint(op.f(name), table, condition, postgresql_not_valid=True)
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM {table} WHERE NOT ({condition})) THEN
                ALTER TABLE {table} VALIDATE CONSTRAINT {name};
            END IF;
        END $$
        """
    )


def _remove_content() -> None:
    for table in CONTENT_TABLES:
        for name in CONTENT_CHECKS:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.execute(f"DROP TRIGGER keep_key_points ON {table}")
        op.alter_column(table, "key_points", server_default=None)
        for column in (
            "remark",
            "valid_to",
            "valid_from",
            "ratio_max_per_10000",
            "ratio_min_per_10000",
            "checking_points",
        ):
            op.drop_column(table, column)
    op.execute("DROP FUNCTION keep_key_points()")
    op.execute("DROP FUNCTION checking_points_of(text[])")


def _add_transfers() -> None:
    op.add_column("checklist_item", sa.Column("moved_from_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_checklist_item_moved_from_id"),
        "checklist_item",
        "checklist_item",
        ["moved_from_id"],
        ["id"],
    )
    op.create_unique_constraint(
        op.f("uq_checklist_item_moved_from_id"), "checklist_item", ["moved_from_id"]
    )
    op.create_table(
        "duty_transfer",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("transfer_no", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("from_department_id", sa.Uuid(), nullable=False),
        sa.Column("to_department_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "accepted",
                "declined",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.String(length=2000), nullable=True),
        sa.Column(
            "object_tags",
            postgresql.ARRAY(sa.String(length=50)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("objects_entered", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'proposed') = (answered_at IS NULL)", name=op.f("ck_duty_transfer_answered")
        ),
        sa.CheckConstraint(
            "(status = 'accepted') = (objects_entered IS NOT NULL)",
            name=op.f("ck_duty_transfer_objects_entered"),
        ),
        sa.CheckConstraint(
            "status <> 'accepted' OR answered_by <> proposed_by",
            name=op.f("ck_duty_transfer_maker_checker"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('declined', 'withdrawn') OR answer_reason IS NOT NULL",
            name=op.f("ck_duty_transfer_reason"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_duty_transfer_answerer")
        ),
        sa.CheckConstraint(
            "from_department_id <> to_department_id", name=op.f("ck_duty_transfer_departments")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_duty_transfer_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["from_department_id"],
            ["department.id"],
            name=op.f("fk_duty_transfer_from_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_duty_transfer_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_duty_transfer_region_code")
        ),
        sa.ForeignKeyConstraint(
            ["to_department_id"], ["department.id"], name=op.f("fk_duty_transfer_to_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_transfer")),
        sa.UniqueConstraint("transfer_no", name=op.f("uq_duty_transfer_transfer_no")),
    )
    op.create_index("ix_duty_transfer_from", "duty_transfer", ["from_department_id"], unique=False)
    op.create_index("ix_duty_transfer_to", "duty_transfer", ["to_department_id"], unique=False)
    op.add_column("library_entry", sa.Column("transfer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_library_entry_transfer_id"),
        "library_entry",
        "duty_transfer",
        ["transfer_id"],
        ["id"],
    )
    op.create_table(
        "duty_transfer_item",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["checklist_item.id"], name=op.f("fk_duty_transfer_item_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["duty_transfer.id"], name=op.f("fk_duty_transfer_item_transfer_id")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "item_id", name=op.f("pk_duty_transfer_item")),
    )
    op.create_index(
        op.f("ix_duty_transfer_item_item_id"), "duty_transfer_item", ["item_id"], unique=False
    )
    op.create_table(
        "duty_transfer_officer",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_duty_transfer_officer_officer_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["duty_transfer.id"], name=op.f("fk_duty_transfer_officer_transfer_id")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "officer_id", name=op.f("pk_duty_transfer_officer")),
    )
    op.create_index(
        op.f("ix_duty_transfer_officer_officer_id"),
        "duty_transfer_officer",
        ["officer_id"],
        unique=False,
    )
    op.create_table(
        "officer_posting",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("business_line_id", sa.Uuid(), nullable=True),
        sa.Column("serves_from", sa.Date(), nullable=False),
        sa.Column("serves_to", sa.Date(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("serves_to >= serves_from", name=op.f("ck_officer_posting_period")),
        sa.ForeignKeyConstraint(
            ["business_line_id"],
            ["business_line.id"],
            name=op.f("fk_officer_posting_business_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_officer_posting_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_officer_posting_officer_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["duty_transfer.id"], name=op.f("fk_officer_posting_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_posting")),
        sa.UniqueConstraint(
            "officer_id", "serves_from", name=op.f("uq_officer_posting_officer_id_serves_from")
        ),
    )
    op.create_index(
        "uq_officer_posting_current",
        "officer_posting",
        ["officer_id"],
        unique=True,
        postgresql_where=sa.text("serves_to IS NULL"),
    )
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _remove_transfers() -> None:
    op.drop_table("officer_posting")
    op.drop_table("duty_transfer_officer")
    op.drop_table("duty_transfer_item")
    op.drop_column("library_entry", "transfer_id")
    op.drop_table("duty_transfer")
    op.drop_constraint(op.f("uq_checklist_item_moved_from_id"), "checklist_item", type_="unique")
    op.drop_constraint(
        op.f("fk_checklist_item_moved_from_id"), "checklist_item", type_="foreignkey"
    )
    op.drop_column("checklist_item", "moved_from_id")


def _add_defaults() -> None:
    op.add_column(
        "guideline",
        sa.Column(
            "risk_levels",
            postgresql.ARRAY(sa.String(length=16)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column("guideline", sa.Column("quota_rule", postgresql.JSONB(), nullable=True))
    op.add_column(
        "guideline",
        sa.Column("default_methods", postgresql.ARRAY(sa.String(length=16)), nullable=True),
    )
    op.add_column("guideline", sa.Column("leader_required", sa.Boolean(), nullable=True))
    for column in ("officer_cap", "visit_cap", "cooling_days"):
        op.add_column("guideline", sa.Column(column, sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_guideline_defaults"),
        "guideline",
        "officer_cap >= 1 AND visit_cap >= 1 AND cooling_days >= 0",
    )
    for column in ("notice_days", "inspection_days"):
        op.add_column("plan_task", sa.Column(column, sa.Integer(), nullable=True))
    op.add_column(
        "plan_task",
        sa.Column(
            "defaults_from", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
    )


def _remove_defaults() -> None:
    for column in ("defaults_from", "inspection_days", "notice_days"):
        op.drop_column("plan_task", column)
    op.drop_constraint(op.f("ck_guideline_defaults"), "guideline", type_="check")
    for column in (
        "cooling_days",
        "visit_cap",
        "officer_cap",
        "leader_required",
        "default_methods",
        "quota_rule",
        "risk_levels",
    ):
        op.drop_column("guideline", column)
