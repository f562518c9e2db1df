import { Forbidden, Unauthorized } from '@plaza/errors';
import { z } from 'zod';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';

const groups = z.array(z.string().min(1)).optional();

const schema = z
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

/** Allows or denies consumers by their groups. */
export const acl: PluginDefinition<z.output<typeof schema>> = {
  name: 'acl',
  priority: 950,
  schema: schema.describe(
    'Allows or denies consumers by their groups, and users by the scopes of their token.',
  ),
  create: ({ allow = [], deny = [], hide_groups_header }) => {
    const [allowed, denied] = [new Set(allow), new Set(deny)];
    const mayPass = (mine: readonly string[]) =>
      !mine.some((group) => denied.has(group)) &&
      (allowed.size === 0 || mine.some((group) => allowed.has(group)));
    return {
      access: (requestContext) => {
        // The authentication error is sent instead of an error about groups.
        if (requestContext.authError !== undefined) return;
        const mine = groupsOf(requestContext);
        if (mine === undefined)
          throw new Unauthorized('Authentication required: this route is restricted to certain consumers.');
        if (!mayPass(mine)) throw new Forbidden('You cannot consume this service.');
        if (!hide_groups_header) requestContext.headers['x-consumer-groups'] = mine.join(', ');
      },
    };
  },
};

/** A consumer's groups, or the scopes of a user's token; undefined without authentication. */
function groupsOf({ consumer, caller }: RequestContext): readonly string[] | undefined {
  if (consumer !== undefined) return consumer.acls;
  return caller.kind === 'user' ? [...caller.scopes] : undefined;
}
