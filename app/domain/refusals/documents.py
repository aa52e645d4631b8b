"""Refusals of printed documents."""

from app.domain.errors import Kind, refusal

CHARACTER_MISSING = refusal(
    "document-character-missing",
    Kind.CONFLICT,
    "检查表 {sheet_no} 含有字库中没有的字符:{characters},请更正后再打印",
    "Sheet {sheet_no} holds characters that the font has not: {characters}; correct them first",
)
TOO_MANY_SHEETS = refusal(
    "document-too-many-sheets",
    Kind.INVALID,
    "共 {count} 张检查表,一次最多打印 {limit} 张;一个 PDF 最多 {pdf_limit} 张,更多的请选 zip",
    "{count} sheets: {limit} at a time at most, {pdf_limit} in one PDF; ask for a zip for more",
)
