/** Runs the state store's suite against the simulator's store. */
import { stateStoreConformance } from './state-store.ts';
import { simStateWorld } from './state-store-world.ts';

stateStoreConformance('simulated', simStateWorld);
