import { z } from 'zod';
import type { Answer, Ask, Gateway } from './gateway.ts';
import { PASSWORD, type SeedPerson } from './marketplace.ts';
import { refusal, SeedStopped } from './seed-stopped.ts';

/** Somebody of the marketplace, logged in. */
export interface Member {
  readonly username: string;
  readonly id: string;
  /** Whether they have been registered just now. */
  readonly isNew: boolean;
  /** Calls with their token; throws where the answer has none of these statuses. */
  ask(statuses: readonly number[], method: string, path: string, ask?: Ask): Promise<Answer>;
  /** All items of a list, page by page. */
  list<Item>(path: string, item: z.ZodType<Item>): Promise<Item[]>;
}

const tokens = z.object({ accessToken: z.string() });
const profile = z.object({ id: z.string() });

/** Registers them where nobody has their name, and logs them in. */
export async function join(gateway: Gateway, { username, name, email }: SeedPerson): Promise<Member> {
  const body = { username, name, email, password: PASSWORD };
  const registered = accept([201, 409], 'POST /api/users', await gateway('POST', '/api/users', { body }));
  const login = await gateway('POST', '/api/auth/login', { body: { login: username, password: PASSWORD } });
  if (login.status === 401)
    throw new SeedStopped(
      `There is a ${username} already who is not this one. \`npm start -- --reset\` begins with an empty marketplace.`,
    );
  const { accessToken: token } = tokens.parse(accept([200], 'POST /api/auth/login', login).body);

  const ask: Member['ask'] = async (statuses, method, path, more) =>
    accept(statuses, `${method} ${path}`, await gateway(method, path, { token, ...more }));
  const { id } = profile.parse((await ask([200], 'GET', '/api/profile')).body);

  return {
    username,
    id,
    isNew: registered.status === 201,
    ask,
    async list(path, item) {
      const page = z.object({ items: z.array(item), next: z.string().nullable() });
      const items: z.output<typeof item>[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query = `limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const { body } = await ask([200], 'GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
        const read = page.parse(body);
        items.push(...read.items);
        cursor = read.next;
      }
      return items;
    },
  };
}

function accept(statuses: readonly number[], request: string, answer: Answer): Answer {
  if (!statuses.includes(answer.status)) throw new SeedStopped(refusal(request, answer));
  return answer;
}
