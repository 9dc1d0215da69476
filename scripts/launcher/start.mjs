/**
 * Owns `npm start`: get ready, then become the program.
 *
 * On a Node that is new enough the program runs in this very process: one process, so every signal arrives as
 * often as it was sent, and no time is lost. That is the usual case, because npm puts the pinned Node first on
 * PATH once it is installed. On an older Node (the first run of a fresh clone) the program is a child.
 */
import { pathToFileURL } from 'node:url';
import { endLike, runAsOurselves } from './child.mjs';
import { exitWith, prepare } from './prepare.mjs';
import { isProgramNode, paths, programNode, Refusal } from './project.mjs';

export async function start(args) {
  await prepare();
  try {
    standWhereThePersonStood();
    if (!isProgramNode()) {
      endLike(await runAsOurselves(programNode(), [paths.program, ...args], {}));
      return;
    }
  } catch (error) {
    exitWith(error);
  }
  process.argv[1] = paths.program;
  await import(pathToFileURL(paths.program).href);
}

/** npm runs scripts in the package's folder and leaves the person's folder in INIT_CWD. */
function standWhereThePersonStood() {
  const folder = process.env.npm_lifecycle_event === 'start' ? process.env.INIT_CWD : undefined;
  if (folder === undefined) return;
  try {
    process.chdir(folder);
  } catch (error) {
    throw new Refusal(`cannot enter the current directory ${folder} (${error.code})`);
  }
}
