import { describe, expect, test } from '@jest/globals';
import {
  markUserDeleted,
  updateProfile,
  normalizeKey,
  registerUser,
  changePassword,
  toUserId,
} from '../src/domain/user.ts';

const born = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

const registration = {
  id: toUserId('u1'),
  username: 'Ada',
  email: 'ada@example.com',
  passwordHash: 'hash',
  admin: false,
};
const { state: ada } = registerUser({ ...registration, name: 'Ada Lovelace' }, born);

describe('registering', () => {
  test('tells the others who came', () => {
    expect(registerUser({ ...registration, name: 'Ada Lovelace' }, born).events).toEqual([
      {
        eventType: 'user.created',
        data: { userId: 'u1', username: 'Ada', email: 'ada@example.com', name: 'Ada Lovelace' },
      },
    ]);
  });

  test('takes the username as the name of a user without one', () => {
    expect(registerUser(registration, born).state.name).toBe('Ada');
  });
});

describe('changing details', () => {
  test('tells the others how the user is called now, and what of it is new', () => {
    const { state, events } = updateProfile(ada, { email: 'countess@example.com', name: 'Ada King' }, later);
    expect(state).toMatchObject({ email: 'countess@example.com', name: 'Ada King', updatedAt: later });
    expect(events).toEqual([
      {
        eventType: 'user.updated',
        data: {
          userId: 'u1',
          username: 'Ada',
          email: 'countess@example.com',
          name: 'Ada King',
          changed: ['email', 'name'],
        },
      },
    ]);
  });

  test('is no change where nothing is different', () => {
    const change = updateProfile(ada, { name: ada.name, preferences: { theme: 'system' } }, later);
    expect(change.state).toBe(ada);
    expect(change.events).toEqual([]);
  });

  test.each([
    ['a bio', { bio: 'Wrote the first program.' }],
    ['preferences', { preferences: { notifications: { push: false } } }],
  ])('keeps %s between the user and this service', (_, details) => {
    const { state, events } = updateProfile(ada, details, later);
    expect(state).toMatchObject({ ...details, updatedAt: later });
    expect(events).toEqual([]);
  });

  test('leaves the preferences alone that are not named', () => {
    const { state } = updateProfile(ada, { preferences: { notifications: { push: false } } }, later);
    expect(state.preferences).toEqual({
      locale: 'en',
      theme: 'system',
      notifications: { email: true, push: false },
    });
  });
});

test('a new password makes logins under the old one recognisable', () => {
  const { state, events } = changePassword(ada, 'other hash', later);
  expect(state).toMatchObject({ passwordHash: 'other hash', passwordVersion: ada.passwordVersion + 1 });
  expect(events).toEqual([]);
});

test('the news of a deletion say nothing but who', () => {
  expect(markUserDeleted(ada).events).toEqual([{ eventType: 'user.deleted', data: { userId: 'u1' } }]);
});

test.each([
  ['Ada', 'ada'],
  ['ADA@Example.COM', 'ada@example.com'],
])('%s and %s are the same', (one, other) => {
  expect(normalizeKey(one)).toBe(normalizeKey(other));
});
