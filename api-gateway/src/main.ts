import cluster from 'node:cluster';
import { chassisOrExit, runProcess } from '@plaza/service-kit';
import { createApp } from './app.ts';
import { configSchema } from './config.ts';
import { joinFleet } from './workers/fleet.ts';
import { runPrimary } from './workers/primary.ts';

const chassis = chassisOrExit(configSchema);
const { GATEWAY_WORKERS: count, STOP_DEADLINE_MS: deadlineMs } = chassis.config;

if (cluster.isPrimary && count > 1) runPrimary({ logger: chassis.logger, count, deadlineMs });
else await runProcess(chassis, createApp(chassis, joinFleet()));
