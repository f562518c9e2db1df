import cluster from 'node:cluster';
import { createChassisOrExit, runProcess } from '@plaza/service-kit';
import { createApp } from './app.ts';
import { createConfigSchema } from './config.ts';
import { loadCustomPlugins } from './plugins/custom-plugins.ts';
import { joinCluster } from './cluster/worker.ts';
import { runPrimary } from './cluster/primary.ts';

const customPlugins = await loadCustomPlugins(process.env['GATEWAY_PLUGINS']);
const chassis = createChassisOrExit(createConfigSchema(customPlugins));
const { GATEWAY_WORKERS: count, STOP_DEADLINE_MS: deadlineMs } = chassis.config;

if (cluster.isPrimary && count > 1) runPrimary({ logger: chassis.logger, count, deadlineMs });
else await runProcess(chassis, createApp(chassis, joinCluster()));
