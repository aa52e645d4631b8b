"""The words found in spreadsheets and the codes they mean; the shipped code lists come first.

Data only: what `app/reference/codes.json` lists is taken from there, and what other regions' lists
were seen to say besides is added here. A word that fits nothing is never guessed at.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeVar

from app.domain.lifecycle import ItemClass, ObjectKind, ObjectStatus, OfficerStatus, RiskClass
from app.domain.lifecycle import RiskLevel as ItemRisk
from app.domain.object_library import EventKind
from app.reference.codes import code_groups

E = TypeVar("E", bound=StrEnum)

_EXTRA: Mapping[str, Mapping[str, str]] = {
    "item_class": {"一般检查": "general", "重点检查": "key"},
    "risk_level": {"高级": "high", "中级": "medium", "低级": "low"},
    "object_kind": {
        "市场主体企业": "enterprise",
        "企业法人": "enterprise",
        "公司": "enterprise",
        "个体": "individual_business",
        "农民专业合作社(联合社)": "farmer_coop",
        "农民专业合作社联合社": "farmer_coop",
        "机关": "other_org",
        "事业单位": "other_org",
        "社会组织": "other_org",
        "其他": "other_org",
        "活动": "activity",
        "工程项目": "project",
        "建设项目": "project",
    },
    "object_status": {
        "在营": "active",
        "在业存续": "active",
        "存续(在营、开业、在册)": "active",
        "存续(在营)": "active",
        "存续在营开业在册": "active",
        "已吊销": "revoked",
        "吊销未注销": "revoked",
        "吊销,未注销": "revoked",
        "已撤销": "withdrawn",
        "已注销": "cancelled",
        "吊销已注销": "cancelled",
        "吊销,已注销": "cancelled",
        "已迁出": "moved",
        "迁移": "moved",
        "已停业": "suspended",
    },
    "risk_class": {
        "A类": "A",
        "B类": "B",
        "C类": "C",
        "D类": "D",
        "A级": "A",
        "B级": "B",
        "C级": "C",
        "D级": "D",
        "信用风险低": "A",
        "信用风险一般": "B",
        "信用风险较高": "C",
        "信用风险高": "D",
        "未评": "UNRATED",
    },
    "object_event": {
        "成立": "established",
        "开业": "established",
        "变更登记": "changed",
        "歇业": "suspended",
        "吊销营业执照": "revoked",
        "撤销登记": "withdrawn",
        "注销登记": "cancelled",
        "迁移": "moved",
        "迁址迁出": "moved",
        "恢复": "resumed",
        "恢复经营": "resumed",
    },
    "officer_status": {
        "在职": "active",
        "有效": "active",
        "正常": "active",
        "请假": "off_duty",
        "借调": "off_duty",
        "暂停执法": "off_duty",
        "离职": "left",
        "退休": "left",
        "调离": "left",
        "失效": "left",
    },
}
GROUPS: Mapping[type[StrEnum], str] = {
    ItemClass: "item_class",
    ItemRisk: "risk_level",
    ObjectKind: "object_kind",
    ObjectStatus: "object_status",
    RiskClass: "risk_class",
    OfficerStatus: "officer_status",
    EventKind: "object_event",
}

YES = frozenset({"是", "有", "可", "√", "✓", "y", "yes", "true", "1"})
NO = frozenset({"否", "无", "不可", "×", "n", "no", "false", "0"})
FOREVER = frozenset({"长期", "长期有效", "永久", "无固定期限"})


@cache
def _words(key: str) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for code in code_groups()[key].codes:
        for word in (code.code, code.zh, *code.aliases):
            words[folded(word)] = code.code
    for word, meaning in _EXTRA.get(key, {}).items():
        words.setdefault(folded(word), meaning)
    return words


def folded(word: str) -> str:
    """A word without spaces, in lower case, with half-width brackets and commas."""
    return "".join(word.split()).lower().translate(_HALF_WIDTH)


_HALF_WIDTH = str.maketrans("（），／", "(),/")


def meaning(kind: type[E], word: str) -> E | None:
    """The code of a closed list that a word stands for; None when it stands for none."""
    code = _code(GROUPS[kind], word)
    return None if code is None else kind(code)


@lru_cache(maxsize=1024)  # a column of a large sheet holds few words, many times
def _code(group: str, word: str) -> str | None:
    return _words(group).get(folded(word))
