import { z } from 'zod';
import { THEMES } from '../domain/preferences.ts';
import { PASSWORD_LENGTH, type User } from '../domain/user.ts';
import { bio, newPassword, toPrivateUserView, userChanges, userView } from './user.schemas.ts';

const locale = z
  .string()
  .max(35)
  .transform((tag, context) => {
    try {
      const [canonical] = Intl.getCanonicalLocales(tag);
      if (canonical !== undefined) return canonical;
    } catch {
      // A RangeError: the tag is malformed.
    }
    context.addIssue('must be a BCP 47 language tag, like en-GB');
    return z.NEVER;
  })
  .meta({ example: 'en-GB' });

export const preferencesBody = z
  .strictObject({
    locale: locale.optional(),
    theme: z.enum(THEMES).optional(),
    notifications: z.strictObject({ email: z.boolean().optional(), push: z.boolean().optional() }).optional(),
  })
  .meta({ id: 'PreferenceChanges' });

export const preferencesView = z
  .strictObject({
    locale: z.string(),
    theme: z.enum(THEMES),
    notifications: z.strictObject({ email: z.boolean(), push: z.boolean() }),
  })
  .meta({ id: 'Preferences' });

export const profileBody = z
  .strictObject({ ...userChanges.shape, bio: bio.optional(), preferences: preferencesBody.optional() })
  .meta({ id: 'ProfileChanges' });

export const profileView = z
  .strictObject({ ...userView.shape, email: z.string(), bio: z.string(), preferences: preferencesView })
  .meta({ id: 'Profile' });

export const passwordBody = z
  .strictObject({ currentPassword: z.string().min(1).max(PASSWORD_LENGTH.most), newPassword })
  .meta({ id: 'PasswordChange' });

export function toProfileView(user: User): z.input<typeof profileView> {
  const { bio, preferences } = user;
  return { ...toPrivateUserView(user), bio, preferences };
}
