// A WebSocket for Node before 22, in the shape of the browsers' one: binary messages only, no
// extension. It can also drop its line without a word, which browsers do not let one do.

import { createHash, randomBytes } from "node:crypto";
import http from "node:http";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION = 0, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

export class Socket {
  constructor(url, headers = {}) {
    this.onopen = this.onmessage = this.onclose = () => {};
    this.line = null;
    this.closed = false;
    this.buffer = Buffer.alloc(0);
    this.fragments = [];
    this.farewell = { code: 1006, reason: "" };
    const key = randomBytes(16).toString("base64");
    const { hostname, port, pathname } = new URL(url);
    const request = http.get({
      hostname: hostname.replace(/^\[|\]$/g, ""), port, path: pathname, agent: false,
      headers: {
        Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key, ...headers,
      },
    });
    request.on("upgrade", (response, line, head) => this.upgraded(key, response, line, head));
    request.on("response", (response) => this.failed(`HTTP ${response.statusCode}`));
    request.on("error", (error) => this.failed(error.message));
    this.request = request;
  }

  upgraded(key, response, line, head) {
    const expected = createHash("sha1").update(key + MAGIC).digest("base64");
    if (response.headers["sec-websocket-accept"] !== expected || this.closed) {
      line.destroy();
      this.failed("no WebSocket server");
      return;
    }
    this.line = line;
    line.setNoDelay(true);
    line.on("data", (data) => this.received(data));
    line.on("error", () => {});
    line.on("close", () => this.ended());
    this.onopen();
    this.received(head);
  }

  failed(reason) {
    this.request.destroy();
    this.farewell.reason ||= reason;
    this.ended();
  }

  ended() {
    if (this.closed) return;
    this.closed = true;
    this.onclose(this.farewell);
  }

  received(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    while (!this.closed) {
      const frame = this.nextFrame();
      if (frame === null) return;
      this.took(frame);
    }
  }

  nextFrame() {
    const buffer = this.buffer;
    if (buffer.length < 2) return null;
    let size = buffer[1] & 0x7f;
    let at = 2;
    if (size >= 126) {
      const wide = size === 126 ? 2 : 8;
      if (buffer.length < at + wide) return null;
      size = wide === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
      at += wide;
    }
    if (buffer.length < at + size) return null;
    this.buffer = buffer.subarray(at + size);
    return { last: buffer[0] >= 0x80, code: buffer[0] & 0x0f, data: buffer.subarray(at, at + size) };
  }

  took({ last, code, data }) {
    if (code === PING) this.write(PONG, data);
    else if (code === CLOSE) {
      if (data.length >= 2) {
        this.farewell = { code: data.readUInt16BE(0), reason: data.subarray(2).toString() };
      }
      this.write(CLOSE, data.subarray(0, 2));
      this.line.end();
    } else if (code === BINARY || code === CONTINUATION) {
      this.fragments.push(data);
      if (!last) return;
      const message = new Uint8Array(Buffer.concat(this.fragments));
      this.fragments = [];
      this.onmessage({ data: message });
    }
  }

  write(code, data) {
    if (this.line === null || this.closed) return;
    const mask = randomBytes(4);
    const head = [0x80 | code];
    if (data.length < 126) head.push(0x80 | data.length);
    else if (data.length < 65536) head.push(0x80 | 126, data.length >> 8, data.length & 0xff);
    else throw new RangeError("a member's message is smaller");
    const body = Buffer.from(data);
    for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4];
    this.line.write(Buffer.concat([Buffer.from(head), mask, body]));
  }

  send(data) {
    this.write(BINARY, data);
  }

  close(code = 1000) {
    this.write(CLOSE, Buffer.from([code >> 8, code & 0xff]));
  }

  // The line is cut: nothing more is said or heard.
  destroy() {
    if (this.line === null) this.request.destroy();
    else this.line.destroy();
    this.ended();
  }
}
