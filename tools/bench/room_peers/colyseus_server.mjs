// The peer Colyseus: one room whose state is a map of people, patched every so many milliseconds.
// Usage: node colyseus_server.mjs float|int16 MILLISECONDS. Prints {port, pid}.
import { createServer } from "node:http";
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { Encoder } from "@colyseus/schema";
import { VALUES, stateOf } from "./colyseus_schema.mjs";

Encoder.BUFFER_SIZE = 4 * 1024 * 1024; // its default is too small for a crowd
const [kind, patch] = process.argv.slice(2);
const { State, Person } = stateOf(kind);
const names = Array.from({ length: VALUES }, (_, i) => `f${i}`);

class PoseRoom extends Room {
  onCreate() {
    this.state = new State();
    this.patchRate = Number(patch);
    this.onMessageBytes("p", (client, bytes) => {
      const person = this.state.people.get(client.sessionId);
      if (!person) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      person.seq = view.getUint32(4, true);
      person.time = view.getFloat64(8, true);
      for (let i = 0; i < VALUES; i++) {
        const value = view.getFloat32(16 + 4 * i, true);
        person[names[i]] = kind === "int16" ? Math.round(value * 100) % 32767 : value;
      }
    });
  }
  onJoin(client) {
    this.state.people.set(client.sessionId, new Person());
  }
  onLeave(client) {
    this.state.people.delete(client.sessionId);
  }
}

const http = createServer();
const server = new Server({
  greet: false,
  transport: new WebSocketTransport({ server: http, pingInterval: 3000, pingMaxRetries: 10 }),
});
server.define("pose", PoseRoom);
await server.listen(0, "127.0.0.1");
console.log(JSON.stringify({ port: http.address().port, pid: process.pid }));
