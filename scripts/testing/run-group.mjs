/**
 * Owns running one group of tests: `node --test` on its files, the report printed as it comes, the counts and the
 * time as the result.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseCounts } from './reporter.mjs';

const REPORTER = fileURLToPath(new URL('reporter.mjs', import.meta.url));
const FORWARDED = ['SIGINT', 'SIGTERM'];
const KILL_AFTER_MS = 3_000;

/** `{ ok, passed, failed, skipped, seconds, signal }`; `signal` is one that told the runner to stop, else null. */
export function runGroup(group, files, { node, root, env }) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(node, [...argumentsFor(group), ...files], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let counts = { passed: 0, failed: 0, skipped: 0 };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = parseCounts(line);
      if (parsed === null) process.stdout.write(`${line}\n`);
      else counts = parsed;
    });
    const stop = stopOnSignals(child);
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      resolve({ ok: code === 0 && counts.failed === 0, ...counts, seconds, signal: stop() });
    });
  });
}

function argumentsFor(group) {
  return [
    '--test',
    `--test-concurrency=${group.concurrency}`,
    `--test-timeout=${group.testTimeoutSeconds * 1000}`,
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
  ];
}

/** Passes signals on to the child; the result unregisters and says which one came. */
function stopOnSignals(child) {
  let received = null;
  const handler = (name) => {
    received = name;
    child.kill(name);
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  for (const name of FORWARDED) process.on(name, handler);
  return () => {
    for (const name of FORWARDED) process.removeListener(name, handler);
    return received;
  };
}
