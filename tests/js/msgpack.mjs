// msgpack maps to and from plain values: what docs/protocol.md, section 3, needs and no more.
// Never trusts a length: whatever runs beyond its bytes is refused.

const utf8 = new TextDecoder("utf-8", { fatal: true });
const DEEPEST = 64;

export class Refused extends Error {}

class Writer {
  constructor() {
    this.bytes = new Uint8Array(256);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  room(count) {
    if (this.length + count > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    const at = this.length;
    this.length += count;
    return at;
  }

  byte(value) {
    const at = this.room(1); // first: it may replace the buffer
    this.bytes[at] = value;
  }

  number(lead, method, size, value) {
    this.byte(lead);
    const at = this.room(size);
    this.view[method](at, value);
  }

  integer(value) {
    if (value >= 0) {
      if (value < 0x80) this.byte(value);
      else if (value < 0x100) this.number(0xcc, "setUint8", 1, value);
      else if (value < 0x10000) this.number(0xcd, "setUint16", 2, value);
      else if (value < 0x100000000) this.number(0xce, "setUint32", 4, value);
      else this.number(0xcf, "setBigUint64", 8, BigInt(value));
    } else if (value >= -0x20) this.byte(value & 0xff);
    else if (value >= -0x80) this.number(0xd0, "setInt8", 1, value);
    else if (value >= -0x8000) this.number(0xd1, "setInt16", 2, value);
    else if (value >= -0x80000000) this.number(0xd2, "setInt32", 4, value);
    else this.number(0xd3, "setBigInt64", 8, BigInt(value));
  }

  count(small, most, lead16, count) {
    if (count <= most) this.byte(small | count);
    else if (count < 0x10000) this.number(lead16, "setUint16", 2, count);
    else this.number(lead16 + 1, "setUint32", 4, count);
  }

  string(value) {
    const bytes = new TextEncoder().encode(value);
    if (bytes.length > 31 && bytes.length < 0x100) this.number(0xd9, "setUint8", 1, bytes.length);
    else this.count(0xa0, 31, 0xda, bytes.length);
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  value(value) {
    if (value === null || value === undefined) this.byte(0xc0);
    else if (typeof value === "boolean") this.byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "string") this.string(value);
    else if (typeof value === "number") {
      if (Number.isSafeInteger(value)) this.integer(value);
      else this.number(0xcb, "setFloat64", 8, value);
    } else if (Array.isArray(value)) {
      this.count(0x90, 15, 0xdc, value.length);
      for (const one of value) this.value(one);
    } else {
      const pairs = Object.entries(value);
      this.count(0x80, 15, 0xde, pairs.length);
      for (const [key, one] of pairs) {
        this.string(key);
        this.value(one);
      }
    }
  }
}

export function encode(value) {
  const writer = new Writer();
  writer.value(value);
  return writer.bytes.slice(0, writer.length);
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  take(count) {
    if (this.at + count > this.bytes.length) throw new Refused("it ends too soon");
    const at = this.at;
    this.at += count;
    return at;
  }

  number(method, size) {
    return Number(this.view[method](this.take(size)));
  }

  string(count) {
    const at = this.take(count);
    try {
      return utf8.decode(this.bytes.subarray(at, at + count));
    } catch {
      throw new Refused("a string is not UTF-8");
    }
  }

  binary(count) {
    const at = this.take(count);
    return this.bytes.slice(at, at + count);
  }

  array(count, depth) {
    if (count > this.bytes.length - this.at) throw new Refused("it ends too soon");
    return Array.from({ length: count }, () => this.value(depth));
  }

  map(count, depth) {
    const result = {};
    for (let index = 0; index < count; index++) {
      const key = this.value(depth);
      if (typeof key !== "string") throw new Refused("a key is no string");
      // Not by assignment: "__proto__" is a key like any other.
      const value = this.value(depth);
      Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return result;
  }

  value(depth = 0) {
    if (depth > DEEPEST) throw new Refused("it is nested too deeply");
    const lead = this.bytes[this.take(1)];
    if (lead < 0x80) return lead;
    if (lead < 0x90) return this.map(lead & 0x0f, depth + 1);
    if (lead < 0xa0) return this.array(lead & 0x0f, depth + 1);
    if (lead < 0xc0) return this.string(lead & 0x1f);
    if (lead >= 0xe0) return lead - 0x100;
    switch (lead) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.binary(this.number("getUint8", 1));
      case 0xc5: return this.binary(this.number("getUint16", 2));
      case 0xc6: return this.binary(this.number("getUint32", 4));
      case 0xca: return this.number("getFloat32", 4);
      case 0xcb: return this.number("getFloat64", 8);
      case 0xcc: return this.number("getUint8", 1);
      case 0xcd: return this.number("getUint16", 2);
      case 0xce: return this.number("getUint32", 4);
      case 0xcf: return this.number("getBigUint64", 8);
      case 0xd0: return this.number("getInt8", 1);
      case 0xd1: return this.number("getInt16", 2);
      case 0xd2: return this.number("getInt32", 4);
      case 0xd3: return this.number("getBigInt64", 8);
      case 0xd9: return this.string(this.number("getUint8", 1));
      case 0xda: return this.string(this.number("getUint16", 2));
      case 0xdb: return this.string(this.number("getUint32", 4));
      case 0xdc: return this.array(this.number("getUint16", 2), depth + 1);
      case 0xdd: return this.array(this.number("getUint32", 4), depth + 1);
      case 0xde: return this.map(this.number("getUint16", 2), depth + 1);
      case 0xdf: return this.map(this.number("getUint32", 4), depth + 1);
      default: throw new Refused(`byte 0x${lead.toString(16)} begins nothing of this protocol`);
    }
  }
}

export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Refused("something follows its end");
  return value;
}

// A control message: a map that says its type.
export function decodeMessage(bytes) {
  const message = decode(bytes);
  const isMap = typeof message === "object" && message !== null && !Array.isArray(message);
  if (!isMap || typeof message.type !== "string") throw new Refused("no control message");
  return message;
}
