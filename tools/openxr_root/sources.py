"""Where this machine gets Debian packages: read from apt's own files, so that the repository names
no host.

Pure but for reading; it fetches nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

APT: Final = Path("/etc/apt")
PREFERRED: Final = "main"


def mirrors(texts: dict[str, str]) -> list[str]:
    """Addresses of Debian archives in apt's source files ({name: text}), the best first: those
    with the component main, not of security updates."""
    found: list[str] = []
    for name, text in sorted(texts.items()):
        entries = _deb822(text) if name.endswith(".sources") else _one_line(text)
        for address, suites, components in entries:
            suite = suites[0] if suites else ""
            if PREFERRED in components and "security" not in suite and "/debian" in address:
                found.append(address.rstrip("/"))
    return list(dict.fromkeys(found))


def _deb822(text: str) -> list[tuple[str, list[str], list[str]]]:
    found = []
    for block in text.split("\n\n"):
        fields = {}
        for line in block.splitlines():
            key, colon, value = line.partition(":")
            if colon and not line.startswith(("#", " ")):
                fields[key.strip().lower()] = value.split()
        if "deb" in fields.get("types", []) and fields.get("enabled", ["yes"]) != ["no"]:
            for address in fields.get("uris", []):
                found.append((address, fields.get("suites", []), fields.get("components", [])))
    return found


def _one_line(text: str) -> list[tuple[str, list[str], list[str]]]:
    found = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if not words or words[0] != "deb":
            continue
        words = words[1:]
        if words and words[0].startswith("["):
            while words and not words[0].endswith("]"):
                words = words[1:]
            words = words[1:]
        if len(words) >= 2:
            found.append((words[0], [words[1]], words[2:]))
    return found


def of_this_machine() -> list[str]:
    """The archives that apt knows here; none where there is no apt."""
    files = [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]
    texts = {}
    for file in files:
        if file.is_file() and file.suffix in (".list", ".sources"):
            texts[file.name] = file.read_text(encoding="utf-8", errors="replace")
    return mirrors(texts)
