/** Owns a terminal for tests that can be stopped: it takes nothing and nobody reads it, as behind a frozen window. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';

const SCRIPT = fileURLToPath(new URL('./stopped_terminal.py', import.meta.url));
/** `os.login_tty` came with it. */
const CHECK = 'import sys; sys.exit(sys.version_info < (3, 11))';

/** Options for a test that needs such a terminal: `skip` carries the reason where Python is missing. */
export function needsPython(): { skip: string | false } {
  try {
    execFileSync('python3', ['-c', CHECK], { stdio: 'ignore' });
    return { skip: false };
  } catch {
    return { skip: 'not installed: python3, 3.11 or newer (apt-get install python3)' };
  }
}

export class StoppedTerminal {
  readonly program: Program;
  /** The command's. */
  pid = 0;
  /** Bytes that the screen has shown. */
  shownBytes = 0;
  /** What it has shown, escape sequences and all. */
  text = '';
  /** As a shell reports it; null while the command runs. */
  status: number | null = null;
  readonly #waiting: { event: string; resolve: () => void }[] = [];

  constructor(program: Program) {
    this.program = program;
    program.onLine((line) => this.#onEvent(JSON.parse(line)));
  }

  /** From now on it takes nothing. */
  async stop(): Promise<void> {
    this.program.writeLine('stop');
    await this.#next('stop', 5000);
  }

  async go(): Promise<void> {
    this.program.writeLine('go');
    await this.#next('go', 5000);
  }

  async started(): Promise<void> {
    if (this.pid === 0) await this.#next('started', 10_000);
  }

  async exited(timeoutMs: number): Promise<number> {
    if (this.status === null) await this.#next('exit', timeoutMs);
    return this.status!;
  }

  #next(event: string, timeoutMs: number): Promise<void> {
    const coming = new Promise<void>((resolve) => this.#waiting.push({ event, resolve }));
    return this.program.whileRunning(coming, timeoutMs, event);
  }

  #onEvent(event: { event: string; pid?: number; bytes?: number; text?: string; status?: number }): void {
    this.pid = event.pid ?? this.pid;
    this.shownBytes = event.bytes ?? this.shownBytes;
    this.text += event.text ?? '';
    this.status = event.status ?? this.status;
    for (const waiting of this.#waiting.filter((other) => other.event === event.event)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve();
    }
  }
}

/** Runs `command` on such a terminal of 100 × 30; it reads until it is stopped. */
export async function openStoppedTerminal(
  scope: Scope,
  command: readonly string[],
): Promise<StoppedTerminal> {
  const environment = { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', NO_COLOR: '' };
  const program = startProgram(scope, 'python3', [SCRIPT, '100', '30', ...command], {
    hasInput: true,
    environment,
  });
  const terminal = new StoppedTerminal(program);
  await terminal.started();
  return terminal;
}
