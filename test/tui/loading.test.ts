/** Who loads the terminal UI: a download on a terminal, and nobody else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Program, startProgram } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { spateCommand } from '../support/spate.ts';
import { needsPython, openStoppedTerminal } from './support/stopped-terminal.ts';
import { smallTree, startSwarm } from './support/swarm.ts';

/** Says on stderr which of the heavy libraries is asked for. */
const WATCH = `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (name === 'ink' || name === 'react') process.stderr.write('LOADED ' + name + '\\n');
  return next(name, context);
} });`;

function watched(parameters: readonly string[]): string[] {
  const [node, ...main] = spateCommand();
  return [node!, '--import', `data:text/javascript,${encodeURIComponent(WATCH)}`, ...main, ...parameters];
}

function run(scope: Scope, parameters: readonly string[]): Program {
  const [node, ...rest] = watched(parameters);
  return startProgram(scope, node!, rest);
}

describe('Ink and React', () => {
  test('are not loaded by show, by help, and by a download whose output is no terminal', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('piped', 200_000), [1_000_000]);
    for (const parameters of [['show', swarm.workspace.torrent], ['--help'], swarm.parameters]) {
      const program = run(scope, parameters);
      assert.equal((await program.exited).code, 0, program.describe());
      assert.doesNotMatch(program.stderr, /LOADED/);
    }
  });

  test('are loaded by a download on a terminal, unless it is told not to', needsPython(), async (t) => {
    const scope = new Scope(t);
    for (const [options, isLoaded] of [
      [[], true],
      [['--no-ui'], false],
      [['--json'], false],
    ] as const) {
      const swarm = await startSwarm(scope, smallTree(`on a terminal ${options}`, 200_000), [1_000_000]);
      const terminal = await openStoppedTerminal(scope, watched([...swarm.parameters, ...options]));
      assert.equal(await terminal.exited(20_000), 0);
      assert.equal(terminal.text.includes('LOADED ink'), isLoaded, terminal.text);
    }
  });
});
