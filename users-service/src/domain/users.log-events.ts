import { logEvent } from '@plaza/errors';

export const adminPromotionRefused = logEvent({
  event: 'admin_promotion_refused',
  level: 'warn',
  message: 'ADMIN_EMAIL belongs to a user with another password; that user does not become an administrator',
  fields: { userId: 'id of the user' },
});

export const refreshTokenReused = logEvent({
  event: 'refresh_token_reused',
  level: 'warn',
  message: 'A refresh token was used twice and may be stolen; its session has ended',
  fields: { sessionId: 'id of the session' },
});

export const loginLimitDegraded = logEvent({
  event: 'login_limit_degraded',
  level: 'warn',
  message: 'Redis does not count failed logins; each process counts its own',
  fields: { error: 'what failed' },
});

export const loginLimitRestored = logEvent({
  event: 'login_limit_restored',
  level: 'info',
  message: 'Redis counts failed logins again',
  fields: {},
});
