"""The legal clauses that rules cite: ids, where they stand, and what they ask, in short Chinese.

R01–R23 are clauses of the 2022 plan (奈曼旗 2022 年“双随机、一公开”监管工作实施方案); N1–N15 are
national and regional documents. A refusal that rests on a clause names its id. DB15/T 2463-2021
is named by number only: its text is not available here, and no clause of it is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PLAN = "奈曼旗2022年“双随机、一公开”监管工作实施方案"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause; `place` is the section within `document`, empty for the document as a whole."""

    id: str
    document: str
    place: str
    text: str
    unverified: bool = False


def _plan(number: int, place: str, text: str) -> Clause:
    return Clause(f"R{number:02d}", PLAN, place, text)


_PLAN_CLAUSES = (
    _plan(1, "三(一)", "随机抽查事项清单录入协同监管平台,并在本部门网站公示"),
    _plan(2, "三(二)", "检查对象名录库覆盖市场主体、其他主体和产品、项目、行为,与抽查事项相对应"),
    _plan(3, "三(二)", "全部行政执法类公务员和具有执法资格的人员录入名录库,按资质和专长分类标注"),
    _plan(4, "三(二)", "专家和专业机构以咨询意见辅助,不计入执法检查人员"),
    _plan(5, "三(二)", "根据检查对象设立、吊销、注销和人员变动,对两库适时动态管理"),
    _plan(6, "三(三)", "细则包括抽取原则、检查方法、检查内容、检查程序、结果公示、检查归档"),
    _plan(7, "三(四)", "抽查计划、清单、建库、抽取、公示、存档全过程留痕,结果归集至市场主体名下"),
    _plan(8, "四(一)", "除特殊行业和重点领域、投诉举报、转办交办、数据监测外,检查应当随机抽取"),
    _plan(9, "四(一)1", "部门抽查计划录入公示;检查对象和检查方式相近的,合并为一次"),
    _plan(10, "四(一)2", "联合抽查计划报领导小组办公室备案;计划调整严格履行程序,不得随意更改"),
    _plan(11, "四(二)", "自动抽取、匹配,随机生成《执法检查表》和执法检查组"),
    _plan(12, "四(三)", "按照《执法检查表》在规定时间内实施检查"),
    _plan(13, "四(三)", "可采取书面检查、实地核查、网络监测、委托专业机构等多种方式"),
    _plan(14, "四(三)", "实地核查提前联系,一次性告知检查事项、时间和需要准备的材料"),
    _plan(15, "四(三)", "有权查阅、复制账册、合同和有关资料,向当事人、知情人调查了解"),
    _plan(16, "四(三)", "检查记录由检查对象签字或者盖章;无法取得的注明原因,必要时邀请见证"),
    _plan(17, "四(三)", "情况复杂或者特殊、不能按期形成处理意见的,经本单位负责人批准"),
    _plan(18, "四(三)", "谁管辖、谁负责:责令改正、函告许可部门、立案查处、移送司法机关"),
    _plan(19, "四(四)", "谁检查、谁录入;检查结束之日起20个工作日内公示,联合检查各单位均须录入"),
    _plan(20, "四(四)", "所有检查公示率百分之百;已检查未公示的,视为未完成"),
    _plan(21, "四(四)", "公示只针对抽查行为本身,行政处罚按处罚信息公示的规定公示"),
    _plan(22, "五(二)(三)", "尽职照单免责、失职照单问责;纳入督查考核"),
    _plan(23, "附件1、附件2", "领导小组成员单位和联席会议成员单位;办公室设在旗市场监督管理局"),
)

_DOCUMENTS = (
    Clause("N1", "国办发〔2015〕58号", "", "没有法律依据不得检查;清单公开、动态调整;随机抽查"),
    Clause("N2", "国发〔2019〕5号", "", "除特殊重点领域外,原则上所有行政检查都通过双随机抽查进行"),
    Clause("N3", "国市监信〔2019〕38号", "", "区分重点和一般检查事项;建立两库;制定年度抽查计划"),
    Clause("N4", "国市监信发〔2022〕6号", "", "企业信用风险分为 A、B、C、D 四类,用于双随机抽查"),
    Clause("N5", "各地抽查比例规定", "", "抽查比例由各地确定,只作预设,不作常量"),
    Clause("N6", "原工商总局令第67号", "", "企业公示信息抽查;比例和期限", unverified=True),
    Clause("N7", "国办发〔2024〕54号", "", "规范涉企行政检查:主体、事项、频次上限公布,合并检查"),
    Clause(
        "N8", "内政办发〔2025〕20号", "", "检查事项清单和年度计划公示;同一对象同一时间默认联合检查"
    ),
    Clause("N9", "《行政检查文书基本格式文本(试行)》", "", "审批、通知、实施、记录、反馈的文书"),
    Clause("N10", "扫码入企、亮码检查有关规定", "", "先赋码、再凭码检查、后评价", unverified=True),
    Clause(
        "N11", "各地随机抽查工作细则", "", "抽取两名以上执法人员;回避;按程序递补", unverified=True
    ),
    Clause("N12", "国办发〔2023〕1号", "", "跨部门综合监管重点事项清单"),
    Clause("N13", "《中华人民共和国民法典》", "第二百零一条、第二百零三条", "当日不计入;末日顺延"),
    Clause("N14", "档案管理有关规定", "", "一案一档;保管期限由各地确定", unverified=True),
    Clause(
        "N15", "各地督查考核办法", "", "督查一单两库、计划、抽取、公示、联合检查", unverified=True
    ),
    Clause(
        "DB15/T 2463-2021",
        "DB15/T 2463-2021",
        "",
        "市场监管领域“双随机、一公开”抽查检查工作规范(仅引用编号)",
    ),
)

CLAUSES: Mapping[str, Clause] = MappingProxyType(
    {clause.id: clause for clause in (*_PLAN_CLAUSES, *_DOCUMENTS)}
)
