import { MixedCurrencies, TotalTooLarge } from './money.errors.ts';

/** An amount in the currency's minor units (1250 is 12.50 EUR) and its ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** What some pieces of something cost, and others of other things. */
export interface PricedLine {
  readonly unitPrice: Money;
  readonly quantity: number;
}

/**
 * The sum of at least one line.
 * @throws {MixedCurrencies} {TotalTooLarge} beyond what a number holds exactly.
 */
export function calculateTotal(lines: readonly PricedLine[]): Money {
  const currencies = [...new Set(lines.map(({ unitPrice }) => unitPrice.currency))];
  const [currency, ...others] = currencies;
  if (currency === undefined) throw new RangeError('The sum of nothing has no currency.');
  if (others.length > 0) throw new MixedCurrencies(currencies);
  const amount = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice.amount * quantity, 0);
  if (!Number.isSafeInteger(amount)) throw new TotalTooLarge();
  return { amount, currency };
}
