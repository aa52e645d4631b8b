"""What changed between versions of a checklist: for those who work on it, and for everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.deps import ActorDep, IdPath, secured, service
from app.domain.actor import Permission
from app.domain.refusals import checklists as refusals
from app.domain.refusals import general
from app.public_cache import cached
from app.routers.checklists import shape_version
from app.schemas.differences import (
    ChangedItemRead,
    ChecklistDifferenceRead,
    ListedItemRead,
    RemovedItemRead,
    shape_change,
)
from app.services.checklist_differences import (
    ChecklistDifference,
    ChecklistDifferenceService,
    ListedItem,
)

router = APIRouter(prefix="/api/v1", tags=["checklists"])
public = APIRouter(prefix="/api/v1/public", tags=["public"])
DifferencesDep = Annotated[ChecklistDifferenceService, Depends(service(ChecklistDifferenceService))]
FromVersion = Annotated[
    UUID | None,
    Query(
        alias="from",
        description="Compared with this version; without it with the one before or last.",
    ),
]


def _listed(item: ListedItem) -> ListedItemRead:
    return ListedItemRead(item_id=item.item_id, code=item.code, name=item.content["name"])


def _shape(view: ChecklistDifference) -> ChecklistDifferenceRead:
    found = view.found
    removed = []
    for item in found.removed:
        department = view.taken_over_by.get(item.item_id)
        removed.append(
            RemovedItemRead(
                **_listed(item).model_dump(),
                moved_to_department_code=department.code if department else None,
                moved_to_department_name=department.name if department else None,
            )
        )
    return ChecklistDifferenceRead(
        from_version=shape_version(view.before) if view.before else None,
        to_version=shape_version(view.after) if view.after else None,
        added=[_listed(item) for item in found.added],
        removed=removed,
        changed=[
            ChangedItemRead(
                **_listed(entry.after).model_dump(),
                changes=[shape_change(change) for change in entry.changes],
            )
            for entry in found.changed
        ],
        unchanged=found.unchanged,
    )


@router.get(
    "/checklist-versions/{version_id}/difference",
    operation_id="compare_checklist_versions",
    summary="两个清单版本的差异",
    **secured(Permission.CHECKLIST_READ, general.NOT_FOUND, refusals.VERSIONS_OF_TWO_LISTS),
)
async def compare_checklist_versions(
    version_id: IdPath, differences: DifferencesDep, from_id: FromVersion = None
) -> ChecklistDifferenceRead:
    """What makes this version of another one of the same department."""
    return _shape(await differences.compare(version_id, from_id))


@router.get(
    "/checklist-draft/difference",
    operation_id="compare_checklist_draft",
    summary="公布后清单将有哪些变化",
    **secured(Permission.CHECKLIST_READ, general.NOT_FOUND, refusals.VERSIONS_OF_TWO_LISTS),
)
async def compare_checklist_draft(
    actor: ActorDep, differences: DifferencesDep, from_id: FromVersion = None
) -> ChecklistDifferenceRead:
    """What publishing the own items now would change."""
    return _shape(await differences.compare_draft(actor, from_id))


@public.get(
    "/checklist-versions/{version_id}/difference",
    operation_id="compare_public_checklist_versions",
    summary="公示清单两个版本的差异",
    response_model=ChecklistDifferenceRead,
    **secured(Permission.PUBLIC, general.NOT_FOUND, refusals.VERSIONS_OF_TWO_LISTS),
)
async def compare_public_checklist_versions(
    version_id: IdPath,
    request: Request,
    differences: DifferencesDep,
    from_id: FromVersion = None,
) -> Response:
    """What makes this version of another one of the same department."""
    return cached(request, _shape(await differences.compare(version_id, from_id)))
