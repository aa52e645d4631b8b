"""Refusals of a whole spreadsheet; what is wrong with one row is a verdict (`row_messages.py`)."""

from app.domain.errors import Kind, refusal

FILE_NOT_READABLE = refusal(
    "file-not-readable",
    Kind.MALFORMED,
    "文件已损坏或结构异常,无法读取;请用表格软件另存后重新上传",
    "The file is damaged or oddly built and cannot be read; save it again and retry",
)
FILE_ENCRYPTED = refusal(
    "file-encrypted",
    Kind.INVALID,
    "文件设有密码,请取消密码后重新上传",
    "The file is protected by a password; remove it and retry",
)
FILE_TOO_LARGE = refusal(
    "file-too-large",
    Kind.TOO_LARGE,
    "文件过大,上限为 {limit_bytes} 字节",
    "The file is too large; the limit is {limit_bytes} bytes",
)
FILE_UNPACKS_TOO_LARGE = refusal(
    "file-unpacks-too-large",
    Kind.TOO_LARGE,
    "文件展开后过大,已拒绝处理",
    "The file grows too large when unpacked and was not processed",
)
FILE_TYPE_UNKNOWN = refusal(
    "file-type-unknown",
    Kind.MEDIA_TYPE,
    "不支持的文件类型,请上传 xlsx、xls 或 csv 文件",
    "This type of file is not supported; send xlsx, xls or csv",
)
FILE_TYPE_MISMATCH = refusal(
    "file-type-mismatch",
    Kind.MEDIA_TYPE,
    "文件内容实为 {actual},与扩展名不符;请另存为正确的格式后重新上传",
    "The content is {actual}, which is not what the file name says; save it again and retry",
)
FILE_ENCODING_UNKNOWN = refusal(
    "file-encoding-unknown",
    Kind.INVALID,
    "文本文件的编码既不是 UTF-8 也不是 GB18030,无法读取",
    "The text is neither UTF-8 nor GB18030 and cannot be read",
)
FILE_EMPTY = refusal("file-empty", Kind.INVALID, "文件中没有数据", "The file holds no data")
SHEET_NOT_FOUND = refusal(
    "sheet-not-found", Kind.INVALID, "文件中没有指定的工作表", "The file has no such sheet"
)
TOO_MANY_ROWS = refusal(
    "too-many-rows",
    Kind.TOO_LARGE,
    "行数过多,一次最多 {limit} 行,请拆分后分批上传",
    "Too many rows; at most {limit} at a time, so split the file",
)
TOO_MANY_COLUMNS = refusal(
    "too-many-columns",
    Kind.TOO_LARGE,
    "列数过多,最多 {limit} 列",
    "Too many columns; at most {limit}",
)
HEADER_NOT_FOUND = refusal(
    "header-not-found",
    Kind.INVALID,
    "未找到表头,缺少以下列:{missing}",
    "No header row was found; these columns are missing: {missing}",
)
CELL_TOO_LONG = refusal(
    "cell-too-long",
    Kind.INVALID,
    "导出的第 {row} 行有单元格超过 {limit} 字,表格文件无法容纳",
    "Row {row} of the export has a cell longer than {limit} characters; a sheet cannot hold it",
)
TEXT_NOT_IN_ENCODING = refusal(
    "text-not-in-encoding",
    Kind.INVALID,
    "导出内容含有所选编码无法表示的字符",
    "The export holds characters that the chosen encoding cannot express",
)

FILE_OF_ANOTHER_KIND = refusal(
    "file-of-another-kind",
    Kind.INVALID,
    "这是“{actual}”的文件,请到“{actual}”处导入;此处导入的是“{expected}”",
    "This file is for another import ({actual}); here {expected} is imported",
)
OF_UPLOADS = (
    FILE_NOT_READABLE,
    FILE_ENCRYPTED,
    FILE_TOO_LARGE,
    FILE_UNPACKS_TOO_LARGE,
    FILE_TYPE_UNKNOWN,
    FILE_TYPE_MISMATCH,
    FILE_ENCODING_UNKNOWN,
    FILE_EMPTY,
    TOO_MANY_ROWS,
    TOO_MANY_COLUMNS,
    HEADER_NOT_FOUND,
    FILE_OF_ANOTHER_KIND,
)
"""What an operation that reads an uploaded file may refuse."""
