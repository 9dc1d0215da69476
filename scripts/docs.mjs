/**
 * `npm run docs`: writes the parts of the documents that are made from the sources. `npm run check` refuses when they
 * are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from './check/limits-table.mjs';
import { readProject } from './check/support/project.mjs';
import { root } from './launcher/project.mjs';

const path = join(root, 'docs', 'limits.md');
writeFileSync(path, withTables(readFileSync(path, 'utf8'), readProject(root)));
