"""The composition root of the web process: settings in, an ASGI application out.

Makes the runtime, mounts every router, renders every error, starts nothing by import.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from app import middleware, openapi, problems
from app.clock import Clock, SteerableClock, SystemClock
from app.domain.actor import Actor
from app.domain.errors import CATALOGUE, Kind, RuleError
from app.domain.refusals import general
from app.jobs.worker import Worker
from app.middleware.security_headers import headers_for
from app.routers import ALL, demo
from app.services.runtime import Runtime, make_runtime
from app.services.sign_in import SignInService
from app.settings import Settings
from app.storage.engine import DATABASE_ERRORS, Database, is_outage
from app.storage.schema import may_rewrite_history, refuse_stale_schema

log = structlog.get_logger("app.main")
ROOT = Path(__file__).resolve().parent.parent
METHOD_NOT_ALLOWED = 405
FORM_LIMITS: dict[str, int] = {"max_files": 4, "max_fields": 20, "max_part_size": 64 * 1024}
"""Of a form with files; what has more is no form of ours (400)."""
TRACED = frozenset({Kind.FORBIDDEN, Kind.CONFLICT, Kind.NOT_FOUND, Kind.STALE, Kind.INVALID})


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    runtime: Runtime | None = None,
    with_worker: bool = False,
) -> FastAPI:
    """The service. `runtime` is given by tests; `with_worker` runs the worker in this process."""
    if clock is None:
        clock = SystemClock() if settings.environment == "production" else SteerableClock()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        made = runtime or make_runtime(settings, Database.from_settings(settings, clock), clock)
        app.state.runtime = made
        if runtime is None:
            await _check_database(made)
            app.state.methods.of("/")  # reads the document now, not while the first caller waits
        stop = asyncio.Event()
        worker = asyncio.create_task(Worker(made).run(stop)) if with_worker else None
        try:
            yield
        finally:
            stop.set()
            if worker is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
            if runtime is None:
                await made.database.close()

    app = FastAPIOffline(
        title="Sunlot 阳光抽查",
        version="0.1.0",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url="/redoc",
        openapi_url="/openapi.json",
        separate_input_output_schemas=False,
        form_limits=FORM_LIMITS,
    )
    app.state.public_base_url = settings.public_base_url.rstrip("/")
    app.state.methods = openapi.Methods(app)
    if runtime is not None:
        app.state.runtime = runtime
    for router in ALL:
        app.include_router(router)
    if settings.environment != "production":
        app.include_router(demo.router)
    _pages(app)
    _errors(app)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]  # FastAPI's own way
    methods = app.state.methods
    middleware.install(
        app, settings, methods_of=methods.of_fixed, takes_upload=methods.takes_upload
    )
    return app


async def _check_database(runtime: Runtime) -> None:
    """Refuse a schema of another release; warn where one role owns the tables and serves."""
    try:
        await refuse_stale_schema(runtime.database)
        if await may_rewrite_history(runtime.database):
            log.warning("one_role_only", hint="DATABASE_URL's role may rewrite history")
    except BaseException:
        await runtime.database.close()
        raise


def _pages(app: FastAPI) -> None:
    """Pages for people; not part of the API."""

    @app.get("/verify", include_in_schema=False)
    async def show_verifier() -> FileResponse:
        return FileResponse(ROOT / "verifier" / "verify.html", media_type="text/html")

    @app.get("/problems/{code}", include_in_schema=False)
    async def show_problem(code: str) -> Response:
        refusal = CATALOGUE.get(code)
        if refusal is None:
            raise RuleError(general.NOT_FOUND)
        return PlainTextResponse(f"{code}\n\n{refusal.zh}\n{refusal.en}\n")


def _errors(app: FastAPI) -> None:
    """Every error leaves through app/problems.py."""

    @app.exception_handler(RuleError)
    async def on_rule(request: Request, error: RuleError) -> Response:
        await _trace_refusal(request, error)
        return problems.from_rule(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> Response:
        return problems.from_validation(request, error)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        known = app.state.methods.of(request.url.path)
        if error.status_code == METHOD_NOT_ALLOWED and known:
            return problems.method_not_allowed(request, known)
        return problems.from_http(request, error)

    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database)

    @app.exception_handler(Exception)
    async def on_unknown(request: Request, error: Exception) -> Response:
        log.error("unhandled", request_id=request.scope.get("request_id"), exc_info=error)
        response = problems.respond(request, general.INTERNAL)
        # UnknownErrors has answered, unless the fault is in another middleware: then this goes out,
        # and passes none of them.
        response.headers["X-Request-Id"] = str(request.scope.get("request_id"))
        response.headers.update(headers_for(request.scope))
        return response


async def _on_database(request: Request, error: Exception) -> Response:
    """503 when the database can not serve right now; anything else it says is our fault."""
    if is_outage(error):
        log.warning("database_unavailable", error=type(error).__name__)
        return problems.respond(request, general.UNAVAILABLE, headers={"Retry-After": "2"})
    log.error("unhandled", request_id=request.scope.get("request_id"), exc_info=error)
    return problems.respond(request, general.INTERNAL)


async def _trace_refusal(request: Request, error: RuleError) -> None:
    """A refused act of someone who signed in leaves a trace (R07); refused reads do not."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None or request.method == "GET" or error.refusal.kind not in TRACED:
        return
    try:
        await SignInService(request.app.state.runtime).record_refusal(
            actor, error.refusal.code, request.method, request.url.path
        )
    except Exception:
        log.exception("refusal_not_traced", code=error.refusal.code)
