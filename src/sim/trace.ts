/**
 * Owns the digest over everything observable in a run, so that two runs of one seed can be compared: each record goes into
 * 64 bits of state. With `keepLines` the records are kept as text too, to find the first one that differs.
 */

const FIRST_LANE = 0x9e3779b9;
const SECOND_LANE = 0x85ebca6b;

export class Trace {
  #a = FIRST_LANE;
  #b = SECOND_LANE;
  #count = 0;
  readonly #double = new Float64Array(1);
  readonly #words = new Uint32Array(this.#double.buffer);
  /** The records as text, or null when they are not kept. */
  readonly lines: string[] | null;

  constructor(keepLines = false) {
    this.lines = keepLines ? [] : null;
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** 16 hexadecimal digits that stand for all records so far, in their order. */
  get digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }

  /** Something happened at `at`, told by numbers. */
  record(at: number, kind: string, subject: number, value: number): void {
    this.#count++;
    this.#mixNumber(at);
    this.#mixText(kind);
    this.#mixNumber(subject);
    this.#mixNumber(value);
    if (this.lines !== null) this.lines.push(`${at} ${kind} ${subject} ${value}`);
  }

  /** Something happened at `at`, told by text. */
  note(at: number, kind: string, text: string): void {
    this.#count++;
    this.#mixNumber(at);
    this.#mixText(kind);
    this.#mixText(text);
    if (this.lines !== null) this.lines.push(`${at} ${kind} ${text}`);
  }

  /** Adds `bytes[start, end)` to the record before. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    let hash = 0;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    this.#mix(hash);
    if (this.lines !== null) this.lines.push(`  ${end - start} bytes ${(hash >>> 0).toString(16)}`);
  }

  #mixNumber(value: number): void {
    this.#double[0] = value;
    this.#mix(this.#words[0]!);
    this.#mix(this.#words[1]!);
  }

  #mixText(text: string): void {
    this.#mix(text.length);
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }

  #mix(word: number): void {
    let a = Math.imul(this.#a ^ word, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    this.#a = (Math.imul(a, 5) + 0xe6546b64) | 0;
    let b = Math.imul(this.#b, 0x1b873593) + word + this.#a;
    b ^= b >>> 13;
    this.#b = (Math.imul(b, 0xc2b2ae35) + 1) | 0;
  }
}
