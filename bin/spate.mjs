#!/usr/bin/env node
/**
 * The installed command `spate`. Nothing is imported before the version is known, and the syntax is old, so that
 * an old Node gets as far as the sentence.
 */
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `spate: this is Node.js ${process.versions.node}, and spate needs Node.js 24 or newer: https://nodejs.org`,
  );
  process.exitCode = 1;
} else {
  import('../dist/cli/main.js');
}
