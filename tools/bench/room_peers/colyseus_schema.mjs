// What a Colyseus room tells of a person: head, two hands and a hit point, as its own schema types.
// `float`: 24 float32; `int16`: the same numbers as 16-bit integers.
import { MapSchema, Schema, defineTypes } from "@colyseus/schema";

export const VALUES = 24;

export function stateOf(kind) {
  class Person extends Schema {}
  const fields = { seq: "uint32", time: "float64" };
  for (let i = 0; i < VALUES; i++) fields[`f${i}`] = kind === "int16" ? "int16" : "float32";
  defineTypes(Person, fields);
  class State extends Schema {
    constructor() {
      super();
      this.people = new MapSchema();
    }
  }
  defineTypes(State, { people: { map: Person } });
  return { State, Person };
}
