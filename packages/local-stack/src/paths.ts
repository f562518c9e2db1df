import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** This package's folder; `src` and `dist` lie at the same depth in it. */
export const packageRoot = resolve(import.meta.dirname, '..');

/** The checkout that this package is part of. */
export const repositoryRoot = resolve(packageRoot, '../..');

/** Data and logs of this checkout's servers; `npm start -- --reset` empties the folder. */
export const localDirectory = join(repositoryRoot, '.local');

/** Downloads and builds, shared by all checkouts; `npm start -- --clean` removes them. */
export const cacheDirectory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plaza');
