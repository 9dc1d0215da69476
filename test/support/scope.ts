/**
 * Owns the order in which a test gives back what it took: programs, sockets, mounts and folders go in the reverse order
 * of their making, also when the test failed, and one failure does not keep the others from going.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Something that runs an action at its end: a test context, or `{ after }` of `node:test` for a whole suite. */
export interface ScopeHost {
  after(action: () => Promise<void>): void;
}

export class Scope {
  readonly #actions: (() => void | Promise<void>)[] = [];

  /** Ends with `host`; without one the owner calls {@link close}. */
  constructor(host: ScopeHost | null) {
    host?.after(() => this.close());
  }

  /** Runs `action` at the end, before everything deferred earlier. */
  defer(action: () => void | Promise<void>): void {
    this.#actions.push(action);
  }

  /** A fresh directory, removed at the end. `parent` defaults to the system's folder for temporary files. */
  async directory(parent = tmpdir()): Promise<string> {
    const path = await mkdtemp(join(parent, 'spate-test-'));
    this.defer(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** Ends the scope. Rejects with everything that went wrong on the way, after having tried it all. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0)
      throw new AggregateError(errors, `giving back failed: ${errors.map(String).join('; ')}`);
  }
}
