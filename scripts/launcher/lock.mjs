/**
 * Owns the lock that keeps two launchers from installing or building at once.
 *
 * The lock is a file that appears with its content in one step (`link`), so it is never half written. It names the
 * process that holds it and the child that works for it, and its modification time is a heartbeat. It is abandoned when
 * the heartbeat stopped and both processes are gone, or when it stopped long ago (the number may have gone to another
 * process, or the holder sits in another container). A lock is taken over under a second, momentary lock, so that
 * of two launchers that find it abandoned only one removes it.
 */
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 500;
/** A busy machine may delay a heartbeat this long. */
const QUIET_MS = 5_000;
/** Nothing that is merely slow is silent for this long. */
const ABANDONED_MS = 60_000;
const POLL_MS = 100;

let temporaryCount = 0;

/**
 * Runs `work(lock)` while holding the lock at `path`; `onWait` is called once if somebody else has it. The lock
 * is given back when `work` ends, and by `lock.release()`, which a signal handler may call.
 */
export async function withLock(path, onWait, work) {
  let waited = false;
  while (!tryCreate(path, { pid: process.pid })) {
    if (isAbandoned(path)) takeAway(path);
    else {
      if (!waited) onWait();
      waited = true;
      await sleep(POLL_MS);
    }
  }
  const beat = setInterval(() => touch(path), HEARTBEAT_MS);
  const lock = {
    /** Names the child that works under the lock. */
    setChild: (child) => writeFileSync(path, JSON.stringify({ pid: process.pid, child })),
    release: () => {
      clearInterval(beat);
      if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

function tryCreate(path, holder) {
  const temporary = `${path}.${process.pid}.${temporaryCount++}`;
  writeFileSync(temporary, JSON.stringify(holder));
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function takeAway(path) {
  const guard = `${path}.takeover`;
  if (!tryCreate(guard, { pid: process.pid })) {
    // A guard lives for microseconds; one that is old belongs to a launcher that was killed just then.
    if (ageMs(guard) > ABANDONED_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (isAbandoned(path)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function isAbandoned(path) {
  const age = ageMs(path);
  if (age < QUIET_MS) return false;
  if (age > ABANDONED_MS) return true;
  const holder = readHolder(path);
  return holder !== null && !isAlive(holder.pid) && !isAlive(holder.child);
}

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // given back this moment, or being rewritten by its holder
  }
}

/** Milliseconds since the last heartbeat; 0 when there is no lock. */
function ageMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isAlive(pid) {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
