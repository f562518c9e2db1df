import { runService } from '@plaza/service-kit';
import { createApp } from './app.ts';
import { config } from './config.ts';

await runService(config, createApp);
