/**
 * Owns the programs that tests start: each is ended by its process id when its scope ends, and when the test process
 * itself is ended by a signal or an exception. Nothing is ever ended by name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Scope } from './scope.ts';

/** How long a program may take to end after SIGTERM before it gets SIGKILL. */
const GRACE_MS = 4000;
/** How much of each output stream is kept for error messages; the newest part. */
const MAX_KEPT_OUTPUT = 4 * 1024 * 1024;

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to the environment of the test. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Keep stdin open for `writeLine`. Default: empty. */
  readonly hasInput?: boolean;
  /** In a process group of its own, as under a terminal. */
  readonly ownGroup?: boolean;
}

const running = new Set<ChildProcess>();

export class Program {
  /** Resolves when the program ended and its output was read to the end. */
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #lineHandlers: ((line: string) => void)[] = [];
  #stdout = '';
  #stderr = '';
  #partialLine = '';

  /** Not for use outside this file. */
  constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    running.add(child);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#onStdout(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_KEPT_OUTPUT);
    });
    // A program that is gone makes writing to it fail; its exit status says so better.
    child.stdin?.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        running.delete(child);
        reject(new Error(`cannot start ${name}: ${error.message}`));
      });
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    this.exited.catch(() => {});
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#name} did not start`);
    return pid;
  }

  get hasExited(): boolean {
    return !running.has(this.#child);
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Everything that helps to understand a failure. */
  describe(): string {
    return `${this.#name}\nstdout: ${this.#stdout.slice(-3000)}\nstderr: ${this.#stderr.slice(-3000)}`;
  }

  /** Calls `handler` with every whole line of stdout from now on. */
  onLine(handler: (line: string) => void): void {
    this.#lineHandlers.push(handler);
  }

  writeLine(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Closes the reading end of stdout, as `| head` does. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  /** Stops or resumes reading stdout: a reader that is slow. */
  setReading(reading: boolean): void {
    if (reading) this.#child.stdout?.resume();
    else this.#child.stdout?.pause();
  }

  /** Sends a signal; harmless when the program has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal to the program's own group. Needs `ownGroup`. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Ends the program with SIGTERM, then SIGKILL; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.hasExited) return;
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), GRACE_MS);
    await this.exited.catch(() => {});
    clearTimeout(timer);
  }

  /** Rejects when the program ends before `promise` is settled or when that takes longer than `timeoutMs`. */
  async whileRunning<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no ${what} after ${timeoutMs} ms\n${this.describe()}`)),
        timeoutMs,
      );
    });
    const gone = this.exited.then((status) => {
      throw new Error(`ended (${status.code ?? status.signal}) before ${what}\n${this.describe()}`);
    });
    try {
      return await Promise.race([promise, late, gone]);
    } finally {
      clearTimeout(timer);
    }
  }

  #onStdout(text: string): void {
    this.#stdout = (this.#stdout + text).slice(-MAX_KEPT_OUTPUT);
    const lines = (this.#partialLine + text).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) for (const handler of this.#lineHandlers) handler(line);
  }
}

/** Starts a program that ends, at the latest, with `scope`. */
export function startProgram(
  scope: Scope,
  command: string,
  parameters: readonly string[],
  options: ProgramOptions = {},
): Program {
  const child = spawn(command, parameters, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: [options.hasInput === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: options.ownGroup === true,
  });
  const program = new Program(child, [command, ...parameters].join(' '));
  scope.defer(() => program.stop());
  return program;
}

/** Runs a program to its end; rejects unless it exits with 0. Resolves to its stdout. */
export async function runProgram(
  scope: Scope,
  command: string,
  parameters: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const program = startProgram(scope, command, parameters, options);
  const status = await program.exited;
  if (status.code !== 0) throw new Error(`exit ${status.code ?? status.signal}: ${program.describe()}`);
  return program.stdout;
}

/** Asks `condition` every `intervalMs` until it gives something other than null, for what sends no event. */
export async function poll<T>(
  what: string,
  timeoutMs: number,
  condition: () => Promise<T | null> | T | null,
  intervalMs = 50,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error(`no ${what} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function endBySignal(signal: NodeJS.Signals): void {
  killAll();
  process.kill(process.pid, signal);
}

// The test runner ends a test file by SIGTERM, and a person by SIGINT: neither runs the hooks of a test.
process.once('exit', killAll);
process.once('SIGTERM', endBySignal);
process.once('SIGINT', endBySignal);
