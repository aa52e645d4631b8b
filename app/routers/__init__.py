"""HTTP in, HTTP out. `ALL` is every router of the API, in the order of the document."""

from fastapi import APIRouter

from app.routers import accounts, audit, auth, health, reference

ALL: tuple[APIRouter, ...] = (
    auth.router,
    accounts.router,
    reference.router,
    audit.router,
    health.router,
)
