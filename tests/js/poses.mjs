// Pose frames: docs/protocol.md, section 9. Packs a member's own poses, unpacks everybody's.
// Knows no socket; what it keeps is what the other side was told last.

import { Refused } from "./msgpack.mjs";

export const MEMBER_FRAME = 0x01;
export const BATCH_FRAME = 0x02;
export const ANCHOR = 0x01, HEAD = 0x02, LEFT = 0x04, RIGHT = 0x08, POINTER = 0x10;
const EVERYTHING = 0x1f;
const PARTS = [[ANCHOR, 4], [HEAD, 10], [LEFT, 10], [RIGHT, 10], [POINTER, 6]];

const STEP = 2 ** -10;
const GRID = 32;
const REANCHOR = 24;
const ROOT_HALF = Math.SQRT1_2;
const LOW = [-1024, -1024, -512];
const HIGH = [1023, 1023, 511];

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const same = (a, b) => a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);

function finite(values) {
  if (!values.every(Number.isFinite)) throw new RangeError("a number is not finite");
}

export function cellOf(position) {
  return position.map((value, axis) => clamp(Math.round(value / GRID), LOW[axis], HIGH[axis]));
}

export function needsNewCell(position, cell) {
  return position.some((value, axis) => Math.abs(value - cell[axis] * GRID) > REANCHOR);
}

export function packCell([east, north, up]) {
  const bytes = new Uint8Array(4);
  const word = (east + 1024) | ((north + 1024) << 11) | ((up + 512) << 22);
  viewOf(bytes).setUint32(0, word >>> 0, true);
  return bytes;
}

export function unpackCell(bytes) {
  const word = viewOf(bytes).getUint32(0, true);
  return [(word & 0x7ff) - 1024, ((word >>> 11) & 0x7ff) - 1024, (word >>> 22) - 512];
}

export function packOffset(position, cell) {
  finite(position);
  const bytes = new Uint8Array(6);
  position.forEach((value, axis) => {
    const steps = clamp(Math.round((value - cell[axis] * GRID) / STEP), -32767, 32767);
    viewOf(bytes).setInt16(axis * 2, steps, true);
  });
  return bytes;
}

export function unpackOffset(bytes, cell) {
  const steps = [0, 2, 4].map((at) => viewOf(bytes).getInt16(at, true));
  return steps.map((value, axis) => cell[axis] * GRID + value * STEP);
}

function isAbsent(bytes) {
  return [0, 2, 4].every((at) => viewOf(bytes).getInt16(at, true) === -32768);
}

export function packQuaternion(quaternion) {
  const length = Math.hypot(...quaternion);
  if (!Number.isFinite(length) || length < 1e-9) throw new RangeError("it is no rotation");
  const unit = quaternion.map((value) => value / length);
  let largest = 0;
  for (let i = 1; i < 4; i++) if (Math.abs(unit[i]) > Math.abs(unit[largest])) largest = i;
  const sign = unit[largest] < 0 ? -1 : 1;
  let word = largest * 2 ** 30;
  let shift = 20;
  unit.forEach((value, index) => {
    if (index === largest) return;
    const level = clamp(Math.round(((value * sign) / ROOT_HALF + 1) / 2 * 1023), 0, 1023);
    word += level * 2 ** shift;
    shift -= 10;
  });
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, word, true);
  return bytes;
}

export function unpackQuaternion(bytes) {
  const word = viewOf(bytes).getUint32(0, true);
  const values = [20, 10, 0].map((shift) => (((word >>> shift) & 0x3ff) / 1023 * 2 - 1) * ROOT_HALF);
  const rest = 1 - values.reduce((sum, value) => sum + value * value, 0);
  values.splice(word >>> 30, 0, Math.sqrt(Math.max(rest, 0)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

export function packPointer(position, cell) {
  finite(position);
  const away = position.map((value, axis) => value - cell[axis] * GRID);
  const farthest = Math.max(...away.map(Math.abs));
  let k = 0;
  while (k < 7 && farthest > 16383.5 * STEP * 4 ** k) k++;
  // 48 bits are too many for the bit operators, few enough for a number.
  let word = k;
  for (const axis of [2, 1, 0]) {
    const level = clamp(Math.round(away[axis] / (STEP * 4 ** k)), -16383, 16383);
    word = word * 2 ** 15 + level + 16384;
  }
  const bytes = new Uint8Array(6);
  viewOf(bytes).setUint32(0, word % 2 ** 32, true);
  viewOf(bytes).setUint16(4, Math.floor(word / 2 ** 32), true);
  return bytes;
}

// null: absent.
export function unpackPointer(bytes, cell) {
  const word = viewOf(bytes).getUint32(0, true) + viewOf(bytes).getUint16(4, true) * 2 ** 32;
  if (word === 0) return null;
  const step = STEP * 4 ** Math.floor(word / 2 ** 45);
  return [0, 15, 30].map(
    (shift, axis) => cell[axis] * GRID + (Math.floor(word / 2 ** shift) % 2 ** 15 - 16384) * step,
  );
}

function packPlaced(placed, cell) {
  const bytes = new Uint8Array(10);
  if (placed === null) {
    for (const at of [0, 2, 4]) viewOf(bytes).setInt16(at, -32768, true);
  } else {
    bytes.set(packOffset(placed.position, cell));
    bytes.set(packQuaternion(placed.orientation), 6);
  }
  return bytes;
}

function unpackPlaced(bytes, cell) {
  return { position: unpackOffset(bytes, cell), orientation: unpackQuaternion(bytes.subarray(6)) };
}

function unpackHand(bytes, cell) {
  return bytes === undefined || isAbsent(bytes) ? null : unpackPlaced(bytes, cell);
}

// A pose: {head: {position, orientation}, left, right, pointer}; the last three may be null.
export class PoseEncoder {
  constructor() {
    this.cell = null;
    this.forget();
  }

  // The receiver is new: send everything with the next frame.
  forget() {
    this.sent = new Map();
    this.still = true;
  }

  // The frame, or null where nothing changed any more.
  encode(pose, timeMs) {
    if (this.cell === null || needsNewCell(pose.head.position, this.cell)) {
      finite(pose.head.position);
      this.cell = cellOf(pose.head.position);
    }
    const now = new Map([
      [ANCHOR, packCell(this.cell)],
      [HEAD, packPlaced(pose.head, this.cell)],
      [LEFT, packPlaced(pose.left, this.cell)],
      [RIGHT, packPlaced(pose.right, this.cell)],
      [POINTER, pose.pointer === null ? new Uint8Array(6) : packPointer(pose.pointer, this.cell)],
    ]);
    let mask = 0;
    for (const [bit, bytes] of now) if (!same(this.sent.get(bit), bytes)) mask |= bit;
    if (mask & ANCHOR) mask = EVERYTHING;
    const standing = mask === 0;
    if (standing && this.still) return null;
    if (standing) mask = HEAD;
    this.still = standing;
    this.sent = now;
    const chosen = PARTS.filter(([bit]) => mask & bit);
    const frame = new Uint8Array(chosen.reduce((sum, [, size]) => sum + size, 6));
    frame[0] = MEMBER_FRAME;
    frame[1] = mask;
    viewOf(frame).setUint32(2, timeMs % 2 ** 32, true);
    let at = 6;
    for (const [bit, size] of chosen) {
      frame.set(now.get(bit), at);
      at += size;
    }
    return frame;
  }
}

export class BatchDecoder {
  constructor() {
    this.members = new Map();
  }

  // A member has left, or its number is somebody else's now.
  forget(number) {
    this.members.delete(number);
  }

  // [{number, timeMs, pose}] of all entries whose member can be placed.
  decode(bytes) {
    const view = viewOf(bytes);
    if (bytes.length < 9 || bytes[0] !== BATCH_FRAME) throw new Refused("no batch");
    const now = Number(view.getBigUint64(1, true));
    const shown = [];
    let at = 9;
    while (at < bytes.length) {
      if (at + 4 > bytes.length) throw new Refused("an entry ends too soon");
      const number = view.getUint16(at, true);
      const mask = bytes[at + 2];
      const code = bytes[at + 3];
      const timeMs = now - (code < 128 ? code : 128 + 8 * (code - 128));
      at += 4;
      if (mask > EVERYTHING) throw new Refused("a mask has strange bits");
      if (!this.members.has(number)) this.members.set(number, new Map());
      const parts = this.members.get(number);
      for (const [bit, size] of PARTS) {
        if (!(mask & bit)) continue;
        if (at + size > bytes.length) throw new Refused("an entry ends too soon");
        parts.set(bit, bytes.slice(at, at + size));
        at += size;
      }
      const pose = poseOf(parts);
      if (pose !== null) shown.push({ number, timeMs, pose });
    }
    return shown;
  }
}

function poseOf(parts) {
  if (!parts.has(ANCHOR) || !parts.has(HEAD)) return null;
  const cell = unpackCell(parts.get(ANCHOR));
  return {
    head: unpackPlaced(parts.get(HEAD), cell),
    left: unpackHand(parts.get(LEFT), cell),
    right: unpackHand(parts.get(RIGHT), cell),
    pointer: parts.has(POINTER) ? unpackPointer(parts.get(POINTER), cell) : null,
  };
}
