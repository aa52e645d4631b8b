"""The full walk: every single change of every value of every vector bundle.

Run by hand, it takes minutes: python -m tests.verifier.mutate_all
Prints a table by bundle and every undetected change, with the reason why it must stand; ends with
code 1 if a change stands for which there is no reason.

With --dump N it prints N sampled mutations a bundle and their verdicts as JSON lines instead, for
the comparison with the page (tests/web/verify_page.mjs).
"""

import json
import sys
import time
from collections import Counter

from tests.verifier.mutations import leaves_and_containers, must_stand, mutations
from tests.verifier.script import judge, vectors


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def walk() -> int:
    unexcused = 0
    for bundle in vectors():
        started, codes, stands = time.monotonic(), Counter(), Counter()
        for mutation in mutations(bundle):
            code, _ = judge(mutation.bundle)
            codes[code] += 1
            if code == 0:
                reason = must_stand(bundle, mutation)
                stands[reason or f"UNEXCUSED {mutation}"] += 1
                unexcused += not reason
        draw_no, paths = bundle["manifest"]["draw_no"], len(list(leaves_and_containers(bundle)))
        say(
            f"{draw_no}: {paths} values, {sum(codes.values())} changes, "
            f"refused with 1: {codes[1]}, with 2: {codes[2]}, stand: {codes[0]} "
            f"({time.monotonic() - started:.0f} s)"
        )
        for reason, count in sorted(stands.items()):
            say(f"    {count:5} {reason}")
    say(f"changes that stand without a reason: {unexcused}")
    return 1 if unexcused else 0


def dump(count: int) -> int:
    for index, bundle in enumerate(vectors()):
        found = len(list(leaves_and_containers(bundle)))
        for mutation in mutations(bundle, each=1, step=max(1, found // count)):
            code, report = judge(mutation.bundle)
            lines = [] if report is None else [[s, name] for s, name, _ in report.lines]
            record = {"of": index, "what": str(mutation), "code": code, "lines": lines}
            record["text"] = json.dumps(mutation.bundle, ensure_ascii=False)
            say(json.dumps(record, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(dump(int(sys.argv[2])) if sys.argv[1:2] == ["--dump"] else walk())
