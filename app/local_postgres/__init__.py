"""A private PostgreSQL for a fresh machine, started and stopped by us.

`server.py` has the life of the server, `places.py` where its files may lie, `account.py` the
unprivileged account it runs as, `processes.py` who is alive. The package refuses to read the
environment (except PATH): callers pass what the settings say.
"""

from app.local_postgres.account import LocalPostgresFailed
from app.local_postgres.places import wheel_bin_dir
from app.local_postgres.server import OWNER_ROLE, SERVICE_ROLE, SUPERUSER, LocalPostgres

__all__ = [
    "OWNER_ROLE",
    "SERVICE_ROLE",
    "SUPERUSER",
    "LocalPostgres",
    "LocalPostgresFailed",
    "wheel_bin_dir",
]
