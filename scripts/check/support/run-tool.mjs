/**
 * Owns running a tool of node_modules on a folder and giving back what it printed.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { programNode, root } from '../../launcher/project.mjs';

/** stdout and stderr of `node node_modules/SCRIPT ARGS` run in `folder`, whatever its exit code. */
export function runTool(script, args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(programNode(), [join(root, 'node_modules', script), ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
