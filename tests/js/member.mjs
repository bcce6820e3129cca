// A member that is told what to do by JSON lines on stdin and says what happens on stdout, for
// tests: `node tests/js/member.mjs ws://HOST:PORT/ROOM '{"name": "Ken", "role": "engineer"}'`.

import readline from "node:readline";
import { RoomClient } from "./client.mjs";
import { Socket } from "./socket.mjs";

const [url, person] = process.argv.slice(2);
const say = (event, detail) => process.stdout.write(`${JSON.stringify({ event, ...detail })}\n`);

const client = new RoomClient(url, JSON.parse(person ?? "{}"), (address) => new Socket(address), (event, detail) => {
  say(event, detail);
  if (event === "records" && detail.last) {
    say("in", { records: Array.from(client.records.values()), last_number: client.lastNumber });
  }
});

const ORDERS = {
  // {"do": "pose", "pose": {head, left, right, pointer}}
  pose: ({ pose }) => client.pose(pose),
  // {"do": "command", "kind", "payload", "more": {op, record, expect}}
  command: ({ kind, payload, more }) => say("asked", { id: client.command(kind, payload, more) }),
  // The same bytes of meaning once more, as after a line that broke.
  repeat: ({ message }) => client.send(message),
  // Bytes as they are.
  raw: ({ hex }) => client.socket.send(Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))),
  // The line is cut; nothing is tried until "online".
  offline: () => {
    client.online = false;
    client.socket.destroy();
  },
  // The line is cut, and the client comes back by itself.
  cut: () => client.socket.destroy(),
  online: () => client.connect(),
  state: () => say("state", {
    records: Array.from(client.records.values()), members: Array.from(client.members.values()),
    pending: Array.from(client.pending.keys()), offset: client.clock.offset,
    round_trip: client.clock.roundTrip, last_number: client.lastNumber,
  }),
  leave: () => client.leave(),
};

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const order = JSON.parse(line);
  ORDERS[order.do](order);
});
lines.on("close", () => process.exit(0));
client.connect();
