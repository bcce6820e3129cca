"""What a bundle's start script says; the bundle itself is made and installed by hand or CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.setup import bundle, targets
from tools.setup.environment import ROOT
from tools.setup.targets import Target

WINDOWS = Target(targets.WINDOWS, "3.13")


def test_windows_gets_a_batch_file_with_its_line_ends() -> None:
    files = bundle.start_files(WINDOWS, "1.2.3")
    assert set(files) == {"start.bat", "README.txt"}
    assert 'py -3.13 "%~dp0tools\\run.py" demo --twin "%~dp0twin" %*' in files["start.bat"]
    assert files["start.bat"].count("\n") == files["start.bat"].count("\r\n")
    assert "start.bat" in files["README.txt"] and "1.2.3" in files["README.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_start_script_names_the_python_that_is_missing(tmp_path: Path) -> None:
    script = tmp_path / "start.sh"
    never = Target(targets.LINUX, "3.99")
    script.write_text(bundle.start_files(never, "1.2.3")["start.sh"])
    shell = shutil.which("sh")
    assert shell is not None
    done = subprocess.run([shell, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "Kenish needs Python 3.99; please install it."


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_start_script_finds_python_and_passes_arguments(tmp_path: Path) -> None:
    here = tmp_path / "a bundle"
    (here / "tools").mkdir(parents=True)
    (here / "tools" / "run.py").write_text("import sys; print(sys.argv)")
    (here / "twin").mkdir()
    script = here / "start.sh"
    this = Target(targets.LINUX, f"{sys.version_info.major}.{sys.version_info.minor}")
    script.write_text(bundle.start_files(this, "1.2.3")["start.sh"])
    shell = shutil.which("sh")
    assert shell is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    search = os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"])
    done = subprocess.run(
        [shell, script, "--headless", "--out", "a b"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": search},
    )
    words = done.stdout
    assert f"'demo', '--twin', '{here / 'twin'}'" in words
    assert words.rstrip().endswith("'--headless', '--out', 'a b']")
    assert str(here / "tools" / "run.py") in words


def test_refuses_a_folder_that_is_no_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    assert bundle.command(["--out", str(tmp_path), "--platform", "linux-x86_64"]) == 2
    assert (tmp_path / "precious.txt").read_text() == "mine"
    assert "no bundle" in capsys.readouterr().err


def test_every_package_of_the_wheel_is_copied() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(bundle.PACKAGES) == sorted(pattern.removesuffix("*") for pattern in patterns)


def test_the_wheel_holds_every_file_that_the_packages_have(tmp_path: Path) -> None:
    """Data files are easily forgotten in package-data: build the wheel and compare."""
    sources = tmp_path / "sources"
    bundle.copy_sources(sources)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-build-isolation", "-w", tmp_path, sources],
        check=True,
    )
    (wheel,) = tmp_path.glob("kenish-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        there = set(archive.namelist())
    for package in bundle.PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in there
