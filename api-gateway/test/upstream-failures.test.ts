import { once } from 'node:events';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startRawTcpServer } from './raw-tcp-server.ts';
import { startUnresponsiveServer } from './unresponsive-server.ts';
import { eventually } from '@plaza/local-stack/testing';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { freePort, startGateway, startUpstream, type Gateway } from './test-gateway.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A gateway before a users service at this address. */
async function before(usersUrl: string, environment: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await startGateway({ USERS_SERVICE_URL: usersUrl, ...environment });
  closing.push(gateway.stop);
  return gateway;
}

async function startBytes(connected: (socket: Socket) => void): Promise<string> {
  const { url, close } = await startRawTcpServer(connected);
  closing.push(close);
  return url;
}

const onRequest = (answer: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => answer(socket));

describe('a service', () => {
  test('whose configured address refuses the connection, and that is not registered, is not there: 503', async () => {
    const gateway = await before(`http://127.0.0.1:${await freePort()}`);
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.code]).toEqual([503, 'no_instance']);
    expect(response.body.message).toBe('users-service is not there: no instance of it is ready.');
    expect(response.get('Retry-After')).toBe('10');
  });

  test.each([
    ['closes without a word', (socket: Socket) => void socket.end()],
    ['resets the connection', (socket: Socket) => void socket.resetAndDestroy()],
    ['answers in another language', (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
    ['answers with a status that is none', (socket: Socket) => void socket.end('HTTP/1.1 099 No\r\n\r\n')],
    ['answers with half a header', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-')],
    [
      'answers with a header that is none',
      (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nA B: \u0001\r\n\r\n'),
    ],
    [
      'answers with two lengths',
      (socket: Socket) =>
        void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
    ],
    [
      'answers with a length and in chunks',
      (socket: Socket) =>
        void socket.end(
          'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        ),
    ],
    [
      'answers in line feeds',
      (socket: Socket) => void socket.end('HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
    ],
    ...['gzip, chunked', 'gzip', 'chunked, chunked', 'chunked\r\nTransfer-Encoding: chunked', 'xchunked'].map(
      (coding): [string, (socket: Socket) => void] => [
        `answers in the coding ${JSON.stringify(coding)}`,
        (socket) => void socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`),
      ],
    ),
    [
      'answers with endless headers',
      (socket: Socket) => void socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
    ],
    [
      'switches protocols unasked',
      (socket: Socket) => void socket.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'),
    ],
  ])('that %s is a 502', async (_name, answer) => {
    const gateway = await before(await startBytes(onRequest(answer)));
    const response = await request(gateway.url).post('/api/users').send({});
    expect([response.status, response.body.code]).toEqual([502, 'bad_gateway']);
    expect(response.body).toMatchObject({
      error: 'Bad gateway',
      message: expect.stringContaining('users-service'),
    });
  });

  test.each([
    ['HEAD', '200 OK'],
    ['GET', '204 No Content'],
    ['GET', '304 Not Modified'],
  ])(
    'that promises trailers where there can be none (%s, %s) is passed on without',
    async (method, status) => {
      const promise = `HTTP/1.1 ${status}\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const gateway = await before(await startBytes(onRequest((socket) => socket.end(promise))));
      const answer = await sendRaw(gateway.port, rawRequest(`${method} /api/users/1 HTTP/1.1`));
      expect(answer.status).toBe(Number(status.slice(0, 3)));
      expect(answer.head).not.toMatch(/^trailer/im);
    },
  );

  test('that says how long a 204 is, is passed on without: it has no body', async () => {
    const lengthy = 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n';
    const gateway = await before(await startBytes(onRequest((socket) => socket.end(lengthy))));
    const answer = await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1'));
    expect(answer.status).toBe(204);
    expect(answer.head).not.toMatch(/^content-length/im);
  });

  test('that goes on talking after its answer is not listened to', async () => {
    const chatty = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 And so on\r\n\r\n';
    const gateway = await before(await startBytes(onRequest((socket) => void socket.write(chatty))));
    for (let times = 0; times < 3; times += 1) {
      const response = await request(gateway.url).get('/api/users/1');
      expect([response.status, response.text]).toEqual([200, 'ok']);
    }
  });

  test('that takes the request and says nothing is a 504', async () => {
    const gateway = await before(await startBytes(() => undefined), { UPSTREAM_HEADERS_MS: '50' });
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.code]).toEqual([504, 'gateway_timeout']);
    expect(response.body).toMatchObject({
      error: 'Gateway timeout',
      message: 'users-service did not answer in time.',
    });
  });

  test('that dribbles headers is as late as one that says nothing', async () => {
    const dribble = onRequest((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX: ');
      const drops = setInterval(() => socket.write('x'), 10);
      socket.once('close', () => clearInterval(drops));
    });
    const gateway = await before(await startBytes(dribble), { UPSTREAM_HEADERS_MS: '100' });
    expect((await request(gateway.url).get('/api/users/1')).status).toBe(504);
  });

  test('that does not take the connection in time is a 504', async () => {
    const unresponsive = await startUnresponsiveServer();
    closing.push(unresponsive.close);
    const gateway = await before(unresponsive.url, { UPSTREAM_CONNECT_MS: '50' });
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.message]).toEqual([
      504,
      'users-service did not take the connection in time.',
    ]);
  });

  test('that is late is let go of: its connection ends', async () => {
    const ended = Promise.withResolvers<void>();
    const url = await startBytes((socket) => void socket.resume().once('close', () => ended.resolve()));
    const gateway = await before(url, { UPSTREAM_HEADERS_MS: '50' });
    await request(gateway.url).get('/api/users/1');
    await ended.promise;
  });

  test('whose name cannot be found is not there: 503', async () => {
    const gateway = await before('http://no-such-host.invalid:3001');
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.code]).toEqual([503, 'no_instance']);
  });
});

describe('a kept connection that the service closes just when it is used again', () => {
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

  /** Answers the first request of each connection, and closes at the second. */
  const answerOnce = (socket: Socket) => {
    socket.once('data', () => {
      socket.write(OK);
      socket.once('data', () => socket.resetAndDestroy());
    });
  };

  test('is nothing to a client that reads: the request goes over another', async () => {
    const gateway = await before(await startBytes(answerOnce));
    for (let times = 0; times < 4; times += 1) {
      expect((await request(gateway.url).get('/api/users/1')).status).toBe(200);
    }
    expect(gateway.lines.filter(({ fields }) => 'retried' in fields).length).toBeGreaterThan(0);
  });

  test('is nothing to clients that read, whenever that is', async () => {
    const url = await startBytes((socket) => {
      socket.on('data', () => {
        socket.write(OK);
        setTimeout(() => socket.end(), 5);
      });
    });
    const gateway = await before(url);
    const statuses = new Set<number>();
    for (let times = 0; times < 100; times += 1) {
      await wait(times % 10);
      statuses.add((await request(gateway.url).get('/api/users/1')).status);
    }
    expect(statuses).toEqual(new Set([200]));
  });

  test('is a 502 for a write, since the instance may have read the request', async () => {
    const gateway = await before(await startBytes(answerOnce));
    const write = () => request(gateway.url).post('/api/users').send({});
    expect([(await write()).status, (await write()).status]).toEqual([200, 502]);
  });
});

describe('an open circuit that lets one call through', () => {
  /** A service that breaks five calls, and then says nothing; who asks it next is the trial. */
  async function onTrial() {
    const heard = Promise.withResolvers<void>();
    let calls = 0;
    const url = await startBytes((socket) => {
      socket.once('data', (bytes) => {
        // The gateway asks for ended logins as well.
        if (bytes.includes('/users/')) calls += 1;
        if (calls <= 5) socket.resetAndDestroy();
        else heard.resolve();
      });
    });
    const gateway = await before(url, { CIRCUIT_RESET_MS: '1' });
    for (let times = 0; times < 5; times += 1)
      expect((await request(gateway.url).get('/api/users/1')).status).toBe(502);
    // Requests before the half-open trial get circuit_open.
    for (;;) {
      const trial = http.get(`${gateway.url}/api/users/1`).on('error', () => undefined);
      const refused = new Promise<'refused'>((resolve) => {
        trial.once('response', (answer) => answer.resume() && resolve('refused'));
      });
      if ((await Promise.race([heard.promise, refused])) !== 'refused') return { gateway, trial };
    }
  }

  test('answers all other requests at once, without a wait for the trial', async () => {
    const { gateway, trial } = await onTrial();
    const answered: unknown[] = [];
    trial.once('response', (answer) => answered.push(answer));
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.code]).toEqual([503, 'circuit_open']);
    expect(answered).toEqual([]);
    trial.destroy();
  });

  test('is not closed by a client that goes away without an answer', async () => {
    const { gateway, trial } = await onTrial();
    const transitions = async (state: string) => {
      const { text: metrics } = await request(gateway.url).get('/metrics');
      const counted = new RegExp(`transitions_total\\{name="users-service",state="${state}".*\\} (\\d+)`);
      return Number(counted.exec(metrics)?.[1] ?? 0);
    };
    trial.destroy();
    await eventually(async () => expect(await transitions('OPEN')).toBe(2));
    expect(await transitions('CLOSED')).toBe(0);
  });
});

describe('an answer that has begun', () => {
  const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';

  test('and breaks off ends the client’s connection, so that half of it is not taken for the whole', async () => {
    const gateway = await before(await startBytes(onRequest((socket) => socket.end(half))));
    const answer = await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1'));
    expect(answer.body).toBe('half');
    await expect(fetch(`${gateway.url}/api/users/1`).then((response) => response.text())).rejects.toThrow();
  });

  test('in chunks is not brought to an end by the gateway either', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';
    const gateway = await before(await startBytes(onRequest((socket) => socket.end(chunked))));
    const answer = await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1'));
    expect(answer.body).toBe('4\r\nhalf\r\n');
  });

  test('and stops moving is cut off', async () => {
    const url = await startBytes(onRequest((socket) => void socket.write(half)));
    const gateway = await before(url, { UPSTREAM_IDLE_MS: '50' });
    const answer = await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1'));
    expect(answer.body).toBe('half');
  });

  test('and moves slowly is passed on to its end', async () => {
    async function* slowly() {
      for (const piece of '012345') {
        await wait(100);
        yield piece;
      }
    }
    const upstream = await startUpstream((_request, response) => {
      void pipeline(slowly, response);
    });
    closing.push(upstream.close);
    const gateway = await before(upstream.url, { UPSTREAM_IDLE_MS: '400', UPSTREAM_HEADERS_MS: '400' });
    expect((await request(gateway.url).get('/api/users/1')).text).toBe('012345');
  });

  test('and breaks off is the service’s doing in the log and in the metrics', async () => {
    const gateway = await before(await startBytes(onRequest((socket) => socket.end(half))));
    await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1'));
    await eventually(() => {
      const line = gateway.lines.find(({ event }) => event === 'response_sent');
      expect(line?.fields).toMatchObject({ status: 200, brokenOff: expect.any(String) });
    });
    const { text: metrics } = await request(gateway.url).get('/metrics');
    expect(metrics).toMatch(/duration_seconds_count\{.*route="users",status_code="200".*\} 1/);
  });
});

describe('a client', () => {
  test('that goes away takes its call to the service along', async () => {
    const [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const upstream = await startUpstream((_request, response) => {
      arrived.resolve();
      response.once('close', () => gone.resolve());
    });
    closing.push(upstream.close);
    const gateway = await before(upstream.url);
    const client = http.get(`${gateway.url}/api/users/1`).on('error', () => undefined);
    await arrived.promise;
    client.destroy();
    await gone.promise;
    await eventually(() => {
      expect(gateway.lines.find(({ event }) => event === 'response_sent')?.fields).toMatchObject({
        status: 499,
      });
    });
  });

  test('that goes away in the middle of a download takes it along', async () => {
    const gone = Promise.withResolvers<void>();
    const upstream = await startUpstream((_request, response) => {
      response.once('close', () => gone.resolve());
      response.write('begin');
    });
    closing.push(upstream.close);
    const gateway = await before(upstream.url);
    const client = http.get(`${gateway.url}/api/users/1`).on('error', () => undefined);
    const [answer] = await once(client, 'response');
    await once(answer, 'data');
    client.destroy();
    await gone.promise;
  });

  test('that goes away in the middle of an upload takes it along', async () => {
    const gone = Promise.withResolvers<void>();
    const upstream = await startUpstream((incoming) => {
      incoming.once('data', () => client.destroy());
      incoming.once('error', () => gone.resolve());
    });
    closing.push(upstream.close);
    const gateway = await before(upstream.url);
    const client = connect(gateway.port, '127.0.0.1');
    client.write(rawRequest('POST /api/users HTTP/1.1', 'Content-Length: 10') + 'half');
    await gone.promise;
  });

  test.each([
    ['in the middle of its body', 'half', { CLIENT_IDLE_MS: '50' }],
    ['before its body', '', { CLIENT_IDLE_MS: '50' }],
    ['in the middle of its body, to a service that waits for less', 'half', { UPSTREAM_IDLE_MS: '50' }],
  ])('that stops %s is told so: 408', async (_name, body, environment) => {
    const upstream = await startUpstream((incoming, response) => {
      incoming.resume().once('end', () => response.end());
    });
    closing.push(upstream.close);
    const gateway = await before(upstream.url, environment);
    const answer = await sendRaw(
      gateway.port,
      rawRequest('POST /api/users HTTP/1.1', 'Content-Length: 10') + body,
    );
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'request_timeout' });
  });

  test('that sends its body slowly has as long as it moves', async () => {
    const upstream = await startUpstream(
      (incoming, response) => void text(incoming).then((body) => response.end(body)),
    );
    closing.push(upstream.close);
    // Nor does the time count that a service has for its answer.
    const gateway = await before(upstream.url, { CLIENT_IDLE_MS: '400', UPSTREAM_HEADERS_MS: '400' });
    const socket = connect(gateway.port, '127.0.0.1');
    const answer = text(socket);
    socket.write(rawRequest('POST /api/users HTTP/1.1', 'Content-Length: 6'));
    for (const byte of 'slowly') {
      await wait(100);
      socket.write(byte);
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 [^]*slowly/);
  });
});
