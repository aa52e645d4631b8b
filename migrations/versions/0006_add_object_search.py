"""Search of the object library: a stored pinyin key, and a table that one index can search.

A migration must work while the previous release still runs: that one fills neither the key (empty
until the worker finds it) nor `library_search` (triggers do). Data migrations use SQL text and
never import app.models. Existing entries are searchable when this is done: about 100 seconds for a
million of them, while which the libraries can be read but not written.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOKENS = (
    "search_tokens(department_id, department_region, name, code, kind, status, risk_class,"
    " area_code, industry_code, tags, special_libraries)"
)
COLUMNS = (
    "department_id, object_id, department_region, name_key, name, code, kind, status, risk_class,"
    " area_code, industry_code, last_inspected_on, tags, special_libraries"
)
OF_SUBJECT = r"""
    o.name_key, o.name, o.code, o.kind, o.status, o.risk_class, o.area_code,
    coalesce(regexp_replace(o.industry_code, '^[A-Z](?=[0-9])', ''), ''),
    coalesce(o.last_inspected_on, '0001-01-01'::date)"""
ROWS = f"""
    SELECT e.department_id, e.object_id, d.region_code, {OF_SUBJECT}, e.tags, e.special_libraries
    FROM {{entries}} e
    JOIN inspection_object o ON o.id = e.object_id
    JOIN department d ON d.id = e.department_id"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '30min'")
    op.add_column(
        "inspection_object",
        sa.Column(
            "name_key", sa.String(length=255, collation="C"), server_default="", nullable=False
        ),
    )
    op.create_index(
        "ix_inspection_object_name_key_missing",
        "inspection_object",
        ["id"],
        postgresql_where=sa.text("name_key = ''"),
    )
    _add_functions()
    _add_table()
    op.execute("LOCK TABLE library_entry, inspection_object IN SHARE ROW EXCLUSIVE MODE")
    op.execute(f"INSERT INTO library_search ({COLUMNS}) {ROWS.format(entries='library_entry')}")
    _add_indexes()
    _add_triggers()
    # The fragments of names are found by the new index, those of one and two characters, too.
    op.drop_index("ix_inspection_object_name_trgm", table_name="inspection_object")
    op.execute("ANALYZE library_search")


def _add_functions() -> None:
    op.execute(
        """
        CREATE FUNCTION name_grams(name text) RETURNS text[]
        LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 500 AS $$
            SELECT coalesce(array_agg(gram), '{}') FROM (
                SELECT c FROM regexp_split_to_table(lower(name), '') AS c
                UNION ALL
                SELECT substr(lower(name), i, 2) FROM generate_series(1, length(name) - 1) AS i
            ) AS grams (gram)
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION search_tokens(
            department_id uuid, department_region text, name text, code text, kind text,
            status text, risk_class text, area_code text, industry_code text,
            tags text[], special_libraries text[]
        ) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000 AS $$
            SELECT public.name_grams(name)
                || ARRAY['d:' || department_id, 'k:' || kind, 's:' || status, 'r:' || risk_class]
                || ARRAY(SELECT 'D:' || left(department_region, n)
                         FROM unnest(ARRAY[2, 4, 6]) AS n)
                || ARRAY(SELECT 'a:' || left(area_code, n) FROM unnest(ARRAY[2, 4, 6, 9, 12]) AS n
                         WHERE length(area_code) >= n)
                || ARRAY(SELECT 'i:' || left(industry_code, n) FROM generate_series(1, 4) AS n
                         WHERE length(industry_code) >= n)
                || ARRAY(SELECT 'c:' || left(code, n) FROM generate_series(1, 13) AS n
                         WHERE length(code) >= n)
                || ARRAY(SELECT 't:' || t FROM unnest(tags) AS t)
                || ARRAY(SELECT 'l:' || t FROM unnest(special_libraries) AS t)
        $$
        """
    )


def _add_table() -> None:
    op.create_table(
        "library_search",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("department_region", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("name_key", sa.String(length=255, collation="C"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("kind", sa.String(length=32, collation="C"), nullable=False),
        sa.Column("status", sa.String(length=32, collation="C"), nullable=False),
        sa.Column("risk_class", sa.String(length=32, collation="C"), nullable=False),
        sa.Column("area_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("industry_code", sa.String(length=5, collation="C"), nullable=False),
        sa.Column("last_inspected_on", sa.Date(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("special_libraries", postgresql.ARRAY(sa.String(length=50)), nullable=False),
        sa.PrimaryKeyConstraint("department_id", "object_id", name=op.f("pk_library_search")),
    )


def _add_indexes() -> None:
    covered = ["name", "code", "kind", "status", "risk_class", "area_code", "industry_code"]
    for name, columns, include in (
        ("ix_library_search_object_id", ["object_id"], None),
        ("ix_library_search_own_name", ["department_id", "name_key", "object_id"], covered),
        ("ix_library_search_name", ["name_key", "object_id"], ["department_region", *covered]),
        ("ix_library_search_code", ["code"], None),
        ("ix_library_search_inspected", ["last_inspected_on"], None),
    ):
        op.create_index(name, "library_search", columns, postgresql_include=include)
    op.execute(f"CREATE INDEX ix_library_search_tokens ON library_search USING gin ({TOKENS})")


def _add_triggers() -> None:
    """Whoever writes the library, by whatever statement, keeps what is searched true."""
    fresh = ROWS.format(entries="fresh")
    op.execute(
        f"""
        CREATE FUNCTION search_entries() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM library_search s USING gone g
                WHERE s.department_id = g.department_id AND s.object_id = g.object_id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO library_search ({COLUMNS}) {fresh};
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for event, tables in (
        ("INSERT", "NEW TABLE AS fresh"),
        ("UPDATE", "OLD TABLE AS gone NEW TABLE AS fresh"),
        ("DELETE", "OLD TABLE AS gone"),
    ):
        op.execute(
            f"CREATE TRIGGER search_on_{event.lower()} AFTER {event} ON library_entry "
            f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION search_entries()"
        )
    named = COLUMNS.split(", ")
    subject = ", ".join(named[named.index("name_key") : named.index("tags")])
    op.execute(
        f"""
        CREATE FUNCTION search_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE library_search s SET ({subject}) = ROW ({OF_SUBJECT})
            FROM fresh o JOIN gone g USING (id)
            WHERE s.object_id = o.id AND (
                o.name_key, o.name, o.code, o.kind, o.status, o.risk_class, o.area_code,
                o.industry_code, o.last_inspected_on
            ) IS DISTINCT FROM (
                g.name_key, g.name, g.code, g.kind, g.status, g.risk_class, g.area_code,
                g.industry_code, g.last_inspected_on
            );
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER search_on_update AFTER UPDATE ON inspection_object "
        "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION search_subjects()"
    )
    # Who changes a name and knows nothing of the key leaves it to the worker.
    op.execute(
        """
        CREATE FUNCTION forget_name_key() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.name IS DISTINCT FROM OLD.name AND NEW.name_key = OLD.name_key THEN
                NEW.name_key := '';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER forget_name_key BEFORE UPDATE OF name ON inspection_object "
        "FOR EACH ROW EXECUTE FUNCTION forget_name_key()"
    )


def downgrade() -> None:
    op.create_index(
        "ix_inspection_object_name_trgm",
        "inspection_object",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER search_on_{event} ON library_entry")
    op.execute("DROP TRIGGER search_on_update ON inspection_object")
    op.execute("DROP TRIGGER forget_name_key ON inspection_object")
    op.execute("DROP FUNCTION search_entries()")
    op.execute("DROP FUNCTION search_subjects()")
    op.execute("DROP FUNCTION forget_name_key()")
    op.drop_table("library_search")
    op.execute(
        "DROP FUNCTION search_tokens(uuid, text, text, text, text, text, text, text, text,"
        " text[], text[])"
    )
    op.execute("DROP FUNCTION name_grams(text)")
    op.drop_index("ix_inspection_object_name_key_missing", table_name="inspection_object")
    op.drop_column("inspection_object", "name_key")
