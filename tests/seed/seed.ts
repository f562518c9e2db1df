/**
 * npm run seed
 *
 * Loads a small marketplace through the public API, at PLAZA_URL or http://localhost:3000. What is there already
 * stays as it is.
 */
import { createGatewayClient } from './gateway-client.ts';
import { loadMarketplace, type SeedResult, type SeedCount } from './load-marketplace.ts';
import { PASSWORD, people } from './seed-data.ts';
import { withSeedErrors, SeedError } from './seed-error.ts';

function formatSummary(url: string, { people: persons, posts, orders, ends }: SeedResult): string {
  const named = people.map(({ username }) => username).join(', ');
  const [first] = people;
  const login = JSON.stringify({ login: first?.username, password: PASSWORD });
  const ended = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
  return [
    `people  ${formatCount(persons)}: ${named}`,
    `posts   ${formatCount(posts)}: ${url}/api/posts`,
    `orders  ${formatCount(orders)}: ${ended.sort().join(', ')}`,
    '',
    `All of them have the password ${PASSWORD}. Log in as one:`,
    `  curl -s ${url}/api/auth/login -H 'Content-Type: application/json' -d '${login}'`,
    '',
  ].join('\n');
}

function formatCount({ created, existing }: SeedCount): string {
  if (existing === 0) return `${created} made`;
  return created === 0 ? `${existing} already there` : `${created} made, ${existing} already there`;
}

const url = (process.env['PLAZA_URL'] ?? 'http://localhost:3000').replace(/\/$/, '');
try {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new SeedError(`PLAZA_URL is no address: ${url}. Write http://localhost:3000.`);
  process.stdout.write(
    formatSummary(url, await loadMarketplace(withSeedErrors(createGatewayClient(url), url))),
  );
} catch (error) {
  if (!(error instanceof SeedError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
