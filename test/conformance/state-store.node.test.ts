/** Runs the state store's suite against SQLite in its worker. */
import { stateStoreConformance } from './state-store.ts';
import { realStateWorld } from './state-store-world.ts';

stateStoreConformance('worker', realStateWorld);
