import { StackError } from './stack-error.ts';

/** Each command's module is loaded when it is run. A command answers its exit status. */
const commands: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  test: async () => (await import('./commands/test.ts')).test,
};

const usage = `Usage: npm run <command>, or npm start, npm test
  start    everything without Docker     (npm start -- --help)
  test     all checks, then all tests    (npm test -- users-service)
`;

/** EX_USAGE of sysexits.h. */
const wrongUsage = 64;

// bin/plaza.mjs has been killed: end, and with this process all that it started.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (load === undefined) {
  process.stderr.write(`${name ? `There is no command ${name}.` : 'Which command?'}\n\n${usage}`);
  process.exitCode = wrongUsage;
} else {
  try {
    const command = await load();
    process.exitCode = await command(args);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
