"""Legal bases are split where they can be and kept whole where they cannot."""

import time

import pytest

from app.tabular.legal_basis import parse_legal_bases


def split(text):
    return [(basis.law, basis.article) for basis in parse_legal_bases(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (
            "《中华人民共和国食品安全法》第一百一十条",
            [("中华人民共和国食品安全法", "第一百一十条")],
        ),
        (
            "《食品安全法》\r第一百一十条\n《食品生产经营日常监督检查管理办法》".replace(
                "\r", "\n"
            ),
            [("食品安全法", "第一百一十条"), ("食品生产经营日常监督检查管理办法", None)],
        ),
        (
            "《港口法》（2018年12月29日主席令第23号）第二十二条、第四十二条；《安全生产法》第九条。",
            [("港口法", "第二十二条、第四十二条"), ("安全生产法", "第九条")],
        ),
        (
            "劳动合同法第85条、《劳动保障监察条例》第26条",
            [("劳动合同法", "第85条"), ("劳动保障监察条例", "第26条")],
        ),
        (
            "社会保险法第77、84条、《劳务派遣暂行规定》第8、18条（《监督检查办法》第3条）",
            [
                ("社会保险法", "第77、84条"),
                ("劳务派遣暂行规定", "第8、18条"),
                ("监督检查办法", "第3条"),
            ],
        ),
        (
            "1.《招标投标法》；\n2.《实施办法（试行）》(2014年商务部令第1号)；",
            [("招标投标法", None), ("实施办法（试行）", None)],
        ),
        (
            "《企业名称登记管理规定》第二十六条、二十七条\n《个体工商户条例》第二十三条第一款",
            [
                ("企业名称登记管理规定", "第二十六条、二十七条"),
                ("个体工商户条例", "第二十三条第一款"),
            ],
        ),
        ("《关于印发《办法》的通知》第二条", [("关于印发《办法》的通知", "第二条")]),
        ("《检验办法》第四十一条至第四十七条等", [("检验办法", "第四十一条至第四十七条")]),
        ("《试验检测管理办法》第四章监督检查", [("试验检测管理办法", "第四章监督检查")]),
    ],
)
def test_laws_and_articles_are_told_apart(text, expected):
    assert split(text) == expected


def test_the_body_that_issued_a_document_stays_with_its_text():
    first, second = parse_legal_bases("《甲办法》第十三条\n中共中央办公厅《关于乙的意见》第三条")
    assert first.text == "《甲办法》第十三条"
    assert second.text == "中共中央办公厅《关于乙的意见》第三条"


def test_what_cannot_be_split_is_kept_whole_and_marked():
    (basis,) = parse_legal_bases("商办函〔2020〕363号关于安全生产的通知")
    assert (basis.law, basis.article) == (basis.text, None)
    assert not basis.split


def test_a_name_whose_bracket_is_never_closed_is_marked():
    first, second = parse_legal_bases("《公路法》第五十条；\n《超限运输管理规定")
    assert first.split
    assert second.law == "超限运输管理规定"
    assert not second.split


def test_no_word_of_a_basis_is_lost():
    text = "《甲法》（主席令第1号）第一条、《乙条例》第二条第三款；丙办法第四条"
    kept = "".join(basis.text for basis in parse_legal_bases(text))
    assert kept == text.replace("、《", "《").replace("；", "")


@pytest.mark.parametrize(
    "text", ["《\n" * 5000, "《甲法》" + "）" * 9000, "《" * 9000, "法第一条、" * 6000]
)
def test_nonsense_costs_no_time(text):
    started = time.process_time()
    assert parse_legal_bases(text)
    assert time.process_time() - started < 1
