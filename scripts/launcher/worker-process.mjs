/**
 * Owns the processes that install and build: quiet, in a process group of their own, ended with everything they
 * started when the launcher is told to stop.
 *
 * A group of their own, because a terminal's Ctrl+C would otherwise reach npm and its children at different
 * moments and leave some of them behind.
 */
import { spawn } from 'node:child_process';

const KILL_AFTER_MS = 5_000;
/** Enough for every compiler error that a person reads; the rest is dropped. */
const MAX_OUTPUT_LENGTH = 1 << 20;

const running = new Set();

/**
 * Runs a program to its end: `{ ok, output, error }`, with stdout and stderr together in `output` and in `error` what
 * kept it from starting. `onStart` hears its process id.
 */
export function runQuietly(command, args, options, onStart) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      ...options,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk) => {
      if (output.length < MAX_OUTPUT_LENGTH) output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    running.add(child);
    if (child.pid !== undefined) onStart(child.pid);
    const done = (ok, error) => {
      running.delete(child);
      resolve({ ok, output, error });
    };
    child.on('error', (error) => done(false, error));
    child.on('close', (code) => done(code === 0, null));
  });
}

/** Ends every process that runs, with its group, and resolves when all are gone. */
export async function stopRunning() {
  await Promise.all([...running].map(stop));
}

function stop(child) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => signal(child, 'SIGKILL'), KILL_AFTER_MS);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    signal(child, 'SIGTERM');
  });
}

function signal(child, name) {
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
