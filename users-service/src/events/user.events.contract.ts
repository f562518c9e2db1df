import type { EventContract } from '@plaza/messaging';
import { z } from 'zod';
import type { UserEvent } from '../domain/user.events.ts';

const deleted = z.strictObject({ userId: z.string() });
const user = deleted.extend({ username: z.string(), email: z.email(), name: z.string() });

const ada = {
  userId: '6b038f7e4f88f0abc8c3349f',
  username: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
};

export const userEvents: EventContract<UserEvent> = {
  exchange: 'user_events',
  source: 'users-service',
  events: {
    'user.created': { summary: 'A user has registered.', data: user, example: ada },
    'user.updated': {
      summary: 'A user has changed public data: `changed` names the fields.',
      data: user.extend({ changed: z.array(z.string()) }),
      example: { ...ada, name: 'Ada Lovelace', changed: ['name'] },
    },
    'user.deleted': {
      summary: 'A user was deleted: consumers remove their copies of that data.',
      data: deleted,
      example: { userId: ada.userId },
    },
  },
};
