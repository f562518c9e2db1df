import { describe, expect, test } from '@jest/globals';
import { redact } from '@plaza/service-kit';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl';

describe('redact', () => {
  test.each([
    'password',
    'currentPassword',
    'accessToken',
    'refresh_token',
    'token',
    'Authorization',
    'cookie',
    'clientSecret',
    'apiKey',
    'x-api-key',
    'JWT_PRIVATE_KEY',
  ])('hides what is kept as %s', (name) => {
    expect(redact({ deep: { [name]: 'hunter2' } })).toEqual({ deep: { [name]: '[redacted]' } });
  });

  test.each(['tokenType', 'passwordless', 'username', 'key'])('shows what is kept as %s', (name) => {
    expect(redact({ [name]: 'Bearer' })).toEqual({ [name]: 'Bearer' });
  });

  test.each([
    [`sent Bearer ${JWT}`, 'sent Bearer [redacted]'],
    [`a token ${JWT} in a text`, 'a token [redacted] in a text'],
    ['amqp://admin:s3cret@rabbitmq:5672', 'amqp://admin:[redacted]@rabbitmq:5672'],
    ['/reset?token=abc&next=/', '/reset?token=[redacted]&next=/'],
    ['/x?access_token=abc', '/x?access_token=[redacted]'],
  ])('hides secrets within a text: %s', (text, clean) => {
    expect(redact({ text })).toEqual({ text: clean });
  });

  test('keeps the stack and the message of an error', () => {
    const error = new Error(`refused ${JWT}`);
    expect(redact({ error })).toEqual({
      error: {
        name: 'Error',
        message: 'refused [redacted]',
        stack: expect.stringContaining('redact.test.ts'),
      },
    });
  });

  test('ends on a structure that contains itself', () => {
    const circle: Record<string, unknown> = {};
    circle['inner'] = circle;
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
  });
});
