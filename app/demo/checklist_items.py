"""The items of the demo checklist: real item names and legal bases, written for this project.

Ten departments of 奈曼旗 (R01). Each line of an item is a field; a legal basis has its law and
article in one line, and several bases make several rows in the spreadsheet. Which articles a unit
really lists is for the unit to say: this is demo data, not a published checklist.
"""

from dataclasses import dataclass

DOCUMENT = "书面检查"
ONSITE = "实地核查"
ONLINE = "网络监测"
ENTRUSTED = "委托专业机构"

GENERAL = "一般"
KEY = "重点"


@dataclass(frozen=True, slots=True)
class DemoItem:
    """One item of the checklist, as a clerk would write it down."""

    category: str
    name: str
    sub_item: str
    objects: str
    item_class: str
    risk: str
    methods: tuple[str, ...]
    bases: tuple[str, ...]
    key_points: str
    materials: str = ""


def item(
    category: str,
    name: str,
    objects: str,
    marks: str,
    methods: str,
    bases: str,
    key_points: str,
    materials: str = "",
    sub_item: str = "",
) -> DemoItem:
    """An item from short notation: marks "重点 高", methods "书 实 网 委", bases by "|"."""
    item_class, risk = marks.split()
    return DemoItem(
        category=category,
        name=name,
        sub_item=sub_item,
        objects=objects,
        item_class=item_class,
        risk=risk,
        methods=tuple(_METHOD[letter] for letter in methods.split()),
        bases=tuple(bases.split("|")),
        key_points=key_points,
        materials=materials,
    )


_METHOD = {"书": DOCUMENT, "实": ONSITE, "网": ONLINE, "委": ENTRUSTED}
