"""What a call came to, and whether that is what its step says."""

import orapool

from .findings import Findings
from .words import STATUSES, SUCCESS_WITH_INFO


class Outcome:
    """A status, and the errors behind it."""

    def __init__(self, status=0, error=None):
        self.status = status
        self.errors = []
        while isinstance(error, orapool.Error):
            self.errors.append(error)
            error = error.__cause__

    @property
    def code(self):
        return self.errors[0].code if self.errors else 0

    @property
    def message(self):
        return str(self.errors[0]) if self.errors else ""

    def __str__(self):
        causes = "".join(f"\n      [{error.status} / {error.code}] {error}" for error in self.errors)
        return f"status {self.status}{causes}"


def attempt(work, *arguments, **named):
    """Does it; the outcome and the result, which is None on failure. Only errors of the library are outcomes."""
    try:
        result = work(*arguments, **named)
    except orapool.Error as error:
        return Outcome(error.status, error), None
    warning = getattr(result, "warning", None)
    if warning is not None:
        return Outcome(SUCCESS_WITH_INFO, warning), result
    return Outcome(), result


def check_outcome(target, expect, outcome):
    """Checks status and error. What came stands behind the findings."""
    findings = Findings()
    expect = expect or {}
    name = expect.get("status") or "ORAPOOL_SUCCESS"
    if outcome.status != STATUSES[name]:
        findings.note(f"status: expected {name} ({STATUSES[name]}), came {outcome.status}")
    findings.equal("code", outcome.code, expect.get("code") or 0)
    if expect.get("cause_code") is not None:
        cause = outcome.errors[1].code if len(outcome.errors) > 1 else 0
        findings.equal("cause_code", cause, expect["cause_code"])
    for part in expect.get("message_contains") or ():
        if part not in outcome.message:
            findings.note(f"message: expected to find `{part}` in `{outcome.message}`")
    for word in ("session_dead", "transient"):
        if expect.get(word) is not None:
            findings.equal(word, bool(outcome.errors) and getattr(outcome.errors[0], word), expect[word])
    for error in outcome.errors:
        if any(password in str(error) for password in target.passwords()):
            findings.note("a message holds a password")
        if not isinstance(error, orapool.Error) or type(error) is orapool.Error:
            findings.note(f"an exception has no class of its own: {error!r}")
    findings.finish(f"\ncame: {outcome}")
