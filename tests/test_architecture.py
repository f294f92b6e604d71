"""Promises of the house: layers, documentation that names every command, locks without addresses, whole packages."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import click
import pytest

from syncsvc.cli import cli
from syncsvc.cli.german import Command

ROOT = Path(__file__).parents[1]


def commands() -> dict[str, click.Command]:
    """Every command by its words: ``tables check``."""
    context = click.Context(cli)
    found: dict[str, click.Command] = {}
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": inner for below, inner in command.commands.items()}
    return found


COMMANDS = commands()


def test_no_module_imports_upward() -> None:
    """The layers of pyproject.toml, checked in a process of its own because the checker changes directories."""
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example_of_that_command(name: str) -> None:
    command = COMMANDS[name]
    assert isinstance(command, Command)
    assert all(line.startswith("syncsvc ") for line in command.example.splitlines())
    assert re.search(rf"^syncsvc {name}\b", command.example, re.MULTILINE)
    assert command.help


@pytest.mark.parametrize("name", [name for name in COMMANDS if not isinstance(COMMANDS[name], click.Group)])
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"`(syncsvc )?{name}`", (ROOT / "README.md").read_text("utf-8"))


def test_the_readme_names_no_command_that_is_not_there() -> None:
    table = (ROOT / "README.md").read_text("utf-8").partition("| command | what it does |")[2].partition("\n\n")[0]
    named = re.findall(r"`(?:syncsvc )?([a-z]+(?: [a-z]+)?)`", table)
    assert set(named) <= set(COMMANDS)


def test_commands_of_the_readme_and_the_makefile_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("install", "demo", "test", "lint", "bench", "soak"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    procfile = (ROOT / "Procfile").read_text("utf-8")
    assert set(re.findall(r"syncsvc ([a-z ]+)$", procfile, re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_every_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*$", text, re.MULTILINE)
    assert len(pins) > 20
    assert all(pin.endswith("\\") for pin in pins), "each is followed by its hashes"


def test_locks_hold_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {"requirements.lock": project["project"]["dependencies"]}
    needed["requirements-dev.lock"] = [*needed["requirements.lock"], *project["dependency-groups"]["dev"]]
    for name, requirements in needed.items():
        text = (ROOT / name).read_text("utf-8")
        for requirement in requirements:
            package = re.match(r"[a-zA-Z0-9_.-]+", requirement)
            assert package
            name_in_lock = re.sub(r"[._]", "-", package[0].lower())
            assert re.search(rf"^{name_in_lock}[=\[]", text, re.MULTILINE), requirement


def test_a_wheel_holds_every_file_the_program_needs(tmp_path: Path) -> None:
    """Templates, styles, fonts, vocabularies, migrations: whatever stands in the package is installed with it."""
    source = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    tracked = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    for name in tracked:
        if name.startswith("syncsvc/") or name in ("pyproject.toml", "README.md", "LICENSE"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('..'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as wheel:
        packed = set(wheel.namelist())
    assert {name for name in tracked if name.startswith("syncsvc/")} - packed == set()


def test_the_sentences_that_operators_look_up_are_those_the_service_says() -> None:
    manual = (ROOT / "docs" / "betrieb.md").read_text("utf-8")
    table = manual.partition("## Was zu tun ist, wenn …")[2].partition("\n## ")[0]
    said = "".join(path.read_text("utf-8") for path in (ROOT / "syncsvc").rglob("*") if path.suffix in (".py", ".html"))
    sentences = re.findall("^[|] „([^“]+)“", table, re.MULTILINE)
    assert len(sentences) > 10
    assert [s for s in sentences if not all(part.strip() in said for part in s.split("…"))] == []
