"""The first schema: every table, with the triggers that keep history as it was.

A migration must work while the previous release still runs; this one has none before it. Data
migrations use SQL text and never import app.models.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.util import await_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JOB_QUEUE = Path(__file__).resolve().parents[1] / "job_queue_3_10.sql"
INSERT_ONLY = (
    "audit_entry",
    "draw_file",
    "draw_contributor",
    "draw_commitment",
    "draw_opening",
    "selection",
    "team_member",
    "inspection_sheet",
    "notice",
    "publication",
    "item_version",
    "checklist_version",
    "object_event",
    "inspection_officer",
    "acknowledgement",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "audit_chain",
        sa.Column("chain", sa.String(length=100, collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64, collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("chain", sa.String(length=100, collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "person",
                "service",
                "system",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("roles", postgresql.ARRAY(sa.String(length=32)), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=100), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("alg", sa.String(length=16), nullable=False),
        sa.Column("prev_hash", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("hash", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        "ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id"], unique=False
    )
    op.create_index("uq_audit_entry_chain_seq", "audit_entry", ["chain", "seq"], unique=True)
    op.create_table(
        "holiday_notice",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_holiday_notice_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday_notice")),
        sa.UniqueConstraint("year", name=op.f("uq_holiday_notice_year")),
    )
    op.create_table(
        "rate_bucket",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_bucket")),
        postgresql_with={"fillfactor": 50},
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "province",
                "prefecture",
                "county",
                "township",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.String(length=12, collation="C"), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["region.code"], name=op.f("fk_region_parent_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_index(op.f("ix_region_parent_code"), "region", ["parent_code"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("is_working_day", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["holiday_notice.id"], name=op.f("fk_calendar_day_notice_id")
        ),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_calendar_day")),
    )
    op.create_index(op.f("ix_calendar_day_notice_id"), "calendar_day", ["notice_id"], unique=False)
    op.create_table(
        "department",
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "government",
                "vertical",
                "brigade",
                "office",
                "oversight",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("leading_group_member", sa.Boolean(), nullable=False),
        sa.Column("joint_conference_member", sa.Boolean(), nullable=False),
        sa.Column("host_department_id", sa.Uuid(), nullable=True),
        sa.Column("licensing_scopes", postgresql.ARRAY(sa.String(length=100)), nullable=False),
        sa.Column("site_url", sa.String(length=500), nullable=True),
        sa.Column("platform_org_code", sa.String(length=64), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_department_id"], ["department.id"], name=op.f("fk_department_host_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_department_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("region_code", "code", name=op.f("uq_department_region_code_code")),
    )
    op.create_table(
        "inspection_object",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "individual_business",
                "farmer_coop",
                "other_org",
                "product",
                "project",
                "activity",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "id_scheme",
            sa.Enum(
                "credit_code",
                "registration_number",
                "project_code",
                "library_code",
                name="id_scheme",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("id_value", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("area_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("industry_code", sa.String(length=5), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "revoked",
                "withdrawn",
                "cancelled",
                "moved",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "risk_class",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                "UNRATED",
                name="risk_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("risk_source", sa.String(length=200), nullable=True),
        sa.Column("risk_on", sa.Date(), nullable=True),
        sa.Column("responsible_object_id", sa.Uuid(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[0-9A-Z][0-9A-Z._-]{0,63}$'", name=op.f("ck_inspection_object_code")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('product', 'project', 'activity') OR responsible_object_id IS NOT NULL",
            name=op.f("ck_inspection_object_responsible"),
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_inspection_object_region_code")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_object_id"],
            ["inspection_object.id"],
            name=op.f("fk_inspection_object_responsible_object_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_object")),
        sa.UniqueConstraint(
            "region_code", "code", name=op.f("uq_inspection_object_region_code_code")
        ),
        sa.UniqueConstraint(
            "region_code",
            "id_scheme",
            "id_value",
            name=op.f("uq_inspection_object_region_code_id_scheme_id_value"),
        ),
    )
    op.create_index("ix_inspection_object_area", "inspection_object", ["area_code"], unique=False)
    op.create_index(
        "ix_inspection_object_name_trgm",
        "inspection_object",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "joint_item",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("field", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=2000), nullable=False),
        sa.Column("objects", sa.String(length=2000), nullable=False),
        sa.Column(
            "identity_md5",
            sa.String(length=32, collation="C"),
            sa.Computed("md5(field || chr(31) || name || chr(31) || objects)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "retired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_joint_item_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_item")),
        sa.UniqueConstraint("region_code", "code", name=op.f("uq_joint_item_region_code_code")),
    )
    op.create_index("ix_joint_item_field", "joint_item", ["region_code", "field"], unique=False)
    op.create_index(
        "ix_joint_item_name_trgm",
        "joint_item",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_joint_item_objects_trgm",
        "joint_item",
        ["objects"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"objects": "gin_trgm_ops"},
    )
    op.create_index(
        "uq_joint_item_live",
        "joint_item",
        ["region_code", "identity_md5"],
        unique=True,
        postgresql_where=sa.text("status <> 'retired'"),
    )
    op.create_table(
        "business_line",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_business_line_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_line")),
        sa.UniqueConstraint(
            "department_id", "code", name=op.f("uq_business_line_department_id_code")
        ),
    )
    op.create_table(
        "joint_item_unit",
        sa.Column("joint_item_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "initiating",
                "cooperating",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("position >= 1", name=op.f("ck_joint_item_unit_position")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_joint_item_unit_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["joint_item_id"], ["joint_item.id"], name=op.f("fk_joint_item_unit_joint_item_id")
        ),
        sa.PrimaryKeyConstraint(
            "joint_item_id", "part", "position", name=op.f("pk_joint_item_unit")
        ),
        sa.UniqueConstraint(
            "joint_item_id",
            "department_id",
            name=op.f("uq_joint_item_unit_joint_item_id_department_id"),
        ),
        sa.UniqueConstraint(
            "joint_item_id", "name", name=op.f("uq_joint_item_unit_joint_item_id_name")
        ),
    )
    op.create_index(
        "ix_joint_item_unit_department", "joint_item_unit", ["department_id"], unique=False
    )
    op.create_index("ix_joint_item_unit_name", "joint_item_unit", ["name"], unique=False)
    op.create_table(
        "library_entry",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("special_libraries", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_library_entry_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_library_entry_object_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_entry")),
        sa.UniqueConstraint(
            "department_id", "object_id", name=op.f("uq_library_entry_department_id_object_id")
        ),
    )
    op.create_index("ix_library_entry_object_id", "library_entry", ["object_id"], unique=False)
    op.create_index(
        "ix_library_entry_tags", "library_entry", ["tags"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "checklist_item",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("business_line_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "identity_md5",
            sa.String(length=32, collation="C"),
            sa.Computed(
                "md5(coalesce(issuing_unit, '') || chr(31) || category || chr(31) || name || chr(31) || coalesce(sub_item, '') || chr(31) || objects)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "retired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=2000), nullable=False),
        sa.Column("sub_item", sa.String(length=2000), nullable=True),
        sa.Column("issuing_unit", sa.String(length=200), nullable=True),
        sa.Column(
            "item_class",
            sa.Enum(
                "general",
                "key",
                name="item_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "risk_level",
            sa.Enum(
                "low",
                "medium",
                "high",
                name="risk_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("legal_bases", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("objects", sa.String(length=2000), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("contents", sa.Text(), nullable=True),
        sa.Column("object_tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("key_points", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("materials", postgresql.ARRAY(sa.String(length=200)), nullable=False),
        sa.Column("qualifications", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("frequency_cap", sa.Integer(), nullable=True),
        sa.Column("supervision_code", sa.String(length=14), nullable=True),
        sa.CheckConstraint(
            "methods <@ ARRAY['document', 'onsite', 'online', 'entrusted']::varchar[]",
            name=op.f("ck_checklist_item_methods"),
        ),
        sa.CheckConstraint(
            "frequency_cap IS NULL OR frequency_cap > 0",
            name=op.f("ck_checklist_item_frequency_cap"),
        ),
        sa.ForeignKeyConstraint(
            ["business_line_id"],
            ["business_line.id"],
            name=op.f("fk_checklist_item_business_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_checklist_item_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
        sa.UniqueConstraint(
            "department_id", "code", name=op.f("uq_checklist_item_department_id_code")
        ),
    )
    op.create_index(
        "uq_checklist_item_live",
        "checklist_item",
        ["department_id", "identity_md5"],
        unique=True,
        postgresql_where=sa.text("status <> 'retired'"),
    )
    op.create_table(
        "officer",
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("business_line_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=True),
        sa.Column("certificate_no", sa.String(length=64), nullable=True),
        sa.Column("certificate_issuer", sa.String(length=200), nullable=True),
        sa.Column("certificate_valid_to", sa.Date(), nullable=True),
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
        sa.Column("leader_eligible", sa.Boolean(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("item_scopes", postgresql.ARRAY(sa.String(length=200)), nullable=False),
        sa.Column("regions", postgresql.ARRAY(sa.String(length=12)), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9A-Z][0-9A-Z._-]{0,63}$'", name=op.f("ck_officer_code")),
        sa.ForeignKeyConstraint(
            ["business_line_id"], ["business_line.id"], name=op.f("fk_officer_business_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_officer_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_officer_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint(
            "certificate_issuer",
            "certificate_no",
            name=op.f("uq_officer_certificate_issuer_certificate_no"),
        ),
        sa.UniqueConstraint("region_code", "code", name=op.f("uq_officer_region_code_code")),
    )
    op.create_index("ix_officer_department_id", "officer", ["department_id"], unique=False)
    op.create_table(
        "absence",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absence_period")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_absence_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_officer_id", "absence", ["officer_id"], unique=False)
    op.create_table(
        "account",
        sa.Column(
            "kind",
            sa.Enum(
                "person",
                "service",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("username", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "locked",
                "disabled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=64, collation="C")), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'person') = (password_hash IS NOT NULL)", name=op.f("ck_account_password")
        ),
        sa.CheckConstraint(
            "(kind = 'person') = (password_set_at IS NOT NULL)",
            name=op.f("ck_account_password_set"),
        ),
        sa.CheckConstraint(
            "(kind = 'service') = (scopes IS NOT NULL)", name=op.f("ck_account_scopes")
        ),
        sa.CheckConstraint(
            "kind = 'person' OR officer_id IS NULL", name=op.f("ck_account_officer")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_account_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("officer_id", name=op.f("uq_account_officer_id")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "checklist_version",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("platform_receipt_no", sa.String(length=100), nullable=False),
        sa.Column("platform_published_on", sa.Date(), nullable=False),
        sa.Column("site_url", sa.String(length=500), nullable=False),
        sa.Column("site_published_on", sa.Date(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_checklist_version_number")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_checklist_version_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk_checklist_version_published_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_version")),
        sa.UniqueConstraint(
            "department_id", "number", name=op.f("uq_checklist_version_department_id_number")
        ),
    )
    op.create_table(
        "client_secret",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("slot IN (1, 2)", name=op.f("ck_client_secret_slot")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_client_secret_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_client_secret_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secret")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_client_secret_secret_sha256")),
    )
    op.create_index(
        op.f("ix_client_secret_account_id"), "client_secret", ["account_id"], unique=False
    )
    op.create_index(
        "uq_client_secret_current",
        "client_secret",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND expires_at IS NULL"),
    )
    op.create_index(
        "uq_client_secret_slot",
        "client_secret",
        ["account_id", "slot"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "guideline",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "working_guide",
                "detailed_rules",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "superseded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("draw_principles", sa.Text(), nullable=False),
        sa.Column("methods", sa.Text(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("publicity", sa.Text(), nullable=False),
        sa.Column("archiving", sa.Text(), nullable=False),
        sa.Column("item_codes", postgresql.ARRAY(sa.String(length=64)), nullable=False),
        sa.Column("team_size", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("inspection_days", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status = 'draft' OR (length(draw_principles) > 0 AND length(methods) > 0 AND length(contents) > 0 AND length(procedure) > 0 AND length(publicity) > 0 AND length(archiving) > 0)",
            name=op.f("ck_guideline_six_parts"),
        ),
        sa.CheckConstraint(
            "activated_by IS NULL OR activated_by <> created_by",
            name=op.f("ck_guideline_maker_checker"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_guideline_version")),
        sa.ForeignKeyConstraint(
            ["activated_by"], ["account.id"], name=op.f("fk_guideline_activated_by")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_guideline_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_guideline_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guideline")),
    )
    op.create_index(
        "uq_guideline_active",
        "guideline",
        ["department_id", "code"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "uq_guideline_version", "guideline", ["department_id", "code", "version"], unique=True
    )
    op.create_table(
        "idempotency_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128, collation="C"), nullable=False),
        sa.Column("request_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_idempotency_key_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(
        op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False
    )
    op.create_table(
        "interest",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=200), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["account.id"], name=op.f("fk_interest_declared_by")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_interest_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_interest_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint(
            "officer_id", "object_id", name=op.f("uq_interest_officer_id_object_id")
        ),
    )
    op.create_index(op.f("ix_interest_object_id"), "interest", ["object_id"], unique=False)
    op.create_table(
        "object_event",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_object_event_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_object_event_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_event")),
    )
    op.create_index(
        "ix_object_event_object", "object_event", ["object_id", "effective_on"], unique=False
    )
    op.create_table(
        "operation",
        sa.Column(
            "kind",
            sa.Enum(
                "object_import",
                "officer_import",
                "checklist_import",
                "joint_item_import",
                "sheet_batch",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("file_name", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column(
            "summary", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "problem", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))",
            name=op.f("ck_operation_ended"),
        ),
        sa.CheckConstraint(
            "(problem IS NOT NULL) = (status = 'failed')", name=op.f("ck_operation_problem")
        ),
        sa.CheckConstraint(
            "CASE WHEN status = 'succeeded' THEN (result IS NULL) = (forgotten_at IS NOT NULL) ELSE result IS NULL AND summary IS NULL END",
            name=op.f("ck_operation_result"),
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR cancel_requested_at IS NOT NULL",
            name=op.f("ck_operation_cancel"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('running', 'succeeded') OR (started_at IS NOT NULL AND attempts > 0)",
            name=op.f("ck_operation_started"),
        ),
        sa.CheckConstraint(
            "done >= 0 AND attempts >= 0 AND (total IS NULL OR done <= total)",
            name=op.f("ck_operation_progress"),
        ),
        sa.CheckConstraint(
            "forgotten_at IS NULL OR ended_at IS NOT NULL", name=op.f("ck_operation_forgotten")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_operation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_operation_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index("ix_operation_department", "operation", ["department_id", "id"], unique=False)
    op.create_index(
        "ix_operation_unforgotten",
        "operation",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )
    op.create_table(
        "password_history",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_history_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index(
        op.f("ix_password_history_account_id"), "password_history", ["account_id"], unique=False
    )
    op.create_table(
        "plan",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "department",
                "joint",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("plan_no", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "filed",
                "published",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_opinion", sa.String(length=500), nullable=True),
        sa.Column("returned_reason", sa.String(length=500), nullable=True),
        sa.Column("filing_no", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("filing_opinion", sa.String(length=500), nullable=True),
        sa.Column("filed_by", sa.Uuid(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platform_receipt_no", sa.String(length=100), nullable=True),
        sa.Column("site_url", sa.String(length=500), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'joint' OR status NOT IN ('filed', 'published') OR filed_at IS NOT NULL",
            name=op.f("ck_plan_filed"),
        ),
        sa.CheckConstraint("kind = 'joint' OR filed_at IS NULL", name=op.f("ck_plan_joint_filing")),
        sa.CheckConstraint(
            "status <> 'published' OR (platform_receipt_no IS NOT NULL AND site_url IS NOT NULL)",
            name=op.f("ck_plan_published"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'filed', 'published') OR approved_by IS NOT NULL",
            name=op.f("ck_plan_approved"),
        ),
        sa.CheckConstraint(
            "(filed_at IS NULL) = (filed_by IS NULL) AND (filed_at IS NULL) = (filing_no IS NULL)",
            name=op.f("ck_plan_filing"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> submitted_by", name=op.f("ck_plan_maker_checker")
        ),
        sa.CheckConstraint(
            "filed_by IS NULL OR filed_by NOT IN (created_by, submitted_by, approved_by)",
            name=op.f("ck_plan_filer"),
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_plan_year")),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_plan_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_plan_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_plan_department_id")
        ),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name=op.f("fk_plan_filed_by")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_plan_region_code")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["account.id"], name=op.f("fk_plan_submitted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("plan_no", name=op.f("uq_plan_plan_no")),
    )
    op.create_index("ix_plan_department_year", "plan", ["department_id", "year"], unique=False)
    op.create_index("uq_plan_filing_no", "plan", ["region_code", "filing_no"], unique=True)
    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "sysadmin",
                "dept_clerk",
                "dept_leader",
                "officer",
                "lg_office",
                "supervisor",
                "oversight",
                "witness",
                "integrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "department_id IS NOT NULL OR role = 'sysadmin'", name=op.f("ck_role_grant_department")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_role_grant_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["account.id"], name=op.f("fk_role_grant_granted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_account_id"), "role_grant", ["account_id"], unique=False)
    op.create_index(
        "uq_role_grant_live",
        "role_grant",
        ["account_id", "department_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "item_version",
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=2000), nullable=False),
        sa.Column("sub_item", sa.String(length=2000), nullable=True),
        sa.Column("issuing_unit", sa.String(length=200), nullable=True),
        sa.Column(
            "item_class",
            sa.Enum(
                "general",
                "key",
                name="item_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "risk_level",
            sa.Enum(
                "low",
                "medium",
                "high",
                name="risk_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("legal_bases", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("objects", sa.String(length=2000), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("contents", sa.Text(), nullable=True),
        sa.Column("object_tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("key_points", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("materials", postgresql.ARRAY(sa.String(length=200)), nullable=False),
        sa.Column("qualifications", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("frequency_cap", sa.Integer(), nullable=True),
        sa.Column("supervision_code", sa.String(length=14), nullable=True),
        sa.CheckConstraint(
            "cardinality(methods) > 0", name=op.f("ck_item_version_method_required")
        ),
        sa.CheckConstraint(
            "jsonb_array_length(legal_bases) > 0", name=op.f("ck_item_version_legal_basis_required")
        ),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f("fk_item_version_checklist_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_item_version_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["checklist_item.id"], name=op.f("fk_item_version_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint(
            "checklist_version_id",
            "item_id",
            name=op.f("uq_item_version_checklist_version_id_item_id"),
        ),
    )
    op.create_index(
        op.f("ix_item_version_department_id"), "item_version", ["department_id"], unique=False
    )
    op.create_index(op.f("ix_item_version_item_id"), "item_version", ["item_id"], unique=False)
    op.create_table(
        "operation_file",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=8, collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("part IN ('input', 'result')", name=op.f("ck_operation_file_part")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_operation_file_position")),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_operation_file_operation_id")
        ),
        sa.PrimaryKeyConstraint("operation_id", "part", "position", name=op.f("pk_operation_file")),
    )
    op.create_table(
        "plan_participant",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "invited",
                "accepted",
                "declined",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(status = 'declined') = (reason IS NOT NULL)", name=op.f("ck_plan_participant_reason")
        ),
        sa.CheckConstraint(
            "(status = 'invited') = (answered_at IS NULL)",
            name=op.f("ck_plan_participant_answered"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_plan_participant_answerer"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_plan_participant_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_plan_participant_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["account.id"], name=op.f("fk_plan_participant_invited_by")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_participant_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "department_id", name=op.f("pk_plan_participant")),
    )
    op.create_index(
        op.f("ix_plan_participant_department_id"),
        "plan_participant",
        ["department_id"],
        unique=False,
    )
    op.create_table(
        "plan_task",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("business_line_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("targeted", sa.Boolean(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.String(length=32)), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("area_codes", postgresql.ARRAY(sa.String(length=12)), nullable=False),
        sa.Column("risk_classes", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("quota_rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reserve", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column(
            "pool_scope",
            sa.Enum(
                "shared",
                "initiator",
                name="pool_scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("officer_cap", sa.Integer(), nullable=False),
        sa.Column("visit_cap", sa.Integer(), nullable=True),
        sa.Column("cooling_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cooling_days >= 0", name=op.f("ck_plan_task_cooling_days")),
        sa.CheckConstraint("officer_cap >= 1", name=op.f("ck_plan_task_officer_cap")),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_plan_task_period")),
        sa.CheckConstraint("reserve >= 0", name=op.f("ck_plan_task_reserve")),
        sa.CheckConstraint(
            "visit_cap IS NULL OR visit_cap >= 1", name=op.f("ck_plan_task_visit_cap")
        ),
        sa.ForeignKeyConstraint(
            ["business_line_id"], ["business_line.id"], name=op.f("fk_plan_task_business_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_plan_task_department_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_task_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_task_code")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_plan_task_plan_id_position")),
    )
    op.create_index(
        op.f("ix_plan_task_department_id"), "plan_task", ["department_id"], unique=False
    )
    op.create_table(
        "session",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("client_secret_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=64, collation="C")), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(client_secret_id IS NULL) = (scopes IS NULL)", name=op.f("ck_session_service")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.ForeignKeyConstraint(
            ["client_secret_id"], ["client_secret.id"], name=op.f("fk_session_client_secret_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_session_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(
        "ix_session_account_id_last_used_at",
        "session",
        ["account_id", "last_used_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_session_client_secret_id"), "session", ["client_secret_id"], unique=False
    )
    op.create_index(
        "ix_session_service_expires_at",
        "session",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("client_secret_id IS NOT NULL"),
    )
    op.create_table(
        "draw",
        sa.Column("plan_task_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("draw_no", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "frozen",
                "published",
                "committed",
                "opened",
                "drawn",
                "locked",
                "annulled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("server_commit", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("shortages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shortage_count", sa.Integer(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commits_sha256", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annulment", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("server_secret", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("seed", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'annulled') = (annulled_at IS NOT NULL)", name=op.f("ck_draw_annulled")
        ),
        sa.CheckConstraint(
            "status NOT IN ('committed', 'opened', 'drawn', 'locked') OR commits_sha256 IS NOT NULL",
            name=op.f("ck_draw_committed"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('drawn', 'locked') OR (seed IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_draw_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_draw_department_id")
        ),
        sa.ForeignKeyConstraint(["frozen_by"], ["account.id"], name=op.f("fk_draw_frozen_by")),
        sa.ForeignKeyConstraint(
            ["plan_task_id"], ["plan_task.id"], name=op.f("fk_draw_plan_task_id")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_draw_region_code")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["draw.id"], name=op.f("fk_draw_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("draw_no", name=op.f("uq_draw_draw_no")),
        sa.UniqueConstraint("manifest_sha256", name=op.f("uq_draw_manifest_sha256")),
        sa.UniqueConstraint("server_commit", name=op.f("uq_draw_server_commit")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_draw_supersedes_id")),
    )
    op.create_index(op.f("ix_draw_department_id"), "draw", ["department_id"], unique=False)
    op.create_index("ix_draw_due", "draw", ["status", "close_at"], unique=False)
    op.create_index(op.f("ix_draw_plan_task_id"), "draw", ["plan_task_id"], unique=False)
    op.create_index(
        "uq_draw_live_task",
        "draw",
        ["plan_task_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'annulled'"),
    )
    op.create_table(
        "plan_task_department",
        sa.Column("plan_task_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.CheckConstraint("members >= 2", name=op.f("ck_plan_task_department_members")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_plan_task_department_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_task_id"],
            ["plan_task.id"],
            name=op.f("fk_plan_task_department_plan_task_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "plan_task_id", "department_id", name=op.f("pk_plan_task_department")
        ),
        sa.UniqueConstraint(
            "plan_task_id", "position", name=op.f("uq_plan_task_department_plan_task_id_position")
        ),
    )
    op.create_index(
        op.f("ix_plan_task_department_department_id"),
        "plan_task_department",
        ["department_id"],
        unique=False,
    )
    op.create_table(
        "plan_task_item",
        sa.Column("plan_task_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_plan_task_item_item_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_task_id"],
            ["plan_task.id"],
            name=op.f("fk_plan_task_item_plan_task_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_task_id", "item_version_id", name=op.f("pk_plan_task_item")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_refresh_token_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_refresh_token_token_sha256")),
    )
    op.create_index(
        op.f("ix_refresh_token_session_id"), "refresh_token", ["session_id"], unique=False
    )
    op.create_table(
        "draw_commitment",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("commitment", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_commitment_draw_id")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_draw_commitment_made_by")
        ),
        sa.PrimaryKeyConstraint("draw_id", "code", name=op.f("pk_draw_commitment")),
    )
    op.create_table(
        "draw_contributor",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_draw_contributor_department_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_contributor_draw_id")),
        sa.PrimaryKeyConstraint("draw_id", "code", name=op.f("pk_draw_contributor")),
    )
    op.create_index(
        op.f("ix_draw_contributor_department_id"),
        "draw_contributor",
        ["department_id"],
        unique=False,
    )
    op.create_table(
        "draw_file",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_file_draw_id")),
        sa.PrimaryKeyConstraint("draw_id", "name", name=op.f("pk_draw_file")),
    )
    op.create_table(
        "draw_opening",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_opening_draw_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_draw_opening_made_by")),
        sa.PrimaryKeyConstraint("draw_id", "code", name=op.f("pk_draw_opening")),
    )
    op.create_table(
        "inspection_sheet",
        sa.Column("sheet_no", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("plan_task_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("object_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("object_snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_inspection_sheet_draw_id")),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_inspection_sheet_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_task_id"], ["plan_task.id"], name=op.f("fk_inspection_sheet_plan_task_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_inspection_sheet_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_sheet")),
        sa.UniqueConstraint(
            "draw_id", "object_id", name=op.f("uq_inspection_sheet_draw_id_object_id")
        ),
        sa.UniqueConstraint("sheet_no", name=op.f("uq_inspection_sheet_sheet_no")),
    )
    op.create_index(
        op.f("ix_inspection_sheet_object_id"), "inspection_sheet", ["object_id"], unique=False
    )
    op.create_index(
        op.f("ix_inspection_sheet_plan_task_id"), "inspection_sheet", ["plan_task_id"], unique=False
    )
    op.create_table(
        "selection",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("object_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("stratum", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reserve", sa.Boolean(), nullable=False),
        sa.Column("ticket", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("staffed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_selection_rank")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_selection_draw_id")),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_selection_object_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sa.UniqueConstraint(
            "draw_id", "object_code", name=op.f("uq_selection_draw_id_object_code")
        ),
        sa.UniqueConstraint(
            "draw_id", "stratum", "rank", name=op.f("uq_selection_draw_id_stratum_rank")
        ),
    )
    op.create_index(op.f("ix_selection_object_id"), "selection", ["object_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("object_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("department_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("officer_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_team_member_draw_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_team_member_officer_id")
        ),
        sa.PrimaryKeyConstraint(
            "draw_id", "object_code", "department_code", "slot", name=op.f("pk_team_member")
        ),
        sa.UniqueConstraint(
            "draw_id",
            "object_code",
            "officer_code",
            name=op.f("uq_team_member_draw_id_object_code_officer_code"),
        ),
    )
    op.create_index(op.f("ix_team_member_officer_id"), "team_member", ["officer_id"], unique=False)
    op.create_table(
        "inspection",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "assigned",
                "notified",
                "in_progress",
                "ended",
                "entered",
                "reviewed",
                "published",
                "void",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("methods", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_state", sa.String(length=32), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("present", sa.String(length=300), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column(
            "result_code",
            sa.Enum(
                "01",
                "02",
                "03",
                "04",
                "05",
                "06",
                "07",
                "08",
                name="result_code",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("result_note", sa.String(length=2000), nullable=True),
        sa.Column("result_details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_opinion", sa.String(length=500), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(due_state = 'computed') = (due_on IS NOT NULL)", name=op.f("ck_inspection_due")
        ),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)",
            name=op.f("ck_inspection_published"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('ended', 'entered', 'reviewed', 'published') OR (ended_at IS NOT NULL AND ended_on IS NOT NULL AND due_state IS NOT NULL)",
            name=op.f("ck_inspection_ended"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('entered', 'reviewed', 'published') OR result_code IS NOT NULL",
            name=op.f("ck_inspection_result"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('reviewed', 'published') OR reviewed_by IS NOT NULL",
            name=op.f("ck_inspection_reviewed"),
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_inspection_period")
        ),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by <> entered_by",
            name=op.f("ck_inspection_maker_checker"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_inspection_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_inspection_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_inspection_region_code")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["account.id"], name=op.f("fk_inspection_reviewed_by")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["inspection_sheet.id"], name=op.f("fk_inspection_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint(
            "sheet_id", "department_id", name=op.f("uq_inspection_sheet_id_department_id")
        ),
    )
    op.create_index(
        "ix_inspection_department_status", "inspection", ["department_id", "status"], unique=False
    )
    op.create_index("ix_inspection_due_on", "inspection", ["due_on"], unique=False)
    op.create_index(op.f("ix_inspection_sheet_id"), "inspection", ["sheet_id"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "signed",
                "sealed",
                "refused",
                "absent",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("signer", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("witness_name", sa.String(length=100), nullable=True),
        sa.Column("witness_unit", sa.String(length=200), nullable=True),
        sa.Column("noted_by", postgresql.ARRAY(sa.String(length=64)), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind NOT IN ('refused', 'absent') OR length(reason) >= 10",
            name=op.f("ck_acknowledgement_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_acknowledgement_inspection_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_acknowledgement")),
    )
    op.create_table(
        "finding",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "no_problem",
                "problem",
                "not_checked",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.String(length=2000), nullable=True),
        sa.Column("measure", sa.String(length=2000), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'problem' OR problem IS NOT NULL", name=op.f("ck_finding_problem")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_finding_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_finding_item_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "inspection_id",
            "item_version_id",
            name=op.f("uq_finding_inspection_id_item_version_id"),
        ),
    )
    op.create_index(
        op.f("ix_finding_item_version_id"), "finding", ["item_version_id"], unique=False
    )
    op.create_table(
        "inspection_officer",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("certificate_no", sa.String(length=64), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_cause", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(assigned_by IS NULL) = (assigned_cause IS NULL)",
            name=op.f("ck_inspection_officer_assigned"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["account.id"], name=op.f("fk_inspection_officer_assigned_by")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_officer_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_inspection_officer_officer_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "officer_id", name=op.f("pk_inspection_officer")),
    )
    op.create_index(
        op.f("ix_inspection_officer_officer_id"), "inspection_officer", ["officer_id"], unique=False
    )
    op.create_table(
        "notice",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("visit_from", sa.Date(), nullable=False),
        sa.Column("visit_to", sa.Date(), nullable=False),
        sa.Column("materials", postgresql.ARRAY(sa.String(length=200)), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_notice_inspection_id")
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["account.id"], name=op.f("fk_notice_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("inspection_id", name=op.f("uq_notice_inspection_id")),
    )
    op.create_table(
        "publication",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("object_code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("object_name", sa.String(length=200), nullable=False),
        sa.Column("plan_no", sa.String(length=64, collation="C"), nullable=False),
        sa.Column(
            "result_code",
            sa.Enum(
                "01",
                "02",
                "03",
                "04",
                "05",
                "06",
                "07",
                "08",
                name="result_code",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("platform_receipt_no", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_publication_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_publication_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk_publication_published_by")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_publication_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint(
            "inspection_id", "version", name=op.f("uq_publication_inspection_id_version")
        ),
    )
    op.create_index(
        op.f("ix_publication_department_id"), "publication", ["department_id"], unique=False
    )
    op.create_index("ix_publication_object_code", "publication", ["object_code"], unique=False)
    op.create_index(
        "ix_publication_object_name_trgm",
        "publication",
        ["object_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"object_name": "gin_trgm_ops"},
    )
    op.create_index("ix_publication_plan_no", "publication", ["plan_no"], unique=False)
    op.create_index("ix_publication_region_code", "publication", ["region_code"], unique=False)

    _guard_history()
    _make_job_queue()


def _make_job_queue() -> None:
    """procrastinate's own schema, apart from ours; its functions find their tables from anywhere."""
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path = jobs")
    # Many statements at once: the driver's simple protocol takes them, prepared statements do not.
    driver = op.get_bind().connection.driver_connection
    await_only(driver.execute(JOB_QUEUE.read_text(encoding="utf-8")))
    op.execute(
        """
        DO $$
        DECLARE
            made regprocedure;
        BEGIN
            FOR made IN SELECT oid FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace LOOP
                EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_temp', made);
            END LOOP;
        END $$
        """
    )
    op.execute("SET LOCAL search_path TO DEFAULT")


def _guard_history() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'table % is insert-only', TG_TABLE_NAME USING ERRCODE = '42501';
        END $$
        """
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
    # What a draw was frozen with never changes; its outcome is written once (DRAW s.2).
    op.execute(
        """
        CREATE FUNCTION guard_draw() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.plan_task_id, NEW.department_id, NEW.region_code, NEW.draw_no, NEW.manifest,
                NEW.manifest_sha256, NEW.server_commit, NEW.sealed_secret, NEW.close_at,
                NEW.supersedes_id, NEW.frozen_by, NEW.frozen_at)
               IS DISTINCT FROM
               (OLD.plan_task_id, OLD.department_id, OLD.region_code, OLD.draw_no, OLD.manifest,
                OLD.manifest_sha256, OLD.server_commit, OLD.sealed_secret, OLD.close_at,
                OLD.supersedes_id, OLD.frozen_by, OLD.frozen_at)
               OR (OLD.seed IS NOT NULL AND (NEW.seed, NEW.server_secret, NEW.outcome)
                   IS DISTINCT FROM (OLD.seed, OLD.server_secret, OLD.outcome))
               OR (OLD.commits_sha256 IS NOT NULL
                   AND NEW.commits_sha256 IS DISTINCT FROM OLD.commits_sha256)
               OR NEW.shortage_count IS DISTINCT FROM OLD.shortage_count
               OR NEW.shortages IS DISTINCT FROM OLD.shortages
               OR (OLD.published_at IS NOT NULL
                   AND NEW.published_at IS DISTINCT FROM OLD.published_at)
               OR (OLD.committed_at IS NOT NULL
                   AND NEW.committed_at IS DISTINCT FROM OLD.committed_at)
               OR (OLD.opened_at IS NOT NULL AND NEW.opened_at IS DISTINCT FROM OLD.opened_at)
               OR (OLD.drawn_at IS NOT NULL AND NEW.drawn_at IS DISTINCT FROM OLD.drawn_at)
               OR OLD.status IN ('locked', 'annulled') THEN
                RAISE EXCEPTION 'a draw is never edited' USING ERRCODE = '42501';
            END IF;
            -- The moves of app/domain/lifecycle.py; after all have opened it can only be drawn.
            IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
                ('frozen', 'published'), ('frozen', 'annulled'),
                ('published', 'committed'), ('published', 'annulled'),
                ('committed', 'opened'), ('committed', 'annulled'),
                ('opened', 'drawn'), ('drawn', 'locked')) THEN
                RAISE EXCEPTION 'a draw does not move from % to %', OLD.status, NEW.status
                    USING ERRCODE = '42501';
            END IF;
            IF NEW.status = 'opened' AND EXISTS (
                SELECT 1 FROM draw_contributor c WHERE c.draw_id = NEW.id AND NOT EXISTS
                    (SELECT 1 FROM draw_opening o WHERE o.draw_id = c.draw_id AND o.code = c.code))
            THEN
                RAISE EXCEPTION 'not all have opened' USING ERRCODE = '42501';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_draw BEFORE UPDATE ON draw FOR EACH ROW EXECUTE FUNCTION guard_draw()"
    )
    op.execute(
        "CREATE TRIGGER no_delete BEFORE DELETE ON draw "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    # What a draw is frozen with is written at the freeze and at no other time.
    op.execute(
        """
        CREATE FUNCTION guard_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM draw WHERE id = NEW.draw_id AND status = 'frozen') THEN
                RAISE EXCEPTION 'the draw is frozen' USING ERRCODE = '42501';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in ("draw_file", "draw_contributor"):
        op.execute(
            f"CREATE TRIGGER guard_frozen BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION guard_frozen()"
        )
    # The head of a chain only moves forward.
    op.execute(
        """
        CREATE FUNCTION guard_chain() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION 'a chain has one head' USING ERRCODE = '42501';
            END IF;
            IF NEW.chain <> OLD.chain OR NEW.seq <= OLD.seq THEN
                RAISE EXCEPTION 'a chain only grows' USING ERRCODE = '42501';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_chain BEFORE UPDATE OR DELETE ON audit_chain "
        "FOR EACH ROW EXECUTE FUNCTION guard_chain()"
    )
    op.execute(
        "CREATE TRIGGER guard_chain_truncate BEFORE TRUNCATE ON audit_chain "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_chain()"
    )
    # Nobody commits after another has opened; nobody opens before all have committed.
    op.execute(
        """
        CREATE FUNCTION guard_contribution() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM draw WHERE id = NEW.draw_id FOR UPDATE;
            IF NOT EXISTS (SELECT 1 FROM draw_contributor c
                           WHERE c.draw_id = NEW.draw_id AND c.code = NEW.code) THEN
                RAISE EXCEPTION 'not a contributor' USING ERRCODE = '42501';
            END IF;
            IF TG_TABLE_NAME = 'draw_commitment' THEN
                IF EXISTS (SELECT 1 FROM draw_opening o WHERE o.draw_id = NEW.draw_id) THEN
                    RAISE EXCEPTION 'a commitment after an opening' USING ERRCODE = '42501';
                END IF;
            ELSIF EXISTS (SELECT 1 FROM draw_contributor c
                          WHERE c.draw_id = NEW.draw_id AND NOT EXISTS
                            (SELECT 1 FROM draw_commitment m
                             WHERE m.draw_id = c.draw_id AND m.code = c.code)) THEN
                RAISE EXCEPTION 'an opening before all commitments' USING ERRCODE = '42501';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in ("draw_commitment", "draw_opening"):
        op.execute(
            f"CREATE TRIGGER guard_contribution BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION guard_contribution()"
        )


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
    op.drop_index("ix_publication_region_code", table_name="publication")
    op.drop_index("ix_publication_plan_no", table_name="publication")
    op.drop_index(
        "ix_publication_object_name_trgm",
        table_name="publication",
        postgresql_using="gin",
        postgresql_ops={"object_name": "gin_trgm_ops"},
    )
    op.drop_index("ix_publication_object_code", table_name="publication")
    op.drop_index(op.f("ix_publication_department_id"), table_name="publication")
    op.drop_table("publication")
    op.drop_table("notice")
    op.drop_index(op.f("ix_inspection_officer_officer_id"), table_name="inspection_officer")
    op.drop_table("inspection_officer")
    op.drop_index(op.f("ix_finding_item_version_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_table("acknowledgement")
    op.drop_index(op.f("ix_inspection_sheet_id"), table_name="inspection")
    op.drop_index("ix_inspection_due_on", table_name="inspection")
    op.drop_index("ix_inspection_department_status", table_name="inspection")
    op.drop_table("inspection")
    op.drop_index(op.f("ix_team_member_officer_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_selection_object_id"), table_name="selection")
    op.drop_table("selection")
    op.drop_index(op.f("ix_inspection_sheet_plan_task_id"), table_name="inspection_sheet")
    op.drop_index(op.f("ix_inspection_sheet_object_id"), table_name="inspection_sheet")
    op.drop_table("inspection_sheet")
    op.drop_table("draw_opening")
    op.drop_table("draw_file")
    op.drop_index(op.f("ix_draw_contributor_department_id"), table_name="draw_contributor")
    op.drop_table("draw_contributor")
    op.drop_table("draw_commitment")
    op.drop_index(op.f("ix_refresh_token_session_id"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_table("plan_task_item")
    op.drop_index(op.f("ix_plan_task_department_department_id"), table_name="plan_task_department")
    op.drop_table("plan_task_department")
    op.drop_index(
        "uq_draw_live_task", table_name="draw", postgresql_where=sa.text("status <> 'annulled'")
    )
    op.drop_index(op.f("ix_draw_plan_task_id"), table_name="draw")
    op.drop_index("ix_draw_due", table_name="draw")
    op.drop_index(op.f("ix_draw_department_id"), table_name="draw")
    op.drop_table("draw")
    op.drop_index(
        "ix_session_service_expires_at",
        table_name="session",
        postgresql_where=sa.text("client_secret_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_session_client_secret_id"), table_name="session")
    op.drop_index("ix_session_account_id_last_used_at", table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_plan_task_department_id"), table_name="plan_task")
    op.drop_table("plan_task")
    op.drop_index(op.f("ix_plan_participant_department_id"), table_name="plan_participant")
    op.drop_table("plan_participant")
    op.drop_table("operation_file")
    op.drop_index(op.f("ix_item_version_item_id"), table_name="item_version")
    op.drop_index(op.f("ix_item_version_department_id"), table_name="item_version")
    op.drop_table("item_version")
    op.drop_index(
        "uq_role_grant_live",
        table_name="role_grant",
        postgresql_where=sa.text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_role_grant_account_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index("uq_plan_filing_no", table_name="plan")
    op.drop_index("ix_plan_department_year", table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_password_history_account_id"), table_name="password_history")
    op.drop_table("password_history")
    op.drop_index(
        "ix_operation_unforgotten",
        table_name="operation",
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )
    op.drop_index("ix_operation_department", table_name="operation")
    op.drop_table("operation")
    op.drop_index("ix_object_event_object", table_name="object_event")
    op.drop_table("object_event")
    op.drop_index(op.f("ix_interest_object_id"), table_name="interest")
    op.drop_table("interest")
    op.drop_index(op.f("ix_idempotency_key_created_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index("uq_guideline_version", table_name="guideline")
    op.drop_index(
        "uq_guideline_active", table_name="guideline", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_table("guideline")
    op.drop_index(
        "uq_client_secret_slot",
        table_name="client_secret",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(
        "uq_client_secret_current",
        table_name="client_secret",
        postgresql_where=sa.text("revoked_at IS NULL AND expires_at IS NULL"),
    )
    op.drop_index(op.f("ix_client_secret_account_id"), table_name="client_secret")
    op.drop_table("client_secret")
    op.drop_table("checklist_version")
    op.drop_table("account")
    op.drop_index("ix_absence_officer_id", table_name="absence")
    op.drop_table("absence")
    op.drop_index("ix_officer_department_id", table_name="officer")
    op.drop_table("officer")
    op.drop_index(
        "uq_checklist_item_live",
        table_name="checklist_item",
        postgresql_where=sa.text("status <> 'retired'"),
    )
    op.drop_table("checklist_item")
    op.drop_index("ix_library_entry_tags", table_name="library_entry", postgresql_using="gin")
    op.drop_index("ix_library_entry_object_id", table_name="library_entry")
    op.drop_table("library_entry")
    op.drop_index("ix_joint_item_unit_name", table_name="joint_item_unit")
    op.drop_index("ix_joint_item_unit_department", table_name="joint_item_unit")
    op.drop_table("joint_item_unit")
    op.drop_table("business_line")
    op.drop_index(
        "uq_joint_item_live",
        table_name="joint_item",
        postgresql_where=sa.text("status <> 'retired'"),
    )
    op.drop_index(
        "ix_joint_item_objects_trgm",
        table_name="joint_item",
        postgresql_using="gin",
        postgresql_ops={"objects": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_joint_item_name_trgm",
        table_name="joint_item",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_index("ix_joint_item_field", table_name="joint_item")
    op.drop_table("joint_item")
    op.drop_index(
        "ix_inspection_object_name_trgm",
        table_name="inspection_object",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_index("ix_inspection_object_area", table_name="inspection_object")
    op.drop_table("inspection_object")
    op.drop_table("department")
    op.drop_index(op.f("ix_calendar_day_notice_id"), table_name="calendar_day")
    op.drop_table("calendar_day")
    op.drop_index(op.f("ix_region_parent_code"), table_name="region")
    op.drop_table("region")
    op.drop_table("rate_bucket")
    op.drop_table("holiday_notice")
    op.drop_index("uq_audit_entry_chain_seq", table_name="audit_entry")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("audit_chain")

    op.execute("DROP FUNCTION guard_contribution()")
    op.execute("DROP FUNCTION guard_frozen()")
    op.execute("DROP FUNCTION guard_chain()")
    op.execute("DROP FUNCTION guard_draw()")
    op.execute("DROP FUNCTION refuse_change()")
