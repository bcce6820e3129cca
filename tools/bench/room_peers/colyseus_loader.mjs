// The load for Colyseus, with its own client: N members who all move 20 times a second.
// All messages of all are counted; a few members decode them too and measure when they hear what
// (all decoding would measure this process and not the server). One JSON argument, one object out.
import { readFileSync } from "node:fs";
import { Client } from "@colyseus/sdk";
import { VALUES } from "./colyseus_schema.mjs";

const config = JSON.parse(process.argv[2]);
const { n, seconds, pid, url } = config;
const hertz = config.hertz ?? 20;
const warm = config.warm ?? 2;
const decoders = Math.min(config.decoders ?? 2, n);
const period = 1000 / hertz;
const now = () => performance.now();

function cpuOf(id) {
  const fields = readFileSync(`/proc/${id}/stat`, "ascii").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const rooms = [];
const bySession = new Map();
const sent = Array.from({ length: n }, () => []);
let counting = false;
let bytes = 0;
let frames = 0;
const heard = []; // [receiver, member, seq, when]

function listen(room, index) {
  const own = room.connection.events.onmessage;
  const newest = new Map();
  room.connection.events.onmessage = (event) => {
    const size = event.data.byteLength;
    if (counting) {
      frames += 1;
      bytes += size + (size < 126 ? 2 : size < 65536 ? 4 : 10);
    }
    if (index >= decoders) return;
    own(event);
    const when = now();
    const people = room.state?.people;
    if (!people) return;
    people.forEach((person, session) => {
      if (person.seq !== newest.get(session)) {
        newest.set(session, person.seq);
        heard.push([index, bySession.get(session), person.seq, when]);
      }
    });
  };
}

async function join(index) {
  const client = new Client(url);
  const room = await client.joinOrCreate("pose");
  room.reconnection.enabled = false;
  bySession.set(room.sessionId, index);
  rooms[index] = room;
  listen(room, index);
}

await join(0); // it makes the room, the others find it
for (let i = 1; i < n; i += 5) {
  await Promise.all(Array.from({ length: Math.min(5, n - i) }, (_, k) => join(i + k)));
}
await new Promise((done) => setTimeout(done, 500));

const record = new DataView(new ArrayBuffer(16 + 4 * VALUES));
function send(index) {
  const number = sent[index].length;
  record.setUint32(0, index, true);
  record.setUint32(4, number, true);
  record.setFloat64(8, Date.now(), true);
  for (let i = 0; i < VALUES; i++) record.setFloat32(16 + 4 * i, number * 0.01 + i, true);
  sent[index].push(now());
  rooms[index].sendBytes("p", new Uint8Array(record.buffer.slice(0)));
}

const start = now() + 100;
const due = Array.from({ length: n }, (_, i) => [start + (((i * 7919) % n) / n) * period, i]);
due.sort((a, b) => a[0] - b[0]);
const begin = start + warm * 1000;
const end = begin + seconds * 1000;
let position = 0;
let step = 0;
let serverCpu;
let ownCpu;

function pump() {
  for (;;) {
    const when = due[position][0] + step * period;
    if (when > now()) break;
    if (!counting && when >= begin && when < end) {
      counting = true;
      serverCpu = cpuOf(pid);
      ownCpu = cpuOf(process.pid);
    }
    if (when >= end) return finish();
    send(due[position][1]);
    position += 1;
    if (position === n) {
      position = 0;
      step += 1;
    }
  }
  setTimeout(pump, 1);
}

function finish() {
  counting = false;
  const took = (now() - begin) / 1000;
  const cpu = cpuOf(pid) - serverCpu;
  const loader = cpuOf(process.pid) - ownCpu;
  setTimeout(() => {
    const late = [];
    for (const [receiver, member, seq, when] of heard) {
      const at = sent[member]?.[seq];
      if (receiver !== member && at >= begin && at < end) late.push(when - at);
    }
    late.sort((a, b) => a - b);
    const counted = sent.map((times) => times.filter((t) => t >= begin && t < end).length);
    let wanted = 0;
    for (let r = 0; r < decoders; r++) counted.forEach((c, m) => (wanted += m === r ? 0 : c));
    const all = counted.reduce((a, b) => a + b, 0);
    const quantile = (q) => late[Math.min(Math.floor(late.length * q), late.length - 1)] ?? null;
    const line = JSON.stringify({
      n,
      seconds: took,
      cpu_s: cpu,
      loader_cpu_s: loader,
      p50_ms: quantile(0.5),
      p99_ms: quantile(0.99),
      delivered: late.length / wanted,
      sent_hertz: all / n / seconds,
      bytes_a_client_s: Math.round(bytes / n / took),
      frames_a_client_s: frames / n / took,
    });
    process.stdout.write(`${line}\n`, () => process.exit(0));
  }, 1500);
}
pump();
