import { Forbidden } from '@plaza/errors';
import { z } from 'zod';
import type { PluginDefinition } from '../../../src/plugins/api/plugin.ts';

const schema = z.strictObject({
  header: z.string().toLowerCase().default('x-tenant').describe('Where a request names its tenant'),
  tenants: z.array(z.string()).min(1),
});

/** Lets requests through that name a tenant, and counts them by it. */
export const plugin: PluginDefinition<z.output<typeof schema>> = {
  name: 'tenant',
  // After authentication and limits, before requests are transformed.
  priority: 900,
  schema,
  create: ({ header, tenants }, { shared, logger, name }) => {
    // Survives a reload of the configuration.
    const counts = shared('counts', () => new Map<string, number>());
    return {
      access: ({ request, headers }) => {
        const tenant = request.get(header) ?? '';
        if (!tenants.includes(tenant)) throw new Forbidden(`"${tenant}" is no tenant.`);
        headers['x-tenant-id'] = tenant;
        counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
      },
      headerFilter: ({ headers }, responseHead) => {
        responseHead.headers.set(
          'x-tenant-requests',
          String(counts.get(String(headers['x-tenant-id'])) ?? 0),
        );
      },
      close: () => logger.info('tenants are counted no longer', { plugin: name }),
    };
  },
};
