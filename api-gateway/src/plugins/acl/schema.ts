import { z } from 'zod';

const groups = z.array(z.string().min(1)).optional();

export const schema = z
  .strictObject({
    allow: groups.describe('Only consumers of these groups pass'),
    deny: groups.describe('Consumers of these groups are refused'),
    hide_groups_header: z.boolean().default(false),
    include_consumer_groups: z
      .literal(false, { error: 'must be false: consumer groups are not supported' })
      .default(false),
    always_use_authenticated_groups: z
      .literal(false, { error: 'must be false: groups without a consumer are not supported' })
      .default(false),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'must have allow or deny');

export type AclConfig = z.output<typeof schema>;
