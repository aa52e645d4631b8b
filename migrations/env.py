"""Runs migrations over an async connection given by `app.migrate`, one process at a time."""

from alembic import context

from app.models import Base

target_metadata = Base.metadata


def _skip(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        compare_type=True,
        include_object=_skip,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
