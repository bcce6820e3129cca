// Room time from ping exchanges: docs/protocol.md, section 8. Reads no clock itself.

const WINDOW = 24;

export class Clock {
  // guess: an offset to go by before the first exchange, or null.
  constructor(guess = null) {
    this.guess = guess;
    this.exchanges = [];
  }

  // Local times of sending and receiving and the room's answer, in seconds.
  take(sent, received, roomTime) {
    const roundTrip = received - sent;
    if (roundTrip < 0) return;
    this.exchanges.push({ roundTrip, offset: roomTime - (sent + received) / 2 });
    if (this.exchanges.length > WINDOW) this.exchanges.shift();
  }

  get best() {
    return this.exchanges.reduce(
      (best, one) => (best === null || one.roundTrip < best.roundTrip ? one : best), null,
    );
  }

  // Room time minus local time.
  get offset() {
    return this.best === null ? this.guess : this.best.offset;
  }

  get roundTrip() {
    return this.best && this.best.roundTrip;
  }
}
