"""Experts, declared headcounts and a confirmed recusal: what stands beside the officer library."""

from app.demo.stage import Year
from app.demo.world import SIDES, demo_officers
from app.domain.actor import Role

_SIGNED = {"confidentiality_signed_on": "2021-12-20", "confidentiality_document": "保密协议(示例)"}
_EXPERTS = (
    (
        "SCJG",
        Role.DEPT_CLERK,
        "ZJ-SCJG-01",
        "专家甲",
        "示例产品质量检验检测所",
        ["食品检验", "计量"],
    ),
    ("XFJY", Role.DEPT_CLERK, "ZJ-XFJY-01", "专家乙", "示例消防技术服务机构", ["消防设施检测"]),
    ("LDXZ", Role.LG_OFFICE, "ZJ-150525-01", "专家丙", "示例职业技术学院", ["信用监管"]),
)


async def enter_people(year: Year) -> None:
    """Experts of departments and of the region; how many officers each department should have."""
    for department, role, code, name, institution, fields in _EXPERTS:
        keeper = year.person(department, role)
        expert = {"code": code, "name": name, "institution": institution, "fields": fields}
        await keeper.post("experts", expert | _SIGNED)
        year.made("experts")
    for side in SIDES:
        clerk = year.person(side.code, Role.DEPT_CLERK)
        own = sum(officer.department == side.code for officer in demo_officers())
        declared = own + 2 if side.code == "SCJG" else own
        body = {"headcount": declared, "declared_on": "2021-12-31", "source": "执法人员花名册"}
        await clerk.post("headcount-declarations", body)
        year.made("headcounts")
    leader = year.person("SCJG", Role.DEPT_LEADER)
    coverage = (await leader.get("statistics/officer-coverage")).body["departments"][0]
    year.expect("two-officers-are-missing", coverage["missing"] == 2, coverage["missing"])
    await _confirm(year)


async def _confirm(year: Year) -> None:
    """The leader puts a second name to one recusal; the others wait, and hold all the same."""
    leader = year.person("SCJG", Role.DEPT_LEADER)
    officer = next(
        one
        for one in (await leader.get("officers?limit=1000")).body["items"]
        if one["code"] == "SCJG-001"
    )
    seen = await leader.get(f"officers/{officer['id']}")
    interest = seen.body["interests"][0]
    path = f"officers/{officer['id']}/interests/{interest['id']}/confirm"
    done = await leader.post(path, etag=seen.etag)
    year.expect(
        "a-leader-confirms-a-recusal", done.body["interests"][0]["confirmed_at"], interest["id"]
    )
