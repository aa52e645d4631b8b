"""Refusals of moving duties, items and officers between departments."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

TRANSFER_EMPTY = refusal(
    "transfer-empty",
    Kind.INVALID,
    "请至少列明一个划转的事项或者人员",
    "Name at least one item or officer that moves",
)
TRANSFER_INVALID = refusal(
    "transfer-invalid",
    Kind.INVALID,
    "所列事项、人员或者接收部门不能划转,详见 errors",
    "An item, an officer or the receiving department can not be named; see errors",
)
TRANSFER_ITEMS_PLANNED = refusal(
    "transfer-items-planned",
    Kind.CONFLICT,
    "事项 {items} 列入了已提交或者公布、尚未抽取的计划,请先抽取、退回或者取消",
    "Items {items} are in plans that await their draw: draw, return or cancel these first",
)
TRANSFER_ITEMS_DOUBLED = refusal(
    "transfer-items-doubled",
    Kind.CONFLICT,
    "接收部门清单中已有与 {items} 相同的事项",
    "The receiving department has the same items as {items} already",
)
TRANSFER_OUTDATED = refusal(
    "transfer-outdated",
    Kind.CONFLICT,
    "{codes} 在提出后已取消或者调离,请划出部门撤回后重新提出",
    "{codes} were retired or have left since; the giving department withdraws and proposes anew",
)
TRANSFER_NOT_YET_EFFECTIVE = refusal(
    "transfer-not-yet-effective",
    Kind.CONFLICT,
    "划转自 {day} 起生效,届时方可接收",
    "The transfer takes effect on {day} and is accepted from then on",
)
TRANSFER_ANSWERED = refusal(
    "transfer-answered",
    Kind.CONFLICT,
    "划转当前状态为 {status},不能执行此操作",
    "The transfer is {status}; this can not be done now",
)
TRANSFER_OF_THE_OTHER_UNIT = refusal(
    "transfer-of-the-other-unit",
    Kind.FORBIDDEN,
    "此操作由另一部门办理:划出部门撤回,接收部门接收或者拒绝",
    "The other department does this: the giving one withdraws, the receiving one answers",
)
OFFICER_POSTED_LATER = refusal(
    "officer-posted-later",
    Kind.CONFLICT,
    "人员 {officers} 在划转生效之日或者之后才到现部门,请核对生效日期",
    "Officers {officers} came to the department on or after the day of effect",
)

ITEM_NOT_OURS = Verdict(
    "item-not-ours", "不在本部门清单中或者已取消", "Not on the own checklist, or retired"
)
OFFICER_NOT_OURS = Verdict(
    "officer-not-ours", "不是本部门人员或者已调离", "Not an officer of the department, or gone"
)
ALREADY_MOVING = Verdict(
    "already-moving", "已列入另一项尚未答复的划转", "Named by another transfer that is open"
)
TAG_WITHOUT_OBJECT = Verdict(
    "tag-without-object",
    "本部门检查对象名录库中没有带此标签的对象",
    "No object of the own library has this tag",
)
RECEIVER_UNKNOWN = Verdict(
    "receiver-unknown",
    "本地区没有这个部门,或者它不是行政检查主体,或者就是本部门",
    "No such department here, or it does not inspect, or it is the own one",
)
