"""Parses XML without a document type: no entities, no external references, bounded depth.

An entity declaration is how a small XML file becomes gigabytes or reads other files, and no mine
file needs one. Knows nothing of any dialect.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from xml.parsers import expat

from scenes.errors import Refused
from scenes.importers.bounded import cut_short, damaged

_MAX_DEPTH = 200


def parse_xml(data: bytes) -> ElementTree.Element:
    """The root element; names keep no namespace. Raises `Refused` where it is not well formed,
    is cut short, or declares a document type."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise damaged(f"XML deeper than {_MAX_DEPTH}")
        builder.start(name.rpartition("}")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    def refuse_document_type(*_: object) -> None:
        raise Refused("import-xml-doctype")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.EntityDeclHandler = refuse_document_type
    try:
        parser.Parse(data, True)
    except LookupError as error:  # an encoding that nobody knows
        raise damaged(f"XML: {error}") from error
    except expat.ExpatError as error:
        if error.code in _CUT:
            raise cut_short("</" + "...>", f"{len(data)} B") from error
        raise damaged(f"XML line {error.lineno}: {expat.errors.messages[error.code]}") from error
    return builder.close()


_CUT = {
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
