import { isFree } from '../process/port.ts';
import { serverKinds } from '../servers/kinds.ts';
import { discoverServices } from '../services/services.ts';
import type { Finding } from './finding.ts';

/** Whether everyone's customary port is free; `running` is the process id of an npm start that has them. */
export async function examinePorts(running: number | undefined): Promise<Finding> {
  const wanted: [string, number][] = (await discoverServices()).flatMap(
    ({ name, port, adminPort }): [string, number][] => [
      [name, port],
      ...(adminPort === undefined ? [] : [[`${name}, admin`, adminPort] satisfies [string, number]]),
    ],
  );
  for (const { title, customaryPorts } of Object.values(serverKinds)) {
    for (const port of Object.values(customaryPorts)) wanted.push([title, port]);
  }
  const taken: string[] = [];
  for (const [name, port] of wanted) if (!(await isFree(port))) taken.push(`${port} (${name})`);

  const subject = 'ports';
  if (taken.length === 0) return { subject, state: 'ok', text: `all ${wanted.length} are free` };
  if (running !== undefined) return { subject, state: 'ok', text: `in use by npm start, process ${running}` };
  const remedy = 'npm start takes the next free ones and prints them.';
  return { subject, state: 'taken', text: taken.join(', '), remedy };
}
