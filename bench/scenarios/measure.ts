/**
 * Owns the measuring of one program: CPU time, wall time, peak memory, of it and of what it waited for, and of
 * nothing else.
 *
 * CPU time is what `times` of the shell reports of its children (getrusage, milliseconds, user and sys apart), taken after the
 * end, so that nothing is lost. Memory is read from /proc while it runs: `VmHWM` is a high-water mark of the kernel's own,
 * the anonymous part (without mapped files) is the highest of the samples.
 */
import { readFileSync } from 'node:fs';
import { startProgram } from '../../test/support/processes.ts';
import type { Scope } from '../../test/support/scope.ts';

const SAMPLE_MS = 20;
/** Of /proc, the same on every Linux. */
const TICKS_PER_SECOND = 100;
/** The child keeps the shell's stdin: a background command would otherwise read from /dev/null. */
const SCRIPT = 'exec 3<&0; "$@" <&3 & echo "pid $!" >&2; wait $!; code=$?; times >&2; exit $code';

export interface Measurement {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly wallSeconds: number;
  /** High-water mark of resident memory, bytes. */
  readonly peakBytes: number;
  /** Highest anonymous resident memory seen, bytes. */
  readonly peakAnonymousBytes: number;
}

/** Runs `command` to its end; rejects unless it exits with 0 within `timeoutMs`. */
export async function measure(
  scope: Scope,
  command: readonly string[],
  timeoutMs: number,
): Promise<Measurement> {
  const startedAt = performance.now();
  const program = startProgram(scope, 'bash', ['-c', SCRIPT, 'bash', ...command], {
    hasInput: true,
    ownGroup: true,
  });
  // Ending the shell would leave its child: the group is ended instead.
  scope.defer(() => {
    if (!program.hasExited) program.killGroup('SIGKILL');
  });
  const memory = new MemorySampler(() => Number(/^pid (\d+)$/m.exec(program.stderr)?.[1] ?? 0));
  const timer = setTimeout(() => program.killGroup('SIGKILL'), timeoutMs);
  const status = await program.exited;
  const wallSeconds = (performance.now() - startedAt) / 1000;
  clearTimeout(timer);
  memory.stop();
  if (status.code !== 0) throw new Error(`exit ${status.code ?? status.signal}: ${program.describe()}`);
  const [userSeconds, systemSeconds] = childTimes(program.stderr);
  const { peakBytes, peakAnonymousBytes } = memory;
  return { userSeconds, systemSeconds, wallSeconds, peakBytes, peakAnonymousBytes };
}

/** Samples the memory of one process until it is stopped. */
export class MemorySampler {
  peakBytes = 0;
  peakAnonymousBytes = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #processId: () => number;

  constructor(processId: () => number) {
    this.#processId = processId;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const status = statusOf(this.#processId());
    this.peakBytes = Math.max(this.peakBytes, kibibytes(status, 'VmHWM') * 1024);
    this.peakAnonymousBytes = Math.max(this.peakAnonymousBytes, kibibytes(status, 'RssAnon') * 1024);
  }
}

/** CPU seconds that a running process has used, all its threads, without its children; in steps of 10 ms. */
export function cpuSeconds(processId: number): { readonly user: number; readonly system: number } {
  // The name, in brackets, may hold anything; behind it come the fields from the third on.
  const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / TICKS_PER_SECOND, system: Number(fields[12]) / TICKS_PER_SECOND };
}

/** Text of /proc/PID/status, empty when the process is gone or not there yet. */
function statusOf(processId: number): string {
  if (processId === 0) return '';
  try {
    return readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    return '';
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
}

/** User and sys seconds of the children, the last line that `times` prints. */
function childTimes(text: string): [number, number] {
  const match = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(text);
  if (match === null) throw new Error(`no times in: ${text.slice(-300)}`);
  return [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])];
}
