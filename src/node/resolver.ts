/**
 * Owns name resolution on Node: the `Resolver` port on the system's own resolver (hosts file, mDNS and all).
 *
 * The system's lookup cannot be cancelled and holds one of four shared threads while name servers are silent. So at most
 * {@link MAX_LOOKUPS} run at once, one for a name however many ask, and the others wait in line; each caller's time-out
 * counts from its call.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { canonicalAddress } from '../base/endpoint.ts';
import type { Failure } from '../ports/failure.ts';
import type { Cancellable, ResolveHandler, Resolver } from '../ports/resolver.ts';

/** One thread of libuv's four stays free for others. */
const MAX_LOOKUPS = 3;
/** Names under way or in line; more are refused. */
const MAX_NAMES = 1000;
/** Addresses of one name that are reported. */
const MAX_ADDRESSES = 64;

/** The system's lookup, or a stand-in for tests. */
export type Lookup = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemLookup: Lookup = (host, done) => lookup(host, { all: true, order: 'verbatim' }, done);

export class NodeResolver implements Resolver {
  readonly #lookup: Lookup;
  /** Who waits for each name. A name whose lookup runs stays although nobody may wait any more. */
  readonly #waiting = new Map<string, Set<Question>>();
  readonly #line: string[] = [];
  #running = 0;

  constructor(lookupName: Lookup = systemLookup) {
    this.#lookup = lookupName;
  }

  resolve(host: string, timeoutMs: number, handler: ResolveHandler): Cancellable {
    const question = new Question(host, handler);
    const address = canonicalAddress(host);
    if (address !== null) question.after(() => question.answer([address]));
    else if (!this.#waiting.has(host) && this.#waiting.size >= MAX_NAMES) {
      question.after(() => question.fail('other', 'too many names to resolve'));
    } else {
      question.expireIn(timeoutMs);
      this.#ask(question);
    }
    return question;
  }

  #ask(question: Question): void {
    const others = this.#waiting.get(question.host);
    if (others !== undefined) {
      others.add(question);
      return;
    }
    this.#waiting.set(question.host, new Set([question]));
    this.#line.push(question.host);
    this.#advance();
  }

  #advance(): void {
    while (this.#running < MAX_LOOKUPS) {
      const host = this.#line.shift();
      if (host === undefined) return;
      const isWanted = [...this.#waiting.get(host)!].some((question) => !question.isOver);
      if (isWanted) this.#start(host);
      else this.#waiting.delete(host);
    }
  }

  #start(host: string): void {
    this.#running++;
    this.#lookup(host, (error, found) => {
      this.#running--;
      const questions = this.#waiting.get(host)!;
      this.#waiting.delete(host);
      this.#advance();
      const addresses = error === null ? canonicalAddresses(found) : [];
      for (const question of questions) {
        if (addresses.length > 0) question.answer(addresses);
        else question.fail(codeOf(error), host);
      }
    });
  }
}

/** One caller's question. Invariant: its handler is called once at most, and never after `cancel`. */
class Question implements Cancellable {
  readonly host: string;
  readonly #handler: ResolveHandler;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #isOver = false;

  constructor(host: string, handler: ResolveHandler) {
    this.host = host;
    this.#handler = handler;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  after(action: () => void): void {
    this.#immediate = setImmediate(action);
  }

  expireIn(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.fail('timeout', this.host), timeoutMs);
  }

  cancel(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
  }

  answer(addresses: readonly string[]): void {
    if (this.#isOver) return;
    this.cancel();
    this.#handler.onResolved(addresses);
  }

  fail(code: Failure['code'], detail: string): void {
    if (this.#isOver) return;
    this.cancel();
    this.#handler.onFailure({ code, operation: 'resolve', detail });
  }
}

function canonicalAddresses(found: readonly LookupAddress[]): string[] {
  const addresses = new Set<string>();
  for (const { address } of found.slice(0, MAX_ADDRESSES)) {
    const canonical = canonicalAddress(address);
    if (canonical !== null) addresses.add(canonical);
  }
  return [...addresses];
}

function codeOf(error: NodeJS.ErrnoException | null): Failure['code'] {
  switch (error?.code) {
    case undefined: // an answer without a usable address
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EAI_NONAME':
    case 'EAI_NODATA':
      return 'not-found';
    case 'EAI_AGAIN':
      return 'unreachable'; // no name server answers: offline, most often
    case 'EMFILE':
    case 'ENFILE':
      return 'too-many-open-files';
    default:
      return 'other';
  }
}
