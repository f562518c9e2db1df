import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { renderAsyncApi } from './asyncapi.ts';
import { renderGatewaySchema } from './gateway-schema.ts';
import { renderErrorsPage } from './error-catalogue.ts';
import { renderEventsPage } from './events-page.ts';
import { renderLogEventsPage } from './log-event-catalogue.ts';
import { renderOrderSagaPage } from './order-saga-page.ts';
import { renderPluginsPage } from './plugins-page.ts';

const docs = resolve(import.meta.dirname, '../../docs');

await writeFile(resolve(docs, 'errors.md'), await renderErrorsPage());
await writeFile(resolve(docs, 'log-events.md'), await renderLogEventsPage());
await writeFile(resolve(docs, '../api-gateway/gateway.schema.json'), renderGatewaySchema());
await writeFile(resolve(docs, 'events.md'), await renderEventsPage());
await writeFile(resolve(docs, 'asyncapi.yaml'), await renderAsyncApi());
await writeFile(resolve(docs, 'plugins.md'), await renderPluginsPage());
await writeFile(resolve(docs, 'order-saga.md'), await renderOrderSagaPage());
