"""Lists as files, and the templates of the imports."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response, StreamingResponse

from app.deps import ActorDep, IdPath, secured, service
from app.domain.actor import Permission
from app.domain.errors import Refusal
from app.domain.library_lists import ExportEncoding, ExportFormat
from app.domain.lifecycle import ItemClass, ItemStatus, JointItemStatus
from app.domain.object_library import EventKind
from app.domain.refusals import general, tabular
from app.routers.joint_items import FiltersDep
from app.routers.objects import object_filter
from app.routers.officers import officer_filter
from app.schemas import base
from app.services.exports import Export, ExportService, Form, read_pieces
from app.storage.checklists import ItemFilter
from app.storage.exports import EventFilter
from app.storage.joint_items import JointFilter
from app.storage.objects import ObjectFilter
from app.storage.officers import OfficerFilter
from app.tabular.templates import TemplateKind, template_title, write_template

router = APIRouter(prefix="/api/v1", tags=["exports"])
ExportsDep = Annotated[ExportService, Depends(service(ExportService))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


def form(
    format: Annotated[  # noqa: A002  the parameter's name on the wire
        ExportFormat,
        Query(description="A sheet of xlsx holds 1048575 rows; csv has no limit."),
    ] = ExportFormat.XLSX,
    encoding: Annotated[
        ExportEncoding, Query(description="Of csv only.")
    ] = ExportEncoding.UTF8_BOM,
) -> Form:
    """What the list is written as."""
    return Form(format, encoding)


FormDep = Annotated[Form, Depends(form)]


def _exporting(permission: Permission, *refusals: Refusal) -> dict[str, Any]:
    """What every export says in the document: it answers with a file."""
    options = secured(
        permission, tabular.TOO_MANY_ROWS, tabular.CELL_TOO_LONG, general.UNAVAILABLE, *refusals
    )
    return _files(options, XLSX, CSV)


def _files(options: dict[str, Any], *media_types: str) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    answer = {"description": "The file.", "content": dict.fromkeys(media_types, binary)}
    return options | {
        "responses": {200: answer} | options["responses"],
        "response_class": Response,
    }


def _download(title: str, name: str) -> dict[str, str]:
    """The Chinese name for programs that read it (RFC 6266), a plain one for others."""
    return {
        "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(title)}",
        "Cache-Control": "private, no-store",
    }


def _sent(export: Export) -> StreamingResponse:
    csv = export.form.format is ExportFormat.CSV
    charset = "gb18030" if export.form.encoding is ExportEncoding.GB18030 else "utf-8"
    ending = f"{export.day:%Y%m%d}.{export.form.format}"
    headers = _download(f"{export.title}_{ending}", f"export-{ending}") | {
        "Content-Length": str(export.written.size),
        "X-Export-Rows": str(export.written.rows),
        "X-Export-SHA256": export.written.sha256,
    }
    return StreamingResponse(
        read_pieces(export),
        media_type=f"{CSV}; charset={charset}" if csv else XLSX,
        headers=headers,
    )


@router.get(
    "/inspection-objects/exports",
    operation_id="export_inspection_objects",
    summary="导出检查对象名录库",
    **_exporting(Permission.OBJECT_READ),
)
async def export_inspection_objects(
    actor: ActorDep,
    exports: ExportsDep,
    form: FormDep,
    wanted: Annotated[ObjectFilter, Depends(object_filter)],
) -> Response:
    """The list's objects, all of them, in order of making, in the columns of the template."""
    return _sent(await exports.objects(actor, wanted, form))


@router.get(
    "/object-events/exports",
    operation_id="export_object_events",
    summary="导出检查对象变动记录",
    **_exporting(Permission.OBJECT_READ),
)
async def export_object_events(
    actor: ActorDep,
    exports: ExportsDep,
    form: FormDep,
    kind: EventKind | None = None,
    effective_from: base.Day | None = None,
    effective_to: base.Day | None = None,
) -> Response:
    """What happened to the objects of the library, in order of entry."""
    wanted = EventFilter(kind, effective_from, effective_to)
    return _sent(await exports.events(actor, wanted, form))


@router.get(
    "/officers/exports",
    operation_id="export_officers",
    summary="导出执法检查人员名录库",
    **_exporting(Permission.OFFICER_READ),
)
async def export_officers(
    actor: ActorDep,
    exports: ExportsDep,
    form: FormDep,
    wanted: Annotated[OfficerFilter, Depends(officer_filter)],
) -> Response:
    """The list's officers in the columns of the template."""
    return _sent(await exports.officers(actor, wanted, form))


@router.get(
    "/checklist-items/exports",
    operation_id="export_checklist_items",
    summary="导出抽查事项清单(编制中)",
    **_exporting(Permission.CHECKLIST_READ),
)
async def export_checklist_items(
    actor: ActorDep,
    exports: ExportsDep,
    form: FormDep,
    status: ItemStatus | None = None,
    item_class: ItemClass | None = None,
    q: Annotated[base.Query | None, Query(description="Part of a name; start of a code.")] = None,
) -> Response:
    """The items as the department works on them; further legal bases continue an item's row."""
    return _sent(await exports.items(actor, ItemFilter(status, item_class, q), form))


@router.get(
    "/checklist-versions/{version_id}/exports",
    operation_id="export_checklist_version",
    summary="导出已公布的清单版本",
    **_exporting(Permission.CHECKLIST_READ, general.NOT_FOUND),
)
async def export_checklist_version(
    version_id: IdPath, actor: ActorDep, exports: ExportsDep, form: FormDep
) -> Response:
    """A published list as it was published."""
    return _sent(await exports.version(actor, version_id, form))


@router.get(
    "/joint-items/exports",
    operation_id="export_joint_items",
    summary="导出部门联合抽查事项清单",
    **_exporting(Permission.JOINT_ITEM_READ),
)
async def export_joint_items(
    actor: ActorDep,
    exports: ExportsDep,
    form: FormDep,
    narrowed: FiltersDep,
    status: JointItemStatus | None = None,
) -> Response:
    """The joint list of the region and below it."""
    return _sent(await exports.joint_items(actor, JointFilter(**narrowed, status=status), form))


@router.get(
    "/import-templates/{kind}/file",
    operation_id="read_import_template",
    summary="下载导入模板",
    **_files(secured(Permission.SELF), XLSX),
)
async def read_import_template(
    kind: Annotated[TemplateKind, Path(description="What is to be imported.")],
) -> Response:
    """An empty workbook with our headers and lists to choose from; it knows what it is for."""
    headers = _download(f"{template_title(kind)}导入模板.xlsx", f"template-{kind}.xlsx")
    return Response(write_template(kind), media_type=XLSX, headers=headers)
