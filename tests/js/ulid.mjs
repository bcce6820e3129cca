// ULIDs: 48 bits of time and 80 random bits in Crockford's base 32.

const crypto = globalThis.crypto ?? (await import("node:crypto")).webcrypto; // Node 18
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function ulid(timeMs = Date.now()) {
  let text = "";
  for (let left = timeMs, i = 0; i < 10; i++, left = Math.floor(left / 32)) {
    text = DIGITS[left % 32] + text;
  }
  const random = crypto.getRandomValues(new Uint8Array(16));
  for (const byte of random) text += DIGITS[byte % 32];
  return text;
}
