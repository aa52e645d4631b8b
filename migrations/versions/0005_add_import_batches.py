"""Import batches: what one file made, every verdict on its rows, and undoing it whole.

Expand only: the columns are empty for what is there, and the previous release does not read them.
An event of an object may be deleted in one case: as part of undoing the batch that made it, by the
function below, which runs as the owner; the service role keeps no right to delete events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MADE = (
    "inspection_object",
    "library_entry",
    "object_event",
    "officer",
    "checklist_item",
    "joint_item",
    "waiting_event",
)
BEFORE_BATCH = {"object_event", "waiting_event"}
"""They are stored before the batch is, whose counts follow from them."""
IMPORTS = "'object_import', 'officer_import', 'checklist_import', 'joint_item_import'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    _make_batches()
    _make_contents()
    for table in MADE:
        op.add_column(table, sa.Column("import_batch_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            f"fk_{table}_import_batch_id",
            table,
            "import_batch",
            ["import_batch_id"],
            ["id"],
            deferrable=True if table in BEFORE_BATCH else None,
            initially="DEFERRED" if table in BEFORE_BATCH else None,
        )
        op.create_index(
            f"ix_{table}_import_batch_id",
            table,
            ["import_batch_id"],
            postgresql_where=sa.text("import_batch_id IS NOT NULL"),
        )
    op.drop_constraint(op.f("ck_operation_kind"), "operation")
    op.create_check_constraint(
        op.f("ck_operation_kind"),
        "operation",
        f"kind IN ({IMPORTS}, 'object_event_import', 'sheet_batch')",
    )
    _guard_batches()
    _let_events_of_an_undone_batch_go()


def _make_batches() -> None:
    op.create_table(
        "import_batch",
        sa.Column(
            "kind",
            _coded("object", "object_event", "officer", "checklist", "joint_item", name="kind"),
            nullable=False,
        ),
        sa.Column("status", _coded("stored", "refused", "undone", name="status"), nullable=False),
        sa.Column("mode", _coded("partial", "atomic", name="mode"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(length=500), nullable=False),
        sa.Column("file_sha256", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undo_reason", sa.String(length=500), nullable=True),
        sa.Column("file_gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdicts_gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL)"
            " AND (undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undo_reason IS NULL)",
            name=op.f("ck_import_batch_undone"),
        ),
        sa.CheckConstraint(
            "status <> 'refused' OR (mode = 'atomic' AND rejected > 0 AND created + joined = 0)",
            name=op.f("ck_import_batch_refused"),
        ),
        sa.CheckConstraint(
            "created >= 0 AND joined >= 0 AND duplicates >= 0 AND rejected >= 0 AND warned >= 0"
            " AND verdicts >= 0 AND rows >= 0",
            name=op.f("ck_import_batch_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_import_batch_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_batch_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_import_batch_operation_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["account.id"], name=op.f("fk_import_batch_undone_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_import_batch_operation_id")),
    )
    op.create_index("ix_import_batch_department", "import_batch", ["department_id", "id"])
    for what in ("file", "verdicts"):
        op.create_index(
            f"ix_import_batch_{what}_kept",
            "import_batch",
            ["made_at"],
            postgresql_where=sa.text(f"{what}_gone_at IS NULL"),
        )


def _make_contents() -> None:
    op.create_table(
        "import_verdict",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column(
            "outcome", _coded("accepted", "rejected", "warning", name="outcome"), nullable=False
        ),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("field", sa.String(length=64, collation="C"), nullable=True),
        sa.Column("column_number", sa.SmallInteger(), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=True),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("zh", sa.String(length=500), nullable=False),
        sa.Column("en", sa.String(length=500), nullable=False),
        sa.CheckConstraint('"row" > 0 AND position >= 0', name=op.f("ck_import_verdict_place")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_verdict_batch_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_import_verdict")),
    )
    op.create_index(
        "ix_import_verdict_outcome", "import_verdict", ["batch_id", "outcome", "position"]
    )
    op.create_table(
        "import_file",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_import_file_position")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_file_batch_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_import_file")),
    )


def _coded(*codes: str, name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _guard_batches() -> None:
    """A batch says what was done: only its being undone and what was deleted of it may change."""
    op.execute(
        """
        CREATE FUNCTION guard_import_batch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION 'a batch is never deleted' USING ERRCODE = '42501';
            END IF;
            IF OLD.status <> NEW.status AND (OLD.status, NEW.status) <> ('stored', 'undone')
               OR OLD.undone_at IS NOT NULL AND
                  (NEW.undone_at, NEW.undone_by, NEW.undo_reason)
                  IS DISTINCT FROM (OLD.undone_at, OLD.undone_by, OLD.undo_reason)
               OR (NEW.id, NEW.kind, NEW.mode, NEW.department_id, NEW.account_id,
                   NEW.operation_id, NEW.file_name, NEW.file_sha256, NEW.rows, NEW.created,
                   NEW.joined, NEW.duplicates, NEW.rejected, NEW.warned, NEW.verdicts, NEW.made_at)
                  IS DISTINCT FROM
                  (OLD.id, OLD.kind, OLD.mode, OLD.department_id, OLD.account_id,
                   OLD.operation_id, OLD.file_name, OLD.file_sha256, OLD.rows, OLD.created,
                   OLD.joined, OLD.duplicates, OLD.rejected, OLD.warned, OLD.verdicts, OLD.made_at)
            THEN
                RAISE EXCEPTION 'a batch is not rewritten' USING ERRCODE = '42501';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER guard_import_batch BEFORE UPDATE OR DELETE ON import_batch "
        "FOR EACH ROW EXECUTE FUNCTION guard_import_batch()"
    )
    op.execute(
        "CREATE TRIGGER guard_import_batch_truncate BEFORE TRUNCATE ON import_batch "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_import_batch()"
    )


def _let_events_of_an_undone_batch_go() -> None:
    """Only 'established', only of the batch's own objects, only once the batch is undone."""
    op.execute(
        """
        CREATE FUNCTION guard_object_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD.kind = 'established' AND EXISTS (
                SELECT 1 FROM public.import_batch b
                JOIN public.inspection_object o ON o.import_batch_id = b.id
                WHERE b.id = OLD.import_batch_id AND b.status = 'undone' AND b.kind = 'object'
                  AND o.id = OLD.object_id
            ) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'table object_event is insert-only' USING ERRCODE = '42501';
        END $$
        """
    )
    op.execute("DROP TRIGGER insert_only ON object_event")
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON object_event "
        "FOR EACH ROW EXECUTE FUNCTION guard_object_event()"
    )
    op.execute(
        """
        CREATE FUNCTION delete_events_of_undone_batch(batch uuid) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE gone bigint;
        BEGIN
            DELETE FROM object_event e USING import_batch b
            WHERE b.id = batch AND b.status = 'undone' AND e.import_batch_id = b.id;
            GET DIAGNOSTICS gone = ROW_COUNT;
            RETURN gone;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION delete_events_of_undone_batch(uuid) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION delete_events_of_undone_batch(uuid)")
    op.execute("DROP TRIGGER insert_only ON object_event")
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON object_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("DROP FUNCTION guard_object_event()")
    op.drop_constraint(op.f("ck_operation_kind"), "operation")
    op.create_check_constraint(
        op.f("ck_operation_kind"), "operation", f"kind IN ({IMPORTS}, 'sheet_batch')"
    )
    for table in reversed(MADE):
        op.drop_index(f"ix_{table}_import_batch_id", table_name=table)
        op.drop_constraint(f"fk_{table}_import_batch_id", table)
        op.drop_column(table, "import_batch_id")
    op.drop_table("import_file")
    op.drop_table("import_verdict")
    op.drop_table("import_batch")
    op.execute("DROP FUNCTION guard_import_batch()")
