"""Refusals of flags, merging, licences and contact data of inspection objects."""

from app.domain.errors import Kind, refusal

FLAG_CLOSED = refusal(
    "object-flag-closed",
    Kind.CONFLICT,
    "该提示已经处理",
    "The flag has been dealt with already",
)
OBJECT_MERGED = refusal(
    "object-merged",
    Kind.CONFLICT,
    "该检查对象已合并到另一检查对象,请在合并后的对象上办理",
    "The object was merged into another one; go on with that",
)
