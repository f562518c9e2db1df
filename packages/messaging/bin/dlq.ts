#!/usr/bin/env node
import { processTerminal } from '../src/tools/command.ts';
import { dlqCommand } from '../src/tools/dlq-command.ts';

process.exitCode = await dlqCommand(process.argv.slice(2), processTerminal());
