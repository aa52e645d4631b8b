"""The embedded server survives what befalls it on a fresh machine: races, kills, odd places."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.local_postgres import OWNER_ROLE, SUPERUSER, LocalPostgres, LocalPostgresFailed

PROJECT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    """A folder that the server's account can reach: pytest's own is private to who runs it."""
    with tempfile.TemporaryDirectory(prefix="slpg") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture
def server(short_folder: Path, request: pytest.FixtureRequest) -> Iterator[LocalPostgres]:
    made = LocalPostgres(short_folder / f"s{crc32(request.node.name.encode())}", throwaway=True)
    yield made
    made.stop("immediate", reused=True)
    made.discard()


@pytest.fixture(scope="module")
def common(short_folder: Path) -> Iterator[LocalPostgres]:
    """One running server for the tests that only connect to it."""
    made = LocalPostgres(short_folder / "common", throwaway=True)
    made.start()
    made.ensure_database("sunlot")
    yield made
    made.discard()


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def postmaster(server: LocalPostgres) -> int:
    return int((server.home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def test_a_stopped_server_starts_again_with_its_data(server: LocalPostgres) -> None:
    server.start()
    server.ensure_database("sunlot")
    server.ensure_database("sunlot")
    owner = server.libpq_dsn("sunlot", role=OWNER_ROLE)
    with psycopg.connect(owner) as connection:
        connection.execute("create table kept as select 7 as n")
    server.stop("fast")
    assert not server.running()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(owner)
    server.start()
    assert server.running()
    assert value(owner, "select n from kept") == 7


def test_a_commit_survives_kill_9_of_the_server(short_folder: Path) -> None:
    server = LocalPostgres(short_folder / "lasting")
    server.start()
    try:
        server.ensure_database("sunlot")
        owner = server.libpq_dsn("sunlot", role=OWNER_ROLE)
        with psycopg.connect(owner) as connection:
            connection.execute("create table kept as select 7 as n")
        os.kill(postmaster(server), signal.SIGKILL)
        deadline = time.monotonic() + 5
        while server.running():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.start()
        assert value(owner, "select n from kept") == 7
        assert value(owner, "show fsync") == "on"
        assert value(owner, "show data_checksums") == "on"
    finally:
        server.stop("immediate")


def test_an_orphaned_backend_does_not_keep_the_next_server_from_starting(
    server: LocalPostgres,
) -> None:
    server.start()
    server.ensure_database("sunlot")
    busy = subprocess.Popen(
        [
            str(server.bin_dir / "psql"),
            server.libpq_dsn("sunlot"),
            "-c",
            "select count(*) from generate_series(1, 10000000000)",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        active = "select count(*) from pg_stat_activity where query like '%generate_series(1, 1%'"
        superuser = server.libpq_dsn("postgres", role=SUPERUSER)
        while value(superuser, f"{active} and state = 'active' and pid <> pg_backend_pid()") != 1:
            time.sleep(0.02)
        os.kill(postmaster(server), signal.SIGKILL)
        server.start()
        assert value(superuser, f"{active} and pid <> pg_backend_pid()") == 0
    finally:
        busy.kill()
        busy.wait()


def test_a_server_killed_under_a_parent_that_never_reaps_it_is_replaced(
    server: LocalPostgres,
) -> None:
    script = (
        "import sys; from pathlib import Path; from app.local_postgres import LocalPostgres\n"
        "s = LocalPostgres(Path(sys.argv[1]), throwaway=True); s.start(); print('up', flush=True)\n"
        "sys.stdin.read()"
    )
    parent = child(script, str(server.home))
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        killed = postmaster(server)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while server.running():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(killed, 0)  # still listed: a zombie, which a plain check takes for a live server
        server.start()
        assert postmaster(server) != killed
    finally:
        parent.communicate("")


def test_a_pid_file_that_names_another_process_is_stale(server: LocalPostgres) -> None:
    server.start()
    server.stop("fast")
    pid_file = server.home / "data" / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{server.home}/data\n1\n5432\n{server.socket_dir}\n\n\nready\n"
    )
    assert not server.running()
    server.start()
    assert postmaster(server) != os.getpid()


def test_two_processes_that_start_at_once_share_one_server(server: LocalPostgres) -> None:
    script = (
        "import sys; from pathlib import Path; from app.local_postgres import LocalPostgres\n"
        "s = LocalPostgres(Path(sys.argv[1]), throwaway=True); s.start()\n"
        "s.ensure_database('sunlot')\n"
        "pid = (s.home / 'data' / 'postmaster.pid').read_text().split()[0]\n"
        "print(pid, int(s._process is not None), flush=True); sys.stdin.read()"
    )
    racers = [child(script, str(server.home)) for _ in range(4)]
    lines = [racer.stdout.readline().split() for racer in racers if racer.stdout]
    for racer in racers:
        racer.communicate("")
    assert len(lines) == 4
    assert len({pid for pid, _ in lines}) == 1
    assert sum(int(started) for _, started in lines) == 1
    assert value(server.libpq_dsn("sunlot"), "select 1") == 1


def test_a_server_is_stopped_only_by_who_started_it(server: LocalPostgres) -> None:
    server.start()
    guest = LocalPostgres(server.home, throwaway=True)
    guest.start()
    guest.stop()
    assert server.running()
    with pytest.raises(LocalPostgresFailed, match="another process started"):
        guest.discard()
    server.stop()
    assert not guest.running()


def test_the_terminals_interrupt_does_not_reach_the_server(server: LocalPostgres) -> None:
    server.start()
    pid = postmaster(server)
    assert os.getsid(pid) == os.getpgid(pid) == pid
    assert os.getsid(0) != pid


async def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(
    short_folder: Path,
) -> None:
    root = short_folder / ("x" * 60) / ("y y, 长" * 6)
    server = LocalPostgres(root, throwaway=True)
    server.start()
    try:
        server.ensure_database("sunlot")
        facts = server.socket_dir.stat()
        assert not server.socket_dir.is_relative_to(root)
        assert facts.st_mode & 0o777 == 0o700
        assert (root / "SOCKET").read_text().strip() == str(server.socket_dir)
        assert LocalPostgres(root, throwaway=True).socket_dir == server.socket_dir
        assert value(server.libpq_dsn("sunlot"), "select 1") == 1
        engine = create_async_engine(server.service_dsn("sunlot"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("select current_user"))).scalar() == "sunlot"
        await engine.dispose()
    finally:
        server.discard()
    assert not server.socket_dir.exists()


async def test_asyncpg_and_psycopg_reach_the_server_with_the_role_of_the_address(
    common: LocalPostgres,
) -> None:
    engine = create_async_engine(common.admin_dsn("sunlot"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("select current_user"))).scalar() == OWNER_ROLE
    await engine.dispose()
    assert value(common.libpq_dsn("sunlot"), "select current_user") == "sunlot"


def test_trigrams_see_chinese_and_the_server_is_version_18(common: LocalPostgres) -> None:
    owner = common.libpq_dsn("sunlot", role=OWNER_ROLE)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("create extension if not exists pg_trgm")
    likeness = "select similarity('奈曼旗大沁他拉镇食品经营部', '大沁他拉镇食品')"
    assert float(str(value(owner, likeness))) > 0.25  # with a C ctype it is 0
    assert str(value(owner, "show server_version")).startswith("18.")
    locale = "select datlocprovider::text || datlocale from pg_database where datname = 'sunlot'"
    assert value(owner, locale) == "bC.UTF-8"


@pytest.mark.parametrize(
    "statement",
    [
        "create table intruder (n int)",
        "create schema intruder",
        "drop table owned",
        "alter table owned add m int",
        "select n from owned",
        "set role sunlot_owner",
        "create role intruder",
        "create database intruder",
    ],
)
def test_the_service_role_has_only_what_the_owner_grants(
    common: LocalPostgres, statement: str
) -> None:
    with psycopg.connect(common.libpq_dsn("sunlot", role=OWNER_ROLE)) as connection:
        connection.execute("create table if not exists owned (n int)")
    with (
        psycopg.connect(common.libpq_dsn("sunlot"), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_nothing_listens_on_the_network_unless_asked(common: LocalPostgres) -> None:
    assert value(common.libpq_dsn("sunlot"), "show listen_addresses") == ""
    assert common.socket_dir.stat().st_mode & 0o777 == 0o700


def test_over_tcp_the_roles_need_their_password(free_port: int, short_folder: Path) -> None:
    tcp = LocalPostgres(short_folder / "tcp", tcp_port=free_port, throwaway=True)
    tcp.start()
    try:
        tcp.ensure_database("sunlot")
        assert value(tcp.libpq_dsn("sunlot"), "select current_user") == "sunlot"
        for role in ("sunlot", OWNER_ROLE, SUPERUSER):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(f"postgresql://{role}@127.0.0.1:{free_port}/sunlot")
        with pytest.raises(LocalPostgresFailed, match=f"port {free_port}"):
            LocalPostgres(tcp.home, throwaway=True).start()
    finally:
        tcp.discard()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_half_made_cluster_is_made_anew(server: LocalPostgres) -> None:
    (server.home / "data.new" / "base").mkdir(parents=True)
    server.start()
    assert not (server.home / "data.new").exists()


def test_a_cluster_of_another_version_is_refused(server: LocalPostgres) -> None:
    server.start()
    server.stop("fast")
    (server.home / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(LocalPostgresFailed, match="made by PostgreSQL 16"):
        server.start()


def test_why_a_start_failed_is_told(server: LocalPostgres) -> None:
    server.start()
    server.stop("fast")
    with (server.home / "data" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(LocalPostgresFailed, match="no_such_setting"):
        server.start()


@pytest.mark.parametrize("name", ["", "Sunlot", "a b", 'x"; drop role sunlot; --', "a" * 64])
def test_a_name_that_needs_quoting_is_no_database_name(common: LocalPostgres, name: str) -> None:
    with pytest.raises(LocalPostgresFailed, match="not a database name"):
        common.ensure_database(name)


def test_a_lasting_cluster_is_never_discarded(short_folder: Path) -> None:
    with pytest.raises(LocalPostgresFailed, match="throw-away"):
        LocalPostgres(short_folder / "lasting").discard()


def test_the_server_never_runs_as_root(common: LocalPostgres) -> None:
    owner = (common.home / "data").stat().st_uid
    assert owner != 0
    assert Path(f"/proc/{postmaster(common)}").stat().st_uid == owner
    assert owner == os.geteuid() or AS_ROOT


def test_from_a_private_folder_root_puts_the_data_elsewhere_and_opens_nothing(
    short_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    private = short_folder / "private"
    (private / "clone").mkdir(parents=True)
    private.chmod(0o700)
    package = LocalPostgres(short_folder / "any", throwaway=True).bin_dir.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        (private / name).symlink_to(package.with_name(name))
    root = private / "clone" / ".data"
    server = LocalPostgres(
        root, throwaway=True, bin_dir=private / package.name / "pginstall" / "bin"
    )
    server.start()
    try:
        server.ensure_database("sunlot")
        assert value(server.libpq_dsn("sunlot"), "select 1") == 1
        assert private.stat().st_mode & 0o777 == 0o700
        assert (server.home / "data").stat().st_uid == server.socket_dir.stat().st_uid != 0
        if AS_ROOT:  # for anybody else the private folder is their own, and the data stays there
            assert not server.home.is_relative_to(private)
            assert (root / "LOCATION").read_text().strip() == str(server.home)
            assert str(server.home) in caplog.text
            assert server.bin_dir.is_relative_to(server.home / "pgbin")
            assert LocalPostgres(root, throwaway=True).home == server.home
        else:
            assert server.home == root
    finally:
        server.discard()
    assert not server.home.exists()


def test_data_that_is_gone_is_not_silently_begun_anew(short_folder: Path) -> None:
    root = short_folder / "lost"
    root.mkdir()
    (root / "LOCATION").write_text(f"{short_folder}/nowhere\n")
    with pytest.raises(LocalPostgresFailed, match="which is gone"):
        LocalPostgres(root).start()
