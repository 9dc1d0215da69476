/**
 * Rule: production files do not import each other in a circle. Type-only imports do not count: they are gone when
 * the program runs, and an object and its parts may name each other's types.
 */
import { resolve } from './imports.mjs';
import { importsOf, isProduction } from './support/project.mjs';

export const rule = {
  name: 'import cycles',
  kind: 'project',
  check(files) {
    const graph = new Map();
    for (const [path, text] of files) {
      if (!isProduction(path)) continue;
      const targets = importsOf(text).filter(
        ({ specifier, isTypeOnly }) => specifier.startsWith('.') && !isTypeOnly,
      );
      graph.set(
        path,
        targets.map(({ specifier }) => resolve(path, specifier)),
      );
    }
    return findCycles(graph).map((cycle) => ({
      path: cycle[0],
      line: 1,
      message: `imports itself: ${[...cycle, cycle[0]].join(' → ')}`,
    }));
  },
  plants: [
    {
      path: 'src/engine/planted-a.ts',
      text: "/** Planted. */\nimport { b } from './planted-b.ts';\nexport const a = b;\n",
      beside: {
        'src/engine/planted-b.ts':
          "/** Planted. */\nimport { a } from './planted-a.ts';\nexport const b = 1;\n",
      },
      expect: /planted-a\.ts → src\/engine\/planted-b\.ts/,
    },
  ],
};

/** One cycle for each edge that closes one, by depth-first search; each starts at its first file in the alphabet. */
function findCycles(graph) {
  const cycles = new Map();
  const done = new Set();
  const stack = [];
  const visit = (path) => {
    const at = stack.indexOf(path);
    if (at >= 0) {
      const cycle = rotate(stack.slice(at));
      cycles.set(cycle.join(), cycle);
      return;
    }
    if (done.has(path)) return;
    stack.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    stack.pop();
    done.add(path);
  };
  for (const path of [...graph.keys()].sort()) visit(path);
  return [...cycles.values()];
}

function rotate(cycle) {
  const at = cycle.indexOf([...cycle].sort()[0]);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}
