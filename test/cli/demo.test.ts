/** `spate demo`: a whole swarm on this machine, unattended. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from './run-spate.ts';

test('demo --json downloads from three seeds, ends with 0 in under 15 s and leaves nothing', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'spate-test-'));
  try {
    const startedAt = performance.now();
    const { code, stdout, stderr } = await start(['demo', '--json'], { env: { TMPDIR: temporary } }).result;
    assert.equal(code, 0, stderr);
    assert.ok(performance.now() - startedAt < 15_000);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; [key: string]: unknown });
    const completed = events.find((event) => event.event === 'completed')!;
    assert.ok(Number(completed['downloadedBytes']) > 20_000_000);
    const givers = events.filter(
      (event) => event.event === 'peer-disconnected' && Number(event['downloadedBytes']) > 0,
    );
    assert.equal(new Set(givers.map((event) => event['peer'])).size, 3, 'each seed gave');
    assert.deepEqual(readdirSync(temporary), []);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

test('demo stops on Ctrl+C with 130 and leaves nothing', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'spate-test-'));
  try {
    const run = start(['demo', '--json'], { env: { TMPDIR: temporary } });
    await run.stdoutMatch(/"event":"piece-verified"/);
    run.child.kill('SIGINT');
    const { code } = await run.result;
    assert.equal(code, 130);
    assert.deepEqual(readdirSync(temporary), []);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});
