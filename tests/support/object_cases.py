"""What hangs on objects of a unit: a licence, a proposal to merge, a flag on a drawn one."""

from tests.support.library_factories import make_object
from tests.support.world import Caller

LICENCE = {
    "name": "食品经营许可证",
    "number": "JY11505250000999",
    "issuer": "奈曼旗市场监督管理局",
    "approved_on": "2022-03-01",
    "valid_to": "2027-02-28",
}


async def object_cases(clerk: Caller, drawn_code: str) -> dict[str, str]:
    """Their ids by the name of the path's parameter; the drawn object is suspended."""
    twin = {"name": "奈曼旗示例双份超市", "address": "示例街 77 号"}
    firm = await make_object(clerk, **twin)
    await make_object(clerk, **twin)
    path = f"inspection-objects/{firm['id']}/licences"
    licence = await clerk.post(path, LICENCE, etag='"1"')
    assert licence.status_code == 201, licence.text
    (proposal,) = (await clerk.get("object-merge-proposals")).json()["items"]
    (drawn,) = (await clerk.get(f"inspection-objects?q={drawn_code}")).json()["items"]
    path = f"inspection-objects/{drawn['id']}"
    tag = (await clerk.get(path)).headers["etag"]
    event = {"kind": "suspended", "effective_on": "2026-03-01"}
    assert (await clerk.post(f"{path}/events", event, etag=tag)).status_code == 201
    (flag,) = (await clerk.get("object-flags")).json()["items"]
    return {
        "licence_id": licence.json()["id"],
        "proposal_id": proposal["id"],
        "flag_id": flag["id"],
    }
