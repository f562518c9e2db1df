import { describe, expect, test } from '@jest/globals';
import { Conflict, isPlazaError, NotFound } from '@plaza/errors';

class OutOfStock extends Conflict {
  static override readonly code = 'out_of_stock';
  static override readonly title = 'Out of stock';
}

describe('PlazaError', () => {
  test('takes code, kind and title from its class', () => {
    const error = new OutOfStock('2 wanted, 1 left', { extensions: { wanted: 2, left: 1 } });
    expect(error).toMatchObject({
      name: 'OutOfStock',
      kind: 'conflict',
      code: 'out_of_stock',
      title: 'Out of stock',
      message: '2 wanted, 1 left',
      details: { extensions: { wanted: 2, left: 1 } },
    });
  });

  test('says its title where no message is given', () => {
    expect(new NotFound().message).toBe('Not found');
  });

  test('keeps its cause', () => {
    const cause = new Error('deeper');
    expect(new NotFound('gone', { cause }).cause).toBe(cause);
  });

  test.each([new Error('x'), undefined, { kind: 'conflict', code: 'x', title: 'x', details: {} }])(
    'is told apart from what is none: %p',
    (value) => {
      expect(isPlazaError(value)).toBe(false);
    },
  );

  test('is recognised by its shape', () => {
    expect(isPlazaError(new OutOfStock())).toBe(true);
  });
});
