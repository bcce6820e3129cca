"""Who may import whom, beyond what import-linter sees: what is imported when, and lazily."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("assets", "curricula", "scenes", "sync_server", "vr_app")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
LAZY = {"trimesh", "open3d"}
NOT_ON_A_SERVER = {"panda3d", "direct", "open3d", "trimesh", "nicegui", "asyncua", "cel"}
LINT = "from importlinter.cli import lint_imports_command as main; main()"
WITHOUT_PANDA3D = ("assets", "curricula", "scenes", "sync_server")


def _imports_at_load(tree: ast.Module) -> Iterator[str]:
    """Top-level names of what a module imports while it is itself imported."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def test_the_reader_of_imports_sees_what_it_should() -> None:
    text = """
import a.b
if TYPE_CHECKING:
    import never
else:
    import c
try:
    from d.e import f
except ImportError:
    pass
class K:
    import g
    def method(self):
        import lazy
"""
    assert sorted(_imports_at_load(ast.parse(text))) == ["a", "c", "d", "g"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_3d_libraries_are_imported_lazily(path: Path) -> None:
    loaded = set(_imports_at_load(ast.parse(path.read_text(encoding="utf-8"))))
    assert not loaded & LAZY
    if path.relative_to(ROOT).parts[0] in WITHOUT_PANDA3D:
        assert not loaded & {"panda3d", "direct"}


def _modules_after(program: str) -> set[str]:
    """Top-level names of the modules that a fresh Python has loaded after `program`."""
    code = f"import json, sys\n{program}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("module", ["sync_server.commands", "sync_server.app"])
def test_a_server_loads_no_3d_library_and_no_protocol_it_does_not_use(module: str) -> None:
    if not (ROOT / (module.replace(".", "/") + ".py")).is_file():
        pytest.skip(f"there is no {module}")
    assert not _modules_after(f"import {module}") & NOT_ON_A_SERVER


@pytest.mark.parametrize("package", WITHOUT_PANDA3D)
def test_packages_below_the_application_load_without_panda3d(package: str) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] == package and path.name != "__main__.py"
    ]
    program = "\n".join(f"import {name}" for name in names)
    loaded = _modules_after(program)
    assert package in loaded
    assert not loaded & {"panda3d", "direct", "trimesh", "open3d"}


def test_a_rule_that_is_broken_is_found(tmp_path: Path) -> None:
    """import-linter, with our contracts, on packages that break each of them."""
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "sync_server" / "wire.py").write_text("")
    for place, text in {
        "scenes/bad.py": "import assets",
        "sync_server/bad.py": "import scenes.bad, trimesh, panda3d",
        "vr_app/good.py": "import sync_server.wire, panda3d",
        "vr_app/bad.py": "def late():\n    import sync_server.bad",
    }.items():
        (tmp_path / place).write_text(text)
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(config[config.index("[tool.importlinter]") :])
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    for line in (
        "scenes.bad may not import assets",
        "sync_server.bad may not import scenes.bad",
        "sync_server.bad may not import trimesh",
        "sync_server.bad may not import panda3d",
        "vr_app.bad may not import sync_server.bad",
    ):
        assert line in done.stdout + done.stderr, done.stdout + done.stderr
    assert "vr_app.good" not in done.stdout
    assert done.returncode == 1
