"""The command line: `python -m app …`.

`serve`, `worker`, `migrate` and `create-admin` are for production; `run` is the demo on a fresh
machine; `demo` plays a whole year over HTTP and reports; `backup`, `restore` and `restore-drill`
are the operator's; the rest writes documents and exports.
"""

import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from app import openapi as openapi_documents
from app.backup import BackupFailed, make_backup, restore_and_check, run_drill
from app.backup.restoring import Target
from app.clock import SystemClock
from app.demo.launch import demo_settings, run_demo_service, stop_demo_service
from app.demo.year import run_demo_year
from app.domain.actor import Role
from app.domain.errors import RuleError
from app.jobs.worker import Worker
from app.local_postgres import LocalPostgresFailed
from app.logs import configure
from app.main import create_app
from app.migrate import migrate as migrate_schema
from app.services.accounts import AccountService
from app.services.audit_trail import AuditTrailService
from app.services.reference_data import ReferenceService
from app.services.runtime import Runtime, make_runtime
from app.serving import serve_app
from app.settings import Settings, asyncpg_url
from app.storage.engine import DATABASE_ERRORS, Database
from app.storage.schema import StaleSchemaError, refuse_stale_schema

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, secrets among them
    help=__doc__,
)
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
BinDir = Annotated[
    Path | None, typer.Option(help="The folder of the server's own pg_dump and pg_restore.")
]
DemoData = Annotated[
    Path | None, typer.Option(help="The data folder of a `run`, instead of DATABASE_URL.")
]


def _runtime(settings: Settings) -> Runtime:
    clock = SystemClock()
    return make_runtime(settings, Database.from_settings(settings, clock), clock)


@cli.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API (production: no demo data, no worker in this process)."""
    settings = Settings()
    configure(as_json=settings.log_json)
    serve_app(create_app(settings), host, port)


@cli.command()
def worker() -> None:
    """Run a worker; any number may run against one database."""
    settings = Settings()
    configure(as_json=settings.log_json)

    async def work() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        runtime = _runtime(settings)
        await refuse_stale_schema(runtime.database)
        await Worker(runtime).run(stop)
        await runtime.database.close()

    asyncio.run(work())


@cli.command()
def migrate() -> None:
    """Bring the database to this release and load the reference data."""
    settings = Settings()
    configure(as_json=settings.log_json)

    async def work() -> None:
        await migrate_schema(settings)
        runtime = _runtime(settings)
        counts = await ReferenceService(runtime).load_shipped()
        await runtime.database.close()
        typer.echo(json.dumps({"migrated": True, "loaded": counts}))

    asyncio.run(work())


@cli.command("create-admin")
def create_admin(
    username: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[
        str,
        typer.Option(
            prompt=True, confirmation_prompt=True, hide_input=True, envvar="SUNLOT_ADMIN_PASSWORD"
        ),
    ],
) -> None:
    """Make the first administrator; there is no default password."""
    settings = Settings()
    configure(as_json=settings.log_json)

    async def work() -> None:
        runtime = _runtime(settings)
        account = await AccountService(runtime).create_first_administrator(username, password)
        await runtime.database.close()
        typer.echo(f"{Role.SYSADMIN.value} {account.username} {account.id}")

    asyncio.run(work())


@cli.command()
def run(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".data"),
    *,
    empty: Annotated[bool, typer.Option(help="Do not play the demo year.")] = False,
) -> None:
    """The demo on a fresh machine: own PostgreSQL, migrations, a demo year, API and worker."""
    raise typer.Exit(run_demo_service(host=host, port=port, data=data, with_year=not empty))


@cli.command()
def demo(
    report: Annotated[Path, typer.Option(help="Where to write the report (JSON).")],
    checklist: Annotated[
        Path | None, typer.Option(help="Another checklist to import, besides ours.")
    ] = None,
) -> None:
    """Play the demo year on a throw-away database over HTTP; exit 1 when an expectation fails."""
    raise typer.Exit(run_demo_year(report, checklist))


@cli.command()
def stop(
    data: Annotated[Path, typer.Option(help="The folder given to `run`.")] = Path(".data"),
) -> None:
    """End what `run` left behind when its terminal was lost: the service and its PostgreSQL."""
    raise typer.Exit(stop_demo_service(data))


@cli.command()
def openapi(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = openapi_documents.FOLDER,
) -> None:
    """Write openapi.json, problems.md and glossary.md."""
    for path in openapi_documents.write(create_app(_placeholders()), out):
        typer.echo(path.name)


@cli.command("export-audit")
def export_audit(
    out: Annotated[Path, typer.Option(help="JSON Lines for verifier/verify_audit.py.")],
) -> None:
    """Export every audit chain."""
    settings = Settings()
    configure(as_json=settings.log_json, level="WARNING")

    async def work() -> int:
        runtime = _runtime(settings)
        count = 0
        with out.open("w", encoding="utf-8") as file:
            async for line in AuditTrailService(runtime).export_lines():
                file.write(line + "\n")
                count += 1
        await runtime.database.close()
        return count

    typer.echo(f"{asyncio.run(work())} entries")


@cli.command()
def backup(
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    data: DemoData = None,
    bin_dir: BinDir = None,
) -> None:
    """Back up database, audit anchors and files of the store; never the keys."""
    with _operating(data) as settings:
        made = asyncio.run(make_backup(settings, out, bin_dir=bin_dir, say=_say))
    typer.echo(f"{made.folder}: {len(made.manifest.tables)} tables, {made.manifest.rows} rows")
    typer.echo(f"manifest sha256 {made.manifest_sha256} (keep it elsewhere)")
    typer.echo(made.manifest.note)


@cli.command()
def restore(
    source: Annotated[Path, typer.Option("--from", help="The folder of a backup.")],
    database_admin_url: Annotated[
        str,
        typer.Option(envvar="DATABASE_ADMIN_URL", help="The owner, at the new, empty database."),
    ],
    manifest_sha256: Annotated[
        str | None, typer.Option(help="The digest that was printed when it was made.")
    ] = None,
    bin_dir: BinDir = None,
) -> None:
    """Restore a backup into an empty database and check it; exit 1 when a check fails."""
    with _operating(None) as settings:
        role = make_url(asyncpg_url(settings.database_url.get_secret_value())).username
        restored = asyncio.run(
            restore_and_check(
                settings,
                source,
                Target(database_admin_url, role, bin_dir),
                manifest_sha256=manifest_sha256,
                say=_say,
            )
        )
    for step in restored.steps:
        typer.echo(f"{'OK  ' if step.ok else 'FAIL'} {step.name}: {step.detail}")
    raise typer.Exit(0 if restored.ok else 1)


@cli.command("restore-drill")
def restore_drill(
    out: Annotated[Path | None, typer.Option(help="Where to keep the report (JSON).")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A backup that is there, instead of a new one.")
    ] = None,
    data: DemoData = None,
    bin_dir: BinDir = None,
    *,
    embedded: Annotated[
        bool, typer.Option(help="Restore to an embedded server, not beside the database.")
    ] = False,
) -> None:
    """Back up, restore into a throw-away database, check all of it, keep a report."""
    with _operating(data) as settings:
        stamp = SystemClock().now().strftime("%Y%m%dT%H%M%SZ")
        file = out or settings.data_dir / "restore-drills" / f"{stamp}.json"
        report = asyncio.run(
            run_drill(settings, file, source=source, embedded=embedded, bin_dir=bin_dir, say=_say)
        )
    for step in report["steps"]:
        typer.echo(f"{'OK  ' if step['ok'] else 'FAIL'} {step['name']}: {step['detail']}")
    if report["failure"]:
        typer.echo(f"FAIL {report['failure']}")
    typer.echo(f"{'OK' if report['ok'] else 'FAIL'}: {report['seconds']['whole']} s, report {file}")
    raise typer.Exit(0 if report["ok"] else 1)


@contextlib.contextmanager
def _operating(data: Path | None) -> Iterator[Settings]:
    """The settings of the environment, or of a demo's data folder; failures in one line."""
    try:
        with demo_settings(data) if data else contextlib.nullcontext(Settings()) as settings:
            configure(as_json=settings.log_json, level="WARNING")
            yield settings
    except (BackupFailed, LocalPostgresFailed) as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(1) from failed
    except DATABASE_ERRORS as error:
        typer.echo(f"the database could not be used ({type(error).__name__})", err=True)
        raise typer.Exit(1) from error


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _placeholders() -> Settings:
    """Values that let the document be built where nothing is served."""
    return Settings(
        environment="production",
        database_url=SecretStr("postgresql://nobody@localhost/none"),
        secret_key=SecretStr("0" * 64),
        seal_key=SecretStr("0" * 64),
    )


def main() -> None:
    """Run the command; wrong settings and refusals are told in lines, not in a traceback."""
    try:
        cli()
    except (ValidationError, StaleSchemaError) as refused:
        typer.echo(str(refused), err=True)
        raise SystemExit(2) from None
    except RuleError as refused:
        typer.echo(refused.refusal.text("zh", refused.facts), err=True)
        for fault in refused.errors:
            typer.echo(f"  {fault.zh}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
