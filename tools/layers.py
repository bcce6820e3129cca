"""Two import-linter contracts that say what *may* be imported, so that new modules are covered.

Read by `lint-imports` through pyproject.toml. Never ignores an import: there are no exemptions.
"""

from __future__ import annotations

from typing import Any, cast

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _descendants(graph: grimp.ImportGraph, package: str) -> set[str]:
    return {name for name in graph.modules if _within(name, package)}


class _Listing(Contract):
    """A contract whose breaches are (importer, imported) pairs."""

    def breaches(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        """The direct imports that the contract does not allow."""
        raise NotImplementedError

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Kept where nothing breaches it."""
        found = sorted(self.breaches(graph))
        return ContractCheck(kept=not found, metadata={"breaches": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each import."""
        for importer, imported in check.metadata["breaches"]:
            output.print_error(f"{importer} may not import {imported}", bold=False)


class MayImport(_Listing):
    """`source` imports, of our own packages, only itself and `allowed`.

    An allowed package allows what is in it.
    """

    source = fields.ModuleField()
    allowed = fields.ListField(subfield=fields.ModuleField(), required=False, default=[])

    def breaches(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        """Direct imports out of `source` into ours, apart from the allowed."""
        source = cast("Module", self.source).name
        allowed = [module.name for module in cast("list[Module]", self.allowed)]
        ours = {name.split(".")[0] for name in self.session_options["root_packages"]}
        return [
            (importer, imported)
            for importer in _descendants(graph, source)
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.split(".")[0] in ours
            and not _within(imported, source)
            and not any(_within(imported, name) for name in allowed)
        ]


class OnlyIn(_Listing):
    """`libraries` (of others) are imported, even lazily, only in `places`."""

    libraries = fields.ListField(subfield=fields.StringField())
    places = fields.ListField(subfield=fields.ModuleField(), required=False, default=[])

    def breaches(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        """Direct imports of the libraries from anywhere else."""
        places = [module.name for module in cast("list[Module]", self.places)]
        libraries = cast("list[Any]", self.libraries)
        return [
            (importer, library)
            for library in map(str, libraries)
            if library in graph.modules
            for importer in graph.find_modules_that_directly_import(library)
            if not any(_within(importer, place) for place in places)
        ]
