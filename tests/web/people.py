"""People in other roles than frau-berger, who leads the programme."""

from __future__ import annotations

from flask import Flask

from syncsvc.core.access import Role
from syncsvc.services import users
from tests.example import Example
from tests.web.browser import Page


def come_in(
    example: Example, app: Flask, name: str, role: Role, *, project: str | None = None, jobcentre: str | None = None
) -> Page:
    """The browser of somebody with this role only."""
    users.add_user(example.runtime, name, role, project=project, jobcentre=jobcentre)
    return Page(app.test_client()).come_in(example.runtime, name)
