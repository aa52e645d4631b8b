"""Refusals and row verdicts of what happens to inspection objects (R05, DOMAIN F06)."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

BEFORE_ESTABLISHMENT = refusal(
    "object-before-establishment",
    Kind.NOT_FOUND,
    "该日期早于检查对象的设立日期,没有可查的状态",
    "The day lies before the object was established: nothing is known of it then",
    clause="R05",
)
EVENT_TELLS_NOTHING = refusal(
    "event-tells-nothing",
    Kind.INVALID,
    "变更登记须写明变更的内容",
    "A change says what has changed",
)
EVENT_FIELDS_NOT_ALLOWED = refusal(
    "event-fields-not-allowed",
    Kind.INVALID,
    "此类变动不带这些内容:迁移只写新的区划和地址,停业、吊销、撤销、注销、恢复不带内容",
    "An event of this kind carries none of these fields: a move says the new area and address",
)
EVENT_KIND_RESERVED = refusal(
    "event-kind-reserved",
    Kind.INVALID,
    "此类变动由系统在办理许可、合并时自动登记",
    "Events of this kind are recorded by the service itself",
)
EVENT_ID_REUSED = refusal(
    "event-id-reused",
    Kind.CONFLICT,
    "该来源的同一事件编号此前已用于内容不同的事件",
    "The source has used this event id for an event of other content",
)
EVENT_ORIGIN_INCOMPLETE = refusal(
    "event-origin-incomplete",
    Kind.INVALID,
    "来源与来源事件编号须同时填写;只有来自外部的事件才有序号",
    "Source and external id go together; only an event of a source has a sequence",
)

ROW_ACCEPTED = Verdict("event-accepted", "已登记", "Recorded")
ROW_DUPLICATE = Verdict(
    "event-duplicate", "此前已登记过同一事件,未重复登记", "The same event was recorded before"
)
ROW_WAITING = Verdict(
    "event-waiting",
    "名录库中尚无该检查对象(或者其责任主体),事件已留存,对象入库后自动登记",
    "The object (or who answers for it) is not in the library yet; the event waits for it",
)
ROW_ID_REUSED = Verdict("event-id-reused", EVENT_ID_REUSED.zh, EVENT_ID_REUSED.en)
ROW_IDENTITY_MISSING = Verdict(
    "event-identity-missing",
    "设立事件须写明类型、名称和所在区划",
    "An establishment says kind, name and area",
)
ROW_KIND_DIFFERS = Verdict(
    "event-kind-differs",
    "类型与名录库中该对象的类型不一致",
    "The kind is not the one that the library has for the object",
)
