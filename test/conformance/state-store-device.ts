/**
 * A program that uses a state store on a device of its own, a tmpfs, which it fills and makes read-only. Runs in a mount
 * namespace of its own; the arguments are the mount point and the scenario. Fails by its exit code.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, markedTorrent, markedUpdate, type StateRecorder } from './state-store-recorder.ts';
import { openWorker, until } from './state-store-worker.ts';

const [device, scenario] = process.argv.slice(2) as [string, string];
const folder = join(device, 'state');
const ends: (() => Promise<void>)[] = [];

async function open(path = folder): Promise<StateRecorder> {
  const { recorder, bugs } = await openWorker((end) => ends.push(end), path);
  ends.push(async () => assert.deepEqual(bugs, []));
  return recorder;
}

function remount(options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, device]);
}

async function flush(recorder: StateRecorder): Promise<string | null> {
  const before = recorder.all('flushed').length;
  recorder.store.flush();
  await until(() => recorder.all('flushed').length > before);
  return recorder.last('flushed').failure?.code ?? null;
}

async function close(recorder: StateRecorder): Promise<string | null> {
  recorder.store.close();
  await until(() => recorder.all('closed').length === 1);
  return recorder.last('closed').failure?.code ?? null;
}

const LARGE = new Uint8Array(500_000).fill(1);

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  async full() {
    const recorder = await open();
    recorder.store.save(markedUpdate(hashOf(1), 1));
    assert.equal(await flush(recorder), null);
    recorder.store.save({ ...markedUpdate(hashOf(2), 2), metainfo: LARGE });
    assert.equal(await flush(recorder), 'disk-full');
    recorder.store.save({ infoHash: hashOf(2), progress: markedUpdate(hashOf(2), 3).progress! });
    assert.equal(await flush(recorder), 'disk-full');
    const told = recorder.all('trouble').map((one) => one.failure.code);
    assert.deepEqual(told, ['disk-full'], 'told once');
    remount('size=8m');
    // By itself.
    await until(() => recorder.all('recovered').length === 1);
    assert.equal(await close(recorder), null);
    const second = await open();
    assert.deepEqual(second.torrents, [
      markedTorrent(hashOf(1), 1),
      { ...markedTorrent(hashOf(2), 2), progress: markedTorrent(hashOf(2), 3).progress },
    ]);
    second.store.loadMetainfo(hashOf(2));
    await until(() => second.all('metainfo').length === 1);
    assert.deepEqual(second.last('metainfo').metainfo, LARGE);
  },
  async 'full-at-close'() {
    const recorder = await open();
    recorder.store.save(markedUpdate(hashOf(1), 1));
    assert.equal(await flush(recorder), null);
    recorder.store.save({ ...markedUpdate(hashOf(2), 2), metainfo: LARGE });
    assert.equal(await close(recorder), 'disk-full');
    assert.deepEqual((await open()).torrents, [markedTorrent(hashOf(1), 1)]);
  },
  async 'full-at-start'() {
    // All but what an empty folder takes.
    const recorder = await open();
    await close(recorder);
    assert.throws(() => writeFileSync(join(device, 'ballast'), new Uint8Array(500_000)), { code: 'ENOSPC' });
    assert.equal((await open(join(device, 'other'))).last('opened').failure?.code, 'disk-full');
  },
  async 'read-only'() {
    const recorder = await open();
    recorder.store.save(markedUpdate(hashOf(1), 1));
    assert.equal(await close(recorder), null);
    remount('ro');
    assert.equal((await open()).last('opened').failure?.code, 'read-only');
    assert.equal((await open(join(device, 'other'))).last('opened').failure?.code, 'read-only');
    remount('rw');
    assert.deepEqual((await open()).torrents, [markedTorrent(hashOf(1), 1)]);
  },
};

execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', device]);
await SCENARIOS[scenario]!();
for (const end of ends.reverse()) await end();
