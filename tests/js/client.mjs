// A member of a room, after docs/protocol.md: comes in, is seen, sees, writes, comes back.
// Knows no socket library: `openSocket(url)` gives anything in the shape of a browser's WebSocket.

import { Clock } from "./clock.mjs";
import { decodeMessage, encode, Refused } from "./msgpack.mjs";
import { BATCH_FRAME, BatchDecoder, PoseEncoder } from "./poses.mjs";
import { ulid } from "./ulid.mjs";

const VERSIONS = [1];
const TO_RETRY = new Set([4006, 4008, 4014]); // and all below 4000 but 1000
const QUICK_EXCHANGES = 8;

const seconds = () => performance.now() / 1000;

export class RoomClient {
  // person: {name, role, language, display, site, ticket}; tell(event, detail) hears everything.
  constructor(url, person, openSocket, tell) {
    Object.assign(this, { url, person, openSocket, tell });
    this.resume = null;
    this.epoch = null;
    this.lastNumber = 0;
    this.records = new Map();
    this.members = new Map();
    this.observations = new Map();
    this.poses = new Map();
    this.pending = new Map(); // commands without an answer, in order
    this.clock = new Clock();
    this.encoder = new PoseEncoder();
    this.decoder = new BatchDecoder();
    this.welcome = null;
    this.ready = false;
    this.online = false;
    this.wait = 0;
    this.timers = new Set();
  }

  // -- the line ----------------------------------------------------------------------------

  connect() {
    this.online = true;
    const socket = this.openSocket(this.url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send(this.hello());
    socket.onmessage = ({ data }) => this.socket === socket && this.heard(new Uint8Array(data));
    socket.onclose = ({ code, reason }) => this.socket === socket && this.lost(code, reason);
  }

  hello() {
    const had = this.epoch === null ? {} : { epoch: this.epoch, last_number: this.lastNumber };
    return { type: "hello", versions: VERSIONS, ...this.person, resume: this.resume, ...had };
  }

  send(message) {
    this.socket.send(encode(message));
  }

  lost(code, reason) {
    this.socket = null;
    this.ready = false;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const again = this.online && code !== 1000 && (code < 4000 || TO_RETRY.has(code));
    this.tell("closed", { code, reason, again });
    if (again) {
      this.later(this.wait * (0.5 + Math.random() / 2), () => this.connect());
      this.wait = Math.min(this.wait * 2 || 0.2, 5);
    }
  }

  later(delay, work) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, delay * 1000);
    this.timers.add(timer);
  }

  leave() {
    this.online = false;
    this.send({ type: "bye" });
  }

  // -- what is heard -----------------------------------------------------------------------

  heard(bytes) {
    try {
      this.take(bytes);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.socket.close(); // none of this protocol: a new connection may do better
      this.lost(1006, error.message);
    }
  }

  take(bytes) {
    if (bytes[0] === BATCH_FRAME) {
      for (const { number, timeMs, pose } of this.decoder.decode(bytes)) {
        if (number === this.welcome.me) continue;
        this.poses.set(number, { timeMs, pose });
        this.tell("pose", { number, timeMs, pose });
      }
      return;
    }
    const message = decodeMessage(bytes);
    const handle = HANDLERS[message.type];
    if (handle !== undefined) handle.call(this, message);
    this.tell(message.type, message);
  }

  forget(number) {
    this.decoder.forget(number);
    this.poses.delete(number);
  }

  apply(record) {
    const known = this.incoming.get(record.id);
    if (known === undefined || known.number < record.number) this.incoming.set(record.id, record);
  }

  complete() {
    for (const [id, record] of this.incoming) if (record.deleted) this.incoming.delete(id);
    this.records = this.incoming;
    this.epoch = this.welcome.epoch;
    this.lastNumber = Math.max(
      this.welcome.last_number, ...Array.from(this.records.values(), (record) => record.number),
    );
    this.ready = true;
    this.wait = 0;
    for (const command of this.pending.values()) this.send(command);
  }

  exchange(quick) {
    this.send({ type: "ping", sent: seconds(), round_trip: this.clock.roundTrip });
    this.later(quick > 0 ? 0.05 : 2, () => this.exchange(quick - 1));
  }

  // Room time in milliseconds.
  roomTimeMs() {
    return Math.round((seconds() + this.clock.offset) * 1000);
  }

  // -- what is said ------------------------------------------------------------------------

  // Asks for a change; the id comes back in `ack` or `error`. Without a line it waits.
  command(kind, payload, more = {}) {
    const command = { type: "command", id: ulid(), kind, payload, ...more };
    this.pending.set(command.id, command);
    if (this.ready) this.send(command);
    return command.id;
  }

  pose(pose) {
    const frame = this.encoder.encode(pose, this.roomTimeMs());
    if (frame !== null) this.socket.send(frame);
    return frame;
  }
}

const HANDLERS = {
  welcome(message) {
    this.welcome = message;
    this.resume = message.resume;
    this.members = new Map(message.members.map((member) => [member.number, member]));
    this.observations = new Map(message.observations.map((value) => [value[0], value]));
    this.poses.clear();
    this.decoder = new BatchDecoder();
    this.encoder.forget();
    this.clock = new Clock(message.time - seconds());
    this.incoming = message.difference ? new Map(this.records) : new Map();
    this.exchange(QUICK_EXCHANGES);
  },
  records(message) {
    message.records.forEach((record) => this.apply(record));
    if (message.last) this.complete();
  },
  record(message) {
    this.apply(message.record);
    if (!this.ready) return;
    if (message.record.deleted) this.records.delete(message.record.id);
    this.lastNumber = Math.max(this.lastNumber, message.record.number);
  },
  joined({ member }) {
    this.forget(member.number);
    this.members.set(member.number, member);
  },
  left({ number }) {
    this.forget(number);
    this.members.delete(number);
  },
  observations({ values }) {
    for (const value of values) this.observations.set(value[0], value);
  },
  ack({ id }) {
    this.pending.delete(id);
  },
  error({ id }) {
    this.pending.delete(id);
  },
  pong({ sent, time }) {
    this.clock.take(sent, seconds(), time);
  },
};
