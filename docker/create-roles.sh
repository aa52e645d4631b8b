#!/bin/sh
# Run once by the postgres image, when its volume is empty: the owner for migrations, the service
# role without rights of its own, and the database. Passwords are read by psql itself, so that they
# stand in no argument list.
set -eu
psql -X -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password SUNLOT_DB_OWNER_PASSWORD
\getenv service_password SUNLOT_DB_PASSWORD
CREATE ROLE sunlot_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE sunlot LOGIN PASSWORD :'service_password';
CREATE DATABASE sunlot OWNER sunlot_owner;
REVOKE ALL ON DATABASE sunlot FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE sunlot TO sunlot;
SQL
