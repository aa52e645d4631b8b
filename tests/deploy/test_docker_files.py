"""Every line of Dockerfile and compose.yaml that runs something, run without an engine.

The image itself is not built here: the base images are what is left untried.
"""

import http.server
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from app.local_postgres import OWNER_ROLE, SUPERUSER, LocalPostgres
from app.local_postgres.account import run, unprivileged
from tests.deploy.docker_files import IMAGE_USER, PROJECT, Image, Unset, substituted

pytestmark = pytest.mark.xdist_group("deploy")

SECRETS = {
    "POSTGRES_PASSWORD": "1f" * 16,
    "SUNLOT_DB_OWNER_PASSWORD": "2e" * 16,
    "SUNLOT_DB_PASSWORD": "3d" * 16,
    "SUNLOT_SECRET_KEY": "4c" * 32,
    "SUNLOT_SEAL_KEY": "5b" * 32,
}
COMPOSE = (PROJECT / "compose.yaml").read_text()
SERVICES = ("migrate", "service", "worker")


def composed(environment: dict[str, str]) -> dict:
    return yaml.safe_load(substituted(COMPOSE, environment))["services"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The Dockerfile carried out in a scratch folder: the real virtual environment included."""
    made = Image(tmp_path_factory.mktemp("image"))
    made.build((PROJECT / "Dockerfile").read_text())
    return made


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """What the postgres image would be once its init script has run, on a port of this machine."""
    root = tmp_path_factory.mktemp("postgres")
    server = LocalPostgres(root / "server", tcp_port=free_port(), throwaway=True)
    server.start()
    superuser = server.libpq_dsn("postgres", role=SUPERUSER)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("drop role sunlot")
        connection.execute("drop role sunlot_owner")
    done = subprocess.run(
        [str(PROJECT / "docker" / "create-roles.sh")],
        env={
            "PATH": f"{server.bin_dir}:{os.environ['PATH']}",
            "PGHOST": str(server.socket_dir),
            "PGPORT": re.findall(r"port=(\d+)", superuser)[0],
        }
        | composed(SECRETS)["postgres"]["environment"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yield server
    server.discard()


def port_of(server: LocalPostgres) -> str:
    return re.findall(r"port=(\d+)", server.libpq_dsn("postgres", role=SUPERUSER))[0]


def test_every_run_line_of_the_dockerfile_works(image: Image) -> None:
    assert len(image.ran) == 3
    done = subprocess.run(
        ["python", "-c", "import app, sqlalchemy, asyncpg, fastapi, sys; print(sys.prefix)"],
        cwd=image.workdir,
        env=image.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"{image.scratch}/opt/venv"
    frozen = subprocess.run(
        ["python", "-m", "pip", "check"], env=image.env, capture_output=True, text=True, check=False
    )
    assert frozen.returncode == 0, frozen.stdout
    data = Path(image.env["SUNLOT_DATA_DIR"])
    assert data.is_dir()
    assert image.volumes == ["/var/lib/sunlot"]


def test_the_image_runs_as_an_ordinary_user_on_the_named_python(image: Image) -> None:
    assert image.stages == ["python:3.11-slim AS build", "python:3.11-slim"]
    assert image.user == f"{IMAGE_USER}:{IMAGE_USER}"


def test_only_what_is_named_goes_into_the_image(image: Image) -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(image.copied)
    assert {"**/__pycache__", "**/*.pyc"} <= set(rules)


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_follows_the_answer_of_healthz(
    image: Image, status: int, healthy: bool
) -> None:
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert (probe(image, server.server_port) == 0) is healthy
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["/healthz"]
    assert probe(image, server.server_port) != 0  # nothing listens any more


def probe(image: Image, port: int) -> int:
    command = [part.replace(":8000/", f":{port}/") for part in image.healthcheck]
    done = subprocess.run(command, env=image.env, capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_of_compose_has_a_default(name: str) -> None:
    with pytest.raises(Unset, match=name):
        composed({key: value for key, value in SECRETS.items() if key != name})


def test_compose_names_every_variable_that_must_be_set() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) == set(SECRETS)


def test_the_service_and_the_worker_never_get_the_owners_password() -> None:
    services = composed(SECRETS)
    for name in ("service", "worker"):
        assert SECRETS["SUNLOT_DB_OWNER_PASSWORD"] not in str(services[name])
    owner = services["migrate"]["environment"]["DATABASE_ADMIN_URL"]
    assert owner.startswith(f"postgresql://{OWNER_ROLE}:")


def test_migrations_are_through_before_service_and_worker_start() -> None:
    services = composed(SECRETS)
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["migrate"]["restart"] == "no"
    for name in ("service", "worker"):
        needed = {"migrate": {"condition": "service_completed_successfully"}}
        assert services[name]["depends_on"] == needed


def test_the_command_of_compose_is_that_of_the_image(image: Image) -> None:
    assert composed(SECRETS)["service"]["command"] == image.cmd


def test_the_database_check_of_compose_follows_the_server(postgres: LocalPostgres) -> None:
    check = composed(SECRETS)["postgres"]["healthcheck"]["test"]
    assert check[0] == "CMD"
    environment = {"PATH": str(postgres.bin_dir)}

    def ready(port: str) -> bool:
        command = [port if part == "5432" else part for part in check[1:]]
        return subprocess.run(command, env=environment, check=False).returncode == 0

    assert ready(port_of(postgres))
    assert not ready(str(free_port()))


def test_the_init_arguments_of_compose_make_a_cluster_that_knows_chinese_letters(
    postgres: LocalPostgres,
) -> None:
    arguments = shlex.split(composed(SECRETS)["postgres"]["environment"]["POSTGRES_INITDB_ARGS"])
    account = unprivileged(None)
    folder = postgres.home / "initdb"
    folder.mkdir()
    if account:
        os.chown(folder, *account)
    initdb = [str(postgres.bin_dir / "initdb"), "-D", str(folder / "data"), "--no-sync"]
    done = run([*initdb, *arguments], account)
    assert done.returncode == 0, done.stderr
    assert re.search(r"locale provider:\s+builtin", done.stdout)
    assert re.search(r"default collation:\s+C.UTF-8", done.stdout)
    assert "Data page checksums are enabled" in done.stdout


def dsn(services: dict, server: LocalPostgres, service: str, name: str) -> str:
    address = services[service]["environment"][name]
    assert "@postgres:5432/" in address
    return address.replace("@postgres:5432/", f"@127.0.0.1:{port_of(server)}/")


def test_the_addresses_of_compose_reach_the_database_with_the_roles_made(
    postgres: LocalPostgres,
) -> None:
    services = composed(SECRETS)
    with psycopg.connect(dsn(services, postgres, "migrate", "DATABASE_ADMIN_URL")) as connection:
        connection.execute("create table owned (n int)")
        connection.rollback()
    for name in SERVICES:
        address = dsn(services, postgres, name, "DATABASE_URL")
        with (
            psycopg.connect(address) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("create table intruder (n int)")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(address.replace(SECRETS["SUNLOT_DB_PASSWORD"], "wrong"))


class Deployed:
    """The commands of compose, run in the scratch image against the scratch database."""

    def __init__(self, image: Image, server: LocalPostgres) -> None:
        self._image = image
        self._server = server
        self._services = composed(SECRETS)
        self.port = free_port()

    def start(self, service: str, *instead: str) -> subprocess.Popen[str]:
        """Its command, or another in its place as `docker compose run` does."""
        environment = dict(self._services[service]["environment"])
        for name in ("DATABASE_URL", "DATABASE_ADMIN_URL"):
            if name in environment:
                environment[name] = dsn(self._services, self._server, service, name)
        command = instead or self._services[service]["command"]
        return subprocess.Popen(
            [str(self.port) if part == "8000" else part for part in command],
            cwd=self._image.workdir,
            env=self._image.env | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGTERM)
        try:
            output, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"does not stop on SIGTERM: {process.communicate()[0][-3000:]}")
        assert process.returncode == 0, output[-3000:]


@pytest.fixture(scope="module")
def deployed(image: Image, postgres: LocalPostgres) -> Deployed:
    """A database brought up to date by the migrate service of compose."""
    made = Deployed(image, postgres)
    migrate = made.start("migrate")
    output, _ = migrate.communicate(timeout=120)
    assert migrate.returncode == 0, output[-3000:]
    return made


@pytest.mark.service
def test_the_image_holds_what_a_backup_needs(deployed: Deployed, image: Image) -> None:
    """As docs/operations.md says: of the server's own version, into the volume of the heads."""
    services = composed(SECRETS)
    assert services["migrate"]["volumes"] == services["worker"]["volumes"]
    folder = Path(image.env["SUNLOT_DATA_DIR"]) / "backup"
    backup = deployed.start("migrate", "python", "-m", "app", "backup", "--out", str(folder))
    output, _ = backup.communicate(timeout=60)
    assert backup.returncode == 0, output[-3000:]
    assert (folder / "manifest.json").is_file()


@pytest.mark.service
def test_migrating_again_changes_nothing(deployed: Deployed) -> None:
    again = deployed.start("migrate")
    output, _ = again.communicate(timeout=120)
    assert again.returncode == 0, output[-3000:]


@pytest.mark.service
def test_the_service_answers_as_healthy_and_stops_when_told(
    deployed: Deployed, image: Image
) -> None:
    process = deployed.start("service")
    try:
        deadline = time.monotonic() + 60
        while not answers(deployed.port):
            assert process.poll() is None, process.communicate()[0][-3000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert probe(image, deployed.port) == 0
        deployed.stop(process)
    finally:
        process.kill()
        process.communicate()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.mark.service
def test_the_worker_stays_up_and_stops_when_told(deployed: Deployed) -> None:
    process = deployed.start("worker")
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "worker_started" in line:
                break
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        deployed.stop(process)
    finally:
        process.kill()
        process.communicate()
