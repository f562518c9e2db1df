import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createHealthCheckRegistry, createLifecycle, runApp, type Component } from '@plaza/service-kit';
import { eventually } from '@plaza/local-stack/testing';
import { exampleApp } from './example-app.ts';
import { recordingLogger } from '@plaza/service-kit/testing';

function create(deadlineMs = 1_000) {
  const { logger, lines } = recordingLogger();
  const health = createHealthCheckRegistry({ service: 'example', version: '1' });
  return { lines, health, lifecycle: createLifecycle({ logger, health, drainMs: 0, deadlineMs }) };
}

function recorded(name: string, calls: string[]): Component {
  const record = (hook: string) => async () => void calls.push(`${hook} ${name}`);
  return {
    name,
    start: record('start'),
    onReady: record('announce'),
    onDrain: record('drain'),
    onStopped: record('settle'),
    close: record('close'),
  };
}

describe('the lifecycle', () => {
  test('goes up in order and down in the reverse order, requests first', async () => {
    const calls: string[] = [];
    const { lifecycle } = create();
    lifecycle.add(recorded('a', calls));
    lifecycle.add(recorded('b', calls));
    await lifecycle.start();
    await lifecycle.stop(async () => void calls.push('http'));
    expect(calls).toEqual([
      'start a',
      'start b',
      'announce a',
      'announce b',
      'drain b',
      'drain a',
      'http',
      'settle b',
      'settle a',
      'close b',
      'close a',
    ]);
  });

  test('is ready when all has started, and no more once it stops', async () => {
    const { lifecycle, health } = create();
    const dependency = Promise.withResolvers<void>();
    lifecycle.add({ name: 'late', start: () => dependency.promise });
    const started = lifecycle.start();
    expect(await health.ready()).toEqual({ ready: false, reasons: ['starting'] });
    dependency.resolve();
    await started;
    expect(await health.ready()).toEqual({ ready: true, reasons: [] });
    await lifecycle.stop(async () => {
      expect(await health.ready()).toEqual({ ready: false, reasons: ['draining'] });
    });
    expect.assertions(3);
  });

  test('stops the others where one fails to stop', async () => {
    const { lifecycle, lines } = create();
    const calls: string[] = [];
    lifecycle.add(recorded('a', calls));
    lifecycle.add({ name: 'b', close: () => Promise.reject(new Error('stuck')) });
    expect(await lifecycle.stop(async () => undefined)).toBe(true);
    expect(calls).toContain('close a');
    expect(lines).toMatchObject([
      { event: 'component_stop_failed', fields: { component: 'b', hook: 'close' } },
    ]);
  });

  test('gives up on what does not end', async () => {
    const { lifecycle } = create(50);
    lifecycle.add({ name: 'endless', onStopped: () => wait(60_000, undefined, { ref: false }) });
    expect(await lifecycle.stop(async () => undefined)).toBe(false);
  });

  test('stops in the middle of a start', async () => {
    const { lifecycle } = create();
    const calls: string[] = [];
    lifecycle.add({
      name: 'never there',
      start: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      onReady: async () => void calls.push('announce'),
    });
    const started = lifecycle.start();
    await lifecycle.stop(async () => undefined);
    await started;
    expect(calls).toEqual([]);
  });
});

test('a running app answers the request under way before it stops', async () => {
  const { chassis } = exampleApp();
  const underWay = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const running = await runApp(chassis, (_request, response) => {
    underWay.resolve();
    void answer.promise.then(() => response.end('done'));
  });
  const response = fetch(`http://127.0.0.1:${running.port}/`);
  await underWay.promise;
  const stopped = running.stop();
  await eventually(() => refused(running.port));
  answer.resolve();
  expect(await (await response).text()).toBe('done');
  expect(await stopped).toBe(true);
});

/** Rejects while the port still takes connections. */
function refused(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      reject(new Error(`port ${port} takes connections`));
    });
    socket.once('error', () => resolve());
  });
}
