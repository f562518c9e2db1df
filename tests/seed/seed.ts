/**
 * npm run seed
 *
 * Loads sample data through the public API, at PLAZA_URL or http://localhost:3000. Existing data
 * stays unchanged.
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
    `users   ${formatCount(persons)}: ${named}`,
    `posts   ${formatCount(posts)}: ${url}/api/posts`,
    `orders  ${formatCount(orders)}: ${ended.sort().join(', ')}`,
    '',
    `All users have the password ${PASSWORD}. To log in as one:`,
    `  curl -s ${url}/api/auth/login -H 'Content-Type: application/json' -d '${login}'`,
    '',
  ].join('\n');
}

function formatCount({ created, existing }: SeedCount): string {
  if (existing === 0) return `${created} created`;
  return created === 0 ? `${existing} exist` : `${created} created, ${existing} exist`;
}

const url = (process.env['PLAZA_URL'] ?? 'http://localhost:3000').replace(/\/$/, '');
try {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new SeedError(`PLAZA_URL is not a URL: ${url}. Example: http://localhost:3000.`);
  process.stdout.write(
    formatSummary(url, await loadMarketplace(withSeedErrors(createGatewayClient(url), url))),
  );
} catch (error) {
  if (!(error instanceof SeedError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
