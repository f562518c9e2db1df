import { z } from 'zod';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, name, reference } from './common.ts';

const EVERY_PROTOCOL = 'must have http and https both: a plugin is for either';

/** The fields of a plugin entry, except its config, which the plugin's own schema checks. */
const fields = z.strictObject({
  ...commonFields,
  name: z.string(),
  instance_name: name.optional(),
  enabled: z.boolean().default(true),
  config: z.unknown().optional(),
  protocols: z
    .array(z.string())
    .refine((list) => list.includes('http') && list.includes('https'), EVERY_PROTOCOL)
    .optional(),
  consumer_group: unsupportedField('consumers have acls here, and no groups of their own'),
  _config: unsupportedField('each entry has its whole config'),
  ordering: unsupportedField('plugins run in the order of their priorities'),
  condition: unsupportedField('an entry is for a service, a route, a consumer, or for everything'),
  partials: unsupportedField('each entry has its whole config'),
});

/** A plugin entry nested in a service, route or consumer. It may name further entities. */
export const plugin = fields.extend({
  service: reference.optional(),
  route: reference.optional(),
  consumer: reference.optional(),
});
