"""What a tile needs that is not installed here. It never installs anything."""

from __future__ import annotations


class NeedsPackage(ValueError):
    """A tile that only `package` could read."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f"{what} need the package {package}")
        self.package = package
