import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { exampleApp } from './example-app.ts';

function healthy(
  ...checks: { name: string; group: string; required: boolean; affectsReadiness?: boolean; fails?: string }[]
) {
  const { app, chassis } = exampleApp();
  chassis.health.setNotReady(undefined);
  for (const { fails, ...about } of checks) {
    chassis.health.add({
      ...about,
      check: () => (fails === undefined ? Promise.resolve({ seen: 1 }) : Promise.reject(new Error(fails))),
    });
  }
  return request(app);
}

describe('GET /health', () => {
  test('tells a person everything', async () => {
    const response = await healthy({ name: 'storage', group: 'database', required: true }).get('/health');
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      status: 'healthy',
      timestamp: expect.any(String),
      service: 'example',
      version: '1.0.0',
      checks: {
        database: {
          status: 'healthy',
          storage: { status: 'healthy', seen: 1, latencyMs: expect.any(Number) },
        },
        externalServices: { status: 'healthy' },
        system: { status: 'healthy', process: { uptimeSeconds: expect.any(Number) } },
      },
    });
  });

  test('is a 503 that names what is wrong', async () => {
    const response = await healthy({
      name: 'storage',
      group: 'database',
      required: true,
      fails: 'disk full',
    }).get('/health');
    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({
      status: 'unhealthy',
      checks: { database: { storage: { error: 'disk full' } } },
    });
  });

  test('takes checks of any group', async () => {
    const response = await healthy({ name: 'printer', group: 'office', required: false }).get('/health');
    expect(response.body.checks.office).toMatchObject({ status: 'healthy', printer: { status: 'healthy' } });
  });

  test('stays healthy where only something optional is away', async () => {
    const response = await healthy({ name: 'cache', group: 'database', required: false, fails: 'away' }).get(
      '/health',
    );
    expect(response.status).toBe(200);
    expect(response.body.checks.database.status).toBe('unhealthy');
  });
});

describe('GET /health/ready', () => {
  test('asks required checks alone', async () => {
    const response = await healthy(
      { name: 'storage', group: 'database', required: true },
      { name: 'other', group: 'externalServices', required: false, fails: 'away' },
    ).get('/health/ready');
    expect(response.status).toBe(200);
  });

  test('says why not', async () => {
    const response = await healthy({ name: 'storage', group: 'database', required: true, fails: 'away' }).get(
      '/health/ready',
    );
    expect([response.status, response.body]).toEqual([
      503,
      { status: 'not ready', reasons: ['storage: away'] },
    ]);
  });

  test('stays where a check says that part of the work goes on, and /health does not', async () => {
    const away = {
      name: 'storage',
      group: 'database',
      required: true,
      affectsReadiness: false,
      fails: 'away',
    };
    expect((await healthy(away).get('/health/ready')).status).toBe(200);
    expect((await healthy(away).get('/health')).status).toBe(503);
  });

  test('is not given before the start has ended', async () => {
    const { app } = exampleApp();
    expect((await request(app).get('/health/ready')).body.reasons).toEqual(['starting']);
  });
});

test('GET /health/live answers whatever is wrong', async () => {
  const response = await healthy({ name: 'storage', group: 'database', required: true, fails: 'away' }).get(
    '/health/live',
  );
  expect(response.status).toBe(200);
});
