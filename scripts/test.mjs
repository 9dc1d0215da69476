/**
 * `npm test [-- PATTERN]`: installs and builds what is missing or out of date, then runs every test whose path contains
 * PATTERN, group by group. `npm run test:long` runs the long ones. Exits 1 when anything failed.
 */
import { exitWith, prepare } from './launcher/prepare.mjs';
import { programNode, root } from './launcher/project.mjs';
import { filesOf, GROUPS, LONG_GROUPS } from './testing/groups.mjs';
import { runGroup } from './testing/run-group.mjs';

const args = process.argv.slice(2);
const isLong = args[0] === '--long';
const pattern = (isLong ? args[1] : args[0]) ?? '';

await prepare();
try {
  process.exitCode = await runAll(isLong ? LONG_GROUPS : GROUPS);
} catch (error) {
  exitWith(error);
}

async function runAll(groups) {
  const results = [];
  // A test of this runner must not make its inner runs believe that they are part of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  for (const group of groups) {
    const files = filesOf(group, root, pattern);
    if (files.length === 0) continue;
    console.log(`${group.name}: ${files.length} files, budget ${group.budgetSeconds} s`);
    const result = await runGroup(group, files, { node: programNode(), root, env });
    if (result.signal !== null) return result.signal === 'SIGINT' ? 130 : 143;
    results.push({ group, ...result });
    console.log(line(group, result));
  }
  return summarise(results);
}

function line(group, result) {
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
  const over = result.seconds > group.budgetSeconds ? ' — OVER BUDGET' : '';
  const time = `${result.seconds.toFixed(1)} of ${group.budgetSeconds} s`;
  return `${group.name}: ${result.passed} passed, ${result.failed} failed${skipped}, ${time}${over}\n`;
}

function summarise(results) {
  if (results.length === 0) {
    console.error(`no test has "${pattern}" in its path`);
    return 1;
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const isOk = results.every((result) => result.ok && result.seconds <= 2 * result.group.budgetSeconds);
  for (const { group, seconds } of results) {
    if (seconds > 2 * group.budgetSeconds) console.error(`${group.name} took more than twice its budget`);
  }
  const counts = `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`;
  console.log(`${isOk ? 'OK' : 'FAILED'}: ${counts} in ${sum('seconds').toFixed(0)} s`);
  return isOk ? 0 : 1;
}
