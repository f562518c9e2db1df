import { z } from 'zod';
import type { PageUpdate } from '../../../assets/update-stream.js';

const liveValue = z.tuple([z.string(), z.int()]);

/** What the page's script does to the page. Everything under `html` and `parts` is HTML, escaped already. */
export const pageUpdateSchema = z
  .object({
    now: z.int().meta({ description: 'The registry’s clock, in milliseconds since 1970' }),
    title: z.string(),
    parts: z.record(z.string(), z.string()).meta({ description: 'New contents of elements, by their ids' }),
    services: z
      .array(z.object({ service: z.string(), html: z.string() }))
      .meta({ description: 'Headings of services that came or changed' }),
    rows: z
      .array(z.object({ service: z.string(), key: z.string(), html: z.string() }))
      .meta({ description: 'Instances that came or changed' }),
    gone: z.array(z.string()).meta({ description: 'Keys of the instances that went' }),
    signs: z
      .array(z.tuple([z.string(), z.int().nullable(), z.array(liveValue.nullable())]))
      .meta({ description: 'By key: the last heartbeat, and of each check what was seen and when' }),
    said: z.array(z.string()).meta({ description: 'What is told to those who cannot see it' }),
  })
  .meta({ id: 'PageUpdate' }) satisfies z.ZodType<PageUpdate>;

export type { PageUpdate };
