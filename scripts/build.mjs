/**
 * `npm run build`: installs and builds what is missing or out of date.
 */
import { prepare } from './launcher/prepare.mjs';

await prepare();
