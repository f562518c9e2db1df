import { z } from 'zod';

export const moneyView = z
  .strictObject({
    amount: z.int().meta({ description: 'In minor units: 1250 is 12.50', example: 1250 }),
    currency: z.string().meta({ description: 'ISO 4217', example: 'EUR' }),
  })
  .meta({ id: 'Money' });
