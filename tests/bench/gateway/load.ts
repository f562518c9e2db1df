import { Agent, get } from 'node:http';

const CONNECTIONS = 32;

/** Keeps so many connections busy for so long; answers how many requests that were. @throws at an answer but 200. */
export async function drive(url: string, token: string, milliseconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { Authorization: `Bearer ${token}`, 'User-Agent': 'bench' };
  const until = performance.now() + milliseconds;
  let requests = 0;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url} answers ${response.statusCode}`));
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  const connection = async () => {
    for (; performance.now() < until; requests += 1) await one();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return requests;
}
