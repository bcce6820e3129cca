// The peer `ws`: passes every record on to everybody else, or all of a tick in one message.
// Usage: node ws_server.mjs relay | node ws_server.mjs batch MILLISECONDS. Prints {port, pid}.
import { WebSocketServer } from "ws";

const [mode, tick] = process.argv.slice(2);
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
const sockets = new Set();
let waiting = [];

server.on("connection", (socket) => {
  sockets.add(socket);
  socket._socket.setNoDelay(true);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => sockets.delete(socket));
  socket.on("message", (data) => {
    if (mode === "batch") waiting.push(data);
    else for (const other of sockets) if (other !== socket) other.send(data, { binary: true });
  });
});
if (mode === "batch") {
  setInterval(() => {
    if (!waiting.length) return;
    const all = Buffer.concat(waiting);
    waiting = [];
    for (const socket of sockets) socket.send(all, { binary: true });
  }, Number(tick));
}
server.on("listening", () => {
  console.log(JSON.stringify({ port: server.address().port, pid: process.pid }));
});
