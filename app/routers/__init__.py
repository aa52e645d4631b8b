"""HTTP in, HTTP out. `ALL` is every router of the API, in the order of the document."""

from fastapi import APIRouter

from app.routers import (
    accounts,
    audit,
    auth,
    checklists,
    draws,
    guidelines,
    health,
    inspection_sheets,
    inspections,
    objects,
    officers,
    plans,
    public_checklists,
    public_draws,
    public_plans,
    public_results,
    reference,
    sheet_documents,
    statistics,
)

ALL: tuple[APIRouter, ...] = (
    auth.router,
    accounts.router,
    reference.router,
    checklists.router,
    public_checklists.router,
    objects.router,
    officers.router,
    guidelines.router,
    plans.router,
    draws.router,
    public_plans.router,
    public_draws.router,
    inspection_sheets.router,
    sheet_documents.router,
    inspections.router,
    public_results.router,
    sheet_documents.public,
    statistics.router,
    audit.router,
    health.router,
)
