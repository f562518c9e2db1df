import cluster from 'node:cluster';
import { chassisOrExit, runProcess } from '@plaza/service-kit';
import { createApp } from './app.ts';
import { configSchemaWith } from './config.ts';
import { readOwnPlugins } from './plugins/own-plugins.ts';
import { joinFleet } from './workers/fleet.ts';
import { runPrimary } from './workers/primary.ts';

const own = await readOwnPlugins(process.env['GATEWAY_PLUGINS']);
const chassis = chassisOrExit(configSchemaWith(own));
const { GATEWAY_WORKERS: count, STOP_DEADLINE_MS: deadlineMs } = chassis.config;

if (cluster.isPrimary && count > 1) runPrimary({ logger: chassis.logger, count, deadlineMs });
else await runProcess(chassis, createApp(chassis, joinFleet()));
