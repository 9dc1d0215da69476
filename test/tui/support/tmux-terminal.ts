/**
 * Owns a real terminal for tests: a tmux server of its own, with one window of a given size in which one command runs. It is
 * ended by its process id when the scope ends.
 */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { poll } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';

const run = promisify(execFile);
/** The slowest step, loading everything on a busy machine, included. */
const TIMEOUT_MS = 20_000;

/** Options for a test that needs tmux: `skip` carries the reason where it is missing. */
export function needsTmux(): { skip: string | false } {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return { skip: false };
  } catch {
    return { skip: 'not installed: tmux (apt-get install tmux)' };
  }
}

export interface TmuxOptions {
  readonly columns: number;
  readonly rows: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The value of TERM inside. Default `screen-256color`. */
  readonly term?: string;
}

export class TmuxTerminal {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** The text of the screen, a line for each row, blanks at the ends removed. With `styles`, escape sequences as well. */
  async capture(styles = false): Promise<string> {
    return this.tmux('capture-pane', '-p', ...(styles ? ['-e'] : []));
  }

  /** The screen with what has scrolled off. */
  async scrollback(): Promise<string> {
    return this.tmux('capture-pane', '-p', '-S', '-200');
  }

  /** Types `keys` as tmux names them: `p`, `Escape`, `C-c`. */
  async send(...keys: string[]): Promise<void> {
    await this.tmux('send-keys', ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The screen as soon as `pattern` matches it. */
  async until(pattern: RegExp, timeoutMs = TIMEOUT_MS): Promise<string> {
    let last = '';
    try {
      return await poll(`${pattern} on the screen`, timeoutMs, async () => {
        last = await this.capture();
        return pattern.test(last) ? last : null;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows:\n${last}`);
    }
  }

  /** True while the second screen of the terminal is on. */
  async isAlternate(): Promise<boolean> {
    return (await this.tmux('display-message', '-p', '#{alternate_on}')).trim() === '1';
  }

  /** True while the cursor is shown. */
  async hasCursor(): Promise<boolean> {
    return (await this.tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1';
  }

  /** The process id of the command in the window. */
  async pid(): Promise<number> {
    return Number((await this.tmux('display-message', '-p', '#{pane_pid}')).trim());
  }

  async tmux(...parameters: string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-S', this.#socket, ...parameters]);
    return stdout;
  }
}

/** Opens a terminal in which `command` runs; when that ends, the last line tells its status: `[exit 0]`. */
export async function openTmux(scope: Scope, options: TmuxOptions): Promise<TmuxTerminal> {
  const folder = await scope.directory();
  const terminal = new TmuxTerminal(join(folder, 'tmux'));
  const environment = { LC_ALL: 'C.UTF-8', NO_COLOR: '', ...options.environment };
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`);
  const line = `env ${settings.join(' ')} ${options.command.map(quote).join(' ')}; echo "[exit $?]"; exec cat`;
  await terminal.tmux(
    ...['-f', '/dev/null', 'new-session', '-d', '-x', String(options.columns), '-y', String(options.rows)],
    ...['-c', folder, `exec sh -c ${quote(`stty sane; ${line}`)}`],
    ...[';', 'set', '-g', 'status', 'off', ';', 'set', '-g', 'window-size', 'manual'],
    ...[';', 'set', '-g', 'escape-time', '0'],
    ...(options.term === undefined ? [] : [';', 'set', '-g', 'default-terminal', options.term]),
  );
  const pid = Number((await terminal.tmux('display-message', '-p', '#{pid}')).trim());
  scope.defer(() => {
    process.kill(pid, 'SIGTERM');
  });
  await terminal.resize(options.columns, options.rows);
  return terminal;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
