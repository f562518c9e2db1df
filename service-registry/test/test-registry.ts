import { createChassis, readConfig, runApp } from '@plaza/service-kit';
import request from 'supertest';
import { createApp } from '../src/app.ts';
import { config } from '../src/config.ts';
import { eventually } from '@plaza/local-stack/testing';

const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

export interface TestRegistry {
  readonly url: string;
  /** supertest for it. */
  readonly http: ReturnType<typeof request>;
  register(body: object): request.Test;
  stop(): Promise<void>;
}

/** A listening registry in this process. Short intervals of expiration and polls keep tests fast. */
export async function startRegistry(
  env: { REDIS_URL: string; [name: string]: string },
  { until = 'ready' }: { until?: 'ready' | 'live' } = {},
): Promise<TestRegistry> {
  const settings = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DRAIN_MS: '0',
    SWEEP_MS: '10',
    POLL_MS: '20',
  };
  const chassis = createChassis(readConfig(config, { ...settings, ...env }), silent);
  const running = await runApp(chassis, createApp(chassis));
  const url = `http://127.0.0.1:${running.port}`;
  const http = request(url);
  await eventually(async () => http.get(`/health/${until}`).expect(200));
  return {
    url,
    http,
    register: (body) => http.post('/register').send(body),
    stop: async () => {
      await running.stop();
    },
  };
}

export const createRegistrationBody = (service: string, port: number, more: object = {}) => ({
  serviceName: service,
  serviceUrl: `http://localhost:${port}`,
  ...more,
});
