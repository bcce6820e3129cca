"""What docs/protocol.md says beside what the code says: a sentence for each field and each bound.

Sentences only. `tools/protocol_tables.py` fails where one is missing or speaks of what is gone.
"""

# ruff: noqa: E501  (a table of sentences reads better with each in one line)

from __future__ import annotations

import importlib
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from sync_server.wire.limits import PER_ADDRESS

FIELDS: Final[dict[str, str]] = {
    # -- member to server
    "hello.versions": "Every version of this protocol that the client speaks.",
    "hello.name": "Shown to those present; control characters become spaces, 48 characters are kept. Empty: `#NUMBER`.",
    "hello.role": "The role wished for where the room is open; a ticket or a resume token brings its own.",
    "hello.language": "One of `en`, `ru`, `kk`, `ja`; anything else is taken as `en`.",
    "hello.display": "What the person looks through: `desktop`, `headset`, `theatre`, `browser`, `bot` ...",
    "hello.site": "Where the person is, for those present: `Astana`.",
    "hello.ticket": "A signed ticket, good once and for a few minutes.",
    "hello.resume": "The token of the last welcome; it goes before the ticket.",
    "hello.epoch": "The epoch of the records that the client holds; nil if it holds none.",
    "hello.last_number": "The number of the last change that the client holds.",
    "command.id": "Made once by the sender. The same id again is never done twice.",
    "command.kind": "The kind of record.",
    "command.op": "What to do with it.",
    "command.record": "Which record. A `create` leaves it out, or gives the command's own id: the new record is called like its command. Kinds with one record per thing take the id from the payload.",
    "command.payload": 'The record\'s content by its kind; `{"to": MEMBER}` for `give`; nothing for `delete` and `restore`.',
    "command.expect": "Refused with `server-changed-meanwhile` where the record's number is another by now (0: there never was one).",
    "ask_history.id": "Comes back in the answer.",
    "ask_history.record": "Whose history.",
    "ask_history.before": "Only what has a smaller number: the last number of the page before.",
    "ping.sent": "The sender's own clock; any origin will do.",
    "ping.round_trip": "Recent median, seconds; nil while unknown.",
    "ping.jitter": "Of what arrives (RFC 3550, 6.4.1), seconds; nil while unknown.",
    # -- server to member
    "welcome.version": "The version that both will speak.",
    "welcome.room": "The room's name.",
    "welcome.epoch": "Which life of the room this is: numbers of another epoch mean nothing.",
    "welcome.me": "The own member number, as in poses.",
    "welcome.member": "The own pseudonym, as in records.",
    "welcome.role": "The role that was given.",
    "welcome.permissions": "What the role may do (section 7).",
    "welcome.resume": "The token to come back with. Keep it like a password.",
    "welcome.http": "Base address of the files (section 12).",
    "welcome.http_token": "The bearer token for them.",
    "welcome.time": "Room time, unix seconds: a first guess for the clock.",
    "welcome.last_number": "The number of the room's last change; the records that follow bring the client up to it.",
    "welcome.difference": "True: the records are what changed since `hello.last_number`, deleted ones among them. False: they are all there is, and the client drops what it had.",
    "welcome.members": "Everybody present, the newcomer too.",
    "welcome.observations": "The latest value of every datastream that has one.",
    "welcome.names": "Names, by pseudonym, of absent authors whom this site knows.",
    "records.records": "Ordered by number.",
    "records.last": "No further chunk comes.",
    "refused.message_id": "The reason (section 15).",
    "refused.arguments": "What fills its text.",
    "refused.english": "The text, for clients that do not know the id.",
    "joined.member": "Who.",
    "left.number": "Whose poses end; the number may be given to somebody else later.",
    "record.op": "What was done. A `create` of a record that lives is told as `update`.",
    "record.command": "The id of the command that did it.",
    "record.record": "The record as it is now.",
    "ack.id": "The command's id.",
    "ack.number": "The number that the change got; it is on disk.",
    "error.id": "The id of the command or question that was refused; empty where it had none, and for what is told to all.",
    "error.message_id": "The reason (section 15).",
    "error.arguments": "What fills its text.",
    "history.id": "The question's id.",
    "history.record": "Whose history.",
    "history.entries": "Newest first.",
    "history.more": "There are older ones: ask again with `before` set to the last number.",
    "quality.values": "Of those for whom it has changed; after the records, of all for whom it is known.",
    "closing.message_id": "Why.",
    "closing.seconds": "How long from now, at most.",
    "pong.sent": "As it came.",
    "pong.time": "Room time when the server answered, unix seconds.",
    "observations.values": "[datastream, phenomenon time (unix seconds), result in the datastream's unit or nil, quality, where it comes from].",
    "MemberInfo.number": "Its number in pose batches while it is present.",
    "MemberInfo.id": "Its pseudonym: the same person's for good.",
    "MemberInfo.name": "What to show.",
    "MemberInfo.role": "Its role.",
    "MemberInfo.language": "One of `en`, `ru`, `kk`, `ja`.",
    "MemberInfo.display": "What it looks through.",
    "MemberInfo.site": "Where it says it is.",
    "RecordInfo.id": "Its id.",
    "RecordInfo.kind": "Its kind (section 6).",
    "RecordInfo.author": "Who created it: a pseudonym, or `server`.",
    "RecordInfo.owner": "Who may change it; empty: its author.",
    "RecordInfo.number": "Of the last change: the one to `expect`, and the one to remember.",
    "RecordInfo.version": "Counts the changes of this record from 1.",
    "RecordInfo.time": "Room time of the last change, unix seconds.",
    "RecordInfo.payload": "Its content by its kind; empty where it is deleted.",
    "RecordInfo.deleted": "It was deleted.",
    "HistoryEntry.number": "The number that it got.",
    "HistoryEntry.command": "The command's id.",
    "HistoryEntry.author": "Who.",
    "HistoryEntry.op": "What.",
    "HistoryEntry.time": "When, unix seconds.",
    "HistoryEntry.payload": "The record's content after it; nothing for `delete`.",
    # -- payloads
    "annotation.position": "Metres, scene frame.",
    "annotation.text": "What it says.",
    "annotation.place": "The place of the scene that it belongs to.",
    "message.text": "What is said.",
    "object_state.object": "An object of the scene.",
    "object_state.action": "One of the object's actions.",
    "object_state.state": "Filled in by the server: the state after the action.",
    "object_state.event": "Filled in by the server: the event that the action means.",
    "alarm_ack.datastream": "A datastream of the scene.",
    "alarm_ack.text": "A remark.",
    "choice.prompt": "The drill's prompt.",
    "choice.option": "The option chosen.",
    "viewpoint.position": "The eye, metres, scene frame.",
    "viewpoint.azimuth_deg": "Degrees clockwise from north (+Y).",
    "viewpoint.pitch_deg": "Degrees up from level.",
    "viewpoint.text": "What it is called.",
    "measurement.measure": "What was measured.",
    "measurement.points": "Metres, scene frame, in order.",
    "measurement.value": "The result.",
    "measurement.unit": "UCUM code: `m`, `m2`, `deg`.",
    "measurement.text": "A remark.",
    "measurement.place": "The place of the scene that it belongs to.",
    "photo.file": "SHA-256 of the uploaded file (section 12), in small hexadecimal digits.",
    "photo.media_type": "What it is.",
    "photo.width": "Pixels.",
    "photo.height": "Pixels.",
    "photo.position": "The eye, metres, scene frame.",
    "photo.azimuth_deg": "Degrees clockwise from north (+Y).",
    "photo.pitch_deg": "Degrees up from level.",
    "photo.text": "What it shows.",
    "photo.place": "The place of the scene that it belongs to.",
    "section.point": "A point of the plane, metres, scene frame.",
    "section.normal": "Towards the half that is cut away; any length but zero.",
    "section.thickness_m": "A slab of so many metres is kept; nil: a half of the world.",
    "section.text": "What it is called.",
    "layer_state.layer": "A layer of the scene.",
    "layer_state.visible": "Whether it is drawn.",
    "layer_state.opacity": "1 is opaque.",
    "layer_state.glass": "Whether it is looked through.",
    "layer_state.field": "Whether it has its field's colours; null: as the scene says.",
    "scene_time.id": "There is one.",
    "scene_time.time": "Unix seconds; left out while the room is live.",
    "scene_time.rate": "Seconds of scene time a second of room time.",
    "moderation.act": "What is done.",
    "moderation.member": "To whom: a pseudonym.",
    "moderation.reason": "Why.",
    "room_state.id": "There is one.",
    "room_state.locked": "Nobody new comes in.",
    "room_state.lead": "Who leads: a pseudonym; left out where nobody does.",
    "room_state.muted": "Whose words are not taken.",
    "room_state.kept_out": "Who was sent out, until `admit`.",
    "drill_act.act": "What is done to the drill.",
    "drill_act.target": "One of its injects, steps or rules.",
    "drill_act.member": "Whose score or prompt, where it is one person's.",
    "drill_act.seconds": "For `delay`.",
    "drill_act.outcome": "For `override`.",
    "drill_act.reason": "For `override`: why.",
    "replay_act.act": "What is done to the replay.",
    "replay_act.at_s": "For `seek`: seconds from the recording's beginning.",
    "replay_act.speed": "For `speed`: recorded seconds a second.",
    "replay_state.id": "There is one.",
    "replay_state.room": "The recorded room.",
    "replay_state.started": "Room time of the recording's beginning, unix seconds.",
    "replay_state.duration_s": "How long it is, seconds.",
    "replay_state.at_s": "The moment that was shown at `since`, seconds from the beginning.",
    "replay_state.since": "Room time of `at_s`, unix seconds.",
    "replay_state.speed": "Recorded seconds a second.",
    "replay_state.playing": "Whether it goes on.",
    "replay_state.loop": "Whether it begins anew at its end.",
    "drill_text.id": "Its id.",
    "drill_text.drill": "The drill.",
    "drill_text.language": "The language of the texts.",
    "drill_text.reviewed": "Somebody who speaks it has read them.",
    "drill_text.ftl": "Fluent source.",
    "drill_log.id": "Its id.",
    "drill_log.drill": "The drill; other fields are the log's own.",
    "drill_state.drill": "The drill; other fields are the runner's own.",
}

CLOSES: Final[dict[str, str]] = {
    "CLOSE_GOING_AWAY": "The server closes or starts anew",
    "CLOSE_VERSION": "No common version",
    "CLOSE_UNKNOWN_ROOM": "No such room",
    "CLOSE_TICKET": "A ticket or resume token is missing, forged, expired or used",
    "CLOSE_ROLE": "The room is not open for this role without a ticket",
    "CLOSE_FULL": "The room is full",
    "CLOSE_HELLO_TIMEOUT": "No hello within ten seconds",
    "CLOSE_MALFORMED": "The first message is no hello, or too many messages were none of this protocol",
    "CLOSE_TOO_SLOW": "What the member must not miss has piled up (a server that cannot even say so cuts the line)",
    "CLOSE_REPLACED": "The same member has come in from elsewhere",
    "CLOSE_KEPT_OUT": "A moderator has sent the member out",
    "CLOSE_LOCKED": "A moderator has locked the room for newcomers",
    "CLOSE_CROWDED": "Too many members or connections from one address",
    "CLOSE_BUSY": "Too many come in at once",
    "CLOSE_ORIGIN": "A page of an origin that this server does not take",
}

PERMISSION_WORDS: Final[dict[str, str]] = {
    "pose": "be seen: its pose frames are passed on",
    "message": "write text messages",
    "choose": "answer a drill's prompts",
    "annotate": "write notes, measurements and photos",
    "operate": "act on the scene's objects",
    "acknowledge": "acknowledge alarms",
    "viewpoint": "save viewpoints",
    "present": "show: layers, scene time, sections",
    "run_drill": "start, pause, resume and abort a drill, and ask it for hints",
    "drill": "direct a drill: inject, skip, delay, repeat, override",
    "moderate": "change or delete anybody's records; kick, mute, lock, hand over the lead",
    "administer": "read the server's metrics from afar",
}


@dataclass(frozen=True)
class Limit:
    """A bound: `source` is `module:NAME` under sync_server (`NAME` may lead on with dots), `form`
    writes its value `v`."""

    what: str
    source: str
    form: str
    beyond: str

    def shown(self) -> str:
        """The value as the document writes it."""
        module, path = self.source.split(":")
        value = attrgetter(path)(importlib.import_module(f"sync_server.{module}"))
        if isinstance(value, type):  # a group of bounds with its defaults
            value = value()
        elif callable(value):  # one that grows with the members of an address
            value = value(PER_ADDRESS)
        return self.form.format(v=value)


_BUCKET: Final = "{v.%s._rate:g} a second, {v.%s._burst:g} at once"


def _rate(what: str, name: str, beyond: str) -> Limit:
    return Limit(what, "transport.rates:MemberRates", _BUCKET % (name, name), beyond)


_BYTES: Final = "{v:,} bytes"
LIMITS: Final = (
    Limit("`hello`", "transport.reception:MAX_HELLO", _BYTES, "`server-too-large`, 4007"),
    Limit("`command`", "wire.limits:MAX_MEMBER_MESSAGE", _BYTES, "the socket closes with 1009"),
    Limit(
        "other control messages of a member",
        "transport.incoming:SMALL",
        _BYTES,
        "`server-too-large`",
    ),
    Limit("a pose frame", "transport.incoming:MAX_POSE", _BYTES, "`server-too-large`"),
    Limit(
        "a server's message",
        "wire.limits:MAX_SERVER_MESSAGE",
        _BYTES,
        "never sent; clients may refuse it",
    ),
    Limit(
        "records in one `records`",
        "wire.limits:SNAPSHOT_CHUNK",
        "about {v:,} bytes",
        "another chunk follows",
    ),
    Limit(
        "time until `hello`, from the TCP connection on",
        "wire.limits:HELLO_TIMEOUT_S",
        "{v:g} s",
        "4006",
    ),
    _rate("pose frames", "poses", "left out, not told"),
    _rate("commands", "commands", "none is lost: the socket is read more slowly"),
    _rate("`ask_history`", "history", "the same"),
    _rate("`ping`", "pings", "not answered"),
    _rate("`bye`, a second `hello`", "others", "the socket is read more slowly"),
    Limit(
        "cut lines of an address, for floods and for what is no protocol",
        "transport.gate:OFFENCES",
        "{v}",
        "new connections are reset for a while",
    ),
    Limit(
        "WebSocket frames of any kind",
        "transport.connection:FRAMES_A_SECOND",
        "{v:g} a second",
        "the line is cut",
    ),
    _rate("messages that are none", "malformed", "4007"),
    Limit("members of a room", "wire.limits:MAX_MEMBERS", "{v}", "4005"),
    Limit(
        "members from one address (an IPv6 /64), unless `--per-address` says otherwise",
        "wire.limits:PER_ADDRESS",
        "{v}",
        "4012",
    ),
    Limit(
        "connections of one address before `hello`",
        "transport.gate:GateLimits.for_rooms",
        "{v.waiting_per_address}",
        "the connection is reset",
    ),
    Limit(
        "connections of one address",
        "transport.gate:GateLimits.for_rooms",
        "{v.open_per_address}, {v.rate:g} new ones a second, {v.burst:g} at once",
        "the connection is reset",
    ),
    Limit(
        "records that live in a room",
        "wire.limits:MAX_RECORDS",
        "{v:,}",
        "`server-room-holds-no-more`",
    ),
    Limit(
        "deletions that are remembered",
        "wire.limits:MAX_TOMBSTONES",
        "{v:,}",
        "whoever was away longer gets everything (`difference: false`)",
    ),
    Limit(
        "command ids that are remembered",
        "storage.retention:Retention",
        "{v.commands:,} and {v.commands_s:,.0f} s, whichever is more; at most {v.commands_most:,}",
        "a repeat is judged anew",
    ),
    Limit(
        "history that is kept",
        "storage.retention:Retention",
        "{v.entries:,} commands and {v.entries_s:,.0f} s, whichever is more",
        "gone",
    ),
    Limit("entries in one `history`", "wire.limits:HISTORY_ENTRIES", "{v}", "`more`"),
    Limit("names in a welcome", "wire.limits:MAX_NAMES", "{v:,}", "others are not told"),
    Limit(
        "control messages that wait for a member",
        "transport.outbox:EVENT_BACKLOG",
        _BYTES + " besides the records of joining",
        "the line is cut",
    ),
    Limit("nothing is taken by a member", "transport.outbox:STUCK_S", "{v:g} s", "the line is cut"),
    Limit(
        "control messages wait without end", "transport.outbox:LATE_S", "{v:g} s", "the line is cut"
    ),
    Limit(
        "a pose waits for others, among few members",
        "transport.flush_interval:SHORTEST_S",
        "{v:g} s",
        "",
    ),
    Limit(
        "a pose waits for others, among many or under load",
        "transport.flush_interval:LONGEST_S",
        "at most {v:g} s",
        "",
    ),
    Limit(
        "round trip of a line that gets poses at the longest interval",
        "transport.flush_interval:LONG_LINE_S",
        "{v:g} s",
        "",
    ),
    Limit(
        "poses to one member, for each member that a room may have",
        "transport.pose_flush:BYTES_A_SECOND",
        "{v:,} bytes a second",
        "the nearest and those who point first",
    ),
    Limit(
        "poses to a member whose line is full",
        "transport.pose_flush:SEGMENT",
        "{v:,} bytes at a time at first",
        "the same",
    ),
    Limit(
        "a ticket is good",
        "room.tickets:TICKET_LONGEST_S",
        "{v:g} s at most, once",
        "`server-ticket-too-long`, `server-ticket-expired`, `server-ticket-used`",
    ),
    Limit("a resume token is good", "room.tickets:RESUME_S", "{v:,} s", "`server-ticket-expired`"),
    Limit("an HTTP token is good", "room.tickets:HTTP_S", "{v:g} s", "401"),
    Limit("an uploaded file", "storage.files:MAX_BYTES", _BYTES, "413"),
    Limit("a picture", "storage.files:MAX_SIDE", "{v:,} pixels on a side", "413"),
    Limit("what a member uploads to a room", "storage.files:MEMBER_BYTES", _BYTES, "429"),
    Limit("what a room holds", "storage.files:ROOM_BYTES", _BYTES, "507"),
    Limit("uploads at once of a member", "http.uploads:AT_ONCE_PER_MEMBER", "{v}", "429"),
)
