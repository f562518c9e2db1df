#!/usr/bin/env node
import { createProcessContext } from '../src/tools/cli-runner.ts';
import { dlqCommand } from '../src/tools/dlq-command.ts';

process.exitCode = await dlqCommand(process.argv.slice(2), createProcessContext());
