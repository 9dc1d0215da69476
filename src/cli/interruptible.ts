/**
 * Owns how a command that only computes ends: by its work, by a signal at once, by a reader that went away. What was
 * begun needs no grace, so nobody waits for it.
 */
import { ClientError, InputError } from '../client/index.ts';
import { EXIT_FAILED, EXIT_USAGE, signalExitCode } from './exit-codes.ts';
import { errorLine } from './sentences.ts';
import { SignalGate } from './signals.ts';
import type { WorkLine } from './work-line.ts';
import type { World } from './world.ts';

/**
 * Runs `work`; its exit code, or that of what ended it. `signal` is aborted when the result no longer counts. `line` is
 * erased before anything is said.
 */
export async function interruptible(
  world: World,
  line: WorkLine,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const abort = new AbortController();
  const stopped = Promise.withResolvers<number>();
  const gate = new SignalGate(
    (signal) => stopped.resolve(signalExitCode(signal)),
    (code) => world.exitNow(code),
    () => world.now(),
  );
  const unlisten = gate.listen(world.signals);
  world.stdout.onGone((error) => {
    stopped.resolve(error.code === 'EPIPE' ? signalExitCode('SIGPIPE') : EXIT_FAILED);
  });
  try {
    const result = work(abort.signal);
    // When it is not waited for, what becomes of it does not matter.
    result.catch(() => undefined);
    return await Promise.race([result, stopped.promise]);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ClientError)) throw error;
    line.clear();
    void world.stderr.write(errorLine(error.message));
    return error instanceof InputError ? EXIT_USAGE : EXIT_FAILED;
  } finally {
    abort.abort();
    line.clear();
    unlisten();
  }
}
