/**
 * Owns the order of getting ready: install, then build, each only when needed, one launcher at a time.
 */
import { mkdirSync } from 'node:fs';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { paths, Refusal, say } from './project.mjs';
import { stopRunning } from './worker-process.mjs';

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Makes the checkout ready to run. When that is impossible it says why in one sentence and ends the process with 1; a
 * signal meanwhile ends it with 128 + the signal's number, the work stopped and the lock given back.
 */
export async function prepare({ withBuild = true } = {}) {
  const stop = { isStopping: false };
  try {
    if (isInstalled() && (!withBuild || isBuilt())) return;
    mkdirSync(paths.state, { recursive: true });
    const onWait = () => say('waiting for another install or build…');
    await withLock(paths.lock, onWait, async (lock) => {
      const restoreSignals = stopOnSignals(lock, stop);
      if (!isInstalled()) await install(lock);
      if (withBuild && !isBuilt()) await build(lock);
      restoreSignals();
    });
  } catch (error) {
    // Work that a signal cut short fails as well; the signal's handler ends the process, with its own code.
    if (stop.isStopping) return new Promise(() => {});
    exitWith(error);
  }
}

/** Ends the process over what went wrong before the program ran. */
export function exitWith(error) {
  if (error instanceof Refusal) say(error.message);
  else if (error.code !== undefined) say(`cannot prepare the checkout: ${error.message}`);
  else throw error;
  process.exit(1);
}

function stopOnSignals(lock, stop) {
  const handlers = Object.entries(SIGNAL_NUMBERS).map(([name, number]) => {
    const handler = () => {
      stop.isStopping = true;
      stopRunning().then(() => {
        lock.release();
        process.exit(128 + number);
      });
    };
    process.on(name, handler);
    return [name, handler];
  });
  return () => {
    for (const [name, handler] of handlers) process.removeListener(name, handler);
  };
}
