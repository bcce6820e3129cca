"""Writes the tables of docs/protocol.md from the code: messages, record kinds, roles, limits.

Only what stands between a pair of markers is written anew; prose is never touched. Run it after
changing a message, a record, a role, a limit or a refusal: `python tools/protocol_tables.py`.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, Final, get_args

ROOT: Final = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402

from sync_server.room.roles import (  # noqa: E402
    LASTING,
    NEEDED,
    NEVER_OPEN,
    PERMISSIONS,
    RESETTABLE,
    ROLES,
    UNCHANGING,
)
from sync_server.wire import limits, messages  # noqa: E402
from sync_server.wire.records import KEYED_BY, PAYLOADS, keyed_id  # noqa: E402
from tools.protocol_examples import EXAMPLES  # noqa: E402
from tools.protocol_words import CLOSES, FIELDS, LIMITS, PERMISSION_WORDS  # noqa: E402

DOCUMENT: Final = ROOT / "docs" / "protocol.md"
TEXTS: Final = ROOT / "assets" / "locale" / "en" / "server.ftl"
_BLOCK: Final = re.compile(
    r"(?P<open><!-- generated: (?P<name>[a-z-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL
)
_LARGEST: Final = 2**53
_ID: Final = re.compile(r'"(server-[a-z-]+)"')
# Written in the server's code, but said to whoever runs it; and what is only counted.
_NOT_SENT: Final = frozenset(
    {"server-busy", "server-flood", "server-frames", "server-kept-off", "server-origin-option"}
    | {"server-proxy-address", "server-storage", "server-too-slow", "server-transport"}
)
_TEXT: Final = re.compile(r"^(server-[a-z-]+) = (.+)$", re.MULTILINE)


class Stale(Exception):
    """The words that go with the code lack something, or speak of what is gone."""


def _number(value: Any) -> str:
    if value == _LARGEST - 1:
        return "2^53 - 1"
    return f"{value:,.12g}" if isinstance(value, float) else f"{value:,}"


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - 1
    if "exclusiveMinimum" in schema:
        return f"over {_number(schema['exclusiveMinimum'])}, at most {_number(high)}"
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    return "" if low is None else f"at least {_number(low)}"


def _sizes(schema: dict[str, Any], low: str, high: str, what: str) -> str:
    least, most = schema.get(low, 0), schema.get(high)
    if most is None:
        return ""
    return f"{least} to {most} {what}" if least else f"at most {most} {what}"


def describe(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """A field's type and bounds in words, from its JSON schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(describe(one, definitions) for one in schema["anyOf"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{one}`" for one in schema["enum"])
    match schema.get("type"):
        case "null":
            return "nil"
        case "string":
            if "pattern" in schema:
                return f"string, `{schema['pattern']}`"
            return ", ".join(
                filter(None, ["string", _sizes(schema, "minLength", "maxLength", "characters")])
            )
        case "boolean":
            return "boolean"
        case "integer" | "number" as kind:
            word = "integer" if kind == "integer" else "number"
            return ", ".join(filter(None, [word, _range(schema)]))
        case "array" if "prefixItems" in schema:
            parts = [describe(one, definitions) for one in schema["prefixItems"]]
            if len(set(parts)) == 1:
                return f"[{len(parts)} of ({parts[0]})]"
            return f"[{', '.join(parts)}]"
        case "array":
            inner = describe(schema.get("items", {}), definitions)
            sizes = _sizes(schema, "minItems", "maxItems", "of them")
            return f"list of ({inner})" + (f", {sizes}" if sizes else "")
        case "object":
            values = schema.get("additionalProperties")
            return (
                f"map of ({describe(values, definitions)})" if isinstance(values, dict) else "map"
            )
    return "any"


def _default(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    match schema.get("default"):
        case None:
            return "nil"
        case "":
            return '""'
        case value:
            return f"`{value}`".replace("'", '"').replace("True", "true").replace("False", "false")


def _sentence(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split()).replace("None", "nil")


def fields_table(model: type[BaseModel], name: str) -> str:
    """The fields of a message or a payload. Raises `Stale` where one has no sentence."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    rows = []
    for field, one in schema["properties"].items():
        if field == "type":
            continue
        words = FIELDS.get(f"{name}.{field}")
        if words is None:
            raise Stale(f"tools/protocol_words.py says nothing about {name}.{field}")
        kind = describe(one, definitions).replace("|", "\\|")
        rows.append(f"| `{field}` | {kind} | {_default(one, field in required)} | {words} |")
    if not rows:
        return "No fields.\n"
    return "\n".join(["| field | type and bounds | default | |", "|---|---|---|---|", *rows]) + "\n"


def _type_of(model: type[BaseModel]) -> str:
    return str(model.model_fields["type"].default)


def _messages(union: Any) -> str:
    parts = []
    for model in get_args(union):
        name = _type_of(model)
        parts.append(f"#### `{name}`\n{_sentence(model)}\n\n{fields_table(model, name)}")
    return "\n".join(parts)


def _shared() -> str:
    parts = []
    for model in (messages.MemberInfo, messages.RecordInfo, messages.HistoryEntry):
        name = model.__name__
        parts.append(f"#### {name}\n{_sentence(model)}\n\n{fields_table(model, name)}")
    return "\n".join(parts)


def _changed_by(kind: str) -> str:
    if NEEDED.get(kind) is None:
        return "the server alone"
    if kind in LASTING:
        return "nobody, nor deleted"
    if kind in UNCHANGING:
        return "nobody; deleted by its owner or `moderate`"
    if kind in RESETTABLE:
        return "whoever has the permission; deleted too"
    if kind in KEYED_BY:
        return "whoever has the permission; deleted by `moderate`"
    return "its owner, or `moderate`"


def _identity(kind: str) -> str:
    field = KEYED_BY.get(kind)
    if field is None:
        return "the command's"
    default = PAYLOADS[kind].model_fields[field].default
    if isinstance(default, str):
        return f"`{default}`"
    example = keyed_id(kind, {field: field.upper()})
    return f"`{example}`"


def _kinds() -> str:
    rows = ["| kind | what it is | id | permission | changed by |", "|---|---|---|---|---|"]
    for kind, model in PAYLOADS.items():
        needed = NEEDED.get(kind)
        permission = f"`{needed}`" if needed else ""
        rows.append(
            f"| `{kind}` | {_sentence(model)} | {_identity(kind)} | {permission} "
            f"| {_changed_by(kind)} |"
        )
    return "\n".join(rows) + "\n"


def _payloads() -> str:
    return "\n".join(
        f"#### `{kind}`\n{fields_table(model, kind)}" for kind, model in PAYLOADS.items()
    )


def _roles() -> str:
    known = list(dict.fromkeys(p for role in ROLES for p in sorted(PERMISSIONS[role])))
    if set(known) != set(PERMISSION_WORDS):
        raise Stale(f"permissions: {set(known) ^ set(PERMISSION_WORDS)}")
    rows = [
        f"| permission | {' | '.join(ROLES)} | lets a member |",
        "|---" * (len(ROLES) + 2) + "|",
    ]
    for permission, words in PERMISSION_WORDS.items():
        marks = " | ".join("yes" if permission in PERMISSIONS[role] else "" for role in ROLES)
        rows.append(f"| `{permission}` | {marks} | {words} |")
    openable = " | ".join("never" if role in NEVER_OPEN else "can be" for role in ROLES)
    rows.append(f"| *open without a ticket* | {openable} | |")
    return "\n".join(rows) + "\n"


def _closes() -> str:
    codes = {name: value for name, value in vars(limits).items() if re.match(r"CLOSE_[A-Z]", name)}
    if set(codes) != set(CLOSES):
        raise Stale(f"close codes: {set(codes) ^ set(CLOSES)}")
    rows = ["| code | | come back by itself |", "|---|---|---|"]
    for name, code in sorted(codes.items(), key=lambda pair: pair[1]):
        again = "yes" if code in limits.CLOSES_TO_RETRY else "no"
        rows.append(f"| {code} | {CLOSES[name]} | {again} |")
    return "\n".join(rows) + "\n"


def _limits() -> str:
    rows = ["| what | bound | beyond it |", "|---|---|---|"]
    for one in LIMITS:
        rows.append(f"| {one.what} | {one.shown()} | {one.beyond} |")
    return "\n".join(rows) + "\n"


def _ids_in(*places: str) -> list[str]:
    """The message ids that are written in some files or folders of the server, each once."""
    files = [ROOT / "sync_server" / place for place in places]
    sources = [one for file in files for one in ([file] if file.is_file() else file.rglob("*.py"))]
    found = {name for one in sources for name in _ID.findall(one.read_text(encoding="utf-8"))}
    return sorted(found - _NOT_SENT)


def _refusals(*places: str) -> str:
    texts = dict(_TEXT.findall(TEXTS.read_text(encoding="utf-8")))
    rows = ["| message_id | in English |", "|---|---|"]
    for name in _ids_in(*places):
        if name in texts:  # others are for counters only
            text = re.sub(r"\{ \$([a-z]+) \}", r"`\1`", texts[name]).replace("|", "\\|")
            rows.append(f"| `{name}` | {text} |")
    return "\n".join(rows) + "\n"


def blocks() -> dict[str, str]:
    """Every generated block by its marker's name. Raises `Stale`."""
    known = {f"{_type_of(m)}.{f}" for m in get_args(messages.MemberMessage) for f in m.model_fields}
    known |= {
        f"{_type_of(m)}.{f}" for m in get_args(messages.ServerMessage) for f in m.model_fields
    }
    for model in (messages.MemberInfo, messages.RecordInfo, messages.HistoryEntry):
        known |= {f"{model.__name__}.{field}" for field in model.model_fields}
    known |= {f"{kind}.{field}" for kind, model in PAYLOADS.items() for field in model.model_fields}
    if set(FIELDS) - known:
        raise Stale(f"tools/protocol_words.py speaks of {sorted(set(FIELDS) - known)}")
    return {
        "messages-member": _messages(messages.MemberMessage),
        "messages-server": _messages(messages.ServerMessage),
        "messages-shared": _shared(),
        "kinds": _kinds(),
        "payloads": _payloads(),
        "roles": _roles(),
        "closes": _closes(),
        "limits": _limits(),
        "refusals": _refusals("wire", "room", "transport", "app.py"),
        "refusals-http": _refusals("http", "storage/files.py", "storage/pictures.py"),
        **{name: make() for name, make in EXAMPLES.items()},
    }


def rendered(text: str) -> str:
    """The document with every block made anew. Raises `Stale` where marks and blocks differ."""
    made = blocks()
    asked = [found["name"] for found in _BLOCK.finditer(text)]
    if sorted(asked) != sorted(made):
        raise Stale(f"markers of the document: {sorted(set(asked) ^ set(made)) or asked}")
    return _BLOCK.sub(lambda found: found["open"] + made[found["name"]] + found["close"], text)


def main() -> int:
    """Write the document, or with --check only say whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where it is stale")
    options = parser.parse_args()
    before = DOCUMENT.read_text(encoding="utf-8")
    after = rendered(before)
    if options.check:
        return 0 if before == after else 1
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
