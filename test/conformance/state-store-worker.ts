/** Owns a state store in its worker, for tests that need no more of a world. */
import assert from 'node:assert/strict';
import { WorkerStateStore } from '../../src/node/store/worker-state-store.ts';
import { NodeTime } from '../../src/node/time.ts';
import { StateRecorder } from './state-store-recorder.ts';

/** A store over `folder` in its worker, opened. */
export async function openWorker(
  atEnd: (end: () => Promise<void>) => void,
  folder: string,
): Promise<{ recorder: StateRecorder; bugs: Error[] }> {
  const time = new NodeTime();
  const bugs: Error[] = [];
  const recorder = new StateRecorder(
    new WorkerStateStore({ folder, time, onBug: (error) => bugs.push(error) }),
  );
  time.bind(recorder);
  atEnd(async () => {
    if (recorder.all('closed').length === 0) {
      recorder.store.close();
      await until(() => recorder.all('closed').length === 1);
    }
    time.close();
  });
  recorder.store.open();
  await until(() => recorder.all('opened').length === 1);
  return { recorder, bugs };
}

export async function until(predicate: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!predicate()) {
    assert.ok(performance.now() < deadline, `never: ${predicate}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
