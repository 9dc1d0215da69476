/**
 * `node scripts/run-source.mjs FILE.ts ARGUMENTS`: runs a TypeScript program of this checkout (a benchmark, for
 * instance) after installing and building what is missing or out of date.
 */
import { join } from 'node:path';
import { endLike, runAsOurselves } from './launcher/child.mjs';
import { exitWith, prepare } from './launcher/prepare.mjs';
import { programNode, root } from './launcher/project.mjs';

const [file, ...args] = process.argv.slice(2);
await prepare();
try {
  endLike(await runAsOurselves(programNode(), [join(root, file), ...args], { cwd: root }));
} catch (error) {
  exitWith(error);
}
