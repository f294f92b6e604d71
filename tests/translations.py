"""The catalogues of the pages' languages: collects what code and templates say and brings the catalogues up to date.

``make translations`` adds what is new, without a translation, and drops what nobody says any more; the tests in
``tests/web/test_languages.py`` ask for a translation of everything.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from syncsvc import errors
from syncsvc.web.languages import FOLDER, LANGUAGES, catalogue

PACKAGE = FOLDER.parents[1]

KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}

SPEAKING = ("errors.py", "core", "services", "providers", "store")
"""Where the service's sentences are made."""

SILENT = (
    "core/coaching/matchkeys.py",  # letters and parts of names
    "core/coaching/names.py",
    "core/fields",  # its sentences have their English beside them; the rest are words people type
    "core/folding.py",
    "core/labels.py",  # what rows of sums look like
    "services/backup.py",  # for the terminal, as the three following
    "services/coaching/lists.py",
    "services/contacts/lists.py",
    "services/demo",
    "services/listfiles.py",
    "services/manual.py",  # the page for staff
    "services/parse.py",
    "services/contacts/digest.py",  # mails
    "core/digest.py",
    "store/migrations",
)
"""What never reaches a page; cells, mails and the terminal stay German."""

ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.SyncsvcError)}

LABELS = "core/fields/registry.py"
"""Names of fields, which are the usual headers of columns."""

GERMAN = re.compile(r"[äöüßÄÖÜ„“]|[A-Za-z]{2,}[,.:;]* [a-zA-Z]{2,}|(^|[ („])[A-ZÄÖÜ][a-zäöüß-]{2,}")

SMALL = frozenset(
    {
        "(leer)",
        "E-Mail",
        "von – bis",
        "abwesend",
        "ausgeschieden",
        "besprochen",
        "offen",
        "sicher",
        "wahrscheinlich",
        "bis {1}",
    }
    | {" ab {1}", " von {1}", "von {1} bis {2}", "{1} gleich", "{1} ist {2} abwesend{3}."}
)
"""What the service says with words too small to be told from those of the code."""

TECHNICAL = re.compile(
    r"^(PRAGMA|SELECT|SET|BEGIN|PRIVATE|Bearer|dict\[|state =|in use$|iat and|not an|dd\.mm|  - |\S$)|\.All$|\\"
    r"|^[a-z ]+(project|scopes|name|mail|sent)$|^[A-Z]\w+/[A-Z]|^[A-Z][a-z]+[A-Z][a-zA-Z]+$"
    r"|^(Accept|Authorization|Condition|External|General|Id|Json|Retry-After|Selected|Standard|Target)$"
)
"""What merely looks like words: statements, protocols, formats of files."""


def texts() -> Catalog:
    """What pages say of themselves."""
    found = Catalog(LANGUAGES[0])
    methods = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
    options = {"**/templates/**.html": {"trimmed": "false", "silent": "false", "newstyle_gettext": "true"}}
    for file, _line, message, comments, context in extract_from_dir(
        PACKAGE / "web", methods, options, keywords=KEYWORDS, strip_comment_tags=True
    ):
        found.add(message, locations=[(f"web/{file}", 0)], auto_comments=comments, context=context)
    return found


def sentences() -> Catalog:
    """What the service says: every German text of the code that can reach a page, its values numbered."""
    found = Catalog(LANGUAGES[0])
    for part in SPEAKING:
        top = PACKAGE / part
        for file in [top] if top.is_file() else sorted(top.rglob("*.py")):
            name = file.relative_to(PACKAGE).as_posix()
            if name == LABELS or not any(name == one or name.startswith(f"{one}/") for one in SILENT):
                for text in _german(ast.parse(file.read_text("utf-8"))):
                    found.add(text, locations=[(name, 0)])
    return found


def main() -> None:
    for wanted in LANGUAGES[1:]:
        for domain, said in (("messages", texts()), ("sentences", sentences())):
            known = catalogue(wanted, domain)
            known.update(said, no_fuzzy_matching=True)
            path = FOLDER / wanted / "LC_MESSAGES" / f"{domain}.po"
            with path.open("wb") as file:
                write_po(file, known, width=120, omit_header=True, ignore_obsolete=True, include_lineno=False)
            missing = sum(1 for one in known if one.id and not (all(one.string) if one.pluralizable else one.string))
            print(f"{path.name}: {len(known)} texts, {missing} without a translation")  # noqa: T201


def _german(tree: ast.Module) -> Iterator[str]:
    """The German texts of a module, in order. Docstrings are English, but those of errors are what the errors say."""
    kept, skipped = set[int](), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for one in node.body:
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                    (kept if _is_error(node) and one is node.body[0] else skipped).add(id(one.value))
        elif isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            skipped.update(id(part) for part in ast.walk(node) if isinstance(part, ast.JoinedStr) and _is_format(part))
        elif _is_for_programmers(node):
            skipped.update(id(part) for part in ast.walk(node))
    for node in ast.walk(tree):
        text = _pattern(node)
        if not text or id(node) in skipped or TECHNICAL.search(text):
            continue
        if id(node) in kept or text in SMALL or GERMAN.search(re.sub(r"„?\{\d\}“?", " ", text)):
            yield text


def _is_for_programmers(node: ast.AST) -> bool:
    """What says that our own code is wrong, and names of the code."""
    match node:
        case ast.Assert():
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))):
            return name in vars(builtins)
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Subscript():
            return True
    return False


def _is_error(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and (
        node.name in ERRORS or any(ast.unparse(base) in ERRORS for base in node.bases)
    )


def _is_format(node: ast.JoinedStr) -> bool:
    """Whether it is the part of a value behind its colon: ``%d.%m.%Y``."""
    return len(node.values) == 1 and isinstance(node.values[0], ast.Constant) and "%" in str(node.values[0].value)


def _pattern(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        parts: list[str | None] = re.split(r"\{[a-z_]*\}", node.value)
        for place in range(len(parts) - 1, 0, -1):
            parts.insert(place, None)
    elif isinstance(node, ast.JoinedStr):
        parts = [str(one.value) if isinstance(one, ast.Constant) else None for one in node.values]
    else:
        return ""
    number = 0
    text = ""
    for part in parts:
        number += part is None
        text += f"{{{number}}}" if part is None else part
    return text


if __name__ == "__main__":
    main()
