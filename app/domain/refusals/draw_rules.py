"""Refusals of the draw's own rules (DRAW.md): quotas, frozen files, manifest, contributions."""

from app.domain.errors import Kind, refusal

DRAW_CODE_FORM = refusal(
    "draw-code-form",
    Kind.INVALID,
    "编码格式不符合要求({field}):只能使用数字、大写字母及 . _ -,首位为数字或大写字母,不超过 64 位",
    "A code must be digits, upper-case letters and . _ -, at most 64, starting with a digit or "
    "letter ({field})",
)
FROZEN_FILE_INVALID = refusal(
    "frozen-file-invalid",
    Kind.INVALID,
    "封存文件 {file} 第 {line} 行不符合要求({rule})",
    "Line {line} of the frozen file {file} breaks a rule ({rule})",
)
FROZEN_FILES_OVERLAP = refusal(
    "frozen-files-overlap",
    Kind.INVALID,
    "编码 {value} 同时出现在 {first} 和 {second} 两个封存文件中",
    "The code {value} stands in both frozen files {first} and {second}",
)
MANIFEST_INVALID = refusal(
    "manifest-invalid",
    Kind.INVALID,
    "抽取清单的 {field} 不符合要求({rule})",
    "The {field} of the draw manifest breaks a rule ({rule})",
)
QUOTA_RULE_FORM = refusal(
    "quota-rule-form",
    Kind.INVALID,
    "抽取数量规则的格式不符合要求({field})",
    "The quota rule is not well formed ({field})",
)
QUOTA_STRATA_MISMATCH = refusal(
    "quota-strata-mismatch",
    Kind.INVALID,
    "抽取数量规则的 {field} 须与名单中的分层完全一致(缺少:{missing};多余:{unknown})",
    "{field} must name exactly the strata present (missing: {missing}; unknown: {unknown})",
)
QUOTA_RATIO_ABOVE_ALL = refusal(
    "quota-ratio-above-all",
    Kind.INVALID,
    "分层 {stratum} 的抽取比例超过 100%",
    "The ratio of stratum {stratum} is above 100 %",
)
QUOTA_BOUNDS = refusal(
    "quota-bounds",
    Kind.INVALID,
    "分层 {stratum} 须满足:最低数({minimum})≤ 最高数({maximum})≤ 对象数({size})",
    "Stratum {stratum} needs minimum ({minimum}) ≤ maximum ({maximum}) ≤ size ({size})",
)
QUOTA_MINIMUM_ABOVE_TOTAL = refusal(
    "quota-minimum-above-total",
    Kind.INVALID,
    "各分层最低数之和({minimum})超过抽取总数({total})",
    "The minimums ({minimum}) add up to more than the total ({total})",
)
QUOTA_NO_ROOM = refusal(
    "quota-no-room",
    Kind.INVALID,
    "抽取总数({total})无法分配完:还有 {left} 户没有可分配的分层",
    "The total ({total}) cannot be shared out: {left} find no stratum with room",
)
CONTRIBUTION_FORM = refusal(
    "contribution-form",
    Kind.INVALID,
    "见证值的格式不符合要求:最多 64 位文字、一个点号、32 位小写十六进制随机数",
    "A contribution is a text of at most 64 characters, a full stop, and 32 random lower-case hex",
)
CONTRIBUTION_MISMATCH = refusal(
    "contribution-mismatch",
    Kind.INVALID,
    "公开的见证值与此前提交的承诺不符({who})",
    "The value opened does not match the commitment made before ({who})",
)
CONTRIBUTORS_INCOMPLETE = refusal(
    "contributors-incomplete",
    Kind.CONFLICT,
    "见证人不齐(缺少:{missing};多余:{unknown})",
    "The contributors are not exactly those named (missing: {missing}; unknown: {unknown})",
)
VOID_NOT_DRAWN = refusal(
    "void-not-drawn",
    Kind.CONFLICT,
    "该对象不在分层 {stratum} 的现行抽取结果中,不能作废",
    "The object is not among the present outcome of stratum {stratum}, so it cannot be void",
)
