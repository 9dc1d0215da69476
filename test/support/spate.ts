/**
 * Owns the program under test: which build of it runs, its JSON events, its end.
 *
 * The build in `dist` is used when it is newer than every source file, else the sources themselves, which Node runs
 * by stripping types: a test never sees a stale build.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientEvent } from '../../src/client/api.ts';
import { type ExitStatus, type Program, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

/** What the compiler touches whenever it has found everything up to date. */
const BUILD_STAMPS = ['.build/core.tsbuildinfo', '.build/node.tsbuildinfo'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type EventName = ClientEvent['event'];
export type EventOf<Name extends EventName> = Extract<ClientEvent, { readonly event: Name }>;

export interface SpateOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command line starts with: `nsenter …`, `bash -c 'ulimit …; exec "$@"' bash`. */
  readonly prefix?: readonly string[];
}

export class Spate {
  readonly program: Program;
  /** Everything that `--json` said so far. */
  readonly events: ClientEvent[] = [];
  /** Lines of stdout that are no JSON object. */
  readonly otherLines: string[] = [];
  #waiting: { isDue: (event: ClientEvent) => boolean; resolve: (event: ClientEvent) => void }[] = [];

  constructor(program: Program) {
    this.program = program;
    program.onLine((line) => this.#onLine(line));
  }

  /** All events of one kind, so far. */
  all<Name extends EventName>(name: Name): EventOf<Name>[] {
    return this.events.filter((event): event is EventOf<Name> => event.event === name);
  }

  /** The first event of a kind that satisfies `condition`, past or to come. */
  async event<Name extends EventName>(
    name: Name,
    timeoutMs: number,
    condition: (event: EventOf<Name>) => boolean = () => true,
  ): Promise<EventOf<Name>> {
    const isDue = (event: ClientEvent): boolean => event.event === name && condition(event as EventOf<Name>);
    const past = this.events.find(isDue);
    if (past !== undefined) return past as EventOf<Name>;
    const coming = new Promise<ClientEvent>((resolve) => this.#waiting.push({ isDue, resolve }));
    return (await this.program.whileRunning(coming, timeoutMs, `event ${name}`)) as EventOf<Name>;
  }

  /** Waits for the end, and ends what takes longer than `timeoutMs`. */
  async ended(timeoutMs: number): Promise<ExitStatus> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`still running after ${timeoutMs} ms\n${this.describe()}`));
        this.program.kill('SIGKILL');
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.program.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for the end and fails unless the exit code is `code`. */
  async endsWith(code: number, timeoutMs: number): Promise<void> {
    const status = await this.ended(timeoutMs);
    assert.equal(status.code ?? status.signal, code, this.describe());
    assert.deepEqual(this.otherLines, [], 'stdout carries nothing but JSON objects');
  }

  /** Fails unless stderr says something that matches, and without a stack trace. */
  assertSays(pattern: RegExp): void {
    assert.match(this.program.stderr, pattern);
    assert.doesNotMatch(this.program.stderr, /^\s+at /m, 'a stack trace on stderr');
  }

  describe(): string {
    const counts = new Map<string, number>();
    for (const { event } of this.events) counts.set(event, (counts.get(event) ?? 0) + 1);
    const summary = [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
    return `${this.program.describe()}\nevents: ${summary}`;
  }

  #onLine(line: string): void {
    const event = parseEvent(line);
    if (event === null) {
      this.otherLines.push(line);
      return;
    }
    this.events.push(event);
    const due = this.#waiting.filter((waiting) => waiting.isDue(event));
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const waiting of due) waiting.resolve(event);
  }
}

/** Starts `spate download --json` with the given further arguments. */
export function startDownload(
  scope: Scope,
  parameters: readonly string[],
  options: SpateOptions = {},
): Spate {
  return startSpate(scope, ['download', '--json', ...parameters], options);
}

/** Starts `spate seed --json` with the given further arguments. */
export function startSeed(scope: Scope, parameters: readonly string[], options: SpateOptions = {}): Spate {
  return startSpate(scope, ['seed', '--json', ...parameters], options);
}

/** Waits until everything wanted is there, for a seed its check; the port at which it listens. */
export async function seedingPort(spate: Spate, timeoutMs: number): Promise<number> {
  await spate.event('completed', timeoutMs);
  return (await spate.event('listening', timeoutMs)).port;
}

/** Starts the program with the given arguments. */
export function startSpate(scope: Scope, parameters: readonly string[], options: SpateOptions = {}): Spate {
  const [command, ...rest] = [...(options.prefix ?? []), ...spateCommand(), ...parameters];
  // A state folder of its own, so that runs side by side remember nothing of each other.
  const stateHome = mkdtempSync(join(tmpdir(), 'spate-state-'));
  scope.defer(() => rmSync(stateHome, { recursive: true, force: true }));
  const environment = { XDG_STATE_HOME: stateHome, ...options.environment };
  return new Spate(startProgram(scope, command!, rest, { ...options, environment }));
}

let decided: readonly string[] | null = null;

/** What starts the program: the interpreter and the file. */
export function spateCommand(): readonly string[] {
  decided ??= [process.execPath, join(ROOT, isBuildCurrent() ? 'dist/cli/main.js' : 'src/cli/main.ts')];
  return decided;
}

function isBuildCurrent(): boolean {
  const built = statSync(join(ROOT, 'dist/cli/main.js'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const builtAt = Math.max(built.mtimeMs, ...BUILD_STAMPS.map(modifiedAt));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  return sources.every((entry) => {
    if (!entry.isFile() || /\.(test|fuzz)\.ts$/.test(entry.name)) return true;
    return statSync(join(entry.parentPath, entry.name)).mtimeMs <= builtAt;
  });
}

function modifiedAt(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function parseEvent(line: string): ClientEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'event' in value ? (value as ClientEvent) : null;
  } catch {
    return null;
  }
}
