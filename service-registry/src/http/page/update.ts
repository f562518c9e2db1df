import { z } from 'zod';
import type { PageUpdate } from '../../../assets/update-stream.js';

const liveValue = z.tuple([z.string(), z.int()]);

/** An update that the page's script applies. Everything under `html` and `parts` is escaped HTML. */
export const pageUpdateSchema = z
  .object({
    now: z.int().meta({ description: 'The registry’s clock, in milliseconds since 1970' }),
    title: z.string(),
    parts: z.record(z.string(), z.string()).meta({ description: 'New contents of elements, by their ids' }),
    services: z
      .array(z.object({ service: z.string(), html: z.string() }))
      .meta({ description: 'Headings of new and changed services' }),
    rows: z
      .array(z.object({ service: z.string(), key: z.string(), html: z.string() }))
      .meta({ description: 'New and changed instances' }),
    gone: z.array(z.string()).meta({ description: 'Keys of removed instances' }),
    signs: z.array(z.tuple([z.string(), z.int().nullable(), z.array(liveValue.nullable())])).meta({
      description: 'By key: the last heartbeat, and the last observation of each check with its time',
    }),
    said: z.array(z.string()).meta({ description: 'Texts for screen readers' }),
  })
  .meta({ id: 'PageUpdate' }) satisfies z.ZodType<PageUpdate>;

export type { PageUpdate };
