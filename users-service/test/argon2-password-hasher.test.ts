import { describe, expect, test } from '@jest/globals';
import { createBulkhead, createResilienceMetrics } from '@plaza/resilience';
import { createMetrics } from '@plaza/service-kit';
import { createPasswordHasher } from '../src/crypto/argon2-password-hasher.ts';
import { measureFastest } from './fixture.ts';

const metrics = createResilienceMetrics(createMetrics({ service: 'test', version: '1' }).registry);
const createTestBulkhead = (limit: number, queue: number) =>
  createBulkhead({ name: 'hashes', metrics, limit, queue });
const passwords = createPasswordHasher({ bulkhead: createTestBulkhead(2, 100) });

describe('hashing', () => {
  test('is argon2id at 19 MiB and two passes, in the PHC string format', async () => {
    expect(await passwords.hash('secret')).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test('gives the same password another hash each time', async () => {
    expect(await passwords.hash('secret')).not.toBe(await passwords.hash('secret'));
  });
});

describe('verifying', () => {
  test('knows the right password from a wrong one', async () => {
    const hash = await passwords.hash('secret');
    expect(await passwords.verify('secret', hash)).toBe(true);
    expect(await passwords.verify('Secret', hash)).toBe(false);
  });

  test('reads what the reference implementation wrote', async () => {
    // test.c of https://github.com/P-H-C/phc-winner-argon2: version 0x13, argon2id, t=2, m=2^16, p=1.
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await passwords.verify('password', hash)).toBe(true);
    expect(passwords.isOutdated(hash)).toBe(true);
  });

  test('takes a character for the same however it is composed', async () => {
    expect(await passwords.verify('cafe\u0301', await passwords.hash('caf\u00e9'))).toBe(true);
  });

  test('takes as long without a hash as with one', async () => {
    const hash = await passwords.hash('secret');
    const [withHash = NaN, withoutHash = NaN] = await measureFastest(
      () => passwords.verify('wrong', hash),
      () => passwords.verify('wrong', undefined),
    );
    expect(withoutHash).toBeGreaterThan(withHash / 3);
    expect(withoutHash).toBeLessThan(withHash * 3);
  });

  test('turns people away in words when too many wait', async () => {
    const narrow = createPasswordHasher({ bulkhead: createTestBulkhead(1, 1) });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((password) => narrow.hash(password)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { kind: 'unavailable', details: { retryAfter: 1 } } });
  });
});
