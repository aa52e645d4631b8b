"""What a file is for: by the mark of our templates, else by the columns of its header.

A clerk who takes the wrong file is told which one it is and where it belongs, and not of missing
columns. A file without a mark whose header fits is read as it is.
"""

from collections.abc import Sequence

from app.tabular.checklist_import import COLUMNS as CHECKLIST_COLUMNS
from app.tabular.event_import import COLUMNS as EVENT_COLUMNS
from app.tabular.headers import Column, FileKind, declare
from app.tabular.joint_checklist_import import COLUMNS as JOINT_COLUMNS
from app.tabular.object_import import COLUMNS as OBJECT_COLUMNS
from app.tabular.officer_import import COLUMNS as OFFICER_COLUMNS

_KINDS: tuple[tuple[str, str, Sequence[Column]], ...] = (
    ("checklist", "抽查事项清单", CHECKLIST_COLUMNS),
    ("joint_checklist", "部门联合抽查事项清单", JOINT_COLUMNS),
    ("objects", "检查对象名录库", OBJECT_COLUMNS),
    ("object_events", "检查对象变动记录", EVENT_COLUMNS),
    ("officers", "执法检查人员名录库", OFFICER_COLUMNS),
)
for _kind, _title, _columns in _KINDS:
    declare(FileKind(_kind, _title, tuple(_columns)))
