/** Runs the state store on devices that are full or read-only; what is to hold there is in `state-store-device.ts`. */
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { NEEDS_ROOT } from '../support/tmpfs.ts';

const PROGRAM = fileURLToPath(new URL('./state-store-device.ts', import.meta.url));

const TITLES = {
  full: 'on a full device nothing is lost while the process lives, and all is durable when there is room again',
  'full-at-close': 'a device that is full at the close costs the last saves, and they are said to be lost',
  'full-at-start': 'a device that is full at the start is a failure',
  'read-only': 'a read-only device is a failure, and changes nothing that is stored',
};

for (const [scenario, title] of Object.entries(TITLES)) {
  test(title, NEEDS_ROOT, async (t) => {
    const scope = new Scope({ after: (action) => t.after(action) });
    const device = await scope.directory();
    await runProgram(scope, 'unshare', ['--mount', process.execPath, PROGRAM, device, scenario]);
  });
}
