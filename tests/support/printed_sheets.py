"""Sheets ready to print, made of values; no database."""

from app.domain.sheet_content import (
    PrintableSheet,
    PrintedAcknowledgement,
    PrintedBasis,
    PrintedItem,
    PrintedOfficer,
    PrintedSection,
    PrintedSubject,
    PrintedTask,
    PrintedVisit,
    SheetContent,
    printable,
)

PLAN = "150525-SCJG-2026-0001"
UNITS = ("奈曼旗市场监督管理局", "奈曼旗公安局", "奈曼旗农牧局")


def a_printed_item(number: int, *, recorded: bool = False, name: str | None = None) -> PrintedItem:
    """An item; one in four has a problem where things are recorded."""
    problem = recorded and number % 4 == 1
    return PrintedItem(
        code=f"SCJG-ITEM-{number:04d}",
        name=name or f"食品销售者经营场所环境与设施检查第{number}项",
        sub_item=None if number % 2 else "冷藏冷冻设施",
        key=number % 3 == 0,
        bases=[PrintedBasis("中华人民共和国食品安全法", "第一百一十条")],
        key_points=["查看食品经营许可证是否在有效期内", "核对进货查验记录和供货者资质"],
        outcome=("problem" if problem else "no_problem") if recorded else None,
        problem="冷藏柜温度记录不全,两批次冻品无进货凭证" if problem else None,
        measure="责令当场改正,三日内补齐记录" if problem else None,
    )


def a_printed_section(
    department: str = UNITS[0],
    *,
    items: int = 6,
    recorded: bool = False,
    number: int = 1,
    item_name: str | None = None,
) -> PrintedSection:
    """A department's part, empty or recorded and reviewed."""
    officers = [
        PrintedOfficer(f"执法员{place}", f"SCJG-O{place:05d}", f"0525{place:08d}", place % 2 == 0)
        for place in (2 * number, 2 * number + 1)
    ]
    return PrintedSection(
        department=department,
        void=False,
        shown=True,
        team=officers,
        materials=["食品经营许可证", "从业人员健康证明", "进货查验记录"],
        items=[
            a_printed_item(place, recorded=recorded, name=item_name)
            for place in range(1, items + 1)
        ],
        visit=_visit() if recorded else PrintedVisit(),
        acknowledgement=_acknowledgement([one.code for one in officers]) if recorded else None,
        result="05" if recorded else None,
        result_note="已当场改正" if recorded else None,
        review_opinion="同意" if recorded else None,
        reviewed="2026-03-04 15:00" if recorded else None,
    )


def a_printed_sheet(
    number: int = 1,
    *,
    name: str | None = None,
    items: int = 6,
    departments: int = 1,
    recorded: bool = False,
    item_name: str | None = None,
) -> PrintableSheet:
    """A sheet of a plan task; the items of all sheets are the same, as in a draw."""
    return printable(
        SheetContent(
            sheet_id=f"0196f000-0000-7000-8000-{number:012d}",
            sheet_no=f"{PLAN}-T01-D1-{number:04d}",
            issued_on="2026-03-02",
            deadline_on="2026-12-31",
            task=PrintedTask(
                plan_no=PLAN,
                plan_name="2026年度市场监管领域随机抽查工作计划",
                code=f"{PLAN}-T01",
                name="食品销售者监督抽查",
                draw_no=f"{PLAN}-T01-D1",
                targeted=False,
                methods=["onsite", "document"],
                period_from="2026-03-01",
                period_to="2026-12-31",
            ),
            subject=PrintedSubject(
                name=name or f"奈曼旗大沁他拉镇测试商店第{number}号",
                code=f"OBJ-{number:06d}",
                kind="enterprise",
                id_scheme="credit_code",
                id_value=f"91150525MA0N{number:06d}",
                address=f"通辽市奈曼旗大沁他拉镇诺恩吉雅大街{number}号",
                area_code="150525100",
                risk_class="B",
            ),
            responsible=None,
            sections=[
                a_printed_section(
                    unit, items=items, recorded=recorded, number=number, item_name=item_name
                )
                for unit in UNITS[:departments]
            ],
        )
    )


def _visit() -> PrintedVisit:
    return PrintedVisit(
        "2026-03-02 09:00",
        "2026-03-02 10:30",
        "奈曼旗大沁他拉镇",
        "店长",
        "均已如实说明",
        ["onsite"],
    )


def _acknowledgement(noted_by: list[str]) -> PrintedAcknowledgement:
    return PrintedAcknowledgement(
        kind="refused",
        signer=None,
        reason="当事人以需请示总部为由拒绝签字",
        witness_name="见证人甲",
        witness_unit="大沁他拉镇社区居民委员会",
        noted_by=noted_by,
        at="2026-03-02 10:40",
    )
