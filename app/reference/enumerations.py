"""Which code list explains which enumeration of the API.

Each closed set of values in the OpenAPI document names its list (`x-reference`); the list is served
at `/reference/codes/{group}` with a Chinese and an English label for each value.
"""

from collections.abc import Mapping
from types import MappingProxyType

BY_SCHEMA: Mapping[str, str] = MappingProxyType(
    {
        "AccountKind": "account_kind",
        "AccountStatus": "account_status",
        "AcknowledgementKind": "acknowledgement_kind",
        "ActorKind": "actor_kind",
        "CertificateKind": "certificate_kind",
        "CertificateState": "certificate_state",
        "DeclaredBy": "declared_by",
        "DepartmentKind": "department_kind",
        "DrawStatus": "draw_status",
        "DutyKind": "duty_kind",
        "EventKind": "object_event",
        "EventOutcome": "event_outcome",
        "ExportEncoding": "export_encoding",
        "ExportFormat": "export_format",
        "ExpertStatus": "expert_status",
        "FindingOutcome": "finding_outcome",
        "FlagStatus": "object_flag_status",
        "GuidelineKind": "guideline_kind",
        "GuidelineStatus": "guideline_status",
        "IdScheme": "id_scheme",
        "ImportKind": "import_kind",
        "ImportMode": "import_mode",
        "ImportStatus": "import_status",
        "InspectionStatus": "inspection_status",
        "InterestSource": "interest_source",
        "ItemClass": "item_class",
        "ItemStatus": "item_status",
        "JointItemStatus": "joint_item_status",
        "MergeStatus": "merge_status",
        "Method": "inspection_method",
        "ObjectKind": "object_kind",
        "ObjectSort": "object_sort",
        "ObjectStatus": "object_status",
        "OfficerStatus": "officer_status",
        "OperationKind": "operation_kind",
        "OperationStatus": "operation_status",
        "Part": "publication_part",
        "ParticipantStatus": "participant_status",
        "PasswordProfile": "password_profile",
        "Permission": "permission",
        "PlanKind": "plan_kind",
        "PlanStatus": "plan_status",
        "PoolScope": "pool_scope",
        "TransferStatus": "transfer_status",
        "ReadinessCode": "readiness_code",
        "WaitingStatus": "waiting_event_status",
        "RegionLevel": "region_level",
        "ResultCode": "result",
        "RiskClass": "risk_class",
        "RiskLevel": "risk_level",
        "Role": "role",
        "RowOutcome": "row_outcome",
        "TemplateKind": "import_template",
        "Severity": "readiness_severity",
    }
)
"""By the enumeration's own schema."""
BY_FIELD: Mapping[str, str] = MappingProxyType(
    {
        "DrawCreate.withheld": "withheld_file",
        "FollowUpBody.kind": "follow_up_kind",
        "FormRead.about": "form_subject",
        "InspectionDeadlineRead.state": "deadline_state",
        "MeRead.reads": "reading_scope",
        "NoticeCreate.channel": "notice_channel",
        "PlanDetail.progress": "plan_progress",
        "RatioQuota.method": "quota_method",
        "ReviewCreate.decision": "review_decision",
        "SheetDocumentsRequest.format": "document_format",
        "ServiceAccountChange.status": "account_status",
        "StatusChange.status": "account_status",
        "TotalQuota.method": "quota_method",
        "VersionDetail.status": "checklist_version_status",
        "VersionPublished.status": "checklist_version_status",
        "VersionRead.status": "checklist_version_status",
    }
)
"""Values that stand in a field: `Schema.field`."""
