"""What a project's own software may do here: its token has some of these scopes."""

from __future__ import annotations

from enum import StrEnum

from syncsvc.core.access import Right


class TokenScope(StrEnum):
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    QUESTIONS_READ = "questions:read"
    QUESTIONS_ANSWER = "questions:answer"
    RUNS_READ = "runs:read"
    TABLES_READ = "tables:read"
    TABLES_SYNC = "tables:sync"

    @property
    def right(self) -> Right:
        """What a person would need for the same."""
        return _RIGHTS[self]


_RIGHTS = {
    TokenScope.RECORDS_READ: Right.RECORDS,
    TokenScope.RECORDS_WRITE: Right.DECIDE,
    TokenScope.QUESTIONS_READ: Right.CELLS,
    TokenScope.QUESTIONS_ANSWER: Right.DECIDE,
    TokenScope.RUNS_READ: Right.STRUCTURE,
    TokenScope.TABLES_READ: Right.STRUCTURE,
    TokenScope.TABLES_SYNC: Right.DECIDE,
}
