import { singleLineText, multiLineText } from '@plaza/service-kit';
import { z } from 'zod';
import { MAX_EMAIL_LENGTH, PASSWORD_LENGTH, USERNAME_PATTERN, type User } from '../domain/user.ts';

const username = z
  .string()
  .regex(USERNAME_PATTERN, 'takes 3 to 30 letters, digits, dots, dashes and underscores')
  .meta({ example: 'ada' });
const email = z.email().max(MAX_EMAIL_LENGTH).meta({ example: 'ada@example.com' });
const name = singleLineText(100).meta({ example: 'Ada Lovelace' });

export const bio = multiLineText(1_000);

export const newPassword = z
  .string()
  .min(PASSWORD_LENGTH.least)
  .max(PASSWORD_LENGTH.most)
  .meta({ format: 'password', example: 'correct horse battery' });

/** Any text is an id that might exist: what is none of ours is simply not found. */
export const userParams = z.strictObject({ id: z.string() });

export const newUserBody = z
  .strictObject({ username, email, password: newPassword, name: name.optional() })
  .meta({ id: 'NewUser' });

export const userBody = z
  .strictObject({ username, email, name: name.optional() })
  .meta({ id: 'UserReplacement' });

export const userChanges = z.strictObject({
  username: username.optional(),
  email: email.optional(),
  name: name.optional(),
});

export const userPatch = userChanges
  .refine((changes) => Object.keys(changes).length > 0, 'name at least one field to change')
  .meta({ id: 'UserChanges' });

const publicFields = {
  id: z.string().meta({ example: '6745c1f2a4b8d91e3c7f5a02' }),
  _id: z.string().meta({ description: 'The same as id' }),
  username: z.string(),
  name: z.string(),
};
const times = { createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };

export const userView = z
  .strictObject({
    ...publicFields,
    email: z
      .string()
      .optional()
      .meta({ description: 'For the user, for administrators and for services only' }),
    ...times,
  })
  .meta({ id: 'User' });

/** The public data of a user. */
export function toPublicUserView({
  id,
  username,
  name,
  createdAt,
  updatedAt,
}: User): z.input<typeof userView> {
  return {
    id,
    _id: id,
    username,
    name,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** What the user, an administrator or a service may know. */
export function toPrivateUserView(user: User): z.input<typeof userView> & { email: string } {
  const { createdAt, updatedAt, ...about } = toPublicUserView(user);
  return { ...about, email: user.email, createdAt, updatedAt };
}
