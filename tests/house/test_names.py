"""Names of tables, columns, schemas, fields, addresses, permissions and codes follow the glossary."""

import re

import pytest
from fastapi import FastAPI

from app.domain.actor import Permission, Role
from app.domain.errors import CATALOGUE
from app.domain.glossary import misnamed
from app.models import Base
from tests.support.openapi import operations_of

TABLES = Base.metadata.tables


def wrong(names: set[str]) -> list[str]:
    assert names
    return sorted(name for name in names if misnamed(name) is not None)


def test_tables_and_columns_are_named_by_the_glossary():
    assert wrong(set(TABLES)) == []
    assert wrong({column.name for table in TABLES.values() for column in table.columns}) == []


def test_tables_and_columns_are_snake_case():
    names = set(TABLES) | {c.name for table in TABLES.values() for c in table.columns}
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []


def test_an_instant_ends_in_at_and_a_date_in_on_or_says_that_it_bounds_a_period():
    exceptions = {("audit_entry", "at"), ("acknowledgement", "at"), ("calendar_day", "on_date")}
    offenders = []
    for table in TABLES.values():
        for column in table.columns:
            kind = column.type.__class__.__name__
            if kind == "DateTime" and not column.name.endswith(("_at", "_until")):
                offenders.append((table.name, column.name))
            if kind == "Date" and not column.name.endswith(("_on", "_from", "_to")):
                offenders.append((table.name, column.name))
    assert sorted(set(offenders) - exceptions) == []


def test_constraints_are_named_by_the_convention():
    offenders = []
    for table in TABLES.values():
        right = tuple(f"{kind}_{table.name}" for kind in ("pk", "uq", "fk", "ck"))
        offenders += [
            f"{table.name}: {constraint.name}"
            for constraint in table.constraints
            if constraint.columns and not str(constraint.name).startswith(right)
        ]
        offenders += [
            f"{table.name}: {index.name}"
            for index in table.indexes
            if not str(index.name).startswith(("ix_", "uq_"))
        ]
    assert offenders == []


def test_schemas_and_fields_are_named_by_the_glossary(application: FastAPI):
    schemas = application.openapi()["components"]["schemas"]
    assert wrong(set(schemas)) == []
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    assert wrong(fields) == []


def test_fields_are_snake_case_but_for_the_national_field_set(application: FastAPI):
    schemas = application.openapi()["components"]["schemas"]
    national = {"PublishedItemRead", "PublishedContentRead"}  # names fixed by the national system
    fields = {
        field
        for name, schema in schemas.items()
        for field in schema.get("properties", {})
        if name not in national
    }
    assert [name for name in fields if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_addresses_and_operations_are_named_by_the_glossary(application: FastAPI):
    operations = operations_of(application)
    assert wrong({part for op in operations for part in op.path.split("/") if part}) == []
    assert wrong({op.id for op in operations}) == []


def test_addresses_are_kebab_case(application: FastAPI):
    segment = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|\{[a-z_]+\}")
    parts = {part for op in operations_of(application) for part in op.path.split("/") if part}
    assert [part for part in parts if not segment.fullmatch(part)] == []


@pytest.mark.parametrize("names", [set(Permission), set(Role), set(CATALOGUE)])
def test_permissions_roles_and_codes_are_named_by_the_glossary(names: set[str]):
    assert wrong({str(name) for name in names}) == []
