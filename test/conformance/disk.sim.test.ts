/** Runs the disk's suites against the simulator's disk on a file system in memory. */
import { diskConformance } from './disk.ts';
import { diskFiles } from './disk-files.ts';
import { diskResume } from './disk-resume.ts';
import { simDiskWorld } from './disk-world.ts';

diskConformance('simulated', simDiskWorld);
diskFiles('simulated', simDiskWorld);
diskResume('simulated', simDiskWorld);
