// Checks this client against tests/vectors: `node tests/js/vectors.mjs`. Prints what was checked
// and ends with 1 at the first difference. With --encodings it prints, as JSON, this client's own
// bytes of every member's message, for a server to be tried with.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Clock } from "./clock.mjs";
import { decode, decodeMessage, encode, Refused } from "./msgpack.mjs";
import * as poses from "./poses.mjs";

const FOLDER = new URL("../vectors/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8"));
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const TINY = 1e-6;

function near(found, wanted, what) {
  assert.equal(found.length, wanted.length, what);
  found.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < TINY, `${what}: ${found}, not ${wanted}`));
}

function sameTurn(found, wanted, what) {
  const dot = found.reduce((sum, value, i) => sum + value * wanted[i], 0);
  near(found.map((value) => value * Math.sign(dot)), wanted, what);
}

function samePose(found, wanted, what) {
  for (const part of ["head", "left", "right"]) {
    assert.equal(found[part] === null, wanted[part] === null, `${what}: ${part}`);
    if (wanted[part] === null) continue;
    near(found[part].position, wanted[part].position, `${what}: ${part}`);
    sameTurn(found[part].orientation, wanted[part].orientation, `${what}: ${part}`);
  }
  assert.equal(found.pointer === null, wanted.pointer === null, `${what}: pointer`);
  if (wanted.pointer !== null) near(found.pointer, wanted.pointer, `${what}: pointer`);
}

function checkMessages() {
  const { messages, other_forms: others } = read("messages.json");
  for (const { name, hex, message } of messages) {
    assert.deepEqual(decodeMessage(bytesOf(hex)), message, name);
    assert.deepEqual(decodeMessage(encode(message)), message, `${name}, our own bytes`);
  }
  for (const { name, hex, means } of others) {
    const found = decode(bytesOf(hex));
    // What it says of known fields; defaults are the server's to fill in.
    for (const [key, value] of Object.entries(found)) {
      if (key in means) assert.deepEqual(value, means[key], name);
    }
    assert.equal(found.type, means.type, name);
  }
  return messages.length + others.length;
}

function checkQuantities() {
  const all = read("quantities.json");
  for (const { cell, hex } of all.cells) {
    assert.equal(hexOf(poses.packCell(cell)), hex);
    assert.deepEqual(poses.unpackCell(bytesOf(hex)), cell);
  }
  for (const { cell, hex } of all.cells_read_only) {
    assert.deepEqual(poses.unpackCell(bytesOf(hex)), cell);
  }
  for (const { position, nearest, held, needs_new: needsNew } of all.nearest) {
    near(poses.cellOf(position), nearest, `the cell of ${position}`);
    assert.equal(poses.needsNewCell(position, held), needsNew, `${position} in ${held}`);
  }
  for (const { position, cell, hex, back } of all.offsets) {
    assert.equal(hexOf(poses.packOffset(position, cell)), hex, `offset of ${position}`);
    near(poses.unpackOffset(bytesOf(hex), cell), back, `offset of ${position}`);
  }
  for (const { quaternion, hex, back } of all.orientations) {
    assert.equal(hexOf(poses.packQuaternion(quaternion)), hex, `orientation ${quaternion}`);
    sameTurn(poses.unpackQuaternion(bytesOf(hex)), back, `orientation ${quaternion}`);
  }
  for (const { hex, back } of all.orientations_read_only) {
    sameTurn(poses.unpackQuaternion(bytesOf(hex)), back, `orientation ${hex}`);
  }
  for (const { position, cell, hex, back } of all.pointers) {
    assert.equal(hexOf(poses.packPointer(position, cell)), hex, `pointer ${position}`);
    near(poses.unpackPointer(bytesOf(hex), cell), back, `pointer ${position}`);
  }
  return Object.values(all).reduce((sum, one) => sum + (Array.isArray(one) ? one.length : 0), 0);
}

function checkShown(found, wanted, what) {
  assert.deepEqual(found.map(({ number, timeMs }) => [number, timeMs]),
    wanted.map((one) => [one.number, one.time_ms]), what);
  found.forEach((one, i) => samePose(one.pose, wanted[i].pose, what));
}

function checkPoses() {
  let count = 0;
  for (const { name, steps } of read("poses.json").sequences) {
    const encoder = new poses.PoseEncoder();
    const decoder = new poses.BatchDecoder();
    steps.forEach((step, i) => {
      const what = `${name}, step ${i}`;
      const frame = encoder.encode(step.pose, step.time_ms);
      assert.equal(frame && hexOf(frame), step.frame, what);
      if (step.frame !== null) checkShown(decoder.decode(bytesOf(step.batch)), [step.shown], what);
      count++;
    });
  }
  return count;
}

function checkBatches() {
  let count = 0;
  for (const { name, steps } of read("batches.json").sequences) {
    const decoder = new poses.BatchDecoder();
    for (const step of steps) {
      if ("forget" in step) decoder.forget(step.forget);
      else checkShown(decoder.decode(bytesOf(step.hex)), step.shown, `${name}: ${step.about}`);
      count++;
    }
  }
  return count;
}

function checkMalformed() {
  const { from_server: all } = read("malformed.json");
  for (const { name, hex } of all) {
    const bytes = bytesOf(hex);
    const take = () => (bytes[0] === poses.BATCH_FRAME
      ? new poses.BatchDecoder().decode(bytes) : decodeMessage(bytes));
    assert.throws(take, Refused, name);
  }
  return all.length;
}

function checkClock() {
  let count = 0;
  for (const { name, steps } of read("clock.json").sequences) {
    const clock = new Clock();
    for (const step of steps) {
      clock.take(step.sent, step.received, step.time);
      if (step.best === null) assert.equal(clock.offset, null, name);
      else near([clock.offset, clock.roundTrip], [step.best.offset, step.best.round_trip], name);
      count++;
    }
  }
  return count;
}

if (process.argv.includes("--encodings")) {
  const own = read("messages.json").messages.filter((one) => one.from === "member");
  console.log(JSON.stringify(own.map(({ name, message }) => ({ name, hex: hexOf(encode(message)) }))));
} else {
  const checks = {
    messages: checkMessages, quantities: checkQuantities, poses: checkPoses,
    batches: checkBatches, malformed: checkMalformed, clock: checkClock,
  };
  for (const [name, check] of Object.entries(checks)) console.log(`${name}: ${check()} agree`);
}
