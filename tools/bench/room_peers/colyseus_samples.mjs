// Members of a crowd who read all with Colyseus' own client: how late each record is, by the time
// its sender put into it (the clock is the same one: monotonic, of this machine).
import { createInterface } from "node:readline";
import { Client } from "@colyseus/sdk";

const { url, samples } = JSON.parse(process.argv[2]);
const now = () => Number(process.hrtime.bigint()) / 1e6;
let begin = Infinity;
let end = Infinity;
let bytes = 0;
const late = [];
for (let i = 0; i < samples; i++) {
  const room = await new Client(url).joinOrCreate("pose");
  room.reconnection.enabled = false;
  const own = room.connection.events.onmessage;
  const newest = new Map();
  room.connection.events.onmessage = (event) => {
    const when = now();
    if (when >= begin && when < end) bytes += event.data.byteLength + 4;
    own(event);
    const after = now();
    room.state?.people?.forEach((person, session) => {
      if (person.time === newest.get(session)) return;
      newest.set(session, person.time);
      if (person.time >= begin && person.time < end) late.push(after - person.time);
    });
  };
}
console.log("joined");
createInterface({ input: process.stdin }).once("line", (line) => {
  [, begin, end] = JSON.parse(line);
  let first;
  setTimeout(() => (first = process.cpuUsage()), begin - now());
  setTimeout(() => {
    const used = process.cpuUsage(first);
    setTimeout(() => {
      const cpu_s = (used.user + used.system) / 1e6;
      const told = JSON.stringify({ late, bytes: bytes / samples, cpu_s });
      process.stdout.write(`${told}\n`, () => process.exit(0));
    }, 900);
  }, end - now());
});
