"""What the operator may choose: a TOML file, overridden by ``SYNCSVC_*`` variables; secrets by variables only.

``config/syncsvc.toml`` explains every key.
"""

from __future__ import annotations

import base64
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from syncsvc.core.openid import Provider, ProviderSchema, provider_from
from syncsvc.core.strict import Path as Place
from syncsvc.core.strict import Strict, problems
from syncsvc.errors import ConfigurationError
from syncsvc.ports.tables import Keep
from syncsvc.services.runtime import Retention
from syncsvc.store.vault import KEY_BYTES

PREFIX = "SYNCSVC_"
FILE = "syncsvc.toml"
DEFAULT_DATA_DIR = Path("var")
PORTS = 65_535
LONGEST = 36_500
"""Days: a hundred years, so also a number of copies or megabytes that stands for no limit."""

Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Web:
    """Where the pages answer (``host``, ``port``) and under which address people reach them (``url``).

    ``proxy``: one proxy stands in front, whose ``X-Forwarded-*`` headers are believed.
    """

    host: str
    port: int
    url: str
    proxy: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """``folder`` holds the .xlsx files that people may connect in the pages; None: ``tabellen`` in the data folder."""

    folder: Path | None


@dataclass(frozen=True, slots=True)
class Login:
    """Where people sign in besides one-time links and passwords; ``oidc`` is None while no issuer is named."""

    oidc: Provider | None


@dataclass(frozen=True, slots=True)
class Google:
    credentials_file: Path | None
    api_root: str


@dataclass(frozen=True, slots=True)
class Sharepoint:
    tenant: str
    client_id: str
    client_secret: str
    certificate_file: Path | None
    graph_root: str
    authority: str
    scope: str


@dataclass(frozen=True, slots=True)
class Mail:
    """Notices by mail; none while ``server`` is empty. ``tls`` is starttls, implicit or none.

    ``operator`` is told what only whoever runs the service can mend, ``offices`` (by project key) what concerns a
    project's tables and accesses; a project that is not named there is the operator's.

    ``digests``: people of the directory may be told by mail what changed, those who subscribed; with
    ``digest_references`` such a letter names the participants' references, otherwise only how many they are.
    """

    server: str
    port: int
    tls: str
    user: str
    password: str
    sender: str
    operator: str
    offices: Mapping[str, str]
    digests: bool
    digest_references: bool


@dataclass(frozen=True, slots=True)
class Metrics:
    """Whoever knows ``token`` sees single tables in ``/metrics``; while it is empty nobody does."""

    token: str


@dataclass(frozen=True, slots=True)
class Log:
    """``format`` is json, text, or auto: text on a terminal."""

    format: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All paths are absolute. ``source`` is the file the settings came from, None where there was none.

    ``secret_key`` and ``encryption_keys`` (32 bytes each, newest first) are empty where the operator gave none.
    """

    data_dir: Path
    database_url: str
    secret_key: str
    encryption_keys: tuple[bytes, ...]
    web: Web
    login: Login
    workbook: Workbook
    google: Google
    sharepoint: Sharepoint
    mail: Mail
    metrics: Metrics
    log: Log
    retention: Retention
    copies: Keep
    source: Path | None

    @property
    def database_file(self) -> Path | None:
        """The file of the embedded database; None for PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None


class _Keys(fields.Field[tuple[bytes, ...]]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[bytes, ...]:
        try:
            keys = tuple(base64.b64decode(part.strip(), validate=True) for part in value.split(","))
        except (AttributeError, ValueError):
            keys = ()
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValidationError(f"Schlüssel von {KEY_BYTES} Byte in Base64 erwartet, durch Komma getrennt.")
        return keys


def _text(*checks: validate.Validator) -> fields.String:
    return fields.String(load_default="", validate=checks, error_messages={"invalid": "Text erwartet."})


def _file() -> fields.String:
    return fields.String(load_default=None, error_messages={"invalid": "Pfad erwartet."})


_ADDRESS = validate.Regexp(r"https?://[^/\s]+", error="Adresse erwartet, die mit https:// oder http:// beginnt.")
_SECURE = validate.Regexp(
    r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)(?![^:/])", error="Adresse erwartet, die mit https:// beginnt."
)
"""Where tokens go: unencrypted only within this machine."""

_HTTPS = validate.Regexp(r"https://[^/\s]+", error="Adresse erwartet, die mit https:// beginnt.")
"""Where secrets go; msal knows no other way."""

_TENANT = validate.Regexp(r"[A-Za-z0-9.-]*\Z", error="Kennung oder Domäne des Mandanten erwartet.")
_DATABASE = validate.Regexp(
    r"sqlite:///.+|postgres(ql)?(\+psycopg)?://.+",
    error="Adresse erwartet, die mit sqlite:/// oder postgresql:// beginnt.",
)


_MAILBOX = validate.Regexp(r"[^@\s]+@[^@\s]+\Z", error="Mail-Adresse erwartet.")


class _Offices(fields.Field[dict[str, str]]):
    """``{bsp = "buero@…"}`` in the file, ``bsp=buero@…,abc=…`` in the variable."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if isinstance(value, str):
            pairs = [part.strip().partition("=") for part in value.split(",")]
            value = {key.strip(): address.strip() for key, _, address in pairs}
        if not isinstance(value, dict) or not all(value) or not all(isinstance(at, str) for at in value.values()):
            raise ValidationError("Projektschlüssel mit je einer Mail-Adresse erwartet.")
        for address in value.values():
            _MAILBOX(address)
        return value


def _number(default: int, most: int) -> fields.Integer:
    wrong = f"Zahl von 1 bis {most} erwartet."
    in_range = validate.Range(1, most, error=wrong)
    return fields.Integer(load_default=default, validate=in_range, error_messages={"invalid": wrong})


def _switch() -> fields.Boolean:
    return fields.Boolean(load_default=False, error_messages={"invalid": "true oder false erwartet."})


def _choice(default: str, *others: str) -> fields.String:
    options = (default, *others)
    among = validate.OneOf(options, error=f"Möglich sind: {', '.join(options)}.")
    return fields.String(load_default=default, validate=among, error_messages={"invalid": "Text erwartet."})


def _section(schema: type[Strict]) -> fields.Nested:
    """A part of the file; where it is missing its defaults count."""
    return fields.Nested(schema, load_default=lambda: schema().load({}))


class _WebSchema(Strict):
    host = fields.String(load_default="127.0.0.1", error_messages={"invalid": "Text erwartet."})
    port = _number(8000, PORTS)
    url = _text(_ADDRESS)
    proxy = _switch()


class _WorkbookSchema(Strict):
    folder = _file()


class _LoginSchema(Strict):
    oidc = _section(ProviderSchema)


class _GoogleSchema(Strict):
    credentials_file = _file()
    api_root = _text(_ADDRESS)


class _SharepointSchema(Strict):
    tenant = _text(_TENANT)
    client_id = _text()
    client_secret = _text()
    certificate_file = _file()
    graph_root = _text(_SECURE)
    authority = _text(_HTTPS)
    scope = _text()


class _MailSchema(Strict):
    server = _text()
    port = _number(587, PORTS)
    tls = _choice("starttls", "implicit", "none")
    user = _text()
    password = _text()
    sender = _text(_MAILBOX)
    operator = _text(_MAILBOX)
    offices = _Offices(load_default=dict)
    digests = _switch()
    digest_references = _switch()

    @validates_schema
    def _complete(self, data: Tree, **_: Any) -> None:
        missing = [name for name in ("sender", "operator") if data["server"] and not data[name]]
        if missing:
            raise ValidationError({name: ["Wer Mails verschickt, braucht diese Angabe."] for name in missing})


class _MetricsSchema(Strict):
    token = _text()


class _LogSchema(Strict):
    format = _choice("auto", "json", "text")


class _RetentionSchema(Strict):
    quiet_runs_days = _number(Retention.quiet_runs_days, LONGEST)
    details_days = _number(Retention.details_days, LONGEST)
    notices_days = _number(Retention.notices_days, LONGEST)
    sign_ins_days = _number(Retention.sign_ins_days, LONGEST)
    audit_days = _number(Retention.audit_days, LONGEST)
    readings_days = _number(Retention.readings_days, LONGEST)
    copies_days = _number(Keep.days, LONGEST)
    copies_count = _number(Keep.count, LONGEST)
    copies_mb = _number(Keep.megabytes, LONGEST)


class _Schema(Strict):
    data_dir = _file()
    database_url = _text(_DATABASE)
    secret_key = _text()
    encryption_keys = _Keys(load_default=())
    web = _section(_WebSchema)
    login = _section(_LoginSchema)
    workbook = _section(_WorkbookSchema)
    google = _section(_GoogleSchema)
    sharepoint = _section(_SharepointSchema)
    mail = _section(_MailSchema)
    metrics = _section(_MetricsSchema)
    log = _section(_LogSchema)
    retention = _section(_RetentionSchema)


def _places(schema: Schema, *above: str) -> Iterator[Place]:
    for name, field in schema.fields.items():
        if isinstance(field, fields.Nested):
            yield from _places(field.schema, *above, name)
        elif not isinstance(field, fields.List):  # a list of tables stands in the file only
            yield (*above, name)


PLACES: tuple[Place, ...] = tuple(_places(_Schema()))
"""Every setting that a variable may hold, as ``("web", "port")``."""

_PATHS = frozenset(
    {("data_dir",), ("workbook", "folder"), ("google", "credentials_file"), ("sharepoint", "certificate_file")}
)
_SECRETS = frozenset(
    {
        *(("secret_key",), ("encryption_keys",), ("login", "oidc", "client_secret"), ("sharepoint", "client_secret")),
        *(("mail", "password"), ("metrics", "token")),
    }
)


def variable(place: Place) -> str:
    """The environment variable of a setting: ``SYNCSVC_WEB__PORT``."""
    return PREFIX + "__".join(str(part).upper() for part in place)


def load(data_dir: Path | None = None, env: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force: ``syncsvc.toml`` of the data folder, of this folder or of ``config/`` (the first there
    is), overridden by the environment. ``data_dir`` overrides both. An empty variable counts as not set.

    Paths in the file are relative to the file, paths in variables to the current folder. Raises
    ``ConfigurationError`` naming everything that is wrong at once; it repeats no value.
    """
    given = {place: env[variable(place)] for place in PLACES if env.get(variable(place))}
    if data_dir is not None:
        given["data_dir",] = str(data_dir)
    source = _find(given.get(("data_dir",)))
    tree = _read(source) if source else {}
    mistakes = [
        f"{_name(place, source)}: Geheimnisse gehören nicht in die Datei, sondern in die Variable {variable(place)}."
        for place in sorted(_SECRETS)
        if _at(tree, place) is not None
    ]
    if source:
        _anchor(tree, source.parent)
    for place, text in given.items():
        _put(tree, place, str(Path(text).absolute()) if place in _PATHS else text)
    try:
        data = _Schema().load(tree)
    except ValidationError as error:
        found = problems(error.messages)
        mistakes += [
            f"{variable(item.path) if item.path in given else _name(item.path, source)}: {item.message}"
            for item in found
        ]
    if mistakes:
        raise ConfigurationError("Die Einstellungen passen nicht.\n  " + "\n  ".join(mistakes))
    return _settings(data, source)


def given_variables(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The variables that set something, by name; never what they say."""
    return tuple(sorted(name for name in map(variable, PLACES) if env.get(name)))


def unknown_variables(env: Mapping[str, str] = os.environ) -> list[str]:
    """``SYNCSVC_*`` variables that no setting answers to, such as misspelt ones."""
    known = {variable(place) for place in PLACES}
    return sorted(name for name in env if name.startswith(PREFIX) and name not in known)


def _find(data_dir: str | None) -> Path | None:
    folders = [Path(data_dir)] if data_dir else []
    for folder in (*folders, Path(), Path("config")):
        if (folder / FILE).is_file():
            return (folder / FILE).absolute()
    return None


def _read(path: Path) -> Tree:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Die Datei {path} ist kein gültiges TOML: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"Die Datei {path} ist nicht lesbar.") from error


def _at(tree: Tree, place: Place) -> Any:
    found: Any = tree
    for part in place:
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _put(tree: Tree, place: Place, value: str) -> None:
    *sections, name = map(str, place)
    for section in sections:
        if not isinstance(tree.get(section), dict):
            tree[section] = {}
        tree = tree[section]
    tree[name] = value


def _anchor(tree: Tree, folder: Path) -> None:
    for place in _PATHS:
        if isinstance(path := _at(tree, place), str):
            _put(tree, place, str(folder / path))


def _name(place: Place, source: Path | None) -> str:
    where = ".".join(map(str, place))
    return f"{where} in {source}" if source else where


def _settings(data: Tree, source: Path | None) -> Settings:
    data_dir = _path(data["data_dir"]) or DEFAULT_DATA_DIR.absolute()
    web = Web(**data["web"])
    google, sharepoint, terms = data["google"], data["sharepoint"], data["retention"]
    return Settings(
        data_dir=data_dir,
        database_url=data["database_url"] or f"sqlite:///{data_dir / 'syncsvc.db'}",
        secret_key=data["secret_key"],
        encryption_keys=data["encryption_keys"],
        web=web if web.url else replace(web, url=f"http://{web.host}:{web.port}"),
        workbook=Workbook(_path(data["workbook"]["folder"])),
        login=Login(provider_from(data["login"]["oidc"])),
        google=Google(_path(google["credentials_file"]), google["api_root"]),
        sharepoint=Sharepoint(**{**sharepoint, "certificate_file": _path(sharepoint["certificate_file"])}),
        mail=Mail(**data["mail"]),
        metrics=Metrics(**data["metrics"]),
        log=Log(**data["log"]),
        retention=Retention(
            terms["quiet_runs_days"],
            terms["details_days"],
            terms["notices_days"],
            terms["sign_ins_days"],
            terms["audit_days"],
            terms["readings_days"],
        ),
        copies=Keep(terms["copies_days"], terms["copies_count"], terms["copies_mb"]),
        source=source,
    )


def _path(text: str | None) -> Path | None:
    return Path(os.path.normpath(text)) if text else None
