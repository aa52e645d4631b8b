"""The sheet on paper: whole, the same every time, and refused rather than printed wrongly."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.documents.renderer import DocumentFault, Job, SheetRenderer, job_of, refuse_unprintable
from app.domain.errors import RuleError
from app.domain.sheet_content import PrintableSheet
from tests.support.pdf import characters_of, pages_of
from tests.support.printed_sheets import a_printed_sheet

CHECK = "https://example.org/api/v1/public/sheet-checks"
RARE = "㐀䶮𠮷"


@pytest.fixture(scope="module")
def renderer() -> SheetRenderer:
    return SheetRenderer()


def job(*sheets: PrintableSheet) -> Job:
    return job_of(sheets, CHECK)


def test_a_sheet_is_a_pdf_for_archives(renderer: SheetRenderer):
    pdf = renderer.render(job(a_printed_sheet()))
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in pdf
    assert pages_of(pdf) == 2
    assert set("执法检查表抽查任务对象组长证号审核意见签名") <= characters_of(pdf)


def test_the_same_sheets_give_the_same_bytes(renderer: SheetRenderer):
    sheets = [a_printed_sheet(number, recorded=number == 2) for number in range(1, 9)]
    first = renderer.render(job(*sheets))
    assert renderer.render(job(*sheets)) == first
    assert SheetRenderer().render(job(*sheets)) == first
    assert renderer.render(job(*sheets[:7], a_printed_sheet(8, name="另一商店"))) != first


def test_sixty_items_run_over_pages(renderer: SheetRenderer):
    pdf = renderer.render(job(a_printed_sheet(items=60, departments=2, recorded=True)))
    assert pages_of(pdf) > 12


def test_an_item_longer_than_a_page_goes_on_over_the_page(renderer: SheetRenderer):
    whole = a_printed_sheet(items=1)
    usual = pages_of(renderer.render(job(whole)))
    for name in ("长" * 4000, "行\n" * 200):
        pages = pages_of(renderer.render(job(a_printed_sheet(items=1, item_name=name))))
        assert pages >= usual + 3, name[:2]


def test_sheets_of_one_file_begin_on_pages_of_their_own(renderer: SheetRenderer):
    short, long = a_printed_sheet(1), a_printed_sheet(2, items=40)
    together = renderer.render(job(short, long, short))
    alone = [pages_of(renderer.render(job(one))) for one in (short, long)]
    assert pages_of(together) == 2 * alone[0] + alone[1]


def test_rare_characters_are_printed(renderer: SheetRenderer):
    sheet = a_printed_sheet(name=f"奈曼旗{RARE}商店")
    refuse_unprintable([sheet])
    assert set(RARE) <= characters_of(renderer.render(job(sheet)))


@pytest.mark.parametrize(
    "name",
    [
        "#panic() *粗* $x$ <a> @b // `c` \\ [d] = e",
        '"引号" \\u{41} #import "x.typ"',
        "长" * 200,
        "A" * 200,
        "第一行\n第二行\t",
        "零\u200b宽\ufeff",
        "倒\u202e转",
    ],
)
def test_a_text_is_printed_as_it_is_and_never_read_as_markup(renderer: SheetRenderer, name: str):
    sheet = a_printed_sheet(name=name)
    refuse_unprintable([sheet])
    shown = characters_of(renderer.render(job(sheet)))
    assert {one for one in sheet.values["subject"]["name"] if not one.isspace()} <= shown


@pytest.mark.parametrize(
    ("character", "said"),
    [
        ("😀", "U+1F600 GRINNING FACE"),
        ("ᠮ", "U+182E MONGOLIAN LETTER MA"),
        ("\ue000", "U+E000"),
        ("\U00030000", "U+30000 CJK UNIFIED IDEOGRAPH-30000"),
    ],
)
def test_a_character_that_no_font_has_is_named_with_its_sheet(character: str, said: str):
    sheets = [a_printed_sheet(1), a_printed_sheet(2, name=f"某{character}店")]
    with pytest.raises(RuleError) as refused:
        refuse_unprintable(sheets)
    assert refused.value.refusal.code == "document-character-missing"
    assert refused.value.facts == {"sheet_no": sheets[1].sheet_no, "characters": [said]}


@pytest.mark.parametrize("character", "é①℃㎡·—“√○ΩЯあ한㐀𠮷😀ثꀀ☐☑ᠮ")
def test_what_we_say_of_the_font_is_what_typst_finds(renderer: SheetRenderer, character: str):
    sheet = a_printed_sheet(name=character)
    try:
        refuse_unprintable([sheet])
    except RuleError:
        with pytest.raises(DocumentFault, match="could not be displayed"):
            renderer.render(job(sheet))
    else:
        assert character in characters_of(renderer.render(job(sheet)))


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('#set text(font: "No Such Font")\n文', "unknown font family"),
        ("#panic(sys.inputs.data.len())", "panicked"),
        ("#context metadata(counter(page).get()) #nothing", "unknown variable"),
    ],
)
def test_a_warning_or_an_error_of_the_template_is_a_fault(tmp_path: Path, template: str, said: str):
    file = tmp_path / "wrong.typ"
    file.write_text("#set document(date: datetime(year: 2026, month: 3, day: 2))\n" + template)
    with pytest.raises(DocumentFault, match=said):
        SheetRenderer(file).render(job(a_printed_sheet()))


def test_a_fault_leaves_the_compiler_usable(renderer: SheetRenderer):
    good = job(a_printed_sheet())
    before = renderer.render(good)
    with pytest.raises(DocumentFault):
        renderer.render(Job("{}", good.printed_on, 1))
    assert renderer.render(good) == before


def test_threads_may_share_a_renderer():
    shared = SheetRenderer()
    jobs = [job(a_printed_sheet(number)) for number in range(1, 5)]
    alone = [SheetRenderer().render(one) for one in jobs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.render, jobs * 3)) == alone * 3
