/**
 * Runs the first swarm of one seed twice and prints what became of it: `node test/sim/run-seed.ts --seed N [--trace]`.
 * With `--trace` every record of the first run is printed. Exits 1 when something is wrong.
 */
import { parseArgs } from 'node:util';
import { createFirstSwarm, runFirstSwarm } from './first-swarm.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, trace: { type: 'boolean' } } });
const seed = Number(values.seed ?? '1');
const swarm = createFirstSwarm(seed, values.trace === true);
const startedAt = performance.now();
const first = runFirstSwarm(swarm);
const ranMs = Math.round(performance.now() - startedAt);
for (const line of swarm.world.trace.lines ?? []) process.stdout.write(`${line}\n`);
const second = runFirstSwarm(createFirstSwarm(seed));
const isRepeatable = first.digest === second.digest;
process.stdout.write(`${JSON.stringify({ seed, ...first, isRepeatable, ranMs }, null, 2)}\n`);
process.exitCode = first.isComplete && isRepeatable && first.violations.length === 0 ? 0 : 1;
