import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asyncApi } from './asyncapi.ts';
import { gatewaySchema } from './gateway-schema.ts';
import { errorsPage } from './error-catalogue.ts';
import { eventsPage } from './events-page.ts';
import { pluginsPage } from './plugins-page.ts';

const docs = resolve(import.meta.dirname, '../../docs');

await writeFile(resolve(docs, 'errors.md'), await errorsPage());
await writeFile(resolve(docs, '../api-gateway/gateway.schema.json'), gatewaySchema());
await writeFile(resolve(docs, 'events.md'), await eventsPage());
await writeFile(resolve(docs, 'asyncapi.yaml'), await asyncApi());
await writeFile(resolve(docs, 'plugins.md'), await pluginsPage());
