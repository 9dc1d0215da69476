/**
 * Owns standing in for a child process: its output is ours, its end is our end, signals sent to us reach it.
 */
import { spawn } from 'node:child_process';

const FORWARDED = ['SIGHUP', 'SIGINT', 'SIGTERM'];
/** A terminal's Ctrl+C arrives twice through npm: from the terminal and forwarded. One of them goes on. */
const SAME_SIGNAL_MS = 400;

/** Runs a program with our stdin, stdout and stderr: `{ code, signal }`, one of them null. Rejects when it cannot start. */
export function runAsOurselves(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    const last = new Map();
    const forward = (name) => {
      const now = Date.now();
      if (now - (last.get(name) ?? 0) < SAME_SIGNAL_MS) return;
      last.set(name, now);
      child.kill(name);
    };
    for (const name of FORWARDED) process.on(name, forward);
    const finish = () => {
      for (const name of FORWARDED) process.removeListener(name, forward);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      finish();
      resolve({ code, signal });
    });
  });
}

/** Ends this process the way the child ended. */
export function endLike({ code, signal }) {
  if (signal === null) process.exit(code);
  // The same signal on ourselves, so that whoever waits for us sees what happened to the child.
  process.kill(process.pid, signal);
}
