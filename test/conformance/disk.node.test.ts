/** Runs the disk's suites against the worker on real files. */
import { diskConformance } from './disk.ts';
import { diskFiles } from './disk-files.ts';
import { diskResume } from './disk-resume.ts';
import { realDiskWorld } from './disk-world.ts';

diskConformance('worker', realDiskWorld);
diskFiles('worker', realDiskWorld);
diskResume('worker', realDiskWorld);
