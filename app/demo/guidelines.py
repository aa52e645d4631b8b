"""Guidelines with their six parts, made by a clerk and activated by another person (R06)."""

from app.demo.driver import in_turns
from app.demo.stage import Year
from app.demo.world import SIDES
from app.domain.actor import Role

_PARTS = {
    "draw_principles": "按信用风险分类确定抽查比例,对象与人员均随机抽取,全过程可核验。",
    "methods": "书面检查、实地核查、网络监测,必要时委托专业机构。",
    "contents": "以公布的抽查事项清单为准,不得增加清单以外的内容。",
    "procedure": "制定计划、随机抽取、一次性告知、两人以上检查、记录、签字盖章、录入审核。",
    "publicity": "自检查结束之日起二十个工作日内公示,公示率百分之百。",
    "archiving": "一次抽查一卷,计划、抽取证明、检查表、记录、结果一并归档。",
}


async def adopt_guidelines(year: Year) -> None:
    """One working guide per department."""
    await in_turns(_adopt(year, side.code) for side in SIDES)


async def _adopt(year: Year, code: str) -> None:
    clerk = year.person(code, Role.DEPT_CLERK)
    leader = year.person(code, Role.DEPT_LEADER)
    draft = await clerk.post(
        "guidelines",
        {
            "code": "ZY-01",
            "kind": "working_guide",
            "title": "随机抽查工作指引",
            **_PARTS,
            "item_codes": [item["code"] for item in year.items[code][:3]],
            "team_size": 2,
            "notice_days": 3,
            "inspection_days": 10,
        },
    )
    path = f"guidelines/{draft.body['id']}/activate"
    own = await clerk.attempt("POST", path, None, draft.etag)
    active = await leader.post(path, etag=draft.etag)
    year.made("guidelines")
    year.expect(
        f"guideline-{code}-activated-by-another",
        own.status == 403 and active.body["status"] == "active",
        active.body["status"],
    )
