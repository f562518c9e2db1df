import { describe, expect, test } from '@jest/globals';
import { decodeCursor, encodeCursor, pageQuery } from '@plaza/service-kit';
import { z } from 'zod';

const position = z.strictObject({ id: z.string() });

describe('a cursor', () => {
  test('comes back as it went out', () => {
    expect(decodeCursor(position, encodeCursor({ id: 'ä/1' }))).toEqual({ id: 'ä/1' });
  });

  test.each(['', 'nonsense', encodeCursor({ id: { $gt: '' } }), encodeCursor([1])])(
    'that is not ours is refused: %j',
    (cursor) => {
      expect(() => decodeCursor(position, cursor)).toThrow('The cursor is not one of ours.');
    },
  );
});

describe('a page', () => {
  test('has 20 items where nothing is said', () => {
    expect(pageQuery.parse({})).toEqual({ limit: 20 });
  });

  test.each(['0', '101', '-1', 'x', '1.5'])('of %s items is refused', (limit) => {
    expect(pageQuery.safeParse({ limit }).success).toBe(false);
  });
});
