import { z } from 'zod';
import { MAX_EMAIL_LENGTH, PASSWORD_LENGTH } from '../domain/user.ts';
import type { IssuedTokens } from '../domain/auth.service.ts';

const login = z.string().min(1).max(MAX_EMAIL_LENGTH);

/** People write what they sign in with under three names. */
export const loginBody = z
  .strictObject({
    login: login.optional().meta({ description: 'A username or an e-mail address', example: 'ada' }),
    username: login.optional().meta({ description: 'The same as login' }),
    email: login.optional().meta({ description: 'The same as login' }),
    password: z.string().min(1).max(PASSWORD_LENGTH.most).meta({ format: 'password' }),
  })
  .transform(({ login, username, email, password }, context) => {
    const [given, ...more] = [login, username, email].filter((name) => name !== undefined);
    if (given !== undefined && more.length === 0) return { login: given, password };
    context.issues.push({
      code: 'custom',
      path: ['login'],
      message: given === undefined ? 'is required' : 'is given more than once: as login, username or email',
      input: given,
    });
    return z.NEVER;
  })
  .meta({ id: 'Login' });

const refreshToken = z.string().min(1).max(1_000);

export const refreshBody = z.strictObject({ refreshToken }).meta({ id: 'Refresh' });

export const logoutBody = z
  .strictObject({ refreshToken: refreshToken.optional() })
  .optional()
  .meta({ id: 'Logout' });

export const tokensView = z
  .strictObject({
    accessToken: z.string(),
    refreshToken: z.string().meta({ description: 'Good for one use, which makes the next' }),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().meta({ description: 'Seconds that the access token lives', example: 900 }),
  })
  .meta({ id: 'Tokens' });

export function toTokensView(signedIn: IssuedTokens): z.input<typeof tokensView> {
  return { ...signedIn, tokenType: 'Bearer' };
}

export const jwksView = z
  .strictObject({ keys: z.array(z.looseObject({ kid: z.string() })) })
  .meta({ id: 'KeySet' });
