"""Deepen objects: events of registers, flags, licences, contacts, merging, last inspection.

A migration must work while the previous release still runs: expand, backfill, contract, in
releases of their own. New columns are empty where the previous release does not know them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
GUARDS = (
    ("inspection_object", "guard_merged_object"),
    ("library_entry", "guard_merged_entry_insert"),
    ("library_entry", "guard_merged_entry_update"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    _identity()
    op.create_table(
        "object_licence",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=100, collation="C"), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ended_on >= approved_on", name=op.f("ck_object_licence_ended")),
        sa.CheckConstraint(
            "long_term = (valid_to IS NULL)", name=op.f("ck_object_licence_validity")
        ),
        sa.CheckConstraint("valid_to >= approved_on", name=op.f("ck_object_licence_period")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_object_licence_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_object_licence_object_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_licence")),
        sa.UniqueConstraint(
            "department_id",
            "object_id",
            "number",
            name=op.f("uq_object_licence_department_id_object_id_number"),
        ),
    )
    op.create_index("ix_object_licence_object_id", "object_licence", ["object_id"], unique=False)
    op.create_index(
        "ix_object_licence_valid_to", "object_licence", ["department_id", "valid_to"], unique=False
    )
    op.create_table(
        "merge_proposal",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("first_object_id", sa.Uuid(), nullable=False),
        sa.Column("second_object_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "dismissed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("survivor_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'accepted') = (survivor_id IS NOT NULL) AND (survivor_id IS NULL OR survivor_id IN (first_object_id, second_object_id))",
            name=op.f("ck_merge_proposal_survivor"),
        ),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL) AND (status = 'open') = (decided_by IS NULL)",
            name=op.f("ck_merge_proposal_decided"),
        ),
        sa.CheckConstraint(
            "status = 'open' OR decision_reason IS NOT NULL", name=op.f("ck_merge_proposal_reason")
        ),
        sa.CheckConstraint(
            "decided_by <> proposed_by", name=op.f("ck_merge_proposal_maker_checker")
        ),
        sa.CheckConstraint(
            "first_object_id < second_object_id", name=op.f("ck_merge_proposal_pair")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_merge_proposal_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["first_object_id"],
            ["inspection_object.id"],
            name=op.f("fk_merge_proposal_first_object_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_merge_proposal_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_merge_proposal_region_code")
        ),
        sa.ForeignKeyConstraint(
            ["second_object_id"],
            ["inspection_object.id"],
            name=op.f("fk_merge_proposal_second_object_id"),
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["inspection_object.id"], name=op.f("fk_merge_proposal_survivor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_proposal")),
        sa.UniqueConstraint(
            "first_object_id",
            "second_object_id",
            name=op.f("uq_merge_proposal_first_object_id_second_object_id"),
        ),
    )
    op.create_index(
        "ix_merge_proposal_region_status", "merge_proposal", ["region_code", "status"], unique=False
    )
    op.create_index(
        "ix_merge_proposal_survivor_id", "merge_proposal", ["survivor_id"], unique=False
    )
    op.create_index(
        "ix_merge_proposal_second_object_id", "merge_proposal", ["second_object_id"], unique=False
    )
    op.create_table(
        "object_contact",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("legal_representative", sa.String(length=100), nullable=True),
        sa.Column("liaison", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "legal_representative IS NOT NULL OR liaison IS NOT NULL OR phone IS NOT NULL",
            name=op.f("ck_object_contact_something"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_object_contact_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_object_contact_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["account.id"], name=op.f("fk_object_contact_updated_by")
        ),
        sa.PrimaryKeyConstraint("department_id", "object_id", name=op.f("pk_object_contact")),
    )
    op.create_index(
        op.f("ix_object_contact_object_id"), "object_contact", ["object_id"], unique=False
    )
    op.create_table(
        "waiting_event",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("external_id", sa.String(length=100, collation="C"), nullable=False),
        sa.Column("content_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("object_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("waits_for", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "applied",
                "refused",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'refused') = (verdict IS NOT NULL)", name=op.f("ck_waiting_event_refused")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_waiting_event_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_waiting_event_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_event")),
        sa.UniqueConstraint(
            "department_id",
            "source",
            "external_id",
            name=op.f("uq_waiting_event_department_id_source_external_id"),
        ),
    )
    op.create_index(
        "ix_waiting_event_department", "waiting_event", ["department_id", "id"], unique=False
    )
    op.create_index(
        "ix_waiting_event_waits_for",
        "waiting_event",
        ["department_id", "waits_for"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "object_flag",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "dismissed",
                "resolved",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("close_reason", sa.String(length=500), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_object_flag_closed")
        ),
        sa.CheckConstraint(
            "status <> 'dismissed' OR (closed_by IS NOT NULL AND close_reason IS NOT NULL)",
            name=op.f("ck_object_flag_dismissed"),
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_object_flag_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_object_flag_department_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_object_flag_draw_id")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["object_event.id"], name=op.f("fk_object_flag_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_object_flag_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["inspection_sheet.id"], name=op.f("fk_object_flag_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_flag")),
    )
    op.create_index(
        "ix_object_flag_department_status", "object_flag", ["department_id", "status"], unique=False
    )
    op.create_index("ix_object_flag_object_id", "object_flag", ["object_id"], unique=False)
    op.create_index("ix_object_flag_event_id", "object_flag", ["event_id"], unique=False)
    op.create_index(op.f("ix_object_flag_sheet_id"), "object_flag", ["sheet_id"], unique=False)
    op.create_index(
        "uq_object_flag_open",
        "object_flag",
        ["draw_id", "object_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.add_column("inspection_object", sa.Column("last_inspected_on", sa.Date(), nullable=True))
    op.add_column("inspection_object", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_inspection_object_identity",
        "inspection_object",
        ["region_code", sa.literal_column("object_identity(name, address)")],
        unique=False,
        postgresql_where=sa.text("address IS NOT NULL"),
    )
    op.create_index(
        "ix_inspection_object_last_inspected_on",
        "inspection_object",
        ["last_inspected_on"],
        unique=False,
    )
    op.create_index(
        "ix_inspection_object_merged_into_id",
        "inspection_object",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inspection_object_responsible_object_id",
        "inspection_object",
        ["responsible_object_id"],
        unique=False,
        postgresql_where=sa.text("responsible_object_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_inspection_object_merged_into_id"),
        "inspection_object",
        "inspection_object",
        ["merged_into_id"],
        ["id"],
    )
    op.add_column(
        "object_event", sa.Column("region_code", sa.String(length=12, collation="C"), nullable=True)
    )
    op.add_column(
        "object_event", sa.Column("source", sa.String(length=64, collation="C"), nullable=True)
    )
    op.add_column(
        "object_event",
        sa.Column("external_id", sa.String(length=100, collation="C"), nullable=True),
    )
    op.add_column("object_event", sa.Column("source_sequence", sa.BigInteger(), nullable=True))
    op.add_column(
        "object_event",
        sa.Column("content_sha256", sa.String(length=64, collation="C"), nullable=True),
    )
    op.create_index(
        "uq_object_event_source",
        "object_event",
        ["region_code", "source", "external_id"],
        unique=True,
        postgresql_where=sa.text("source IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_object_event_region_code"), "object_event", "region", ["region_code"], ["code"]
    )

    op.create_check_constraint(
        op.f("ck_inspection_object_merged_into_itself"), "inspection_object", "merged_into_id <> id"
    )
    op.create_check_constraint(
        op.f("ck_object_event_origin"),
        "object_event",
        "(source IS NULL) = (external_id IS NULL)"
        " AND (source IS NULL OR (region_code IS NOT NULL AND content_sha256 IS NOT NULL))"
        " AND (source_sequence IS NULL OR source IS NOT NULL)",
    )
    _guards()
    op.execute(
        """
        UPDATE inspection_object o SET last_inspected_on = seen.day
        FROM (SELECT s.object_id, max(i.ended_on) AS day FROM inspection i
              JOIN inspection_sheet s ON s.id = i.sheet_id
              WHERE i.status <> 'void' AND i.ended_on IS NOT NULL GROUP BY s.object_id) seen
        WHERE seen.object_id = o.id
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, name in GUARDS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION guard_merged_object()")
    op.execute("DROP FUNCTION guard_merged_entry()")
    op.drop_constraint(op.f("ck_object_event_origin"), "object_event", type_="check")
    op.drop_constraint(
        op.f("ck_inspection_object_merged_into_itself"), "inspection_object", type_="check"
    )
    op.drop_constraint(op.f("fk_object_event_region_code"), "object_event", type_="foreignkey")
    op.drop_index("uq_object_event_source", table_name="object_event")
    op.drop_column("object_event", "content_sha256")
    op.drop_column("object_event", "source_sequence")
    op.drop_column("object_event", "external_id")
    op.drop_column("object_event", "source")
    op.drop_column("object_event", "region_code")
    op.drop_constraint(
        op.f("fk_inspection_object_merged_into_id"), "inspection_object", type_="foreignkey"
    )
    op.drop_index("ix_inspection_object_responsible_object_id", table_name="inspection_object")
    op.drop_index("ix_inspection_object_merged_into_id", table_name="inspection_object")
    op.drop_index("ix_inspection_object_last_inspected_on", table_name="inspection_object")
    op.drop_index("ix_inspection_object_identity", table_name="inspection_object")
    op.drop_column("inspection_object", "merged_into_id")
    op.drop_column("inspection_object", "last_inspected_on")
    op.drop_index("uq_object_flag_open", table_name="object_flag")
    op.drop_index(op.f("ix_object_flag_sheet_id"), table_name="object_flag")
    op.drop_index("ix_object_flag_event_id", table_name="object_flag")
    op.drop_index("ix_object_flag_object_id", table_name="object_flag")
    op.drop_index("ix_object_flag_department_status", table_name="object_flag")
    op.drop_table("object_flag")
    op.drop_index("ix_waiting_event_department", table_name="waiting_event")
    op.drop_index("ix_waiting_event_waits_for", table_name="waiting_event")
    op.drop_table("waiting_event")
    op.drop_index(op.f("ix_object_contact_object_id"), table_name="object_contact")
    op.drop_table("object_contact")
    op.drop_index("ix_merge_proposal_survivor_id", table_name="merge_proposal")
    op.drop_index("ix_merge_proposal_second_object_id", table_name="merge_proposal")
    op.drop_index("ix_merge_proposal_region_status", table_name="merge_proposal")
    op.drop_table("merge_proposal")
    op.drop_index("ix_object_licence_valid_to", table_name="object_licence")
    op.drop_index("ix_object_licence_object_id", table_name="object_licence")
    op.drop_table("object_licence")
    op.execute("DROP FUNCTION object_identity(text, text)")


def _identity() -> None:
    """Name and address without what differs in writing: width, case, blanks, brackets, points."""
    op.execute(
        r"""
        CREATE FUNCTION object_identity(name text, address text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT md5(translate(
                lower(normalize(name || chr(10) || coalesce(address, ''), NFKC)),
                E' \t\r()[]{}<>.,_/-'
                '\u3008\u3009\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011\u3014\u3015\u3016\u3017\u3018\u3019\u301a\u301b\u3001\u3002\u00b7',
                ''
            ))
        $$
        """
    )


def _guards() -> None:
    """A merged object points at one that is not merged, for ever, and has no entries."""
    op.execute(
        """
        CREATE FUNCTION guard_merged_object() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.merged_into_id IS NOT NULL THEN
                RAISE EXCEPTION 'a merged object stays merged'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'guard_merged_object';
            END IF;
            PERFORM 1 FROM inspection_object
                WHERE id = NEW.merged_into_id AND merged_into_id IS NULL
                AND region_code = NEW.region_code AND kind = NEW.kind FOR SHARE;
            IF NOT FOUND OR EXISTS (
                SELECT 1 FROM inspection_object WHERE merged_into_id = NEW.id
            ) OR EXISTS (SELECT 1 FROM library_entry WHERE object_id = NEW.id) THEN
                RAISE EXCEPTION 'merged into what is merged, other, or still entered'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'guard_merged_object';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_merged_object BEFORE UPDATE OF merged_into_id ON inspection_object"
        " FOR EACH ROW WHEN (NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id)"
        " EXECUTE FUNCTION guard_merged_object()"
    )
    op.execute(
        """
        CREATE FUNCTION guard_merged_entry() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM fresh JOIN inspection_object o ON o.id = fresh.object_id
                WHERE o.merged_into_id IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'no entry for a merged object'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'guard_merged_entry';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    # By statement, after the foreign keys have locked the objects: an import pays one query.
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER guard_merged_entry_{event.lower()} AFTER {event} ON library_entry"
            " REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
            " EXECUTE FUNCTION guard_merged_entry()"
        )
