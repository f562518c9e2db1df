import { runService } from '@plaza/service-kit';
import { createApp } from './app.ts';
import { configSchema } from './config.ts';

await runService(configSchema, (chassis) => createApp(chassis));
