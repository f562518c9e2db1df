#!/usr/bin/env node
import { processTerminal } from '../src/tools/command.ts';
import { eventsCommand } from '../src/tools/events-command.ts';

process.exitCode = await eventsCommand(process.argv.slice(2), processTerminal());
