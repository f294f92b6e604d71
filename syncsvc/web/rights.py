"""Which right each page asks for: the one place that says so. A page that is not named here cannot be served."""

from __future__ import annotations

from flask import Flask

from syncsvc.core.access import Right
from syncsvc.core.tokens import TokenScope

WATCHED = frozenset({"health.live", "health.ready", "metrics.show", "api.document"})
"""For machines that watch the service or learn its API: nobody is asked who they are, not even of the database."""

PUBLIC = frozenset(
    {"login.hint", "login.enter", "login.start", "login.back", "login.ask", "login.redeem", "login.leave"}
)
"""For people who have not come in yet."""

UNCONFIRMED = frozenset({"account.notice", "account.confirm", "languages.switch"})
"""For people who have yet to confirm the confidentiality notice: they see nothing else."""

MACHINES: dict[str, TokenScope] = {
    "api.list_records": TokenScope.RECORDS_READ,
    "api.get_record": TokenScope.RECORDS_READ,
    "api.get_history": TokenScope.RECORDS_READ,
    "api.list_fields": TokenScope.RECORDS_READ,
    "api.patch_record": TokenScope.RECORDS_WRITE,
    "api.patch_records": TokenScope.RECORDS_WRITE,
    "api.add_record": TokenScope.RECORDS_WRITE,
    "api.list_tables": TokenScope.TABLES_READ,
    "api.get_table": TokenScope.TABLES_READ,
    "api.request_sync": TokenScope.TABLES_SYNC,
    "api.list_runs": TokenScope.RUNS_READ,
    "api.get_run": TokenScope.RUNS_READ,
    "api.list_questions": TokenScope.QUESTIONS_READ,
    "api.get_question": TokenScope.QUESTIONS_READ,
    "api.answer_question": TokenScope.QUESTIONS_ANSWER,
}
"""For a project's own software, which shows a token with this scope; a browser's session opens none of them."""

RIGHTS: dict[str, Right] = {
    "tokens.show": Right.CONNECT,
    "tokens.add": Right.CONNECT,
    "tokens.revoke": Right.CONNECT,
    "diagnostics.show": Right.ADMINISTER,
    "diagnostics.download": Right.ADMINISTER,
    "overview.show": Right.STRUCTURE,
    "overview.read": Right.DECIDE,
    "overview.pause": Right.DECIDE,
    "overview.resume": Right.DECIDE,
    "languages.switch": Right.STRUCTURE,
    "tables.show": Right.STRUCTURE,
    "tables.progress": Right.STRUCTURE,
    "tablesettings.edit": Right.CONNECT,
    "tablesettings.change": Right.CONNECT,
    "tablesettings.place": Right.CONNECT,
    "tablesettings.look": Right.CONNECT,
    "tablesettings.move": Right.CONNECT,
    "tables.preview": Right.CELLS,
    "connect.start": Right.CONNECT,
    "connect.begin": Right.CONNECT,
    "connect.place": Right.CONNECT,
    "connect.move": Right.CONNECT,
    "connect.take_in": Right.CONNECT,
    "connect.drop": Right.CONNECT,
    "connect.access": Right.CONNECT,
    "connect.look": Right.CONNECT,
    "connect.tab": Right.CONNECT,
    "connect.choose": Right.CONNECT,
    "connect.add_office": Right.ADMINISTER,
    "connect.header": Right.CONNECT,
    "connect.choose_header": Right.CONNECT,
    "connect.read_again": Right.CONNECT,
    "connect.mapping": Right.CONNECT,
    "connect.choose_mapping": Right.CONNECT,
    "connect.columns": Right.CONNECT,
    "connect.change_columns": Right.CONNECT,
    "connect.timing": Right.CONNECT,
    "connect.change_timing": Right.CONNECT,
    "connect.dry_run": Right.CONNECT,
    "connect.switch_on": Right.CONNECT,
    "connect.download": Right.CONNECT,
    "tables.run": Right.DECIDE,
    "tables.release": Right.DECIDE,
    "tables.request_sync": Right.DECIDE,
    "tables.pause": Right.DECIDE,
    "tables.resume": Right.DECIDE,
    "runs.show": Right.STRUCTURE,
    "runs.preview_undo": Right.DECIDE,
    "runs.undo": Right.DECIDE,
    "questions.show": Right.STRUCTURE,
    "questions.one": Right.CELLS,
    "questions.answer": Right.DECIDE,
    "questions.answer_together": Right.DECIDE,
    "questions.take_back": Right.DECIDE,
    "coaching.show": Right.RECORDS,
    "coaching.one": Right.RECORDS,
    "coaching.decide": Right.DECIDE,
    "contacts.show": Right.STAFF,
    "contacts.vacant": Right.STAFF,
    "contacts.add": Right.DECIDE,
    "contacts.person": Right.STAFF,
    "contacts.edit": Right.DECIDE,
    "contacts.absent": Right.DECIDE,
    "contacts.left": Right.DECIDE,
    "contacts.confirm": Right.DECIDE,
    "contacts.subscribe": Right.DECIDE,
    "contacts.hand_over": Right.DECIDE,
    "contacts.take_back": Right.DECIDE,
    "participants.show": Right.CELLS,
    "participants.search": Right.CELLS,
    "participants.one": Right.CELLS,
    "participants.change": Right.DECIDE,
    "monthly.show": Right.STAFF,
    "monthly.table": Right.STAFF,
    "monthly.project": Right.STAFF,
    "monthly.confirm": Right.DECIDE,
    "account.show": Right.STRUCTURE,
    "account.set_password": Right.STRUCTURE,
    "account.notice": Right.STRUCTURE,
    "account.confirm": Right.STRUCTURE,
    "users.show": Right.ADMINISTER,
    "users.invite": Right.ADMINISTER,
    "users.person": Right.ADMINISTER,
    "users.grant": Right.ADMINISTER,
    "users.revoke": Right.ADMINISTER,
    "users.link": Right.ADMINISTER,
    "users.lock": Right.ADMINISTER,
    "users.unlock": Right.ADMINISTER,
    "users.end_sessions": Right.ADMINISTER,
    "audit.show": Right.AUDIT,
    "mappings.show": Right.STRUCTURE,
    "mappings.one": Right.STRUCTURE,
    "mappings.export": Right.STRUCTURE,
    "mappings.compare": Right.STRUCTURE,
    "mappingedit.begin": Right.CONNECT,
    "mappingedit.edit": Right.CONNECT,
    "mappingedit.change": Right.CONNECT,
    "mappingedit.effect": Right.CONNECT,
    "mappingedit.look": Right.CONNECT,
    "mappingedit.detail": Right.CONNECT,
    "mappingedit.save": Right.CONNECT,
    "mappingedit.meanwhile": Right.CONNECT,
    "mappingedit.merge": Right.CONNECT,
    "mappingedit.discard": Right.CONNECT,
}


def asked(endpoint: str) -> Right:
    """The right this page or operation asks for."""
    return MACHINES[endpoint].right if endpoint in MACHINES else RIGHTS[endpoint]


def check(app: Flask) -> None:
    """Raise ``LookupError`` unless every page of the application says what it asks for, and once."""
    said = [*WATCHED, *PUBLIC, *MACHINES, *RIGHTS]
    served = set(app.view_functions)
    if served != set(said) or len(said) != len(set(said)):
        raise LookupError(f"pages without a right, or rights without a page: {sorted(served ^ set(said))}")
