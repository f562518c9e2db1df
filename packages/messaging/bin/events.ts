#!/usr/bin/env node
import { createProcessContext } from '../src/tools/cli-runner.ts';
import { eventsCommand } from '../src/tools/events-command.ts';

process.exitCode = await eventsCommand(process.argv.slice(2), createProcessContext());
