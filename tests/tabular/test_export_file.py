"""The file of an export ends with whoever reads it, and giving up leaves nothing, at any moment."""

import tempfile
from pathlib import Path

import pytest

from app.domain.library_lists import ExportEncoding, ExportFormat
from app.tabular.export_file import begin_export


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("form", ExportFormat)
def test_giving_up_after_the_end_does_nothing_to_the_file(form: ExportFormat, folder: Path):
    """A caller who leaves while the file is finished in a thread does not know how far that is."""
    file = begin_export(form, ExportEncoding.UTF8, "表", ["名称"])
    file.write([["甲"]])
    written = file.finish()
    file.discard()
    assert len(written.content.read()) == written.size > 0
    assert list(folder.iterdir()) == []
    written.content.close()


@pytest.mark.parametrize("form", ExportFormat)
def test_giving_up_before_the_end_leaves_nothing(form: ExportFormat, folder: Path):
    file = begin_export(form, ExportEncoding.UTF8, "表", ["名称"])
    file.write([["甲"]] * 5000)
    file.discard()
    file.discard()
    assert list(folder.iterdir()) == []
