"""Refusals of imports as a whole, and of undoing them."""

from app.domain.errors import Kind, refusal

IMPORT_REFUSED_WHOLE = refusal(
    "import-refused-whole",
    Kind.INVALID,
    "按“全部成功才导入”的方式,{rejected} 行有误,未导入任何内容;逐行结果见导入批次 {batch_id}",
    "All or nothing was asked for and {rejected} rows are faulty: nothing is stored; the verdicts"
    " are those of import batch {batch_id}",
)
BATCH_NOT_STORED = refusal(
    "import-batch-not-stored",
    Kind.CONFLICT,
    "该批次没有可撤销的内容({status})",
    "There is nothing of this batch to undo ({status})",
)
EVENTS_STAY = refusal(
    "import-events-stay",
    Kind.CONFLICT,
    "变动事件只增不改,不能撤销;登记有误的,请再登记一次变动予以更正",
    "Events are never taken back; answer a wrong one by recording another",
    clause="R05",
)
BATCH_IN_USE = refusal(
    "import-batch-in-use",
    Kind.CONFLICT,
    "该批次中有 {count} 条已被使用或修改,不能撤销;前几条:{first}",
    "{count} rows of this batch are used or changed, so it can not be undone; first: {first}",
)
BATCH_FILE_GONE = refusal(
    "import-batch-file-gone",
    Kind.NOT_FOUND,
    "上传的文件只保留 7 天,已删除",
    "Uploaded files are kept for 7 days; this one is gone",
)
BATCH_VERDICTS_GONE = refusal(
    "import-batch-verdicts-gone",
    Kind.NOT_FOUND,
    "逐行结果只保留 90 天,已删除",
    "Verdicts are kept for 90 days; these are gone",
)
BATCH_IN_POOL = refusal(
    "import-batch-in-pool",
    Kind.CONFLICT,
    "该批次导入之后已冻结过抽取名录({draws}),不能撤销",
    "Pools were frozen since the batch was imported ({draws}), so it can not be undone",
)
