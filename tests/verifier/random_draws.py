"""Whole random draws with teams by the definition itself, to try the verifiers on.

The teams come from a naive oracle: one explicit flow network for each question "can all this be
staffed?", solved from nothing. It shares no idea with the verifiers but the definition.
Prints N bundles as one JSON list: python -m tests.verifier.random_draws N
"""

import json
import random
import sys
from collections import deque

from tests.verifier.script import verify_draw as v

Place = tuple  # (object, department, "L" or "A")


def max_flow(edges: dict, source: object, sink: object) -> int:
    """Edmonds and Karp over {from: {to: capacity}}."""
    total = 0
    while True:
        came, queue = {source: None}, deque([source])
        while queue and sink not in came:
            node = queue.popleft()
            for to, room in edges[node].items():
                if room and to not in came:
                    came[to] = node
                    queue.append(to)
        if sink not in came:
            return total
        node = sink
        while came[node] is not None:
            edges[came[node]][node] -= 1
            edges[node][came[node]] = edges[node].get(came[node], 0) + 1
            node = came[node]
        total += 1


def can_staff(objects: list, rule: dict, fits: dict, leads: set, chosen: list) -> bool:
    """`fits` {(object, department): officers}; `chosen` [(place, officer)] stay as they are."""
    demand: dict = {}
    for obj in objects:
        for d in rule["departments"]:
            if d["lead"]:
                demand[obj, d["code"], "L"] = 1
            demand[obj, d["code"], "A"] = d["members"] - d["lead"]
    room = {x: rule["cap"] for xs in fits.values() for x in xs}
    taken = set()
    for place, x in chosen:
        demand[place] -= 1
        room[x] -= 1
        taken.add((place[0], x))
    edges: dict = {"source": {}, "sink": {}}
    for place, need in demand.items():
        edges["source"][place] = need
        edges[place] = {}
        for x in fits[place[0], place[1]]:
            if (place[0], x) in taken or (place[2] == "L" and x not in leads):
                continue
            edges[place]["pair", place[0], x] = 1
            edges.setdefault(("pair", place[0], x), {})["officer", x] = 1
    for x, places in room.items():
        edges["officer", x] = {"sink": places}
    return max_flow(edges, "source", "sink") == sum(demand.values())


def teams_by_definition(order: list, rule: dict, files: dict, region: dict, key: str) -> tuple:
    recused = set(map(tuple, files["recusals"]))
    leads = {row[0] for row in files["officers"] if row[2] == "1"}
    load = {row[0]: int(row[3]) for row in files["officers"]}
    fits = {
        (obj, d["code"]): [
            row[0]
            for row in files["officers"]
            if row[1] == d["code"]
            and (row[0], obj) not in recused
            and (row[4] == "-" or any(region[obj].startswith(p) for p in row[4].split(",")))
        ]
        for obj in order
        for d in rule["departments"]
    }
    accepted: list = []
    for obj in order:
        if can_staff([*accepted, obj], rule, fits, leads, []):
            accepted.append(obj)
    chosen: list = []
    teams = []
    for obj in accepted:
        parts = []
        for d in rule["departments"]:
            team: list = []
            for slot in range(d["members"]):
                place = (obj, d["code"], "L" if d["lead"] and slot == 0 else "A")
                given = {x: sum(y == x for _, y in chosen) for x in load}
                ranked = sorted(
                    (load[x] + given[x], v.sha256(f"{key}:{obj}|{x}"), x)
                    for x in fits[obj, d["code"]]
                    if x not in team and given[x] < rule["cap"] and (place[2] == "A" or x in leads)
                )
                best = next(
                    x
                    for _, _, x in ranked
                    if can_staff(accepted, rule, fits, leads, [*chosen, (place, x)])
                )
                chosen.append((place, best))
                team.append(best)
            parts.append([d["code"], team])
        teams.append([obj, parts])
    return teams, [obj for obj in order if obj not in accepted]


def text_of(rows: list) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def entry(rows: list) -> dict:
    return {"size": len(rows), "sha256": v.sha256(text_of(rows))}


def random_files(rng: random.Random, departments: list) -> dict:
    areas = ["150525", "1505251", "150525100", "150525101", "150525200"]
    objects = [f"9{rng.randrange(10**6):06}" for _ in range(rng.randint(3, 12))]
    objects = sorted({*objects, "X-1", "X.1", "X_1"})
    officers = [f"F{i:03}" for i in range(rng.randint(2, 9))]
    pool = [[o, rng.choice("AB"), "1", rng.choice([*areas[2:], "-"])] for o in objects]
    return {
        "pool": pool,
        "excluded": [["Z1", "CANCELLED"]] if rng.random() < 0.5 else [],
        "officers": [
            [
                x,
                rng.choice(departments)["code"],
                rng.choice("011"),
                str(rng.choice([0, 0, 1, 2, 2**53 - 1])),
                rng.choice(["-", "-", "150525", "1505251", "150525101,150525200"]),
            ]
            for x in officers
        ],
        "officers_excluded": [["G1", "ON_LEAVE"]],
        "recusals": [[x, o] for x in officers for o in objects if rng.random() < 0.15],
    }


def random_draw(number: int) -> dict:
    rng = random.Random(number)
    departments = [
        {"code": code, "members": rng.choice([1, 2, 2, 3]), "lead": rng.random() < 0.6}
        for code in ["SCJG", "XFJY"][: rng.choice([1, 1, 2])]
    ]
    files = random_files(rng, departments)
    pool = files["pool"]
    strata = {s: sum(row[1] == s for row in pool) for s in sorted({row[1] for row in pool})}
    ratio = {s: rng.choice([0, 2500, 6000, 10000]) for s in strata}
    rule = {"departments": departments, "cap": rng.randint(1, 4)}
    secret = f"{rng.randrange(2**256):064x}"
    draw_no = f"R-{number}"
    manifest = {
        "alg": "draw-v1",
        "draw_no": draw_no,
        "task": f"T-{number}",
        "rehearsal": rng.random() < 0.2,
        "supersedes": "none",
        "strata": strata,
        "quota_rule": {"method": "ratio", "per_10000": ratio},
        "quota": {s: -(-n * ratio[s] // 10000) for s, n in strata.items()},
        "quota_note": '样本过小\t"“\u2028\\\u007f',
        "reserve": rng.randint(0, 3),
        "withheld": [],
        "teams": rule,
        "server_commit": v.sha256(f"draw-v1/commit\n{draw_no}\n{secret}"),
        "contributors": ["A", "B-1"],
        "close_at": "2028-02-29T23:59:59.5Z",
        "public_source": "骰子",
        "beacon": "none",
        **{name: entry(rows) for name, rows in files.items()},
    }
    lines = text_of(pool).split("\n")[:-1]
    manifest["pool"]["root"] = v.merkle_root(v.merkle_levels(lines))
    return completed(manifest, files, secret, rng)


def completed(manifest: dict, files: dict, secret: str, rng: random.Random) -> dict:
    """The bundle of a frozen manifest: values opened, seed, outcome."""
    manifest_sha = v.sha256(v.canonical(manifest))
    values = {who: f"dice.{rng.randrange(2**128):032x}" for who in manifest["contributors"]}
    public = ";".join(f"{who}={value}" for who, value in sorted(values.items()))
    seed = v.sha256(
        f"draw-v1/seed\nmanifest:{manifest_sha}\nserver:{secret}\npublic:{public}\nbeacon:"
    )
    keys = {p: v.sha256(f"draw-v1/key\n{p}\n{seed}") for p in ("object", "task", "officer")}
    selected, reserve = {}, {}
    for s, k in manifest["quota"].items():
        ranked = sorted(
            [v.sha256(f"{keys['object']}:{row[0]}"), row[0]] for row in files["pool"] if row[1] == s
        )
        selected[s], reserve[s] = ranked[:k], ranked[k : k + manifest["reserve"]]
    winners = [code for rows in selected.values() for _, code in rows]
    order = sorted(winners, key=lambda code: (v.sha256(f"{keys['task']}:{code}"), code))
    region = {row[0]: row[3] for row in files["pool"]}
    teams, unstaffable = teams_by_definition(
        order, manifest["teams"], files, region, keys["officer"]
    )
    return {
        "manifest": manifest,
        "server_secret": secret,
        "contribution_commits": {
            who: v.sha256(f"draw-v1/contribution\n{manifest_sha}\n{who}\n{value}")
            for who, value in values.items()
        },
        "contributions": values,
        "beacon": "",
        "seed": seed,
        "keys": keys,
        "selected": selected,
        "reserve": reserve,
        "cutoff": {s: rows[-1][0] for s, rows in selected.items() if rows},
        "teams": teams,
        "unstaffable": unstaffable,
        "voids": [],
        "final": {s: [code for _, code in rows] for s, rows in selected.items()},
        **{name: text_of(rows) for name, rows in files.items()},
    }


if __name__ == "__main__":
    json.dump([random_draw(n) for n in range(int(sys.argv[1]))], sys.stdout, ensure_ascii=False)
