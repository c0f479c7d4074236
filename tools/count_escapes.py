"""Counts the ways around the type checker in the packages' `src`: each needs its reason, and they may not grow.

An escape is a use of `typing.Any` or a `type: ignore`. Each has `# why: reason` on its line; an ignore names its code,
too. How many there are is kept in `escapes.txt`, so that one more shows up in review.
"""

import ast
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "tools" / "escapes.txt"
TYPING = ("typing", "typing_extensions")
IGNORE = re.compile(r"#\s*type:\s*ignore\b")
CODES = re.compile(r"#\s*type:\s*ignore\[[\w\s,-]+\]")
WHOLE_FILE = re.compile(r"#\s*mypy:")
WHY = re.compile(r"#\s*why:\s*\S")


@dataclass(frozen=True, slots=True, order=True)
class Escape:
    """One use; `fault` says what it lacks."""

    path: Path
    line: int
    kind: str
    fault: str | None


def main() -> int:
    """Print the count; 1 if an escape lacks something, or the count is not the one that is kept."""
    escapes = sorted(escape for folder in source_folders() for escape in escapes_in(folder))
    for escape in escapes:
        if escape.fault:
            print(f"{escape.path.relative_to(ROOT)}:{escape.line}: {escape.fault}")
    ignores = sum(escape.kind == "type: ignore" for escape in escapes)
    print(f"escapes: {len(escapes)} ({len(escapes) - ignores} Any, {ignores} type: ignore)")
    kept = int(KEPT.read_text())
    if len(escapes) > kept:
        print(f"they may not grow: {KEPT.relative_to(ROOT)} allows {kept}")
    elif len(escapes) < kept:
        print(f"fewer than the {kept} in {KEPT.relative_to(ROOT)}: write {len(escapes)} there")
    return int(len(escapes) != kept or any(escape.fault for escape in escapes))


def source_folders() -> list[Path]:
    """The `src` of each package of the workspace that stands."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        members: list[str] = tomllib.load(file)["tool"]["uv"]["workspace"]["members"]
    return sorted(src for member in members for src in ROOT.glob(f"{member}/src"))


def escapes_in(folder: Path) -> Iterator[Escape]:
    """All escapes of the modules below a folder."""
    for path in folder.rglob("*.py"):
        comments = comments_of(path)
        for line, comment in comments.items():
            if IGNORE.search(comment):
                yield Escape(path, line, "type: ignore", fault_of_ignore(comment))
            elif WHOLE_FILE.search(comment):
                yield Escape(path, line, "type: ignore", "`# mypy:` blinds a whole file; say it in the line")
        for line in lines_with_any(ast.parse(path.read_bytes())):
            given = WHY.search(comments.get(line, ""))
            yield Escape(path, line, "Any", None if given else "Any without `# why: reason` on its line")


def comments_of(path: Path) -> dict[int, str]:
    """The comment of each line that has one."""
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def fault_of_ignore(comment: str) -> str | None:
    """What a `type: ignore` lacks."""
    if not CODES.search(comment):
        return "type: ignore without a code in brackets"
    return None if WHY.search(comment) else "type: ignore without `# why: reason`"


def lines_with_any(tree: ast.Module) -> list[int]:
    """The line of each import and each use of `typing.Any`, under whatever name and also in a quoted annotation."""
    anys, modules, lines = set[str](), set[str](), list[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in TYPING:
            for alias in node.names:
                if alias.name == "Any":
                    anys.add(alias.asname or alias.name)
                    lines.append(alias.lineno)
        elif isinstance(node, ast.Import):
            modules.update(alias.asname or alias.name for alias in node.names if alias.name in TYPING)
    for node in ast.walk(tree):
        if is_any(node, anys, modules):
            lines.append(node.lineno)
        for text, quoted in quoted_types(node):
            uses = sum(is_any(inner, anys, modules) for inner in ast.walk(quoted))
            lines.extend([text.lineno] * uses)
    return lines


def is_any(node: ast.AST, anys: set[str], modules: set[str]) -> TypeGuard[ast.expr]:
    """Whether a node means `typing.Any`, given the names under which it and its module were imported."""
    if isinstance(node, ast.Attribute):
        return node.attr == "Any" and isinstance(node.value, ast.Name) and node.value.id in modules
    return isinstance(node, ast.Name) and node.id in anys


def quoted_types(node: ast.AST) -> Iterator[tuple[ast.Constant, ast.expr]]:
    """The strings in a node's own annotation, or in the type of a `cast`, that can be read as types."""
    types: list[ast.expr | None] = []
    match node:
        case ast.arg(annotation=annotation):
            types = [annotation]
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias"), value=value):
            types = [value]
        case ast.AnnAssign(annotation=annotation):
            types = [annotation]
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            types = [returns]
        case ast.Call(func=ast.Name(id="cast"), args=[target, *_]):
            types = [target]
    for inner in (inner for given in types if given for inner in ast.walk(given)):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            with suppress(SyntaxError):  # a Literal's text
                yield inner, ast.parse(inner.value.strip(), mode="eval").body


if __name__ == "__main__":
    sys.exit(main())
