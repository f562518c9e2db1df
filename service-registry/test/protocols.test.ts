import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import type { Check, CheckStatus } from '../src/domain/check.ts';
import {
  createHeartbeatCheck,
  isPassing,
  INSTANCE_STATES,
  effectiveState,
  type Instance,
} from '../src/domain/instance.ts';
import { toConsulChecks } from '../src/http/consul/checks.ts';
import { toInstanceInfo } from '../src/http/eureka/instance-info.ts';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';
import { createDefinition } from './test-store.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, PROBE_EVERY_MS: '0' });
});
afterAll(() => registry.stop());

/** An instance as three protocols tell it. */
async function told(service: string, id: string) {
  const course = (await registry.http.get('/services').expect(200)).body.services;
  const consul = (await registry.http.get(`/v1/health/service/${service}`).expect(200)).body;
  const passing = (await registry.http.get(`/v1/health/service/${service}?passing`).expect(200)).body;
  const eureka = await registry.http.get(`/eureka/apps/${service}/${id}`).set('Accept', 'application/json');
  return {
    course: course.find(({ instanceId }: { instanceId: string }) => instanceId === id)?.state,
    consul: consul[0]?.Checks.map(({ CheckID, Status }: { CheckID: string; Status: string }) => [
      CheckID,
      Status,
    ]),
    passing: passing.length === 1,
    eureka: eureka.body.instance?.status,
  };
}

const byPlaza = (service: string, more: object = {}) =>
  registry
    .register(createRegistrationBody(service, 3001, { instanceId: `${service}-1`, ...more }))
    .expect(200);
const byConsul = (service: string, check: object = { TTL: '60s', Status: 'passing' }) =>
  registry.http
    .put('/v1/agent/service/register')
    .send({ Name: service, ID: `${service}-1`, Address: 'localhost', Port: 3001, Check: check })
    .expect(200);
const byEureka = (service: string, more: object = {}) =>
  registry.http
    .post(`/eureka/apps/${service}`)
    .send({
      instance: {
        app: service,
        instanceId: `${service}-1`,
        hostName: 'localhost',
        ipAddr: '127.0.0.1',
        port: 3001,
        dataCenterInfo: { name: 'MyOwn' },
        ...more,
      },
    })
    .expect(204);

describe('an instance is the same in all protocols', () => {
  test('registered by the courses’ calls', async () => {
    await byPlaza('course');
    expect(await told('course', 'course-1')).toEqual({
      course: 'up',
      consul: [['service:course-1', 'passing']],
      passing: true,
      eureka: 'UP',
    });
    await registry.http.post('/heartbeat/course').send({ state: 'draining' }).expect(200);
    expect(await told('course', 'course-1')).toEqual({
      course: 'draining',
      consul: [['service:course-1', 'critical']],
      passing: false,
      eureka: 'OUT_OF_SERVICE',
    });
  });

  test('with a health check as well', async () => {
    await byPlaza('healthy', { healthCheckUrl: 'http://localhost:3001/health' });
    expect(await told('healthy', 'healthy-1')).toMatchObject({
      consul: [
        ['service:healthy-1', 'passing'],
        ['service:healthy-1:health', 'passing'],
      ],
      passing: true,
    });
  });

  test('registered by Consul’s API', async () => {
    await byConsul('consul');
    await registry.http.put('/v1/agent/check/warn/service:consul-1').expect(200);
    expect(await told('consul', 'consul-1')).toEqual({
      course: 'up',
      consul: [['service:consul-1', 'warning']],
      passing: false,
      eureka: 'UP',
    });
    await registry.http.put('/v1/agent/check/fail/service:consul-1').expect(200);
    expect(await told('consul', 'consul-1')).toMatchObject({
      course: 'down',
      passing: false,
      eureka: 'DOWN',
    });
  });

  test('registered by Eureka’s API', async () => {
    await byEureka('eureka', { status: 'STARTING' });
    expect(await told('eureka', 'eureka-1')).toEqual({
      course: 'down',
      consul: [['service:eureka-1', 'critical']],
      passing: false,
      eureka: 'STARTING',
    });
    await byEureka('eureka', { status: 'UP' });
    expect(await told('eureka', 'eureka-1')).toMatchObject({ course: 'up', passing: true, eureka: 'UP' });
  });
});

describe('a protocol can change an instance of another protocol', () => {
  test('Consul’s maintenance, which survives heartbeats', async () => {
    await byPlaza('maintained');
    await registry.http.put('/v1/agent/service/maintenance/maintained-1?enable=true').expect(200);
    await byPlaza('maintained');
    expect(await told('maintained', 'maintained-1')).toEqual({
      course: 'draining',
      consul: [
        ['_service_maintenance:maintained-1', 'critical'],
        ['service:maintained-1', 'passing'],
      ],
      passing: false,
      eureka: 'OUT_OF_SERVICE',
    });
    await registry.http.delete('/eureka/apps/MAINTAINED/maintained-1/status').expect(200);
    expect(await told('maintained', 'maintained-1')).toMatchObject({ course: 'up', passing: true });
  });

  test('Eureka’s override, against the reported state', async () => {
    await byPlaza('forced', { state: 'draining' });
    await registry.http.put('/eureka/apps/FORCED/forced-1/status?value=UP').expect(200);
    expect(await told('forced', 'forced-1')).toEqual({
      course: 'up',
      consul: [['service:forced-1', 'passing']],
      passing: true,
      eureka: 'UP',
    });
  });

  test('unregistering', async () => {
    await byEureka('taken');
    await registry.http.put('/v1/agent/service/deregister/taken-1').expect(200);
    await registry.http.put('/eureka/apps/TAKEN/taken-1').expect(404);
    await byConsul('taken');
    await registry.http.delete('/unregister/taken').expect(200);
    await registry.http.put('/v1/agent/check/pass/service:taken-1').expect(404);
  });
});

test('in every condition of an instance, Consul’s checks pass exactly if it is passing, and Eureka’s status is its state', () => {
  const checkStatuses = [undefined, 'passing', 'warning', 'critical'] as const;
  const overrides = [undefined, ...INSTANCE_STATES] as const;
  let conditions = 0;
  for (const reportedState of INSTANCE_STATES) {
    for (const checkStatus of checkStatuses) {
      for (const overridden of overrides) {
        for (const protocol of ['plaza', 'eureka'] as const) {
          const instance = inCondition(reportedState, checkStatus, overridden, protocol);
          const allPass = toConsulChecks(instance).every(({ Status }) => Status === 'passing');
          expect([conditions, allPass]).toEqual([conditions, isPassing(instance)]);
          expect([conditions, toInstanceInfo(instance).status === 'UP']).toEqual([
            conditions,
            instance.state === 'up',
          ]);
          conditions += 1;
        }
      }
    }
  }
  expect(conditions).toBe(96);
});

function inCondition(
  reportedState: Instance['reportedState'],
  checkStatus: CheckStatus | undefined,
  overridden: Instance['state'] | undefined,
  protocol: Instance['protocol'],
): Instance {
  const checks: Check[] =
    checkStatus === undefined
      ? []
      : [
          {
            kind: 'ttl',
            id: 'c',
            name: 'c',
            initial: 'critical',
            ttlMs: 1,
            status: checkStatus,
            since: 0,
            output: '',
          },
        ];
  const override = overridden === undefined ? undefined : { state: overridden, reason: '', since: 0 };
  return {
    ...createDefinition('i-1', { protocol }),
    state: effectiveState({ reportedState, checkStates: checks, override }),
    reportedState,
    ...(override === undefined ? {} : { override }),
    checks: [createHeartbeatCheck(15_000, reportedState, 0), ...checks],
    incarnation: 0,
    registeredAt: 0,
    changedAt: 0,
    ttlMs: 15_000,
    createIndex: 1,
    modifyIndex: 1,
  };
}
