"""What is missing of the system is installed after saying so, or named in a line to type."""

from __future__ import annotations

import sys

import pytest

from tools.setup import system_packages
from tools.setup.speech import SetupError
from tools.setup.system_packages import Host, Need

ROOT_DEBIAN = Host("linux", frozenset({"debian"}), is_root=True, has_apt=True)
USER_UBUNTU = Host("linux", frozenset({"ubuntu", "debian"}), is_root=False, has_apt=True)
USER_FEDORA = Host("linux", frozenset({"fedora"}), is_root=False, has_apt=False)
USER_ARCH = Host("linux", frozenset({"arch"}), is_root=False, has_apt=False)
USER_OTHER = Host("linux", frozenset({"void"}), is_root=False, has_apt=False)
WINDOWS = Host("win32", frozenset(), is_root=False, has_apt=False)
MACOS = Host("darwin", frozenset(), is_root=False, has_apt=False)


class Machine:
    """A machine on which apt really makes things be there, and its commands are kept."""

    def __init__(self, *packages: str, broken: bool = False) -> None:
        self.packages = set(packages)
        self.commands: list[list[str]] = []
        self.broken = broken

    def met(self, need: Need) -> bool:
        return set(need.packages) <= self.packages

    def execute(self, command: list[str]) -> int:
        self.commands.append(command)
        if self.broken:
            return 100
        if command[1] == "install":
            self.packages |= {word for word in command[2:] if not word.startswith("-")}
        return 0


def test_nothing_missing_says_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    every = system_packages.packages_of(system_packages.GRAPHICS)
    machine = Machine(*every)
    still = system_packages.offer(
        system_packages.GRAPHICS, host=ROOT_DEBIAN, met=machine.met, execute=machine.execute
    )
    assert still == [] and machine.commands == []
    assert capsys.readouterr() == ("", "")


def test_root_on_debian_says_then_installs(capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine("libx11-6", "libgl1")
    still = system_packages.offer(
        system_packages.GRAPHICS, host=ROOT_DEBIAN, met=machine.met, execute=machine.execute
    )
    assert still == []
    update, install = machine.commands
    assert update == ["apt-get", "update"]
    assert install[:4] == ["apt-get", "install", "-y", "--no-install-recommends"]
    assert "libegl1" in install and "libx11-6" not in install
    assert len(install) == len(set(install))
    assert "Installing with apt-get: libegl1" in capsys.readouterr().err


def test_failing_apt_ends_with_the_line_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine(broken=True)
    still = system_packages.offer(
        system_packages.TESTS, host=ROOT_DEBIAN, met=machine.met, execute=machine.execute
    )
    assert still == list(system_packages.TESTS)
    assert "apt-get install --no-install-recommends mosquitto survex" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "line"),
    [
        (
            USER_UBUNTU,
            "sudo apt-get update && sudo apt-get install --no-install-recommends "
            "libegl1 libegl-mesa0 libgl1-mesa-dri",
        ),
        (USER_FEDORA, "sudo dnf install libglvnd-egl mesa-libEGL mesa-dri-drivers"),
        (USER_ARCH, "sudo pacman -S libglvnd mesa"),
        (USER_OTHER, "what Debian calls: libegl1 libegl-mesa0 libgl1-mesa-dri"),
    ],
)
def test_others_get_the_line_to_type(
    host: Host, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine("libx11-6", "libgl1", "libglx-mesa0")
    machine.packages.discard("libgl1-mesa-dri")
    needs = [
        Need("OpenGL off screen", ("libegl1",)),
        Need("a driver", ("libegl-mesa0", "libgl1-mesa-dri")),
    ]
    still = system_packages.offer(needs, host=host, met=machine.met, execute=machine.execute)
    assert still == needs and machine.commands == []
    assert line in capsys.readouterr().err


@pytest.mark.parametrize("host", [WINDOWS, MACOS])
def test_windows_and_macos_bring_their_own(host: Host) -> None:
    machine = Machine()
    assert system_packages.offer(system_packages.GRAPHICS, host=host, met=machine.met) == []


def test_reads_what_distribution_this_is() -> None:
    text = 'PRETTY_NAME="x"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'
    assert system_packages.read_distribution(text) == {"linuxmint", "ubuntu", "debian"}
    assert system_packages.read_distribution("") == frozenset()


def test_python_without_venv_is_mended_by_root(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(system_packages, "this_host", lambda: ROOT_DEBIAN)
    monkeypatch.setattr(system_packages, "_apt", machine.execute)
    system_packages.offer_venv(lambda: any("-venv" in name for name in machine.packages))
    assert [command[1] for command in machine.commands] == ["update", "install"]


def test_python_without_venv_is_named_to_a_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "this_host", lambda: USER_UBUNTU)
    with pytest.raises(SetupError):
        system_packages.offer_venv(lambda: False)
    error = capsys.readouterr().err
    assert "sudo apt-get install --no-install-recommends python3." in error
    assert "-venv" in error


def test_needs_are_tried_for_real() -> None:
    there = Need("the C library", ("libc6",), libraries=("no-such.so", "libc.so.6"))
    not_there = Need("nothing", ("x",), libraries=("libno-such-thing.so.9",))
    assert not system_packages.is_met(not_there)
    assert not system_packages.is_met(Need("nothing", ("x",), programs=("no-such-program",)))
    assert not system_packages.is_met(Need("nothing", ("x",), files=("/no/such/*.so",)))
    if sys.platform == "linux":
        assert system_packages.is_met(there)
        assert system_packages.is_met(Need("a shell", ("dash",), programs=("sh",)))
        assert system_packages.is_met(Need("accounts", ("base",), files=("/etc/pass*d",)))
