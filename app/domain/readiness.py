"""What stands in the way of a lawful draw of a department, finding by finding (F09, “三覆盖”).

Facts in, findings out. A finding that blocks would make a draw unlawful or impossible; one that
warns will, if nothing is done. Each names the operation of the API that mends it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.domain.eligibility import ItemFacts, item_exclusion
from app.domain.guideline_defaults import PlannedItem, speaks_of
from app.domain.guidelines import PARTS
from app.domain.lifecycle import GuidelineKind, RiskLevel
from app.domain.officer_coverage import Coverage

TEAM = 2
"""Officers of a team, at least (N11)."""


class Severity(StrEnum):
    """Whether a finding keeps a draw from being lawful, or will do so."""

    BLOCKS = "blocks"
    WARNS = "warns"


class ReadinessCode(StrEnum):
    """What is amiss."""

    NO_EFFECTIVE_CHECKLIST = "no-effective-checklist"
    UNPUBLISHED_CHANGES = "unpublished-changes"
    ITEM_POOL_EMPTY = "item-pool-empty"
    ITEM_WITHOUT_TAGS = "item-without-tags"
    POOL_WITHOUT_ITEM = "pool-without-item"
    ITEM_LACKS_OFFICERS = "item-lacks-officers"
    NO_TEAM_LEADER = "no-team-leader"
    ITEM_WITHOUT_GUIDE = "item-without-guide"
    ITEM_WITHOUT_RULES = "item-without-rules"
    GUIDELINE_INCOMPLETE = "guideline-incomplete"
    CERTIFICATES_EXPIRING = "certificates-expiring"
    HEADCOUNT_MISSING = "headcount-missing"
    HEADCOUNT_SHORT = "headcount-short"


@dataclass(frozen=True, slots=True)
class Kind:
    """How grave a finding is, on which clause, and what mends it: operationId and path."""

    severity: Severity
    clause: str
    zh: str
    operation: str
    path: str


_B, _W = Severity.BLOCKS, Severity.WARNS
KINDS: Mapping[ReadinessCode, Kind] = MappingProxyType(
    {
        ReadinessCode.NO_EFFECTIVE_CHECKLIST: Kind(
            _B,
            "R01",
            "没有已发布的抽查事项清单(须录入平台并在本部门网站公示)",
            "publish_checklist",
            "/checklist-versions",
        ),
        ReadinessCode.UNPUBLISHED_CHANGES: Kind(
            _W,
            "R01",
            "抽查事项“{name}”有未发布的变更,发布前不能按新内容列入计划",
            "publish_checklist",
            "/checklist-versions",
        ),
        ReadinessCode.ITEM_POOL_EMPTY: Kind(
            _B,
            "R02",
            "抽查事项“{name}”的对象标签({tags})在名录库中没有在业的检查对象",
            "create_inspection_object",
            "/inspection-objects",
        ),
        ReadinessCode.ITEM_WITHOUT_TAGS: Kind(
            _W,
            "R02",
            "抽查事项“{name}”没有对象标签,不能与检查对象名录库对应",
            "change_checklist_item",
            "/checklist-items/{id}",
        ),
        ReadinessCode.POOL_WITHOUT_ITEM: Kind(
            _W,
            "R02",
            "名录库的标签(专项库)“{tag}”有{count}个在业对象,没有对应的抽查事项",
            "create_checklist_item",
            "/checklist-items",
        ),
        ReadinessCode.ITEM_LACKS_OFFICERS: Kind(
            _B,
            "N11",
            "抽查事项“{name}”今天只有{count}名执法证有效、资质相符的执法检查人员,至少要有2名",
            "create_officer",
            "/officers",
        ),
        ReadinessCode.NO_TEAM_LEADER: Kind(
            _W,
            "R11",
            "没有执法证有效、可任组长的执法检查人员,要求组长的任务抽不出检查组",
            "create_officer",
            "/officers",
        ),
        ReadinessCode.ITEM_WITHOUT_GUIDE: Kind(
            _B,
            "R06",
            "抽查事项“{name}”没有生效的抽查工作指引",
            "create_guideline",
            "/guidelines",
        ),
        ReadinessCode.ITEM_WITHOUT_RULES: Kind(
            _B,
            "R06",
            "抽查事项“{name}”没有生效的抽查工作细则",
            "create_guideline",
            "/guidelines",
        ),
        ReadinessCode.GUIDELINE_INCOMPLETE: Kind(
            _W,
            "R06",
            "草稿“{title}”缺少:{parts}",
            "change_guideline",
            "/guidelines/{id}",
        ),
        ReadinessCode.CERTIFICATES_EXPIRING: Kind(
            _W,
            "R03",
            "{count}名执法检查人员的证书在任务期限之前或者近期到期",
            "list_certificate_warnings",
            "/officers/certificate-warnings",
        ),
        ReadinessCode.HEADCOUNT_MISSING: Kind(
            _W,
            "R03",
            "没有申报执法人员核定人数,无法核对是否全部入库",
            "declare_headcount",
            "/headcount-declarations",
        ),
        ReadinessCode.HEADCOUNT_SHORT: Kind(
            _W,
            "R03",
            "核定{declared}人,入库{in_library}人,还有{missing}人没有录入名录库",
            "create_officer",
            "/officers",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing amiss with one subject; `subject_id` is empty where there is no resource yet."""

    code: ReadinessCode
    subject: str
    subject_id: str | None
    text: str

    @property
    def kind(self) -> Kind:
        """How grave, on which clause, mended by what."""
        return KINDS[self.code]

    @property
    def path(self) -> str:
        """Where it is mended."""
        return self.kind.path.replace("{id}", self.subject_id or "")


@dataclass(frozen=True, slots=True)
class ReadyItem:
    """An item that is checked: as published, or as it is worked on where nothing is published."""

    id: str
    facts: ItemFacts
    object_tags: frozenset[str]
    unpublished: bool
    risk_level: RiskLevel | None = None


@dataclass(frozen=True, slots=True)
class ReadyOfficer:
    """An officer who may be drawn today, with the tags that count today."""

    tags: frozenset[str]
    item_scopes: frozenset[str]
    leader: bool


@dataclass(frozen=True, slots=True)
class ReadyGuideline:
    """An active guideline, and the items and risk levels that it is bound to."""

    kind: GuidelineKind
    item_codes: frozenset[str]
    risk_levels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GuidelineDraft:
    """A draft and which of the six parts it lacks."""

    id: str
    code: str
    title: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    """All that readiness asks of a department."""

    code: str
    has_version: bool
    items: Sequence[ReadyItem]
    pools: Mapping[str, int]
    """Active objects of the library by tag and special library."""
    officers: Sequence[ReadyOfficer]
    guidelines: Sequence[ReadyGuideline]
    drafts: Sequence[GuidelineDraft]
    expiring: int
    coverage: Coverage


def findings(facts: DepartmentFacts) -> list[Finding]:
    """Everything that stands in the way, in the order of the work: lists, libraries, rules."""
    rules: tuple[Callable[[DepartmentFacts], Iterator[Finding]], ...] = (
        _checklist,
        _pools,
        _officers,
        _guidelines,
        _people,
    )
    return [finding for rule in rules for finding in rule(facts)]


def missing_parts(parts: Mapping[str, str]) -> list[str]:
    """The Chinese names of the mandatory parts that a draft lacks (R06)."""
    return [title for name, title in PARTS.items() if not parts.get(name, "").strip()]


def _found(
    code: ReadinessCode, subject: str, subject_id: str | None = None, **facts: object
) -> Finding:
    return Finding(code, subject, subject_id, KINDS[code].zh.format(**facts))


def _of_item(code: ReadinessCode, item: ReadyItem, **facts: object) -> Finding:
    return _found(code, item.facts.code, item.id, name=item.facts.name[:60], **facts)


def _checklist(facts: DepartmentFacts) -> Iterator[Finding]:
    if not facts.has_version:
        yield _found(ReadinessCode.NO_EFFECTIVE_CHECKLIST, facts.code)
        return
    for item in facts.items:
        if item.unpublished:
            yield _of_item(ReadinessCode.UNPUBLISHED_CHANGES, item)


def _pools(facts: DepartmentFacts) -> Iterator[Finding]:
    named: set[str] = set()
    for item in facts.items:
        named |= item.object_tags
        if not item.object_tags:
            yield _of_item(ReadinessCode.ITEM_WITHOUT_TAGS, item)
        elif not any(facts.pools.get(tag) for tag in item.object_tags):
            tags = "、".join(sorted(item.object_tags))
            yield _of_item(ReadinessCode.ITEM_POOL_EMPTY, item, tags=tags)
    for tag, count in sorted(facts.pools.items()):
        if count and tag not in named:
            yield _found(ReadinessCode.POOL_WITHOUT_ITEM, tag, tag=tag, count=count)


def _officers(facts: DepartmentFacts) -> Iterator[Finding]:
    count = _counter(facts.officers)
    for item in facts.items:
        fit = count(item.facts)
        if fit < TEAM:
            yield _of_item(ReadinessCode.ITEM_LACKS_OFFICERS, item, count=fit)
    if not any(officer.leader for officer in facts.officers):
        yield _found(ReadinessCode.NO_TEAM_LEADER, facts.code)


def _counter(officers: Sequence[ReadyOfficer]) -> Callable[[ItemFacts], int]:
    """How many officers may enforce an item; those without scopes are counted once per demand."""
    unscoped = [officer.tags for officer in officers if not officer.item_scopes]
    scoped = [officer for officer in officers if officer.item_scopes]
    known: dict[frozenset[str], int] = {}

    def count(item: ItemFacts) -> int:
        demand = item.qualifications
        if demand not in known:
            known[demand] = sum(
                item_exclusion(tags, frozenset(), item) is None for tags in unscoped
            )
        return known[demand] + sum(
            item_exclusion(one.tags, one.item_scopes, item) is None for one in scoped
        )

    return count


def _guidelines(facts: DepartmentFacts) -> Iterator[Finding]:
    for kind, code in (
        (GuidelineKind.WORKING_GUIDE, ReadinessCode.ITEM_WITHOUT_GUIDE),
        (GuidelineKind.DETAILED_RULES, ReadinessCode.ITEM_WITHOUT_RULES),
    ):
        of_kind = {
            (one.item_codes, one.risk_levels) for one in facts.guidelines if one.kind is kind
        }
        for item in facts.items:
            planned = PlannedItem(item.facts.code, item.risk_level)
            if not any(speaks_of(codes, levels, planned) for codes, levels in of_kind):
                yield _of_item(code, item)
    for draft in facts.drafts:
        if draft.missing:
            parts = "、".join(draft.missing)
            yield _found(
                ReadinessCode.GUIDELINE_INCOMPLETE,
                draft.code,
                draft.id,
                title=draft.title,
                parts=parts,
            )


def _people(facts: DepartmentFacts) -> Iterator[Finding]:
    if facts.expiring:
        yield _found(ReadinessCode.CERTIFICATES_EXPIRING, facts.code, count=facts.expiring)
    if facts.coverage.declared is None:
        yield _found(ReadinessCode.HEADCOUNT_MISSING, facts.code)
    elif facts.coverage.missing:
        yield _found(
            ReadinessCode.HEADCOUNT_SHORT,
            facts.code,
            declared=facts.coverage.declared,
            in_library=facts.coverage.in_library,
            missing=facts.coverage.missing,
        )


def tally(found: Iterable[Finding]) -> dict[ReadinessCode, int]:
    """How many findings there are of each code."""
    counted: dict[ReadinessCode, int] = {}
    for finding in found:
        counted[finding.code] = counted.get(finding.code, 0) + 1
    return counted
