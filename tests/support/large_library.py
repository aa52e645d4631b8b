"""An object library of any size, made by SQL: for plans of queries, and for what bench/ measures.

Names are put together from parts whose pinyin is known, so that the key of each is right without a
call per row. Fragments are as common as in a real library (a place, 有限公司) or rare; kinds follow
the names; departments are large, small, tiny, and one came in by a single late file. Credit codes
have their form, not their check digit.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.reference.pinyin import name_key

TOWNS = ("大沁他拉镇", "八仙筒镇", "青龙山镇", "新镇", "治安镇", "东明镇", "沙日浩来镇", "义隆永镇")
PLACES = (
    *["奈曼旗"] * 12, *(f"奈曼旗{town}" for town in TOWNS), *["内蒙古"] * 3, *["通辽市"] * 2,
    "通辽市奈曼旗", *[""] * 6,
)  # fmt: skip
FIRST = "安宝昌成达德东恩发丰福富光广国海汉和恒宏鸿华辉汇惠佳家嘉建金锦晶景聚凯康乐利联龙隆茂美民明"
SECOND = (
    "宁鹏平齐启庆荣瑞润森山尚胜盛世顺泰天通同万旺伟文祥新鑫信兴雄旭亚阳业益银永友宇源远云泽正志中众"
)
TRADES = (
    "食品", "餐饮", "商贸", "超市", "药房", "五金", "建材", "种植", "养殖", "农机", "运输", "物流",
    "酒店", "美容", "广告", "装饰", "汽修", "服装", "通讯", "电器", "水产", "粮油", "医疗器械",
    "烟酒", "文具", "幼儿园", "化工", "能源", "驾驶培训", "房地产",
)  # fmt: skip
ENDINGS = (
    ("enterprise", "有限公司"), ("enterprise", "有限责任公司"), ("enterprise", "股份有限公司"),
    ("individual_business", "店"), ("individual_business", "经营部"),
    ("individual_business", "商行"), ("individual_business", "馆"), ("farmer_coop", "专业合作社"),
    ("other_org", "服务中心"),
)  # fmt: skip
INDUSTRIES = ("A", "A0111", "0311", "13", "1353", "C1411", "5212", "F5225", "6210", "H6110", "8321")
TAGS = ("食品销售", "餐饮服务", "药品", "特种设备", "广告", "农资", "危化品", "重点监管")
SHARES = {"SCJG": 0.7, "NMKJ": 0.2, "JYTY": 0.1, "GAJ": 0.08, "WLJ": 0.03, "YBJ": 0.0005}
"""The part of the library that each department supervises; JYTY's came in by one late file."""
SUBJECTS = """
WITH parts AS (SELECT {arrays}), made AS (
    SELECT n, abs(hashint4(n)) AS h,
        '91' || :region || 'MA' || lpad(upper(to_hex(n * 2654435761 % 16777216)), 6, '0') || '0X' AS code,
        1 + abs(hashint4(n + 1000003)) % cardinality(places) AS p,
        1 + abs(hashint4(n + 2000003)) % cardinality(first) AS a,
        1 + abs(hashint4(n + 3000017)) % cardinality(second) AS b,
        1 + abs(hashint4(n + 4000037)) % cardinality(trades) AS t,
        1 + abs(hashint4(n + 5000011)) % cardinality(endings) AS e
    FROM generate_series((:start)::int, (:stop)::int) AS n, parts)
INSERT INTO inspection_object (
    id, region_code, code, kind, id_scheme, id_value, name, name_key, area_code, industry_code,
    status, risk_class, attributes, last_inspected_on, row_version, created_at, updated_at)
SELECT
    ('019b' || lpad(to_hex(n), 8, '0') || '7000' || '8000' || lpad(to_hex(h), 12, '0'))::uuid,
    :region, code, kinds[e], 'credit_code', code,
    places[p] || first[a] || second[b] || trades[t] || endings[e],
    place_keys[p] || first_keys[a] || ' ' || second_keys[b] || ' ' || trade_keys[t] || ' '
        || ending_keys[e],
    :region || lpad((100 + n % 14)::text, 3, '0') || lpad((200 + n % 40)::text, 3, '0'),
    industries[1 + h % cardinality(industries)],
    CASE WHEN h % 40 = 0 THEN 'cancelled' WHEN h % 97 = 0 THEN 'revoked'
        WHEN h % 1009 = 0 THEN 'suspended' ELSE 'active' END,
    (ARRAY['A', 'A', 'A', 'A', 'B', 'B', 'C', 'UNRATED', 'UNRATED', 'D'])[1 + h / 7 % 10],
    '{{}}', CASE WHEN h % 5 = 0 THEN '2025-01-01'::date + h % 500 END, 1, :now, :now
FROM made, parts
"""
ENTRIES = """
INSERT INTO library_entry (id, department_id, object_id, tags, special_libraries, created_at)
SELECT gen_random_uuid(), (:department)::uuid, o.id,
    ARRAY[((:tags)::text[])[1 + abs(hashtext(o.code)) % (cardinality((:tags)::text[]) - 1)]],
    CASE WHEN abs(hashtext(o.code)) % 50 = 0 THEN ARRAY['食品生产企业库'] ELSE ARRAY[]::text[] END, :now
FROM (SELECT id, code, row_number() OVER (ORDER BY id DESC) AS r, count(*) OVER () AS n
      FROM inspection_object) AS o
WHERE CASE WHEN (:late)::boolean THEN o.r <= o.n * (:share)::float
      ELSE abs(hashtext(o.code || CAST(CAST(:department AS uuid) AS text))) % 1000 < (:share)::float * 1000 END
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'library_search'"
CHUNK = 100_000


def _parts() -> dict[str, list[str]]:
    places, endings = list(PLACES), [ending for _, ending in ENDINGS]
    return {
        "kinds": [kind for kind, _ in ENDINGS],
        "places": places, "place_keys": [name_key(place) + " " if place else "" for place in places],
        "first": list(FIRST), "first_keys": [name_key(part) for part in FIRST],
        "second": list(SECOND), "second_keys": [name_key(part) for part in SECOND],
        "trades": list(TRADES), "trade_keys": [name_key(part) for part in TRADES],
        "endings": endings, "ending_keys": [name_key(part) for part in endings],
        "industries": list(INDUSTRIES),
    }  # fmt: skip


async def make_large_library(
    connection: AsyncConnection,
    count: int,
    region: str,
    now: object,
    shares: dict[str, float] = SHARES,
) -> None:
    """Fill an empty library as the owner of its tables; the indexes of the search come last."""
    indexes = [tuple(row) for row in await connection.execute(text(INDEXES))]
    late = [row for row in indexes if not row[0].startswith("pk_")]
    for name, _ in late:
        await connection.execute(text(f"DROP INDEX {name}"))
    for start in range(1, count + 1, CHUNK):
        window = {"start": start, "stop": min(count, start + CHUNK - 1)}
        arrays = ", ".join(f"(:{part})::text[] AS {part}" for part in _parts())
        values = _parts() | window | {"region": region, "now": now}
        await connection.execute(text(SUBJECTS.format(arrays=arrays)), values)
    departments = await connection.execute(
        text("SELECT code, id FROM department WHERE region_code = :region"), {"region": region}
    )
    ids = {code: str(department) for code, department in departments}
    for code, share in shares.items():
        values = {"department": ids[code], "share": share, "late": code == "JYTY", "now": now}
        await connection.execute(text(ENTRIES), values | {"tags": list(TAGS)})
    await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for _, definition in late:
        await connection.execute(text(definition))
    for table in ("inspection_object", "library_entry", "library_search"):
        await connection.execute(text(f"ANALYZE {table}"))
