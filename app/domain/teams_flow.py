"""The staffing of one department as a flow, changed only by augmenting paths (exact, no solver).

A *group* is one object's need of this department: `members` distinct officers, one of them at least
a lead where the department's `lead` is true. An officer belongs to one department, so departments
share nothing but the decision whether an object is accepted, and each has a flow of its own.
It answers two questions exactly: can this group be staffed beside all others (`admit`), and can
this officer serve this group while everybody stays staffed (`force`). It refuses to prefer anybody:
which of many full staffings stands here at a moment never shows in a result.

Nodes of the residual graph: an officer; a group's entry for anybody (its *head*); a group's entry
for those who may not lead (its *tail*, limited to members - 1 so that a place is left for a lead).
"""

from collections import deque
from collections.abc import Iterable, Sequence

Officer = int
Group = int
_NOBODY: frozenset[Officer] = frozenset()


class DepartmentFlow:
    """The officers 0 … n-1 of a department, its groups, and one full staffing of those admitted."""

    def __init__(
        self, count: int, leads: frozenset[Officer] | None, members: int, cap: int
    ) -> None:
        """`leads`: who may lead; None when the department's teams need no lead."""
        self._count = count
        self._leads = leads
        self._members = members
        self._tail_limit = members - 1
        self._cap = cap
        self._load = [0] * count
        self._free = set(range(count))
        self._serves: list[set[Group]] = [set() for _ in range(count)]
        self._eligible: list[frozenset[Officer]] = []  # shared by all groups of a region
        self._heads: list[frozenset[Officer]] = []
        self._tails: list[frozenset[Officer]] = []
        self._entries: dict[frozenset[Officer], tuple[frozenset[Officer], frozenset[Officer]]] = {}
        self._recused: list[frozenset[Officer]] = []
        self._team: list[set[Officer]] = []
        self._tail_load: list[int] = []
        # For officers once searched from in vain, a set that holds all they reach: see `_in_vain`.
        self._reach: dict[Officer, int] = {}
        # Per set of eligible officers the last shortage found: see `_known_shortage`.
        self._shortages: dict[frozenset[Officer], frozenset[Officer]] = {}

    def add_group(self, eligible: frozenset[Officer], recused: frozenset[Officer]) -> Group:
        """A new group, staffed by nobody; pass the same `eligible` object for a whole region."""
        heads, tails = self._entries.setdefault(eligible, (eligible, _NOBODY))
        if self._leads is not None and heads is eligible:
            heads, tails = eligible & self._leads, eligible - self._leads
            self._entries[eligible] = heads, tails
        self._eligible.append(eligible)
        self._heads.append(heads)
        self._tails.append(tails)
        self._recused.append(recused & eligible)
        self._team.append(set())
        self._tail_load.append(0)
        return len(self._team) - 1

    # --- accepting ------------------------------------------------------------------------------

    def admit(self, group: Group) -> frozenset[Officer] | None:
        """Staff the group beside all others: None. Or leave it unstaffed: the officers short.

        Those officers, all together, have fewer places than the groups need of them.
        """
        short = self._known_shortage(group)
        if short is not None:
            return short
        for _ in range(self._members):
            found = self._augment(group)
            if found is not None:
                self.withdraw(group)
                if found:
                    self._shortages[self._eligible[group]] = found
                return found
        return None

    def withdraw(self, group: Group) -> None:
        """Take the group's officers away again; the others keep theirs."""
        for officer in list(self._team[group]):
            self._leave(officer, group)
            self._unload(officer)

    def needed_of(self, group: Group, officers: frozenset[Officer]) -> int:
        """How many of the group's places only these officers can fill."""
        recused = self._recused[group]
        heads = len(self._heads[group] - recused - officers)
        tails = len(self._tails[group] - recused - officers)
        return self._members - min(self._members, heads + min(self._tail_limit, tails))

    def _known_shortage(self, group: Group) -> frozenset[Officer] | None:
        """Refuse without a search where an earlier shortage already proves it.

        A failed search leaves a set of officers that no residual path leaves; it stays so until a
        path enters it from outside (`_augment` forgets it then). What the group needs of the set
        beyond the set's spare places cannot come from anywhere.
        """
        short = self._shortages.get(self._eligible[group]) if self._shortages else None
        if short is None:
            return None
        spare = sum(self._cap - self._load[officer] for officer in short & self._free)
        return short if self.needed_of(group, short) > spare else None

    def _augment(self, group: Group) -> frozenset[Officer] | None:
        """Give the group one officer more, or return the officers reached in vain."""
        end = self._spare_officer(group)
        if end is None:
            head = self._count + 2 * group
            end, reached = self._search(head, _NOBODY)
            if end is None:
                return frozenset(reached)
        else:
            self._join(end, group)
        self._take(end)
        for signature, short in list(self._shortages.items()):
            if end in short and not self._eligible[group] <= short:
                del self._shortages[signature]
        return None

    def _spare_officer(self, group: Group) -> Officer | None:
        """Someone who can join at once; a shortcut past the search."""
        barred = self._recused[group] | self._team[group]
        pools = [self._heads[group]]
        if self._tail_load[group] < self._tail_limit:
            # those who may not lead first: leads are the scarcer
            pools.insert(0, self._tails[group])
        for pool in pools:
            for officer in pool if len(pool) < len(self._free) else self._free & pool:
                if officer in self._free and officer not in barred:
                    return officer
        return None

    # --- choosing -------------------------------------------------------------------------------

    def force(self, officer: Officer, group: Group, settled: Iterable[Officer]) -> bool:
        """Let the officer serve the group while everybody stays staffed; False if that cannot be.

        `settled` are the team's officers that may not be replaced. The first of a team that needs
        a lead must be one, so that whoever comes later may replace any of the rest.
        """
        team = self._team[group]
        if officer in team:
            return True
        movable = team.difference(settled)
        if not movable:
            return False
        if self._load[officer] < self._cap:
            leaving = min(movable)
            self._take(officer)
        else:
            if self._in_vain(officer, movable):
                return False
            end, reached = self._search(officer, movable)
            if end is None:
                self._remember({*reached, officer})
                return False
            if end in movable:
                # moved to another group's place; its own place here falls to `officer`
                self._leave(end, group)
                self._join(officer, group)
                return True
            leaving = min(movable)
            self._take(end)
        self._leave(leaving, group)
        self._unload(leaving)
        self._join(officer, group)
        return True

    def settle(self, officer: Officer, group: Group) -> None:
        """From now on the officer serves this group: no search moves them away."""
        self._serves[officer].discard(group)

    def _in_vain(self, officer: Officer, movable: Iterable[Officer]) -> bool:
        """Whether a search that failed before tells that one to these officers would fail too.

        What a failed search reached has no spare place and no way out. That lasts: settling only
        takes ways away, and a change that everybody survives is a cycle, which cannot enter the
        set without leaving it. So the officers reached then are all that can be reached now.
        """
        reach = self._reach.get(officer)
        return reach is not None and not any(reach >> other & 1 for other in movable)

    def _remember(self, reached: Iterable[Officer]) -> None:
        """Keep the smallest set known for each; as bits, since there may be one per officer."""
        among = list(reached)
        mask = 0
        for officer in among:
            mask |= 1 << officer
        for officer in among:
            known = self._reach.get(officer)
            if known is None or mask.bit_count() < known.bit_count():
                self._reach[officer] = mask

    # --- the residual graph ---------------------------------------------------------------------

    def _search(
        self, start: int, targets: Iterable[Officer]
    ) -> tuple[Officer | None, set[Officer]]:
        """Breadth first to an officer with a spare place or in `targets`; the path is applied.

        `start`: the head of a group that needs an officer, or an officer who must leave a group.
        """
        ends = self._free.union(targets)
        unseen = set(range(self._count))
        unseen.discard(start)
        parent: dict[int, int] = {start: -1}
        queue = deque((start,))
        reached: set[Officer] = set()
        while queue:
            node = queue.popleft()
            if node < self._count:
                steps = self._groups_left_by(node)
            else:
                group, is_tail = divmod(node - self._count, 2)
                pool = self._tails[group] if is_tail else self._heads[group]
                out = self._recused[group] | self._team[group]
                # The ends first: they are few, and the pool may be a whole region.
                found = (pool & ends) - out
                if found:
                    end = min(found)
                    parent[end] = node
                    self._apply(end, parent)
                    return end, reached
                joining = (pool & unseen) - out
                parent.update(dict.fromkeys(joining, node))
                unseen -= joining
                reached |= joining
                queue.extend(joining)
                steps = self._other_entry(group, is_tail)
            for step in steps:
                if step not in parent:
                    parent[step] = node
                    queue.append(step)
        return None, reached

    def _groups_left_by(self, officer: Officer) -> Sequence[int]:
        entry = self._count + self._is_tail(officer)
        return [entry + 2 * group for group in self._serves[officer]]

    def _other_entry(self, group: Group, is_tail: int) -> Sequence[int]:
        head = self._count + 2 * group
        if is_tail:
            # a place given to the tail can go back to the head
            return (head,) if self._tail_load[group] > 0 else ()
        return (head + 1,) if self._tail_load[group] < self._tail_limit else ()

    def _apply(self, end: Officer, parent: dict[int, int]) -> None:
        joins: list[tuple[Officer, Group]] = []
        leaves: list[tuple[Officer, Group]] = []
        node = end
        while (before := parent[node]) >= 0:
            if node < self._count:
                joins.append((node, (before - self._count) // 2))
            elif before < self._count:
                leaves.append((before, (node - self._count) // 2))
            node = before
        for officer, group in leaves:
            self._leave(officer, group)
        for officer, group in joins:
            self._join(officer, group)

    def _is_tail(self, officer: Officer) -> int:
        return int(self._leads is not None and officer not in self._leads)

    def _join(self, officer: Officer, group: Group) -> None:
        self._team[group].add(officer)
        self._serves[officer].add(group)
        self._tail_load[group] += self._is_tail(officer)

    def _leave(self, officer: Officer, group: Group) -> None:
        self._team[group].discard(officer)
        self._serves[officer].discard(group)
        self._tail_load[group] -= self._is_tail(officer)

    def _take(self, officer: Officer) -> None:
        self._load[officer] += 1
        if self._load[officer] == self._cap:
            self._free.discard(officer)

    def _unload(self, officer: Officer) -> None:
        self._load[officer] -= 1
        self._free.add(officer)
