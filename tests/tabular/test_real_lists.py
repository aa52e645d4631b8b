"""The two published lists, where they are at hand: every item is taken, or named with its row."""

from collections import Counter

from app.tabular.checklist_import import read_checklist
from app.tabular.joint_checklist_import import read_joint_checklist
from app.tabular.reader import read_table
from app.tabular.verdicts import Outcome
from tests.support.real_lists import DATA, needs_real_lists

pytestmark = needs_real_lists


def table(name):
    return read_table((DATA / name).read_bytes(), name)


def test_every_item_of_the_checklist_is_taken_or_named():
    done = read_checklist(table("hainan-2020-checklist.xlsx"))
    report = done.report
    assert (report.rows, report.accepted, report.rejected) == (387, 387, 0)
    assert len(done.items) == 293
    assert sum(len(item.legal_bases) for item in done.items) == 624
    # These four name a time ("regular and irregular") and no method: drafts to be completed.
    unfinished = [item for item in done.items if not (item.methods and item.legal_bases)]
    assert [item.first_row for item in unfinished] == [158, 159, 160, 166]
    assert all(item.legal_bases and "定期" in item.remark for item in unfinished)
    warned = [v.row for v in report.of(Outcome.WARNING) if v.code == "method-unknown"]
    assert warned == [158, 159, 160, 166]


def test_no_row_of_the_checklist_is_left_unaccounted_for():
    source = table("hainan-2020-checklist.xlsx")
    done = read_checklist(source)
    told = {v.row for v in done.report.verdicts if v.outcome is not Outcome.WARNING}
    assert told == {row.number for row in source.rows if row.number > 3}
    taken = [row for item in done.items for row in item.rows]
    assert len(taken) == len(set(taken)) == 387


def test_every_word_of_every_legal_basis_is_kept():
    source = table("hainan-2020-checklist.xlsx")
    done = read_checklist(source)
    ours = Counter(
        c for i in done.items for b in i.legal_bases for c in b.text if c in "《》条款章"
    )
    refused = {v.row for v in done.report.of(Outcome.REJECTED)}
    cells = {}
    for item in done.items:
        for number in item.rows:
            row = next(r for r in source.rows if r.number == number)
            text = row.text(8) if number == item.first_row else row.own(8)
            cells[number] = text
    theirs = Counter(c for text in cells.values() for c in text if c in "《》条款章")
    theirs.subtract("《》")  # row 169 names one regulation twice
    assert not refused & set(cells)
    assert ours == theirs


def test_merged_and_continued_rows_give_their_bases_to_the_right_items():
    by_row = {i.first_row: i for i in read_checklist(table("hainan-2020-checklist.xlsx")).items}
    assert [basis.article for basis in by_row[11].legal_bases] == [
        "第十一条",
        "第四十条",
        "第四十一条",
        "第四十二条",
    ]
    assert by_row[229].rows == tuple(range(229, 237))
    assert (by_row[314].item, by_row[315].item) == ("食品经营许可情况的检查",) * 2
    assert (by_row[314].item_class, by_row[315].item_class) == ("general", "key")
    assert by_row[169].subject == "省农业农村厅种业管理处、省种子总站"
    assert Counter(i.item_class.value for i in by_row.values()) == {"general": 263, "key": 30}


def test_every_item_of_the_joint_list_is_taken():
    done = read_joint_checklist(table("hainan-2020-joint-checklist.xls"))
    assert (done.report.rows, done.report.accepted, done.report.rejected) == (83, 83, 0)
    assert len({item.field for item in done.items}) == 36
    assert not done.report.of(Outcome.WARNING)
