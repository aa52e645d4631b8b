"""Deepen officers: certificates, status, absences, recusals; experts; declared headcounts.

Expand only: new tables and columns with defaults; the previous release goes on writing officers,
absences and interests. Its unique constraint of interests becomes a partial index of the same name.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSERT_ONLY = ("officer_status_change", "headcount_declaration")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_table(
        "expert",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("confidentiality_signed_on", sa.Date(), nullable=False),
        sa.Column("confidentiality_valid_to", sa.Date(), nullable=True),
        sa.Column("confidentiality_document", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "left",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_reason", sa.String(length=200), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'left') = (left_on IS NOT NULL)", name=op.f("ck_expert_left")
        ),
        sa.CheckConstraint("code ~ '^[0-9A-Z][0-9A-Z._-]{0,63}$'", name=op.f("ck_expert_code")),
        sa.CheckConstraint(
            "(left_on IS NULL) = (left_reason IS NULL)", name=op.f("ck_expert_left_reason")
        ),
        sa.CheckConstraint("cardinality(fields) > 0", name=op.f("ck_expert_fields")),
        sa.CheckConstraint(
            "confidentiality_valid_to IS NULL OR confidentiality_valid_to >= confidentiality_signed_on",
            name=op.f("ck_expert_confidentiality"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_expert_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_expert_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("region_code", "code", name=op.f("uq_expert_region_code_code")),
    )
    op.create_index("ix_expert_department_id", "expert", ["department_id"], unique=False)
    op.create_index(
        "ix_expert_name_trgm",
        "expert",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "headcount_declaration",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("business_line_id", sa.Uuid(), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("headcount >= 0", name=op.f("ck_headcount_declaration_headcount")),
        sa.ForeignKeyConstraint(
            ["business_line_id"],
            ["business_line.id"],
            name=op.f("fk_headcount_declaration_business_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_headcount_declaration_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_headcount_declaration_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_headcount_declaration")),
    )
    op.create_index(
        "ix_headcount_declaration_latest",
        "headcount_declaration",
        ["department_id", "business_line_id", "declared_on"],
        unique=False,
    )
    op.create_table(
        "officer_certificate",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enforcement",
                "qualification",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("qualification", sa.String(length=50), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'qualification') = (qualification IS NOT NULL)",
            name=op.f("ck_officer_certificate_proves"),
        ),
        sa.CheckConstraint(
            "kind = 'qualification' OR valid_to IS NOT NULL",
            name=op.f("ck_officer_certificate_long_term"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name=op.f("ck_officer_certificate_withdrawn"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_officer_certificate_period")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_officer_certificate_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_officer_certificate_officer_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_officer_certificate_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_certificate")),
    )
    op.create_index(
        "ix_officer_certificate_officer_id", "officer_certificate", ["officer_id"], unique=False
    )
    op.create_index(
        "uq_officer_certificate_issuer_number",
        "officer_certificate",
        ["issuer", "number"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "officer_status_change",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "off_duty",
                "left",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_officer_status_change_officer_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_officer_status_change_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_status_change")),
    )
    op.create_index(
        "ix_officer_status_change_officer_id", "officer_status_change", ["officer_id"], unique=False
    )
    op.add_column("absence", sa.Column("original_ends_on", sa.Date(), nullable=True))
    op.add_column(
        "absence", sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("absence", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("absence", sa.Column("changed_by", sa.Uuid(), nullable=True))
    op.add_column("absence", sa.Column("change_reason", sa.String(length=200), nullable=True))
    op.create_foreign_key(
        op.f("fk_absence_changed_by"), "absence", "account", ["changed_by"], ["id"]
    )
    op.add_column(
        "interest",
        sa.Column(
            "source",
            sa.Enum(
                "officer",
                "clerk",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="clerk",
            nullable=False,
        ),
    )
    op.add_column("interest", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("interest", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
    op.add_column("interest", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("interest", sa.Column("withdrawn_by", sa.Uuid(), nullable=True))
    op.add_column("interest", sa.Column("withdrawn_reason", sa.String(length=200), nullable=True))
    op.drop_constraint(op.f("uq_interest_officer_id_object_id"), "interest", type_="unique")
    op.create_index(
        "uq_interest_officer_id_object_id",
        "interest",
        ["officer_id", "object_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_foreign_key(
        op.f("fk_interest_confirmed_by"), "interest", "account", ["confirmed_by"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_interest_withdrawn_by"), "interest", "account", ["withdrawn_by"], ["id"]
    )
    op.add_column("officer", sa.Column("status_changed_on", sa.Date(), nullable=True))
    op.add_column("officer", sa.Column("status_reason", sa.String(length=200), nullable=True))
    op.add_column(
        "officer",
        sa.Column(
            "specialties",
            postgresql.ARRAY(sa.String(length=50)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_absence_ended_early"),
        "absence",
        "original_ends_on IS NULL OR original_ends_on > ends_on",
    )
    op.create_check_constraint(
        op.f("ck_absence_changed"),
        "absence",
        "(changed_at IS NULL) = (change_reason IS NULL)"
        " AND (changed_at IS NOT NULL OR (NOT cancelled AND original_ends_on IS NULL))",
    )
    op.create_check_constraint(
        op.f("ck_interest_confirmed"),
        "interest",
        "(confirmed_by IS NULL) = (confirmed_at IS NULL)"
        " AND (confirmed_by IS NULL OR confirmed_by IS DISTINCT FROM declared_by)",
    )
    op.create_check_constraint(
        op.f("ck_interest_withdrawn"),
        "interest",
        "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)"
        " AND (withdrawn_by IS NULL) = (withdrawn_reason IS NULL)"
        " AND (withdrawn_by IS NULL OR withdrawn_by IS DISTINCT FROM declared_by)",
    )
    _triggers()


def _triggers() -> None:
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    # A certificate is one person's, in whichever of two tables it stands. One lock (715052504) for
    # all who write certificates (there are few), so that of two at once the second sees the first.
    op.execute(
        """
        CREATE FUNCTION guard_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_TABLE_NAME = 'officer' THEN
                IF NEW.certificate_no IS NULL THEN
                    RETURN NEW;
                END IF;
                PERFORM pg_advisory_xact_lock(715052504);
                IF EXISTS (SELECT FROM officer_certificate c
                           WHERE c.issuer = NEW.certificate_issuer
                             AND c.number = NEW.certificate_no AND c.withdrawn_at IS NULL) THEN
                    RAISE EXCEPTION 'certificate taken' USING ERRCODE = '23505',
                        CONSTRAINT = 'uq_officer_certificate_principal';
                END IF;
            ELSIF NEW.withdrawn_at IS NULL THEN
                PERFORM pg_advisory_xact_lock(715052504);
                IF EXISTS (SELECT FROM officer o WHERE o.certificate_issuer = NEW.issuer
                             AND o.certificate_no = NEW.number) THEN
                    RAISE EXCEPTION 'certificate taken' USING ERRCODE = '23505',
                        CONSTRAINT = 'uq_officer_certificate_principal';
                END IF;
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_certificate_insert BEFORE INSERT ON officer "
        "FOR EACH ROW EXECUTE FUNCTION guard_certificate()"
    )
    op.execute(
        "CREATE TRIGGER guard_certificate_update BEFORE UPDATE ON officer FOR EACH ROW"
        " WHEN ((OLD.certificate_issuer, OLD.certificate_no)"
        " IS DISTINCT FROM (NEW.certificate_issuer, NEW.certificate_no))"
        " EXECUTE FUNCTION guard_certificate()"
    )
    op.execute(
        "CREATE TRIGGER guard_certificate BEFORE INSERT OR UPDATE ON officer_certificate "
        "FOR EACH ROW EXECUTE FUNCTION guard_certificate()"
    )
    # An expert is never taken for an officer: teams are told by code, and no code is of both (R04).
    op.execute(
        """
        CREATE FUNCTION guard_person_code() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            taken boolean;
        BEGIN
            PERFORM pg_advisory_xact_lock(715052504);
            IF TG_TABLE_NAME = 'officer' THEN
                SELECT EXISTS (SELECT FROM expert e
                    WHERE e.region_code = NEW.region_code AND e.code = NEW.code) INTO taken;
            ELSE
                SELECT EXISTS (SELECT FROM officer o
                    WHERE o.region_code = NEW.region_code AND o.code = NEW.code) INTO taken;
            END IF;
            IF taken THEN
                RAISE EXCEPTION 'code taken' USING ERRCODE = '23505',
                    CONSTRAINT = 'uq_officer_expert_code';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in ("officer", "expert"):
        op.execute(
            f"CREATE TRIGGER guard_person_code BEFORE INSERT OR UPDATE OF code, region_code"
            f" ON {table} FOR EACH ROW EXECUTE FUNCTION guard_person_code()"
        )


def downgrade() -> None:
    # Two triggers on older tables and what the older release can not read: history goes with it.
    for table, trigger in (
        ("officer", "guard_person_code"),
        ("officer", "guard_certificate_insert"),
        ("officer", "guard_certificate_update"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DELETE FROM interest WHERE withdrawn_at IS NOT NULL")
    op.execute("DELETE FROM absence WHERE cancelled")
    op.drop_constraint(op.f("ck_interest_withdrawn"), "interest", type_="check")
    op.drop_constraint(op.f("ck_interest_confirmed"), "interest", type_="check")
    op.drop_constraint(op.f("ck_absence_changed"), "absence", type_="check")
    op.drop_constraint(op.f("ck_absence_ended_early"), "absence", type_="check")
    op.drop_column("officer", "specialties")
    op.drop_column("officer", "status_reason")
    op.drop_column("officer", "status_changed_on")
    op.drop_constraint(op.f("fk_interest_withdrawn_by"), "interest", type_="foreignkey")
    op.drop_constraint(op.f("fk_interest_confirmed_by"), "interest", type_="foreignkey")
    op.drop_index(
        "uq_interest_officer_id_object_id",
        table_name="interest",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_unique_constraint(
        op.f("uq_interest_officer_id_object_id"), "interest", ["officer_id", "object_id"]
    )
    op.drop_column("interest", "withdrawn_reason")
    op.drop_column("interest", "withdrawn_by")
    op.drop_column("interest", "withdrawn_at")
    op.drop_column("interest", "confirmed_by")
    op.drop_column("interest", "confirmed_at")
    op.drop_column("interest", "source")
    op.drop_constraint(op.f("fk_absence_changed_by"), "absence", type_="foreignkey")
    op.drop_column("absence", "change_reason")
    op.drop_column("absence", "changed_by")
    op.drop_column("absence", "changed_at")
    op.drop_column("absence", "cancelled")
    op.drop_column("absence", "original_ends_on")
    op.drop_index("ix_officer_status_change_officer_id", table_name="officer_status_change")
    op.drop_table("officer_status_change")
    op.drop_index(
        "uq_officer_certificate_issuer_number",
        table_name="officer_certificate",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index("ix_officer_certificate_officer_id", table_name="officer_certificate")
    op.drop_table("officer_certificate")
    op.drop_index("ix_headcount_declaration_latest", table_name="headcount_declaration")
    op.drop_table("headcount_declaration")
    op.drop_index(
        "ix_expert_name_trgm",
        table_name="expert",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_index("ix_expert_department_id", table_name="expert")
    op.drop_table("expert")
    op.execute("DROP FUNCTION guard_person_code()")
    op.execute("DROP FUNCTION guard_certificate()")
