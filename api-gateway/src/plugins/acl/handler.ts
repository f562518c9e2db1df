import { Forbidden, Unauthorized } from '@plaza/errors';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { schema, type AclConfig } from './schema.ts';

/** Allows or denies consumers by their groups. */
export const acl: PluginDefinition<AclConfig> = {
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
