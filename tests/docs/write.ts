import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorsPage } from './error-catalogue.ts';

const docs = resolve(import.meta.dirname, '../../docs');

await writeFile(resolve(docs, 'errors.md'), await errorsPage());
