import { StackError } from './stack-error.ts';
import { StackUsageError } from './usage-error.ts';

/** Returns the exit status of the process; undefined if the process ends by itself. */
type Command = (args: readonly string[]) => Promise<number | undefined>;

/** The modules of a command are loaded when the command runs. */
const commands: Readonly<Record<string, Command>> = {
  start: async (args) => (await import('./commands/start.ts')).start(args),
  doctor: async () => (await import('./commands/doctor.ts')).doctor(),
  check: async () => ((await (await import('./commands/check.ts')).check()).length > 0 ? 1 : 0),
  test: async (args) => (await import('./commands/test.ts')).test(args),
  pacts: async () => (await import('./commands/pacts.ts')).pacts(),
  docs: (args) => script('tests/docs', 'generate', args),
  bench: ([name, ...args]) => script('tests/bench', name, args),
  seed: (args) => script('tests/seed', 'seed', args),
  gateway: (args) => script('api-gateway/src/cli', 'cli', args),
  events: (args) => script('packages/messaging/bin', 'events', args),
  dlq: (args) => script('packages/messaging/bin', 'dlq', args),
};

async function script(folder: string, name: string | undefined, args: readonly string[]): Promise<number> {
  return (await import('./commands/script.ts')).runScript(folder, name, args);
}

const usage = `Usage:
  npm start               everything without Docker (npm start -- --help)
  npm test                all checks, then all tests; npm test -- users-service: one part
  npm run check           types, lint, format, dead code
  npm run doctor          what is missing, taken or wrong, and how to mend it
  npm run pacts           writes what services ask of each other, as their contract tests say
  npm run docs            writes the pages that are made from code
  npm run bench -- NAME   a measurement
  npm run seed            fills a running Plaza with a small marketplace
  npm run gateway -- routes  what the gateway's file says, and whether it is valid
  npm run events -- tail  the events of a running Plaza, as they come
  npm run dlq -- list     what could not be handled, and why
`;

const exitStatus = { failure: 1, usage: 64 }; // EX_USAGE of sysexits.h

// bin/plaza.mjs has been killed: end this process and its descendants.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
// The reader of the output has ended: a pipe to head, a closed terminal.
process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'));

try {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new StackUsageError(name ? `There is no command ${name}.` : 'Which command?', usage);
  const status = await command(args);
  if (status !== undefined) process.exit(status);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  process.stderr.write(`${error.message}\n`);
  if (error instanceof StackUsageError) process.stderr.write(`\n${error.usage}`);
  process.exit(error instanceof StackUsageError ? exitStatus.usage : exitStatus.failure);
}
