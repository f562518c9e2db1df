import { isPortFree } from '../process/free-port.ts';
import { serverTypes } from '../servers/server-types.ts';
import { discoverServices } from '../services/services.ts';
import type { Diagnostic } from './diagnostic.ts';

/** Whether the default ports are free; `running` is the process id of an npm start that uses them. */
export async function checkPorts(running: number | undefined): Promise<Diagnostic> {
  const wanted: [string, number][] = (await discoverServices()).flatMap(
    ({ name, port, adminPort }): [string, number][] => [
      [name, port],
      ...(adminPort === undefined ? [] : [[`${name}, admin`, adminPort] satisfies [string, number]]),
    ],
  );
  for (const { title, defaultPorts } of Object.values(serverTypes)) {
    for (const port of Object.values(defaultPorts)) wanted.push([title, port]);
  }
  const taken: string[] = [];
  for (const [name, port] of wanted) if (!(await isPortFree(port))) taken.push(`${port} (${name})`);

  const subject = 'ports';
  if (taken.length === 0) return { subject, state: 'ok', text: `all ${wanted.length} are free` };
  if (running !== undefined) return { subject, state: 'ok', text: `in use by npm start, process ${running}` };
  const remedy = 'npm start uses the next free ports and prints them.';
  return { subject, state: 'taken', text: taken.join(', '), remedy };
}
