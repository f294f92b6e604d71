"""Where settings come from, what overrides what, and how mistakes are told."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from syncsvc import settings, wiring
from syncsvc.core.access import Role
from syncsvc.core.openid import Rule
from syncsvc.errors import Actor, ConfigurationError, KeyMissing

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_without_any_file_or_variable_everything_has_a_default(folder: Path) -> None:
    found = settings.load(env={})

    assert found.data_dir == folder / "var"
    assert found.database_file == folder / "var" / "syncsvc.db"
    assert (found.web.host, found.web.port, found.web.url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert found.source is None


def test_the_file_of_the_folder_goes_before_that_of_config(folder: Path) -> None:
    write(folder / "config" / "syncsvc.toml", "[web]\nport = 1111")
    assert settings.load(env={}).web.port == 1111

    write(folder / "syncsvc.toml", "[web]\nport = 2222")
    assert settings.load(env={}).web.port == 2222


def test_the_file_in_the_data_folder_goes_before_all_others(folder: Path) -> None:
    write(folder / "syncsvc.toml", "[web]\nport = 2222")
    write(folder / "beispiel" / "syncsvc.toml", "[web]\nport = 3333")

    found = settings.load(env={"SYNCSVC_DATA_DIR": "beispiel"})

    assert (found.web.port, found.data_dir) == (3333, folder / "beispiel")


def test_inside_a_folder_its_own_file_makes_it_the_data_folder(folder: Path) -> None:
    write(folder / "syncsvc.toml", 'data_dir = "."')
    assert settings.load(env={}).data_dir == folder


def test_a_variable_overrides_the_file_and_two_underscores_nest(folder: Path) -> None:
    write(folder / "syncsvc.toml", '[web]\nport = 2222\n[google]\napi_root = "https://file.example"')
    env = {"SYNCSVC_WEB__PORT": "4444", "SYNCSVC_GOOGLE__API_ROOT": "https://variable.example"}

    found = settings.load(env=env)

    assert (found.web.port, found.google.api_root) == (4444, "https://variable.example")


def test_an_empty_variable_counts_as_not_set(folder: Path) -> None:
    assert settings.load(env={"SYNCSVC_DATABASE_URL": ""}).database_file


def test_paths_in_the_file_are_relative_to_the_file_and_in_variables_to_the_current_folder(folder: Path) -> None:
    write(folder / "config" / "syncsvc.toml", 'data_dir = "../var"\n[google]\ncredentials_file = "google.json"')

    found = settings.load(env={"SYNCSVC_SHAREPOINT__CERTIFICATE_FILE": "keys/cert.pem"})

    assert found.data_dir == folder / "var"
    assert found.google.credentials_file == folder / "config" / "google.json"
    assert found.sharepoint.certificate_file == folder / "keys" / "cert.pem"


def test_every_name_of_the_design_is_accepted() -> None:
    env = {
        "SYNCSVC_GOOGLE__CREDENTIALS_FILE": "google.json",
        "SYNCSVC_GOOGLE__API_ROOT": "http://127.0.0.1:9999",
        "SYNCSVC_SHAREPOINT__TENANT": "tenant",
        "SYNCSVC_SHAREPOINT__CLIENT_ID": "client",
        "SYNCSVC_SHAREPOINT__CLIENT_SECRET": "secret",
        "SYNCSVC_SHAREPOINT__CERTIFICATE_FILE": "cert.pem",
        "SYNCSVC_SHAREPOINT__GRAPH_ROOT": "https://graph.example/v1.0",
        "SYNCSVC_SHAREPOINT__AUTHORITY": "https://login.example",
        "SYNCSVC_SHAREPOINT__SCOPE": "https://graph.example/.default",
        "SYNCSVC_DATABASE_URL": "postgresql://syncsvc@db.example/syncsvc",
        "SYNCSVC_DATA_DIR": "data",
        "SYNCSVC_SECRET_KEY": "a secret",
        "SYNCSVC_ENCRYPTION_KEYS": KEY,
    }

    found = settings.load(env=env)

    assert settings.unknown_variables(env) == []
    assert found.database_file is None
    assert found.sharepoint.scope == "https://graph.example/.default"


def test_encryption_keys_come_newest_first() -> None:
    other = base64.b64encode(b"o" * 32).decode()
    assert settings.load(env={"SYNCSVC_ENCRYPTION_KEYS": f"{other}, {KEY}"}).encryption_keys == (b"o" * 32, b"k" * 32)


def test_every_mistake_is_named_at_once_and_no_value_repeated(folder: Path) -> None:
    write(folder / "syncsvc.toml", 'data_folder = "x"\n[web]\nhost = 3')
    env = {
        "SYNCSVC_WEB__PORT": "achtzig",
        "SYNCSVC_ENCRYPTION_KEYS": "geheim",
        "SYNCSVC_DATABASE_URL": "mysql://geheim",
    }

    with pytest.raises(ConfigurationError) as caught:
        settings.load(env=env)

    text = caught.value.message
    for name in ("data_folder", "data_dir", "web.host", *env):
        assert name in text
    assert "geheim" not in text
    assert "achtzig" not in text


@pytest.mark.parametrize(
    "line",
    [
        'secret_key = "x"',
        'encryption_keys = "x"',
        '[sharepoint]\nclient_secret = "x"',
        '[mail]\npassword = "x"',
        '[metrics]\ntoken = "x"',
        '[login.oidc]\nclient_secret = "x"',
    ],
)
def test_secrets_in_the_file_are_refused(folder: Path, line: str) -> None:
    write(folder / "syncsvc.toml", line)
    with pytest.raises(ConfigurationError, match="Geheimnisse gehören nicht in die Datei"):
        settings.load(env={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHORITY", "http://login.example"),
        ("AUTHORITY", "http://localhost:8443"),
        ("GRAPH_ROOT", "http://127.0.0.1.example/v1.0"),
        ("GRAPH_ROOT", "graph.microsoft.com"),
        ("TENANT", "https://login.microsoftonline.com/geheim"),
    ],
)
def test_tokens_never_go_out_unencrypted(name: str, value: str) -> None:
    """And a tenant is an id or a domain, not an address."""
    with pytest.raises(ConfigurationError, match=f"SYNCSVC_SHAREPOINT__{name}") as caught:
        settings.load(env={f"SYNCSVC_SHAREPOINT__{name}": value})
    assert value not in caught.value.message


def test_a_file_that_is_no_toml_is_a_sentence(folder: Path) -> None:
    write(folder / "syncsvc.toml", "data_dir = ")
    with pytest.raises(ConfigurationError, match="kein gültiges TOML"):
        settings.load(env={})


def test_offices_by_project_in_the_file_and_in_a_variable(folder: Path) -> None:
    mail = '[mail]\nserver = "mail.example"\nsender = "a@traeger.example"\noperator = "b@traeger.example"\n'
    write(folder / "syncsvc.toml", mail + 'offices = { bsp = "buero@bsp.example" }')
    assert settings.load(env={}).mail.offices == {"bsp": "buero@bsp.example"}

    env = {"SYNCSVC_MAIL__OFFICES": "bsp=neu@bsp.example, abc=buero@abc.example"}
    assert settings.load(env=env).mail.offices == {"bsp": "neu@bsp.example", "abc": "buero@abc.example"}


@pytest.mark.parametrize("offices", ["bsp", "bsp=", "=buero@bsp.example", "bsp=kein Postfach"])
def test_offices_that_are_no_mailboxes_are_refused(offices: str) -> None:
    with pytest.raises(ConfigurationError, match="SYNCSVC_MAIL__OFFICES"):
        settings.load(env={"SYNCSVC_MAIL__OFFICES": offices})


def test_mail_needs_a_sender_and_an_operator_and_without_a_server_nothing() -> None:
    assert wiring.notifier(settings.load(env={})).recipient(Actor.OPERATOR, None) == ""
    with pytest.raises(ConfigurationError) as caught:
        settings.load(env={"SYNCSVC_MAIL__SERVER": "mail.example"})
    assert "mail.sender" in caught.value.message
    assert "mail.operator" in caught.value.message


OIDC = """
[login.oidc]
issuer = "https://login.example/realms/myturn"
client_id = "tabellenabgleich"
claim = "realm_access.roles"
[[login.oidc.grants]]
value = "leitung"
role = "programme"
[[login.oidc.grants]]
value = "bsp"
role = "project"
project = "bsp"
"""


def test_an_openid_provider_with_its_grants_in_the_file_and_its_secret_in_a_variable(folder: Path) -> None:
    assert settings.load(env={}).login.oidc is None
    write(folder / "syncsvc.toml", OIDC)

    found = settings.load(env={"SYNCSVC_LOGIN__OIDC__CLIENT_SECRET": "geheim"}).login.oidc

    assert found is not None
    assert (found.client_secret, found.name, found.claim) == ("geheim", "Anmeldedienst", "realm_access.roles")
    assert found.grants == (Rule("leitung", Role.PROGRAMME), Rule("bsp", Role.PROJECT, project="bsp"))


@pytest.mark.parametrize(
    ("right", "mistaken", "said"),
    [
        ('"https://login.example', '"http://login.example', "login.oidc.issuer"),
        ('client_id = "tabellenabgleich"', "", "login.oidc.client_id"),
        ('role = "programme"', 'role = "chefin"', "login.oidc.grants.0.role"),
        ('role = "programme"', 'role = "jobcentre"', "login.oidc.grants.0.role"),
        ('value = "leitung"', 'value = ""', "login.oidc.grants.0.value"),
        ('project = "bsp"', 'projekt = "bsp"', "login.oidc.grants.1.projekt"),
    ],
)
def test_a_mistake_about_the_provider_is_named_with_its_place(
    folder: Path, right: str, mistaken: str, said: str
) -> None:
    assert right in OIDC
    write(folder / "syncsvc.toml", OIDC.replace(right, mistaken))
    with pytest.raises(ConfigurationError, match=said):
        settings.load(env={})


def test_a_misspelt_variable_is_noticed() -> None:
    assert settings.unknown_variables({"SYNCSVC_DATADIR": "x", "PATH": "y"}) == ["SYNCSVC_DATADIR"]


def test_the_shipped_file_holds_nothing_but_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever deletes it, or runs elsewhere, gets the same service."""
    root = Path(__file__).parents[1]
    monkeypatch.chdir(root)
    shipped = settings.load(env={})
    monkeypatch.chdir(root / "docs")
    default = settings.load(env={})

    assert shipped.source == root / "config" / "syncsvc.toml"
    assert (shipped.web, shipped.google, shipped.sharepoint) == (default.web, default.google, default.sharepoint)
    assert shipped.data_dir == root / "var"


def test_the_shipped_file_explains_every_key() -> None:
    text = (Path(__file__).parents[1] / "config" / "syncsvc.toml").read_text("utf-8")
    missing = [
        place for place in settings.PLACES if f"{place[-1]} =" not in text and settings.variable(place) not in text
    ]
    assert missing == []


def test_the_first_start_makes_a_key_file_that_only_its_owner_reads(folder: Path) -> None:
    wiring.build(settings.load(env={}))
    key = folder / "var" / wiring.KEY_FILE

    assert key.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(key.read_text())) == 32
    assert (folder / "var").stat().st_mode & 0o777 == 0o700


def test_a_database_without_its_key_is_never_given_a_new_one(folder: Path) -> None:
    wiring.build(settings.load(env={})).database.dispose()
    key = folder / "var" / wiring.KEY_FILE
    key.unlink()

    with pytest.raises(KeyMissing):
        wiring.build(settings.load(env={}))
    assert not key.exists()


def test_postgresql_needs_its_keys_from_the_operator() -> None:
    env = {"SYNCSVC_DATABASE_URL": "postgresql://syncsvc@db.example/syncsvc"}
    with pytest.raises(ConfigurationError, match="SYNCSVC_ENCRYPTION_KEYS"):
        wiring.build(settings.load(env=env))
    with pytest.raises(ConfigurationError, match="SYNCSVC_SECRET_KEY"):
        wiring.secret_key(settings.load(env=env))


def test_sessions_survive_a_restart(folder: Path) -> None:
    wiring.build(settings.load(env={}))
    assert wiring.secret_key(settings.load(env={})) == wiring.secret_key(settings.load(env={}))
