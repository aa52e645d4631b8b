"""Sign-in, refresh, sign-out, lock, and roles that change between two requests."""

from app.domain.actor import Role
from tests.support.world import PASSWORD, World


async def test_me_tells_permissions_and_scope(world: World) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    me = (await clerk.get("me")).json()
    assert me["department_code"] == "SCJG"
    assert "plan:write" in me["permissions"]
    assert "plan:approve" not in me["permissions"]
    assert me["reads"] == "own department"


async def test_a_wrong_password_is_refused_in_two_languages(world: World) -> None:
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    body = {"username": username, "password": "wrong"}
    response = await world.client.post("/api/v1/auth/login", json=body)
    assert response.status_code == 401
    problem = response.json()
    assert problem["code"] == "bad-credentials"
    assert problem["messages"]["zh"] != problem["messages"]["en"]
    assert "wrong" not in response.text.replace("is wrong", "")
