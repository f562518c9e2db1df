/**
 * npm run seed
 *
 * Loads a small marketplace through the public API, at PLAZA_URL or http://localhost:3000. What is there already
 * stays as it is.
 */
import { gatewayAt } from './gateway.ts';
import { loadMarketplace, type Loaded, type Tally } from './load.ts';
import { PASSWORD, people } from './marketplace.ts';
import { explained, SeedStopped } from './seed-stopped.ts';

function story(url: string, { people: persons, posts, orders, ends }: Loaded): string {
  const named = people.map(({ username }) => username).join(', ');
  const [first] = people;
  const login = JSON.stringify({ login: first?.username, password: PASSWORD });
  const ended = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
  return [
    `people  ${told(persons)}: ${named}`,
    `posts   ${told(posts)}: ${url}/api/posts`,
    `orders  ${told(orders)}: ${ended.sort().join(', ')}`,
    '',
    `All of them have the password ${PASSWORD}. Log in as one:`,
    `  curl -s ${url}/api/auth/login -H 'Content-Type: application/json' -d '${login}'`,
    '',
  ].join('\n');
}

function told({ made, there }: Tally): string {
  if (there === 0) return `${made} made`;
  return made === 0 ? `${there} already there` : `${made} made, ${there} already there`;
}

const url = (process.env['PLAZA_URL'] ?? 'http://localhost:3000').replace(/\/$/, '');
try {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new SeedStopped(`PLAZA_URL is no address: ${url}. Write http://localhost:3000.`);
  process.stdout.write(story(url, await loadMarketplace(explained(gatewayAt(url), url))));
} catch (error) {
  if (!(error instanceof SeedStopped)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
