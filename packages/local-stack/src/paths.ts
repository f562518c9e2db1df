import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** This package's folder; `src` and `dist` lie at the same depth in it. */
export const here = resolve(import.meta.dirname, '..');

/** The checkout that this package is part of. */
export const checkout = resolve(here, '../..');

/** Data and logs of this checkout's servers; `npm start -- --reset` empties it. */
export const local = join(checkout, '.local');

/** What several checkouts share and `npm start -- --clean` removes: downloads and builds. */
export const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plaza');
