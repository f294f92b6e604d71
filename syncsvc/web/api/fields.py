"""Which fields records have here."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from syncsvc.services import recordpages
from syncsvc.web import sessions
from syncsvc.web.api import schemas
from syncsvc.web.api.operations import bearer, operation


@operation("GET", "/fields", answers={200: schemas.FieldList()})
def list_fields() -> ResponseReturnValue:
    """Die Felder eines Datensatzes auflisten

    Mit Art, Eigentümer und Auswahl, wie die Zuordnungen des Projekts sie vorsehen. Die Schreibweisen der Normalform je
    Art stehen in der Dokumentation.
    """
    return jsonify(items=recordpages.fields_of(sessions.runtime(), bearer().project))
