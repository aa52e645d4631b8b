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
PROPOSAL_DECIDED = refusal(
    "merge-proposal-decided",
    Kind.CONFLICT,
    "该合并建议已经处理",
    "The proposal has been decided upon already",
)
MERGE_KINDS_DIFFER = refusal(
    "merge-kinds-differ",
    Kind.CONFLICT,
    "两个检查对象类型不同,不能合并",
    "Objects of different kinds are not merged",
)
MERGE_IN_OPEN_DRAW = refusal(
    "merge-in-open-draw",
    Kind.CONFLICT,
    "其中一个检查对象在尚未锁定的抽取范围内,抽取结束后再合并",
    "One of the objects is in the pool of a draw that is not locked yet",
)
SURVIVOR_UNKNOWN = refusal(
    "merge-survivor-unknown",
    Kind.INVALID,
    "保留的检查对象须是两个检查对象之一",
    "The survivor is one of the two objects",
)
LICENCE_VALIDITY = refusal(
    "licence-validity",
    Kind.INVALID,
    "许可证须写明有效期止或者长期有效之一,各日期不得早于批准日期,批准日期不得晚于今天",
    "A licence says until when it is valid or that it is for the long term; no date lies before its"
    " approval, and the approval not after today",
)
LICENCE_EXISTS = refusal(
    "licence-exists",
    Kind.CONFLICT,
    "本部门已登记该检查对象的这一证号",
    "The department has this number of the object already",
)
LICENCE_ENDED = refusal(
    "licence-ended",
    Kind.CONFLICT,
    "该许可证已经终止",
    "The licence has ended already",
)
