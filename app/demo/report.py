"""The report of a demo year: what was made, what was verified, what was expected and came true."""

from dataclasses import asdict
from typing import Any

from app.demo.stage import Year


def year_report(year: Year, phases: dict[str, float]) -> dict[str, Any]:
    """The report as JSON; audit and whole time are added by whoever ran it."""
    return {
        "counts": dict(sorted(year.counts.items())),
        "results": dict(sorted(year.results.items())),
        "acknowledgements": dict(sorted(year.acknowledgements.items())),
        "publication_rate_before": year.rates.get("before"),
        "publication_rate_after": year.rates.get("after"),
        "draws_verified": year.draws_verified,
        "audit_verified": False,
        "audit_entries": 0,
        "draws": [
            {
                "draw_no": story.draw_no,
                "annulled": story.annulled,
                "contributors": list(story.contributors),
                "manifest_sha256": story.manifest_sha256,
                "commits_sha256": story.commits_sha256,
                "winners": len(story.winners),
                "excluded": len(story.excluded),
                "officers_excluded": len(story.officers_excluded),
            }
            for story in year.draws
        ],
        "expectations": [asdict(one) for one in year.expectations],
        "expectations_met": all(one.ok for one in year.expectations),
        "checklist_import": year.checklist_import or None,
        "requests": year.line.requests,
        "logins": year.line.logins,
        "phases": phases,
        "seconds": 0.0,
    }
