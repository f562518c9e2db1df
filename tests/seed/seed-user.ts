import { z } from 'zod';
import type { GatewayResponse, GatewayRequestOptions, GatewayClient } from './gateway-client.ts';
import { PASSWORD, type SeedPerson } from './seed-data.ts';
import { describeResponse, SeedError } from './seed-error.ts';

/** A logged-in user of the sample data. */
export interface SeedUser {
  readonly username: string;
  readonly id: string;
  /** Whether this run registered the user. */
  readonly isNew: boolean;
  /** Calls with the user's token; throws if the response has none of these statuses. */
  request(
    statuses: readonly number[],
    method: string,
    path: string,
    options?: GatewayRequestOptions,
  ): Promise<GatewayResponse>;
  /** All items of a list, over all pages. */
  list<Item>(path: string, item: z.ZodType<Item>): Promise<Item[]>;
}

const tokens = z.object({ accessToken: z.string() });
const profile = z.object({ id: z.string() });

/** Registers a user if the name is free, and logs the user in. */
export async function registerSeedUser(
  gateway: GatewayClient,
  { username, name, email }: SeedPerson,
): Promise<SeedUser> {
  const body = { username, name, email, password: PASSWORD };
  const registered = expectStatus(
    [201, 409],
    'POST /api/users',
    await gateway('POST', '/api/users', { body }),
  );
  const login = await gateway('POST', '/api/auth/login', { body: { login: username, password: PASSWORD } });
  if (login.status === 401)
    throw new SeedError(
      `The name ${username} belongs to another user already. \`npm start -- --reset\` starts with empty databases.`,
    );
  const { accessToken: token } = tokens.parse(expectStatus([200], 'POST /api/auth/login', login).body);

  const request: SeedUser['request'] = async (statuses, method, path, options) =>
    expectStatus(statuses, `${method} ${path}`, await gateway(method, path, { token, ...options }));
  const { id } = profile.parse((await request([200], 'GET', '/api/profile')).body);

  return {
    username,
    id,
    isNew: registered.status === 201,
    request,
    async list(path, item) {
      const page = z.object({ items: z.array(item), next: z.string().nullable() });
      const items: z.output<typeof item>[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query = `limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const { body } = await request([200], 'GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
        const read = page.parse(body);
        items.push(...read.items);
        cursor = read.next;
      }
      return items;
    },
  };
}

function expectStatus(
  statuses: readonly number[],
  request: string,
  response: GatewayResponse,
): GatewayResponse {
  if (!statuses.includes(response.status)) throw new SeedError(describeResponse(request, response));
  return response;
}
